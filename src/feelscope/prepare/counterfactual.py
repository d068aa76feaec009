"""Counterfactual copies: training posts a second time with words swapped, so that no emotion depends on these words.

    "My mom is furious."   anger
    "My dad is furious."   anger     the copy: its words swapped, everything else as it was

Source: Lu et al. 2018, "Gender Bias in Neural Natural Language Processing", counterfactual data augmentation: copies
are added, and nothing is taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feelscope.config import check_ranges
from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.text.gender_swap import GenderSwap
from feelscope.text.near_duplicates import fold
from feelscope.text.swaps import WordSwap, read_partners

GENDER = "gender"


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """`[augmentation]`: training posts get a copy with words swapped."""

    swaps: str = GENDER  # the words that are swapped: gendered ones, or a FILE of pairs
    names: bool = False  # with `gender`, whether first names are swapped too

    def __post_init__(self) -> None:
        """Refuse what would silently swap nothing."""
        check_ranges(self, ("swaps", lambda value: bool(value.strip()), "'gender', or a file of pairs"))
        if self.names and self.swaps != GENDER:
            raise ConfigError(f"names: belongs to swaps = 'gender', found {self.swaps!r}; put the names into the file")

    @property
    def what(self) -> str:
        """What is swapped, for people."""
        if self.swaps != GENDER:
            return f"the words of {Path(self.swaps).name}"
        return "gendered words and first names" if self.names else "gendered words"


def open_swap(settings: AugmentationSettings) -> GenderSwap | WordSwap:
    """The swap that is asked for.

    Raises:
        ConfigError: The list of pairs cannot be used.
        MissingExtra: The tagger is not installed.
    """
    return GenderSwap(settings.names) if settings.swaps == GENDER else WordSwap(read_partners(Path(settings.swaps)))


def counterfactual_copies(
    posts: Sequence[Post], held: Sequence[bool], settings: AugmentationSettings
) -> list[Post | None]:
    """Of each post its copy; None where it would be the same.

    A copy has its post's label, picture and cells, and an id of its own. One that says just what a post of the
    validation split says is left out too, so that nobody learns the posts that choose.

    Args:
        held: Of each post, whether it is in the validation split. Its copy is made too, for a training on all posts.

    Raises:
        TableError: No post that is trained on has a copy.
        ConfigError, MissingExtra: As `open_swap`.
    """
    swap = open_swap(settings)
    texts = swap([text for post in posts for text in (post.title, post.text)])
    kept_apart = {_said(post) for post, mark in zip(posts, held, strict=True) if mark}
    copies: list[Post | None] = []
    for post, title, text in zip(posts, texts[::2], texts[1::2], strict=True):
        copy = replace(post, id=f"{post.id} swapped", title=title, text=text, row=0)
        copies.append(None if copy.texts == post.texts or _said(copy) in kept_apart else copy)
    if not any(copy is not None and not mark for copy, mark in zip(copies, held, strict=True)):
        training = len(posts) - sum(held)
        raise TableError(
            f"augmentation: none of {training:,} training posts changes when {settings.what} are swapped; leave "
            "[augmentation] out, or give other swaps"
        )
    return copies


def _said(post: Post) -> str:
    text = "\n".join(post.texts)
    return fold(text) or text
