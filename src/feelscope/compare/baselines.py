"""What any model has to beat: the prior, and scikit-learn's classifiers of pixels, mean word vectors and n-grams.

    prior               the most frequent emotion of the training posts; `guess` draws instead, as the thesis does
    softmax regression  of 16 x 16 pixels (768), or of the mean of a post's word vectors (D), standardised
    random forest       of the same
    linear SVM          of TF-IDF, words and characters, as it comes

Source: thesis of Hu 2017, table 3.1 and 6.1 (guessing); the released code's `get_numpy_data` (16 x 16 pixels) and
`compute_sklearn_features` (mean word vectors). The linear SVM is the usual one of text classification, untuned.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from feelscope.compare.estimator import Estimator
from feelscope.errors import PictureError, needs_extra
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.text.tokens import words_of
from feelscope.train.plain_classifiers import LINEAR_SVM, PRIOR, linear_svm, prior
from feelscope.words.word_vectors import WordVectors

SIDE = 16  # pixels
KINDS = ("softmax regression", "random forest")


def guess(labels: np.ndarray, emotions: int) -> np.ndarray:
    """The probabilities (K,) of prior guessing: how frequent each emotion is among labels (N,)."""
    return np.bincount(labels, minlength=emotions) / len(labels)


def guessing_accuracy(prior: np.ndarray, labels: np.ndarray) -> float:
    """The accuracy that drawing answers by probabilities (K,) has on labels (N,), on average over all draws."""
    return float(prior[labels].mean())


def pixels(posts: Sequence[Post], progress: Callable[[int], object] = lambda done: None) -> np.ndarray:
    """16 x 16 RGB pixels of the posts' pictures, float32 (N, 768) from 0 to 1; a picture that is missing is grey."""
    features = np.full((len(posts), SIDE * SIDE * 3), 0.5, dtype=np.float32)
    for row, post in enumerate(posts):
        if post.image is not None:
            try:
                features[row] = read_rgb(post.image, SIDE).reshape(-1) / 255
            except PictureError:
                continue  # stays grey, as if it were missing
            finally:
                progress(row + 1)
    return features


def mean_words(posts: Sequence[Post], vectors: WordVectors) -> np.ndarray:
    """The mean of the vectors of each post's words, float32 (N, D); zeros where none has one."""
    features = np.zeros((len(posts), vectors.width), dtype=np.float32)
    for row, post in enumerate(posts):
        if rows := vectors.rows(words_of(post)):
            features[row] = vectors.vectors[rows].mean(axis=0)
    return features


def classifier(kind: str, seed: int | None = None) -> Any:
    """A classifier of one of `KINDS`, not trained.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    assert kind in KINDS, kind
    with needs_extra("the baselines", "train"):
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    if kind == "random forest":
        return RandomForestClassifier(300, min_samples_leaf=2, random_state=seed, n_jobs=1)
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))


def fit(kind: str, features: np.ndarray, labels: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """Train one of `KINDS` on features (N, F) and labels (N,); returns features to probabilities (N, K).

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    return classifier(kind, seed).fit(features, labels).predict_proba


def rows() -> dict[str, Estimator]:
    """The baselines by their names in a comparison, each left out where the posts have nothing of what it reads.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    most_frequent, by_words = prior(), linear_svm()
    found = {PRIOR: Estimator(most_frequent, (), optional=True)}
    for features, name in (("pixels", "pixels"), ("mean_words", "mean word vectors")):
        found |= {f"{name}, {kind}": Estimator(classifier(kind), (features,), optional=True) for kind in KINDS}
    return found | {LINEAR_SVM: Estimator(by_words, ("tfidf",), optional=True)}
