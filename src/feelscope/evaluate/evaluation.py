"""What an evaluation found: scores of one model on one table, as JSON for programs and as text for people."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from feelscope.metrics.scores import Interval, Scores

PARTS = ("both", "text", "image")
TITLES = {"both": "as they are", "text": "text only", "image": "image only"}
SCORES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "micro_f1": "micro-F1",
    "weighted_f1": "weighted F1",
    "ece": "calibration error",
}


@dataclass(frozen=True, slots=True)
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
        seed: Of the bootstrap.
        resamples: Of the bootstrap.
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

    def to_json(self) -> dict[str, object]:
        """All of it as plain dicts, lists and numbers; scores are fractions, a part the table lacks is None."""
        return {
            "model": self.model,
            "emotions": list(self.emotions),
            "mapped": dict(self.mapped),
            "posts": self.posts,
            "unlabelled": self.unlabelled,
            "quarantined": self.quarantined,
            "bootstrap": {"resamples": self.resamples, "seed": self.seed, "level": 0.95},
            **{part: None if scores is None else _part_json(scores) for part, scores in self.parts().items()},
        }

    def to_text(self) -> str:
        """A table for a terminal: the parts side by side, then the emotions, then what was mapped or left out."""
        blocks = [self._head(), *self._scores_text(), *self._emotions_text(), *self._notes()]
        return "\n".join(blocks)

    def parts(self) -> dict[str, Scores | None]:
        """`both`, `text` and `image` by name."""
        return {"both": self.both, "text": self.text, "image": self.image}

    def _head(self) -> str:
        return f"{self.model} on {self.posts:,} posts, scores from 0 to 1 with 95% intervals\n"

    def _scores_text(self) -> Iterator[str]:
        parts = {part: scores for part, scores in self.parts().items() if scores is not None}
        yield _line("", [TITLES[part] for part in parts])
        yield _line("posts", [f"{scores.posts:,}" for scores in parts.values()])
        for key, title in SCORES.items():
            yield _line(title, [_with_interval(scores, key) for scores in parts.values()])
        yield f"restricted to the table's emotions ({len(self.both.per_emotion)} of the model's {len(self.emotions)})"
        for key in ("accuracy", "macro_f1"):
            cells = [_with_interval(scores.restricted, key) for scores in parts.values() if scores.restricted]
            yield _line("  " + SCORES[key], cells)

    def _emotions_text(self) -> Iterator[str]:
        others = {part: scores for part, scores in self.parts().items() if scores is not None and part != "both"}
        width = max(len(emotion) for emotion in (*self.both.per_emotion, "emotion"))
        titles = [f"{'F1 ' + part:>8}" for part in others]
        yield "\n" + "  ".join([f"{'emotion':<{width}}", "  posts  precision  recall", f"{'F1':<19}", *titles]).rstrip()
        for emotion, one in self.both.per_emotion.items():
            f1 = _shown(one.f1, one.f1_interval)
            cells = [_f1(scores, emotion) for scores in others.values()]
            first = f"{emotion:<{width}}  {one.support:>7,}  {one.precision:>9.3f}  {one.recall:>6.3f}  {f1:<19}"
            yield "  ".join([first, *cells]).rstrip()

    def _notes(self) -> Iterator[str]:
        if self.mapped:
            yield "\nmapped labels: " + ", ".join(f"{label!r} to {emotion}" for label, emotion in self.mapped.items())
        never = [emotion for emotion in self.emotions if emotion not in self.both.per_emotion]
        if never:
            yield f"emotions the table lacks (answering one counts as wrong): {', '.join(never)}"
        unread = {part: scores.unread for part, scores in self.parts().items() if scores is not None and scores.unread}
        if unread:
            parts = ", ".join(f"{count:,} ({TITLES[part]})" for part, count in unread.items())
            yield f"posts that could not be read and count as wrong: {parts}"
        if self.unlabelled:
            yield f"posts left out, as they have no label: {self.unlabelled:,}"
        if self.quarantined:
            yield f"bad rows left out, see the quarantine: {self.quarantined:,}"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _scores_json(scores: Scores) -> dict[str, object]:
    numbers = {key: _number(getattr(scores, key)) for key in SCORES}
    return {**numbers, "intervals": {key: list(ends) for key, ends in scores.intervals.items()}}


def _part_json(scores: Scores) -> dict[str, object]:
    return {
        "posts": scores.posts,
        "unread": scores.unread,
        **_scores_json(scores),
        "per_emotion": {
            emotion: {
                "precision": one.precision,
                "recall": one.recall,
                "f1": one.f1,
                "support": one.support,
                "f1_interval": None if one.f1_interval is None else [_number(end) for end in one.f1_interval],
            }
            for emotion, one in scores.per_emotion.items()
        },
        "confusion": {
            "rows": list(scores.per_emotion),
            "columns": list(scores.answers),
            "matrix": scores.confusion[:, :-1].tolist(),
            "unread": scores.confusion[:, -1].tolist(),
        },
        "reliability": [
            {
                "lower": one.lower,
                "upper": one.upper,
                "posts": one.posts,
                "confidence": _number(one.confidence),
                "accuracy": _number(one.accuracy),
            }
            for one in scores.bins
        ],
        "restricted": None if scores.restricted is None else _scores_json(scores.restricted),
    }


def _line(title: str, cells: Sequence[str]) -> str:
    return "  ".join([f"{title:<17}", *(f"{cell:<19}" for cell in cells)]).rstrip()


def _shown(value: float, ends: Interval | None) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.3f}" if ends is None else f"{value:.3f} ({ends[0]:.3f}-{ends[1]:.3f})"


def _with_interval(scores: Scores, key: str) -> str:
    return _shown(getattr(scores, key), scores.intervals.get(key))


def _f1(scores: Scores, emotion: str) -> str:
    return f"{scores.per_emotion[emotion].f1:>8.3f}" if emotion in scores.per_emotion else f"{'-':>8}"
