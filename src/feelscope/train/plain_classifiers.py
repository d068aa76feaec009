"""What any model has to beat, by scikit-learn: the prior, and a linear SVM of n-grams as it comes.

Source: the linear SVM over TF-IDF is the usual baseline of text classification, untuned; the prior answers with the
most frequent emotion of the training posts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from feelscope.encoders.ngram_encoder import NGramEncoder
from feelscope.encoders.ngram_matrix import ngram_matrix
from feelscope.encoders.settings import TextSettings
from feelscope.errors import TableError, needs_extra
from feelscope.post import Post

PRIOR, LINEAR_SVM = "prior", "TF-IDF, linear SVM"


def prior() -> Any:
    """A classifier that looks at nothing, not trained.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    with needs_extra("the baselines", "train"):
        from sklearn.dummy import DummyClassifier
    return DummyClassifier(strategy="prior")


def linear_svm() -> Any:
    """A linear SVM, not trained.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    with needs_extra("the baselines", "train"):
        from sklearn.svm import LinearSVC
    return LinearSVC()


def plain_answers(training: Sequence[Post], labels: Sequence[int], posts: Sequence[Post]) -> dict[str, np.ndarray]:
    """The emotion that each baseline answers for each of N posts, int16 (N,), by the baselines' names.

    Args:
        training: The posts that they learn from. Where their words teach nothing, there is no SVM.
        labels: Their emotions' indices.
    """
    known = np.asarray(labels)
    most = np.bincount(known).argmax()
    answers = {PRIOR: np.full(len(posts), most, np.int16)}
    try:
        encoder = NGramEncoder(training, TextSettings("tfidf", "new"))
    except TableError:  # no two posts share a word: there is nothing for it to learn
        return answers
    learnt, asked = ngram_matrix(encoder, training), ngram_matrix(encoder, posts)
    worded, said = (np.asarray(matrix.getnnz(axis=1) > 0) for matrix in (learnt, asked))
    if len({*known[worded].tolist()}) > 1:
        model = linear_svm().fit(learnt[worded], known[worded])
        answers[LINEAR_SVM] = np.where(said, model.predict(asked), most).astype(np.int16)
    return answers
