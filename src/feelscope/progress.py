"""How long work tells how far it is: the shapes of the functions it calls. What they show is the caller's choice."""

from collections.abc import Callable

Count = Callable[[int, int], object]  # how many are done, and of how many; 0 where nobody knows
Progress = Callable[[str, int, int, str], object]  # the stage, the same two numbers, and a remark


def silent(stage: str, done: int, total: int, remark: str) -> None:
    """Show no progress."""
