"""Words and outliers as the thesis' code finds them: by asking the model, instead of counting over the posts.

    word, mean picture --model--> probabilities: a word's own share of each emotion
    post --encoders--> its vectors side by side --distance to the mean of all posts--> how far out it lies

Where a post lacks a modality, that of the mean takes its place; where no post has a picture, words are asked alone.

Source: the code of Hu and Flaxman 2018, `word_most_relevant` and `outliers_detection`. There a word is one of the 1,000
most frequent, the mean is over the training posts, and the features are those before the last layers; here they are
the encoders' vectors, which every saved model has.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from feelscope.errors import PictureError
from feelscope.explain.picture_sheet import png
from feelscope.images import read_rgb
from feelscope.post import Post, Prediction

MOST_WORDS = 1000  # that are asked
_SIDE = 224  # pixels of the mean picture


class Model(Protocol):
    """What is asked; `EmotionClassifier` is one."""

    @property
    def emotions(self) -> tuple[str, ...]:
        """In the order of the probabilities."""

    def stream(self, posts: Iterable[Post]) -> Iterator[Prediction]:
        """A prediction a post, in their order."""

    def stream_vectors(self, posts: Iterable[Post]) -> Iterator[tuple[Prediction, Mapping[str, np.ndarray]]]:
        """A prediction a post, and the vectors (D,) by modality that it rests on."""


def mean_picture(posts: Iterable[Post]) -> bytes | None:
    """The mean of all pictures, each brought to one square, as a PNG; None without any."""
    total, count = np.zeros((_SIDE, _SIDE, 3)), 0
    for post in posts:
        if post.image is not None:
            try:
                total += read_rgb(post.image, _SIDE)
            except PictureError:  # told where posts are predicted
                continue
            count += 1
    return png((total / count).round().astype(np.uint8)) if count else None


def single_words(
    words: Sequence[tuple[str, int]], picture: bytes | None, model: Model, emotions: Sequence[str], count: int
) -> tuple[list[dict[str, object]], np.ndarray]:
    """The words that alone, beside a picture, have the most of each emotion.

    Args:
        words: With the number of posts that have each.
        picture: As `mean_picture` gives it.
        emotions: K.
        count: Of an emotion.

    Returns:
        Rows as `top_words.WordMeans.top` gives them, where `mean` is the word's own probability and `surely` how much
        that is above the mean over the words; and this mean, (K,).
    """
    asked = [Post(str(number), word, image=picture) for number, (word, _) in enumerate(words)]
    answers = [[one.probabilities.get(name, 0.0) for name in emotions] for one in model.stream(asked)]
    table = np.array(answers, dtype=np.float64).reshape(-1, len(emotions))  # (V, K)
    mean = table.mean(axis=0) if len(table) else np.zeros(len(emotions))
    rows: list[dict[str, object]] = []
    for column, emotion in enumerate(emotions):
        best = sorted(range(len(words)), key=lambda row: (-table[row, column], words[row][0]))[:count]
        rows += [
            {
                "emotion": emotion,
                "rank": rank,
                "word": words[row][0],
                "posts": words[row][1],
                "mean": float(table[row, column]),
                "surely": float(table[row, column] - mean[column]),
            }
            for rank, row in enumerate(best, 1)
        ]
    return rows, mean


def feature_outliers(posts: Iterable[Post], model: Model, count: int) -> list[tuple[int, float]]:
    """The posts whose vectors lie farthest from the mean of all.

    Vectors wait on the disk: of a hundred thousand posts they are 600 MB.

    Args:
        count: The most to return.

    Returns:
        Row and Euclidean distance, the farthest first; of equal ones the earlier row.
    """
    with tempfile.TemporaryFile() as file:
        sums: dict[str, np.ndarray] = {}
        had: Counter[str] = Counter()
        names: list[tuple[str, ...]] = []
        for _, vectors in model.stream_vectors(posts):
            names.append(tuple(vectors))
            had.update(names[-1])
            for name, vector in vectors.items():
                sums[name] = sums.get(name, 0.0) + np.asarray(vector, np.float64)
                file.write(np.asarray(vector, np.float32).tobytes())
        means = {name: total / had[name] for name, total in sums.items()}
        file.seek(0)
        distances = np.zeros(len(names))
        for row, of in enumerate(names):
            parts = [np.frombuffer(file.read(4 * len(means[name])), np.float32) - means[name] for name in of]
            distances[row] = np.sqrt(sum(float(part @ part) for part in parts))
    farthest = np.argsort(-distances, kind="stable")[:count]
    return [(int(row), float(distances[row])) for row in farthest]
