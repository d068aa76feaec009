"""What scikit-learn's estimators read of posts: pixels, mean word vectors, TF-IDF; each a matrix of numbers by post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.compare.baselines import mean_words, pixels
from feelscope.compare.estimator import FEATURES
from feelscope.encoders.ngram_encoder import NGramEncoder
from feelscope.encoders.ngram_matrix import ngram_matrix
from feelscope.encoders.settings import TextSettings
from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.text.tokens import words_of
from feelscope.words.load import load

_GREY = 0.5  # of a picture that is missing


@dataclass(frozen=True, eq=False)
class Features:
    """Numbers (N, F) of N posts, dense or sparse.

    Args:
        present: bool (N,): which posts have any.
        blank: Each of the numbers of a post that has none.
    """

    values: Any
    present: np.ndarray
    blank: float = 0.0

    def where(self, there: np.ndarray) -> Any:
        """The numbers of the posts of which `there` (N,) is true; the others' are blank."""
        if there.all():
            return self.values
        if isinstance(self.values, np.ndarray):
            return np.where(there[:, None], self.values, np.float32(self.blank))
        return self.values.multiply(there[:, None]).tocsr()


def read_features(
    name: str, posts: Mapping[str, Sequence[Post]], words: Path | None, progress: Progress
) -> dict[str, Features]:
    """The features of a name, of each set of posts; what is known of n-grams is found in `training`.

    Raises:
        TableError, WordsError: The posts of the training have nothing of it, or the file cannot be read.
    """
    assert name in FEATURES, name
    if name == "tfidf":
        found = _tfidf(posts)
    elif name == "mean_words":
        assert words is not None
        vectors = load(words, {word for some in posts.values() for post in some for word in words_of(post)})
        rows = {key: mean_words(some, vectors) for key, some in posts.items()}
        found = {key: Features(values, (values != 0).any(axis=1)) for key, values in rows.items()}
    else:
        found = {}
        for key, some in posts.items():
            values = pixels(some, partial(_tell, progress, f"reading pixels, {key} posts", len(some)))
            found[key] = Features(values, (values != _GREY).any(axis=1), _GREY)
    if not found["training"].present.any():
        raise TableError(f"no post that is trained on has anything of {name!r}; compare other models")
    return found


def _tell(progress: Progress, stage: str, total: int, done: int) -> None:
    progress(stage, done, total, "")


def _tfidf(posts: Mapping[str, Sequence[Post]]) -> dict[str, Features]:
    """The n-grams and weights of the encoder `tfidf`, as sparse rows."""
    encoder = NGramEncoder(posts["training"], TextSettings("tfidf", "new"))
    matrices = {key: ngram_matrix(encoder, some) for key, some in posts.items()}
    return {key: Features(one, np.asarray(one.getnnz(axis=1) > 0)) for key, one in matrices.items()}
