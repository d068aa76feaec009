"""Blocks through Ray: what is tried again, and what is not. Ray itself is in tests/scale/test_cluster.py."""

from collections.abc import Iterator
from typing import Any

import pytest

from feelscope.errors import ConfigError, MissingExtra
from feelscope.scale import running
from feelscope.scale.addresses import Address
from feelscope.scale.blocks import Block
from feelscope.scale.cluster import ScaleError, cluster
from feelscope.scale.running import Done
from feelscope.table.parquet_file import RowRange

BLOCKS = [Block(Address("/t.parquet"), f"{number}", RowRange(number, 0, 1), 1) for number in range(4)]


def failing(monkeypatch: pytest.MonkeyPatch, *plan: int | str) -> list[list[str]]:
    """Have Ray fail after so many blocks, each time it is asked; a text is a block's fault."""
    from ray.exceptions import RayError

    asked: list[list[str]] = []
    steps = iter(plan)

    def watched(blocks: list[Block], *_: Any) -> Iterator[Done]:
        asked.append([block.name for block in blocks])
        step = next(steps)
        if isinstance(step, str):
            yield Done(blocks[0].name, 1, fault=step)
        for block in blocks[: int(step)]:
            yield Done(block.name, 1)
        if int(step) < len(blocks):
            raise RayError("a node died\nwhile files were listed")

    monkeypatch.setattr(running, "_watched", watched)
    return asked


def run() -> list[str]:
    return [done.name for done in running.run(BLOCKS, lambda: lambda block: Done(block.name, 1), 2)]


def test_a_job_that_fails_is_tried_again_with_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = failing(monkeypatch, 2, 0, 1, 0, 9)
    assert run() == ["0", "1", "2", "3"]
    assert asked == [["0", "1", "2", "3"], ["2", "3"], ["2", "3"], ["3"], ["3"]]


def test_a_job_that_fails_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 1, 0, 0)
    with pytest.raises(ScaleError, match=r"failed 3 times in a row \(a node died while files were listed\)"):
        run()


def test_a_fault_of_a_block_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = failing(monkeypatch, "posts.parquet: damaged")
    with pytest.raises(ScaleError, match=r"^posts\.parquet: damaged$"):
        run()
    assert len(asked) == 1


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def missing(name: str, *others: Any, **named: Any) -> Any:
        if name == "ray":
            raise ModuleNotFoundError("No module named 'ray'", name="ray")
        return real(name, *others, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtra, match=r'many machines needs ray: pip install "feelscope\[scale\]"'), cluster():
        pass


@pytest.mark.parametrize("address", ["here", "http://10.0.0.1:6379", "10.0.0.1", "ray://10.0.0.1:10001"])
def test_what_is_no_address_of_a_cluster_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="expected HOST:PORT"), cluster(address):
        pass
