"""Pictures that could not be used: what is wrong with them, in words that are the same for many, to be counted."""

from collections.abc import Iterable

from feelscope.post import Post
from feelscope.table.quarantine import Quarantine

NOT_USED = "the picture was not used: "  # begins a warning
_KINDS = {
    "no such file": "no such file",
    "damaged or cut short": "damaged or cut short",
    "content begins with": "no picture, or of a format that is not read",
    "save it": "too large",
    "the file is empty": "the file is empty",
    "which shows nothing": "too small to show anything",
}


def count_fault(quarantine: Quarantine, fault: str) -> None:
    """Count a picture.

    Args:
        fault: What is wrong with it, in words of its own.
    """
    quarantine.pictures[next((kind for said, kind in _KINDS.items() if said in fault), "cannot be read")] += 1


def count_warned(quarantine: Quarantine, post: Post, warnings: Iterable[str]) -> None:
    """Count the picture of a post if the warnings of its answer say that it was not used."""
    fault = next((said for said in warnings if said.startswith(NOT_USED)), None)
    if fault is not None and fault not in post.warnings:  # those are counted where the row is read
        count_fault(quarantine, fault)
