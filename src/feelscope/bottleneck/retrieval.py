"""Finding pictures by content: those whose bottleneck texts are like that of the picture that is asked with.

It is there for the experiment of Bucher's two chains (experiments/semantic_bottleneck).

A text is the words of its caption and, for each question, all answers up to the one that was given, so that "probably"
is nearer to "yes" than "hardly" is. What few texts have counts more (idf), and texts are compared by the cosine.

Source: Salton and Buckley 1988 for idf and cosine; that answers are steps is ours.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from feelscope.bottleneck.bottleneck_text import BottleneckText
from feelscope.metrics.ranking import average_precision
from feelscope.text.tokens import split

Array = NDArray[np.float64]


def text_vectors(texts: Sequence[str], answers: Sequence[str]) -> Array:
    """N texts to vectors of length 1, or 0 where nothing tells a text from others: (N, F).

    Args:
        answers: The words of answers from the least sure to the surest; others count as the least sure.
    """
    tokens = [_tokens(BottleneckText.parse(text), answers) for text in texts]
    names = sorted({token for one in tokens for token in one})
    column = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(texts), len(names)))
    for row, one in enumerate(tokens):
        table[row, [column[token] for token in one]] = 1.0
    table *= np.log(len(texts) / np.maximum(1, table.sum(axis=0)))
    return table / np.maximum(1e-12, np.linalg.norm(table, axis=1, keepdims=True))


def _tokens(text: BottleneckText, answers: Sequence[str]) -> set[str]:
    steps = {answer: step for step, answer in enumerate(answers)}
    reached = (
        f"{question} {answers[step]}"
        for question, answer in text.answers.items()
        for step in range(1, steps.get(answer, 0) + 1)
    )
    return {*split(text.caption), *reached}


def cosines(vectors: Array) -> Array:
    """How alike pictures are, (N, N), from vectors (N, F)."""
    scaled = vectors / np.maximum(1e-12, np.linalg.norm(vectors, axis=1, keepdims=True))
    return scaled @ scaled.T


def relevance(nouns: Sequence[Collection[str]], least: int) -> NDArray[np.bool_]:
    """Which pictures share so many nouns of people's captions with another, or more: (N, N), none with itself."""
    names = sorted({noun for one in nouns for noun in one})
    table = np.array([[noun in one for noun in names] for one in nouns], dtype=np.float64).reshape(len(nouns), -1)
    shared = table @ table.T >= least
    np.fill_diagonal(shared, False)
    return shared


def retrieval_precision(similarity: Array, relevant: NDArray[np.bool_]) -> Array:
    """The average precision of each picture asked with, which is itself not among what is found: (N,).

    Args:
        similarity, relevant: (N, N), a row for each picture that is asked with.
    """
    others = ~np.eye(len(similarity), dtype=bool)
    count = len(similarity) - 1
    return average_precision(similarity[others].reshape(-1, count), relevant[others].reshape(-1, count))
