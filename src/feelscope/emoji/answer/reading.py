"""Texts as question-emoji networks read them: rows of word vectors, hashed pieces, sentence vectors.

"so good ❤️" -> words    so good, as rows of the word vectors
             -> pieces   so, good, so good, each hashed to a number
             -> sentence the built-in text network's vector, computed once and kept in the feature cache
"""

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise

import torch

from feelscope.encoders.tokenizer import pad
from feelscope.models.question_emoji import Questions
from feelscope.text.tokens import split
from feelscope.text.without_emoji import without_emoji
from feelscope.words.word_vectors import WordVectors

MOST_WORDS = 64  # of a text that are read, by word vectors and as pieces; ours
RUN = 4  # letters
_MARKED = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\S")  # words and signs


def word_rows(texts: Sequence[str], vectors: WordVectors) -> torch.Tensor:
    """Rows of `vectors.table()` of the texts' known words, padded with 0: (N, T)."""
    return pad([[row + 1 for row in vectors.rows(split(without_emoji(text))[:MOST_WORDS])] for text in texts])


def pieces(texts: Sequence[str], count: int) -> torch.Tensor:
    """Numbers from 1 to `count` - 1 of the texts' words and pairs of words, padded with 0: (N, G)."""
    rows = []
    for text in texts:
        words = split(without_emoji(text))[:MOST_WORDS]
        found = [*words, *(f"{one} {two}" for one, two in pairwise(words))]
        rows.append([1 + zlib.crc32(piece.encode()) % (count - 1) for piece in found])
    return pad(rows)


def spellings(texts: Sequence[str], count: int) -> torch.Tensor:
    """As `pieces`, with signs and the insides of words: what #sandiego, soooo and !!! share with others.

    Signs are pieces, words in capitals twice, and so is every run of 4 letters of a word between marks of its ends.
    Source: Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", section 3.2, for the runs.
    """
    rows = []
    for text in texts:
        marked = _MARKED.findall(without_emoji(text))[: 2 * MOST_WORDS]
        words = [word.lower() for word in marked]
        found = [*words, *(word for word in marked if len(word) > 1 and word.isupper())]
        found += [f"{one} {two}" for one, two in pairwise(words)]
        for word in words:
            if len(word) > 1:
                edged = f"<{word}>"
                found += [edged[at : at + RUN] for at in range(len(edged) - RUN + 1)]
        rows.append([1 + zlib.crc32(piece.encode()) % (count - 1) for piece in found])
    return pad(rows)


def questions(
    texts: Sequence[str],
    *,
    words: WordVectors | None = None,
    piece_count: int = 0,
    sentences: torch.Tensor | None = None,
) -> Questions:
    """Texts as the parts that are asked for; the others are (N, 0)."""
    none = torch.zeros(len(texts), 0, dtype=torch.long)
    return Questions(
        none if words is None else word_rows(texts, words),
        pieces(texts, piece_count) if piece_count else none,
        torch.zeros(len(texts), 0) if sentences is None else sentences,
    )
