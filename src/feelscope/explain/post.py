"""Why this emotion: how much each modality, word and region of the picture of one post moves the answer.

    modalities   every combination that the model answers anyway: exact Shapley values, 1/K for nothing at all
    words        the picture's vector is kept; words are left out together: sampled Shapley values
    regions      the words' vector is kept; cells of the picture are hidden together: the same

Every weight is of the probability of one emotion. What a model would have answered is no reason why people write so.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress
from typing import Protocol

import numpy as np

from feelscope.config import check_choices, check_ranges, did_you_mean
from feelscope.emotions import match
from feelscope.errors import ConfigError, FeelscopeError
from feelscope.explain import regions, shapley, words
from feelscope.explain.explanation import Explanation, Region, Word
from feelscope.post import IMAGE_TEXT, Post, Prediction
from feelscope.text.counts import counted
from feelscope.text.place import Place

METHODS = ("shapley", "occlusion")
MOST_PASSES = 100_000
LEAST_PASSES = 40
WORDS_SHARE = 0.5  # of the passes, where a post has a picture too; ours


@dataclass(frozen=True, slots=True)
class Settings:
    """What an explanation may cost.

    Args:
        method: `shapley`, or `occlusion`: one word, one cell at a time, which sees nothing of two that each suffice.
    """

    method: str = "shapley"
    passes: int = 200  # the most times that the networks are asked, about one post

    def __post_init__(self) -> None:
        check_choices(self, method=METHODS)
        check_ranges(
            self,
            ("passes", lambda passes: LEAST_PASSES <= passes <= MOST_PASSES, f"{LEAST_PASSES} to {MOST_PASSES:,}"),
        )


QUICK = Settings(passes=60)  # for what a person waits for


class Asked(Protocol):
    """A post that a model is asked about with parts of it left out; every answer is probabilities (C, K).

    `saved_model.parts.Parts` is one.
    """

    post: Post  # whose words are its own, then those that were read in its picture
    image_text: str  # the latter; empty without any
    prediction: Prediction  # of the post as it is
    picture: np.ndarray | None  # uint8 (H, W, 3), as the networks read it; None if it is not read
    emotions: tuple[str, ...]

    def fits(self, post: Post) -> bool:
        """Whether the model reads a post's words to their end."""

    def of_modalities(self, combinations: Iterable[Collection[str]]) -> np.ndarray:
        """Answers to combinations of the post's modalities."""

    def of_words(self, posts: Iterable[Post]) -> np.ndarray:
        """Answers to the words of other posts beside everything else of this one."""

    def of_pictures(self, pictures: Iterable[np.ndarray]) -> np.ndarray:
        """Answers to other pictures beside everything else of this post."""


def explain_post(asked: Asked, emotion: str | None = None, settings: Settings | None = None) -> Explanation:
    """Why a model answers an emotion to a post.

    Args:
        emotion: By whichever of its names; None is the one that is answered.

    Raises:
        FeelscopeError: There is nothing to read in the post.
        ConfigError: The model knows no such emotion.
    """
    return _Explaining(asked, emotion, settings or Settings()).explanation()


class _Explaining:
    def __init__(self, asked: Asked, emotion: str | None, settings: Settings):
        if asked.prediction.emotion is None:
            raise FeelscopeError("; ".join(asked.prediction.warnings))
        self._asked, self._settings, self._passes = asked, settings, 1
        self._emotion = asked.prediction.emotion if emotion is None else known_emotion(emotion, asked.emotions)
        self._column = asked.emotions.index(self._emotion)
        self._probability = asked.prediction.probabilities[self._emotion]
        self._warnings = [*asked.prediction.warnings]

    def explanation(self) -> Explanation:
        used, left = self._asked.prediction.modalities, self._settings.passes
        modalities = self._modalities(used)
        has_words, has_picture = "text" in used or IMAGE_TEXT in used, self._asked.picture is not None
        share = WORDS_SHARE if has_words and has_picture else 1
        marked = self._words(round((left - self._passes) * share)) if has_words else ()
        cells = self._regions(left - self._passes) if has_picture else ()
        return Explanation(
            self._asked.prediction,
            self._emotion,
            self._probability,
            1 / len(self._asked.emotions),
            modalities,
            marked,
            cells,
            self._passes,
            tuple(self._warnings),
            self._asked.image_text,
        )

    def _modalities(self, used: Sequence[str]) -> dict[str, float]:
        combinations = self._worth(lambda rows: self._asked.of_modalities(tuple(compress(used, row)) for row in rows))
        return dict(zip(used, map(float, shapley.exact(combinations, len(used))), strict=True))

    def _words(self, passes: int) -> tuple[Word, ...]:
        every = words.places(self._asked.post)
        post, kept = words.first_words(self._asked.post, every, self._asked.fits)
        if len(kept) < len(every):
            self._warnings.append(
                f"{len(every) - len(kept):,} of {counted(len(every), 'word')} not looked at: the model does not read "
                "to their end"
            )
        if not kept:
            return ()
        worth = self._worth(lambda rows: self._asked.of_words(words.without(post, kept, row) for row in rows))
        seed = _seed(f"{post.title}\0{post.text}".encode(errors="replace"))
        weights = self._weights(worth, words.neighbours(len(kept), passes // 4), passes, seed)
        return tuple(self._word(at, float(weight)) for at, weight in zip(kept, weights, strict=True))

    def _word(self, at: Place, weight: float) -> Word:
        """A word, with its place in its own field; those of the picture are the end of the text."""
        start = len(self._asked.post.text) - len(self._asked.image_text)
        if at.field == "text" and self._asked.image_text and at.start >= start:
            return Word(IMAGE_TEXT, at.start - start, at.end - start, weight)
        return Word(at.field, at.start, at.end, weight)

    def _regions(self, passes: int) -> tuple[Region, ...]:
        picture = self._asked.picture
        assert picture is not None
        if (picture == picture[0, 0]).all():
            self._warnings.append("the picture has one colour, so that no region of it can be hidden")
            return ()
        worth = self._worth(lambda rows: self._asked.of_pictures(regions.hidden(picture, row) for row in rows))
        weights = self._weights(worth, regions.squares(), passes, _seed(picture.tobytes()))
        return tuple(Region(*regions.box(cell), float(weight)) for cell, weight in enumerate(weights))

    def _weights(self, worth: shapley.Worth, blocks: list[list[int]], passes: int, seed: int) -> np.ndarray:
        if self._settings.method == "shapley":
            return shapley.sampled(worth, blocks, passes, seed)
        return shapley.one_at_a_time(worth, blocks, passes)

    def _worth(self, ask: Callable[[np.ndarray], np.ndarray]) -> shapley.Worth:
        """What coalitions, bool (C, N), are worth: the probability of the emotion; that of all is known."""

        def worth(coalitions: np.ndarray) -> np.ndarray:
            worths, new = np.full(len(coalitions), self._probability), ~coalitions.all(axis=1)
            self._passes += int(new.sum())
            worths[new] = ask(coalitions[new])[:, self._column]
            return worths

        return worth


def known_emotion(emotion: str, emotions: Sequence[str]) -> str:
    """An emotion as the model spells it."""
    found, _ = match([emotion], emotions)
    if emotion not in found:
        raise ConfigError(f"this model knows no emotion {emotion!r}; {did_you_mean(emotion, emotions)}")
    return found[emotion]


def _seed(content: bytes) -> int:
    """A seed that nothing but the post decides."""
    return int.from_bytes(sha256(content).digest()[:8])
