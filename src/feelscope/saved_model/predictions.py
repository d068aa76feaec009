"""What `predict` gives: a list of predictions that is also a table, and that shows itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np

from feelscope.errors import MissingExtra
from feelscope.post import Post, Prediction
from feelscope.saved_model.predictions_page import page
from feelscope.text.counts import counted
from feelscope.text.printable import line
from feelscope.text.width import columns, padded

if TYPE_CHECKING:
    import pandas

SHOWN = 20  # predictions whose posts are kept, to be shown
_LINES = 10
_WORDS = 40  # columns of a post's words on a terminal


class Predictions(list[Prediction]):
    """Predictions, one for each post, in order.

    Args:
        emotions: The model's, in its order.
        posts: The first posts, whose words and pictures are shown.
    """

    def __init__(self, predictions: Iterable[Prediction], emotions: Sequence[str], posts: Sequence[Post] = ()) -> None:
        super().__init__(predictions)
        self.emotions = tuple(emotions)
        self._posts: Mapping[int, Post] = dict(enumerate(posts[:SHOWN]))

    def probabilities(self) -> np.ndarray:
        """Probabilities (N, K) in the order of `emotions`; NaN for a post in which nothing could be read."""
        rows = [[one.probabilities.get(emotion, np.nan) for emotion in self.emotions] for one in self]
        return np.array(rows, np.float64).reshape(-1, len(self.emotions))  # (N, K)

    def to_dict(self) -> dict[str, list[Any]]:
        """Columns by name, those of `feelscope predict --out FILE.csv`: id, emotion, a probability for each emotion,
        modalities and warnings.

        Example:
            >>> polars.DataFrame(predictions.to_dict())
        """
        return {
            "id": [one.id for one in self],
            "emotion": [one.emotion for one in self],
            **{
                f"probabilities.{emotion}": [one.probabilities.get(emotion) for one in self]
                for emotion in self.emotions
            },
            "modalities": [list(one.modalities) for one in self],
            "warnings": [list(one.warnings) for one in self],
        }

    def to_frame(self) -> "pandas.DataFrame":
        """The same as a DataFrame; lists are joined by |, as in CSV.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingExtra("to_frame needs pandas: pip install pandas; to_dict needs nothing") from error
        values = self.to_dict()
        joined = {name: ["|".join(cell) for cell in values[name]] for name in ("modalities", "warnings")}
        frame = pandas.DataFrame(values | joined)
        names = [f"probabilities.{emotion}" for emotion in self.emotions]
        return frame.astype(dict.fromkeys(names, "float64"))

    @overload
    def __getitem__(self, at: SupportsIndex) -> Prediction: ...

    @overload
    def __getitem__(self, at: slice) -> "Predictions": ...

    def __getitem__(self, at: SupportsIndex | slice) -> "Prediction | Predictions":
        if not isinstance(at, slice):
            return super().__getitem__(at)
        some = Predictions(super().__getitem__(at), self.emotions)
        places = range(len(self))[at]
        some._posts = {new: self._posts[old] for new, old in enumerate(places[:SHOWN]) if old in self._posts}
        return some

    def __repr__(self) -> str:
        if not self:
            return "Predictions([])"
        lines = [counted(len(self), "prediction")]
        ids = [line(one.id)[:20] for one in self[:_LINES]]
        wide, feels = max(map(columns, ids)), max(len(one.emotion or "none") for one in self[:_LINES])
        for place, (id, one) in enumerate(zip(ids, self[:_LINES], strict=True)):
            sure = f"{max(one.probabilities.values()):6.1%}" if one.probabilities else " " * 6
            said = _cut(self._words(place)) if one.emotion else "; ".join(one.warnings)
            read = "+".join(one.modalities)
            lines.append(f"  {padded(id, wide)}  {one.emotion or 'none':<{feels}} {sure}  {read:<10}  {said}".rstrip())
        if len(self) > _LINES:
            lines.append(f"  and {len(self) - _LINES:,} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return page(self[:SHOWN], self._posts, len(self))

    def _words(self, place: int) -> str:
        post = self._posts.get(place)
        return "" if post is None else " ".join(post.texts)


def _cut(words: str) -> str:
    """The first of some words, in one line."""
    words = line(" ".join(words.split()))
    while columns(words) > _WORDS:
        words = f"{words.removesuffix('…')[:-1]}…"
    return words
