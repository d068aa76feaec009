"""Posts made by rule from training posts, so that a model learns what words say in their setting.

    marks         "@kim ..." "... #berlin" "... https://..." "RT @kim: ..."      the post's label
    typos         letters in the wrong place                                     the post's label
    groups        people of a drawn group in the place of those spoken of        the post's label
    but           "A, but B", A being another post of another emotion            B's label
    negation      "I'm not happy", "I'm not sad anymore"                         sadness, neutral or happiness
    conditional   "If you are sad, call the office."                             neutral
    quotation     "The sign says '...'"                                          neutral

What is drawn for a post is drawn from its id and the kind alone, so that each post is made into the same in every
training. All kinds are ours; that a copy keeps its label is counterfactual data augmentation (Lu et al. 2018).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from feelscope.post import Post
from feelscope.text.counterfactuals import contexts
from feelscope.text.counterfactuals.groups import of_another_group
from feelscope.text.counterfactuals.marks import marked
from feelscope.text.counterfactuals.negation import negated
from feelscope.text.counterfactuals.typos import with_typos

_Text = Callable[[str, np.random.Generator], str | None]
_SAME: Mapping[str, _Text] = {"marks": marked, "typos": with_typos, "groups": of_another_group}
_NEUTRAL: Mapping[str, _Text] = {"conditional": contexts.conditional, "quotation": contexts.quoted}
KINDS = (*_SAME, "but", "negation", *_NEUTRAL)


class PostMaker:
    """Makes posts of the kinds above.

    Args:
        posts: Of the training: "but" takes its first part from them.
        labels: From `happiness`, `sadness` and `neutral` to the posts' own names; what is missing is not made.
    """

    def __init__(self, posts: Sequence[Post], labels: Mapping[str, str]):
        self._labels = labels
        self._short = [post for post in posts if _is_short(post)]

    def make(self, post: Post, kind: str, share: float) -> Post | None:
        """A post of a kind, of a share of the posts that can be made into one; None of others."""
        draws = np.random.default_rng(int(hashlib.sha256(f"{kind} {post.id}".encode()).hexdigest()[:16], 16))
        if draws.random() >= share or not post.has_text:
            return None
        made = replace(post, id=f"{post.id} {kind}", row=0)
        if kind in _SAME:
            text = _SAME[kind](post.text, draws) if post.text else None
            # Marks are around a post, not around each of its parts.
            title = _SAME[kind](post.title, draws) if post.title and not (kind == "marks" and post.text) else None
            if text is None and title is None:
                return None
            return replace(made, text=post.text if text is None else text, title=post.title if title is None else title)
        # What says something else than its post keeps none of what else was known of it.
        made = replace(made, title="", image=None, other={}, tags=())
        if not _is_short(post):
            return None
        if kind == "but":
            return self._but(made, post, draws)
        said = post.texts[0]
        if kind == "negation":
            found = negated(said, draws)
            return None if found is None else self._labelled(made, *found)
        return self._labelled(made, _NEUTRAL[kind](said, draws), "neutral")

    def _but(self, made: Post, post: Post, draws: np.random.Generator) -> Post | None:
        other = self._short[draws.integers(len(self._short))] if self._short else post
        if other.emotion == post.emotion:
            return None
        return replace(made, text=contexts.but(other.texts[0], post.texts[0], draws))

    def _labelled(self, made: Post, text: str | None, emotion: str) -> Post | None:
        label = self._labels.get(emotion)
        return None if text is None or label is None else replace(made, text=text, emotion=label)


def keeps_label(kind: str) -> bool:
    """Whether a post of a kind says what its post said, so that a teacher's answer is true of it too."""
    return kind in _SAME


def _is_short(post: Post) -> bool:
    return len(post.texts) == 1 and contexts.is_short(post.texts[0])
