"""Pictures that could not be used: what is wrong with them, in words that are the same for many, to be counted."""

from collections.abc import Iterable

from feelscope.post import Post
from feelscope.table.picture_paths import WEB_ADDRESS
from feelscope.table.quarantine import Quarantine

NOT_USED = "the picture was not used: "  # begins a warning
_OF_CELLS = ("image path ", WEB_ADDRESS)  # begin what is said of a cell; its detail follows
_KINDS = {
    "no such file": "no such file",
    "damaged or cut short": "damaged or cut short",
    "content begins with": "no picture, or of a format that is not read",
    "save it": "too large",
    "the file is empty": "the file is empty",
    "one colour throughout": "of one colour",
    "which shows nothing": "too small to show anything",
}


def count_fault(quarantine: Quarantine, fault: str) -> None:
    """Count a picture.

    Args:
        fault: What is wrong with it, in words of its own.
    """
    quarantine.pictures[kind_of(fault)] += 1


def kind_of(fault: str) -> str:
    """What is wrong with a picture, in words that are the same for many."""
    said = fault.removeprefix(NOT_USED)
    if said.startswith(_OF_CELLS):
        return said.partition(": ")[0]
    return next((kind for words, kind in _KINDS.items() if words in said), "cannot be read")


def count_warning(quarantine: Quarantine, warnings: object) -> None:
    """Count the picture of a row of predictions, whose warnings are a list, or of a CSV a text."""
    said = warnings if isinstance(warnings, list) else str(warnings or "").split("|")
    fault = next((one for one in said if one.startswith(NOT_USED)), None)
    if fault is not None:
        count_fault(quarantine, fault)


def count_warned(quarantine: Quarantine, post: Post, warnings: Iterable[str]) -> None:
    """Count the picture of a post if the warnings of its answer say that it was not used."""
    fault = next((said for said in warnings if said.startswith(NOT_USED)), None)
    if fault is not None and fault not in post.warnings:  # those are counted where the row is read
        count_fault(quarantine, fault)
