"""What an evaluation found: scores of one model on one table, as JSON for programs and as text for people."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from feelscope.metrics.intervals import LEVEL, with_interval
from feelscope.metrics.scores import Scores
from feelscope.post import COMBINATIONS, WITH_EMOJI
from feelscope.text.counts import counted

TITLES = {**COMBINATIONS, **WITH_EMOJI}
_COLUMNS = 4  # of scores side by side, as a terminal is wide
_ALONE = ("text", "image", "emoji")
SCORES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "micro_f1": "micro-F1",
    "weighted_f1": "weighted F1",
    "ece": "calibration error",
}


@dataclass(frozen=True, slots=True, repr=False)
class Evaluation:
    """The scores of one model on one table; `to_json` has them as fractions, `to_text` as a table for people.

    Args:
        emotions: The model's, in its order; those the table has are the keys of `both.per_emotion`.
        mapped: Label of the table to the model's name for it, where the two are written differently.
        posts: Posts with a label, all of which are scored.
        unlabelled: Posts without a label, left out.
        quarantined: Rows of the table that could not be read, left out.
        both: Posts as they are: words, picture, or both.
        text: The posts that have words, without their pictures; None where no post has words.
        image: The posts that have a picture, without their words; None where no post has a picture.
        seed, resamples: Of the bootstrap.
        with_emoji: Of a model that reads emoji, the further combinations of words, picture and emoji that posts of the
            table have; None of any other.
    """

    model: str
    emotions: tuple[str, ...]
    mapped: Mapping[str, str]
    posts: int
    unlabelled: int
    quarantined: int
    both: Scores
    text: Scores | None
    image: Scores | None
    seed: int
    resamples: int
    with_emoji: Mapping[str, Scores] | None = None

    def __repr__(self) -> str:
        return self.to_text()

    def to_json(self) -> dict[str, object]:
        """All of it as plain dicts, lists and numbers; scores are fractions, a combination nobody posted is None."""
        scored = self.by_combination()
        return {
            "model": self.model,
            "emotions": list(self.emotions),
            "mapped": dict(self.mapped),
            "posts": self.posts,
            "unlabelled": self.unlabelled,
            "quarantined": self.quarantined,
            "bootstrap": {"resamples": self.resamples, "seed": self.seed, "level": LEVEL},
            **{key: _to_json(scored[key]) if key in scored else None for key in COMBINATIONS},
            **{key: _to_json(scores) for key, scores in (self.with_emoji or {}).items()},
        }

    def to_text(self) -> str:
        """A table for a terminal: the scores of each combination of modalities, of each emotion, and what to know."""
        return "\n".join([*self._scores_text(), *self._emotions_text(), *self._notes()])

    def by_combination(self) -> dict[str, Scores]:
        """The scores by combination of modalities, of those the table has: `both`, `text`, `image`, then with emoji."""
        by_key = {"both": self.both, "text": self.text, "image": self.image, **(self.with_emoji or {})}
        return {key: scores for key, scores in by_key.items() if scores is not None}

    def _scores_text(self) -> Iterator[str]:
        scored = self.by_combination()
        yield f"{self.model} on {counted(self.posts, 'post')}, scores from 0 to 1 with their 95% intervals\n"
        for first in range(0, len(scored), _COLUMNS):
            some = dict([*scored.items()][first : first + _COLUMNS])
            yield _line("", [TITLES[key] for key in some])
            yield _line("posts", [f"{scores.posts:,}" for scores in some.values()])
            for name, title in SCORES.items():
                yield _line(title, [_shown(scores, name) for scores in some.values()])
        yield f"restricted to the table's emotions ({len(self.both.per_emotion)} of the model's {len(self.emotions)})"
        for name in ("accuracy", "macro_f1"):
            restricted = [scored[key].restricted for key in COMBINATIONS if key in scored and scored[key].restricted]
            yield _line(f"  {SCORES[name]}", [_shown(scores, name) for scores in restricted if scores])

    def _emotions_text(self) -> Iterator[str]:
        alone = {key: scores.per_emotion for key, scores in self.by_combination().items() if key in _ALONE}
        width = max(len(emotion) for emotion in (*self.both.per_emotion, "emotion"))
        titles = [f"{'F1 ' + key:>8}" for key in alone]
        yield "\n" + "  ".join([f"{'emotion':<{width}}", "  posts  precision  recall", f"{'F1':<19}", *titles]).rstrip()
        for emotion, of in self.both.per_emotion.items():
            f1 = with_interval(of.f1, of.f1_interval)
            first = f"{emotion:<{width}}  {of.support:>7,}  {of.precision:>9.3f}  {of.recall:>6.3f}  {f1:<19}"
            others = [f"{scores[emotion].f1:>8.3f}" if emotion in scores else f"{'–':>8}" for scores in alone.values()]
            yield "  ".join([first, *others]).rstrip()

    def _notes(self) -> Iterator[str]:
        if self.mapped:
            yield "\nmapped labels: " + ", ".join(f"{label!r} to {emotion}" for label, emotion in self.mapped.items())
        absent = [emotion for emotion in self.emotions if emotion not in self.both.per_emotion]
        if absent:
            yield f"emotions the table lacks (answering one counts as wrong): {', '.join(absent)}"
        unread = {key: scores.unread for key, scores in self.by_combination().items() if scores.unread}
        if unread:
            counts = ", ".join(f"{count:,} ({TITLES[key]})" for key, count in unread.items())
            yield f"posts that could not be read and count as wrong: {counts}"
        if self.unlabelled:
            yield f"posts left out, as they have no label: {self.unlabelled:,}"
        if self.quarantined:
            yield f"bad rows left out, see the quarantine: {self.quarantined:,}"


def _line(title: str, cells: Sequence[str]) -> str:
    return "  ".join([f"{title:<17}", *(f"{cell:<19}" for cell in cells)]).rstrip()


def _shown(scores: Scores, name: str) -> str:
    return with_interval(getattr(scores, name), scores.intervals.get(name))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _numbers(scores: Scores) -> dict[str, object]:
    numbers = {name: _number(getattr(scores, name)) for name in SCORES}
    return {**numbers, "intervals": {name: list(ends) for name, ends in scores.intervals.items()}}


def _to_json(scores: Scores) -> dict[str, object]:
    return {
        "posts": scores.posts,
        "unread": scores.unread,
        **_numbers(scores),
        "per_emotion": {
            emotion: asdict(of) | {"f1_interval": of.f1_interval and [_number(end) for end in of.f1_interval]}
            for emotion, of in scores.per_emotion.items()
        },
        "confusion": {
            "rows": list(scores.per_emotion),
            "columns": list(scores.answers),
            "matrix": scores.confusion[:, :-1].tolist(),
            "unread": scores.confusion[:, -1].tolist(),
        },
        "reliability": [
            asdict(bin) | {"confidence": _number(bin.confidence), "accuracy": _number(bin.accuracy)}
            for bin in scores.bins
        ],
        "restricted": None if scores.restricted is None else _numbers(scores.restricted),
    }
