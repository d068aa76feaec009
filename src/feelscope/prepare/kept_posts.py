"""What is remembered of each kept post while its row is on disk: just enough to group and split the posts."""

import hashlib
from typing import Any

from feelscope.prepare import picture_hashes, split
from feelscope.text.near_duplicates import Grouping


class KeptPosts:
    """The kept posts, in their order.

    Args:
        near: Whether texts that share most of their words are one group; otherwise only equal texts are.

    Attributes:
        emotions: Each post's, empty where there are no labels.
        split_note: After the split by author, why the posts of some authors were split by near-duplicate groups.
    """

    def __init__(self, near: bool) -> None:
        self.emotions: list[str] = []
        self.split_note = ""
        self._grouping = Grouping() if near else None
        self._ids: list[str] = []
        self._authors: list[str] = []
        self._votes: list[int | None] = []
        self._texts: list[str] = []  # digests
        self._pictures: list[int | None] = []  # perceptual hashes

    def add(self, row: dict[str, Any], author: str, picture: int | None) -> None:
        """Remember a row, its author, and its picture's perceptual hash."""
        whole = f"{row['title']} {row['text']}"
        if self._grouping is not None:
            self._grouping.add(whole)
        folded = " ".join(whole.lower().split()) or str(row["id"])
        self._texts.append(hashlib.blake2b(folded.encode(errors="replace"), digest_size=12).hexdigest())
        votes = row.get("votes", row.get("score", row.get("ups")))
        self._votes.append(int(votes) if isinstance(votes, int | float) and votes == votes else None)
        self._ids.append(row["id"])
        self._authors.append(author)
        self._pictures.append(picture)
        self.emotions.append(row["emotion"])

    def authors(self) -> list[str]:
        """The author of each post by a number of the dataset's own, from 1; empty where unknown."""
        numbers: dict[str, str] = {"": ""}
        return [numbers.setdefault(author, str(len(numbers))) for author in self._authors]

    def split(self, by: str) -> tuple[list[int], list[str], list[str]]:
        """Split the posts by `author` or `votes`.

        Returns:
            For each post the position of the first in its near-duplicate group, by text or picture; the name of its
            unit, see `split.units`; and `train`, `dev` or `test`.

        Raises:
            TableError: No post has votes, where they decide.
        """
        if self._grouping is not None:
            groups = self._grouping.groups()
        else:
            first_of: dict[str, int] = {}
            groups = [first_of.setdefault(text, position) for position, text in enumerate(self._texts)]
        if any(value is not None for value in self._pictures):
            groups = picture_hashes.join(groups, picture_hashes.group_hashes(self._pictures))
        authors, self.split_note = split.authors_for_split(self._authors)
        units = split.units(authors, self._texts, groups)
        return groups, units, split.by_unit(units) if by == "author" else split.by_votes(self._votes, self._ids)
