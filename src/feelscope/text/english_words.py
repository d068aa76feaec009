"""A list of English words."""

import gzip
from functools import cache
from pathlib import Path

_LIST = Path(__file__).parent / "english_words.txt.gz"  # made by experiments/english_words


@cache
def english_words() -> frozenset[str]:
    """About 30,000 words in lower case."""
    return frozenset(gzip.decompress(_LIST.read_bytes()).decode().split("\n"))
