"""Near-duplicate texts, grouped, so that one text never stands on both sides of a split."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_PERMUTATIONS = 64


def fold(text: str) -> str:
    """The words of a text in lower case, without punctuation: equal for texts that differ in nothing else."""
    return " ".join(_WORD.findall(text.lower()))


def group(texts: Sequence[str], similarity: float = 0.7) -> list[int]:
    """Group texts that share most of their words, directly or through others.

    Args:
        texts: Any number of texts.
        similarity: Jaccard similarity of the sets of words from which on two texts are one; ours.

    Returns:
        For each text the index of its group's first text.

    Source:
        Broder 1997, MinHash; the datasketch library's locality-sensitive hashing, whose candidates are checked:
        it alone would chain the posts of a small vocabulary to one group.
    """
    from datasketch import MinHash, MinHashLSH

    folded = [fold(text) for text in texts]
    unique = {text: position for position, text in reversed(list(enumerate(folded)))}  # to its first position
    index = MinHashLSH(threshold=similarity, num_perm=_PERMUTATIONS, weights=(0.1, 0.9))  # rather one too many
    words = {position: {word.encode() for word in text.split()} or {b""} for text, position in unique.items()}
    parent = [unique[text] for text in folded]  # equal ones at once: an index of many equal ones is slow to ask

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    signatures = MinHash.generator(words.values(), num_perm=_PERMUTATIONS)
    for position, signature in zip(words, signatures, strict=True):
        for other in index.query(signature):
            if len(words[position] & words[other]) >= similarity * len(words[position] | words[other]):
                low, high = sorted((root(position), root(other)))
                parent[high] = low
        index.insert(position, signature)
    return [root(position) for position in range(len(texts))]
