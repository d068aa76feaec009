"""Counterfactual copies: training posts a second time with words swapped, so that no emotion depends on these words.

    "My mom is furious."   anger
    "My dad is furious."   anger     the copy: its words swapped, everything else as it was

With `made`, posts are made by further rules (`made_posts.py`).

Source: Lu et al. 2018, "Gender Bias in Neural Natural Language Processing", counterfactual data augmentation: copies
are added, and nothing is taken away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feelscope.config import check_choices, check_ranges
from feelscope.emotions import SEVEN, match
from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.prepare.made_posts import KINDS, PostMaker, keeps_label
from feelscope.text.gender_swap import GenderSwap
from feelscope.text.near_duplicates import fold
from feelscope.text.swaps import WordSwap, read_partners

GENDER = "gender"


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """`[augmentation]`: training posts get copies with words swapped, and further posts are made of them."""

    swaps: str = GENDER  # the words that are swapped: gendered ones, or a FILE of pairs; empty with `made`: none
    names: bool = False  # with `gender`, whether first names are swapped too
    made: tuple[str, ...] = ()  # `KIND:SHARE`, of the posts that can be made into one; see `made_posts.py`

    def __post_init__(self) -> None:
        """Refuse what would silently swap nothing."""
        if not self.made:
            check_ranges(self, ("swaps", lambda value: bool(value.strip()), "'gender', or a file of pairs"))
        if self.names and self.swaps != GENDER:
            raise ConfigError(f"names: belongs to swaps = 'gender', found {self.swaps!r}; put the names into the file")
        for kind, share in map(_parted, self.made):
            check_choices({"made": kind}, made=KINDS)
            if not 0 < share <= 1:
                raise ConfigError(f"made: expected KIND:SHARE with a share above 0, up to 1, found {kind}:{share:g}")
        if len({kind for kind, _ in self.kinds}) < len(self.made):
            raise ConfigError(f"made: expected each kind once, found {', '.join(self.made)}")

    @property
    def kinds(self) -> list[tuple[str, float]]:
        """The kinds of posts that are made, and of which share."""
        return [_parted(one) for one in self.made]

    @property
    def what(self) -> str:
        """What is done to words, for people."""
        made = f"made by rule ({', '.join(kind for kind, _ in self.kinds)})" if self.made else ""
        if not self.swaps:
            return made
        swapped = f"the words of {Path(self.swaps).name} swapped"
        if self.swaps == GENDER:
            swapped = f"gendered words{' and first names' if self.names else ''} swapped"
        return f"{swapped}, or {made}" if made else swapped


def _parted(made: str) -> tuple[str, float]:
    """The kind and the share of `KIND:SHARE`."""
    kind, _, share = made.partition(":")
    try:
        return kind, float(share)
    except ValueError:
        raise ConfigError(f"made: expected KIND:SHARE, as in typos:0.2, found {made!r}") from None


def open_swap(settings: AugmentationSettings) -> GenderSwap | WordSwap:
    """The swap that is asked for.

    Raises:
        ConfigError: The list of pairs cannot be used.
        MissingExtra: The tagger is not installed.
    """
    return GenderSwap(settings.names) if settings.swaps == GENDER else WordSwap(read_partners(Path(settings.swaps)))


def counterfactual_copies(
    posts: Sequence[Post], held: Sequence[bool], settings: AugmentationSettings, emotions: Sequence[str] = ()
) -> list[tuple[Post, ...]]:
    """Of each post its copies; none where they would be the same.

    A copy with words swapped has its post's label, picture and cells, and an id of its own. One that says just what a
    post of the validation split says is left out too, so that nobody learns the posts that choose.

    Args:
        held: Of each post, whether it is in the validation split. Its copies are made too, for a training on all posts.
        emotions: Which labels there are; posts that would need another are not made.

    Raises:
        TableError: No post that is trained on has a copy.
        ConfigError, MissingExtra: As `open_swap`.
    """
    kept_apart = {_said(post) for post, mark in zip(posts, held, strict=True) if mark}
    made = _made(posts, held, settings, emotions)
    copies = [
        tuple(copy for copy in (*swapped, *others) if copy.texts != post.texts and _said(copy) not in kept_apart)
        for post, swapped, others in zip(posts, _swapped(posts, settings), made, strict=True)
    ]
    if not any(some and not mark for some, mark in zip(copies, held, strict=True)):
        training = len(posts) - sum(held)
        raise TableError(
            f"augmentation: none of {training:,} training posts has a copy with {settings.what}; leave [augmentation] "
            "out, or give other swaps"
        )
    return copies


def shares_answer(copy: Post) -> bool:
    """Whether what a teacher said of a post is true of this copy too."""
    kind = copy.id.rpartition(" ")[2]
    return kind not in KINDS or keeps_label(kind)


def _swapped(posts: Sequence[Post], settings: AugmentationSettings) -> Iterator[tuple[Post, ...]]:
    if not settings.swaps:
        yield from ((),) * len(posts)
        return
    texts = open_swap(settings)([text for post in posts for text in (post.title, post.text)])
    for post, title, text in zip(posts, texts[::2], texts[1::2], strict=True):
        yield (replace(post, id=f"{post.id} swapped", title=title, text=text, row=0),)


def _made(
    posts: Sequence[Post], held: Sequence[bool], settings: AugmentationSettings, emotions: Sequence[str]
) -> Iterator[tuple[Post, ...]]:
    known = emotions or sorted({str(post.emotion) for post in posts})
    labels = match(SEVEN, known)[0]
    # What is trained on lends its words alone to what is trained on; of a training on all posts these are fewer.
    maker = PostMaker([post for post, mark in zip(posts, held, strict=True) if not mark], labels)
    for post in posts:
        tried = (maker.make(post, kind, share) for kind, share in settings.kinds)
        yield tuple(copy for copy in tried if copy is not None)


def _said(post: Post) -> str:
    text = "\n".join(post.texts)
    return fold(text) or text
