"""Posts by the n-grams of the encoder `tfidf`, as sparse rows, for scikit-learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from feelscope.encoders.ngram_encoder import NGramEncoder
from feelscope.encoders.ngram_sum import tfidf
from feelscope.post import Post


def ngram_matrix(encoder: NGramEncoder, posts: Sequence[Post]) -> Any:
    """TF-IDF weights of N posts, a sparse matrix (N, V + 1); a row of zeros where no n-gram is known."""
    from scipy.sparse import csr_matrix

    idf = torch.tensor([0.0, *encoder.weights])  # (V + 1,)
    words = len(encoder.tokenizer.ngrams.words)
    texts = [encoder.tokenizer(post).ids if post.has_text else [0] for post in posts]
    rows = [tfidf(idf[ids][None], ids[None] <= words)[0] for ids in map(torch.tensor, texts)]
    ends = np.cumsum([0, *map(len, texts)])
    values = np.concatenate([row.numpy() for row in rows]) if rows else np.zeros(0, np.float32)
    matrix = csr_matrix((values, np.concatenate(texts or [[]]).astype(np.int32), ends), (len(posts), len(idf)))
    matrix.eliminate_zeros()
    return matrix
