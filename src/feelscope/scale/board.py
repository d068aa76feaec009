"""What workers say of a training to the process that waits for it.

A file of its own, as the board's process imports it and nothing else: with torch it would be there seconds later.
"""

from typing import Any


class Board:
    """What the first worker says, for whoever asks."""

    def __init__(self) -> None:
        self._said: tuple[str, int, int, str] | None = None
        self._fault = ""

    def tell(self, stage: str, done: int, total: int, detail: str) -> None:
        self._said = (stage, done, total, detail)

    def fail(self, fault: str) -> None:
        self._fault = self._fault or fault

    def said(self) -> tuple[str, int, int, str] | None:
        return self._said

    def fault(self) -> str:
        return self._fault


def open_board() -> Any:
    """A board on the node of this process, which outlives the workers; its methods are Ray's, `.remote()`."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    made: Any = ray.remote(Board)
    return made.options(num_cpus=0, scheduling_strategy=here).remote()
