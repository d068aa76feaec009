"""The words of an archive: which of them a stem stands for, and which are spelt nearly like one that no post has."""

from collections.abc import Callable

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

from feelscope.text.stems import stem

Words = Callable[[str], list[tuple[str, int]]]
_KEPT = 1_000  # stems whose words are kept
_NEAR = 3  # spellings that are given
_LONGEST = 40  # letters of a word whose spelling is looked for


class Lexicon:
    """Looks words up among all of an archive.

    Args:
        words: Gives those that begin with some letters, and about how many posts have each.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._of_stem: dict[str, list[str]] = {}

    def of_stem(self, wanted: str) -> list[str]:
        """The words of a stem, those first that most posts have."""
        words = self._of_stem.get(wanted)
        if words is None:
            if len(self._of_stem) >= _KEPT:
                self._of_stem.clear()
            # Of *happiness* the stem is *happi*, of *sky* too: the last letter may be another one, and no more.
            prefix = wanted[:-1] if len(wanted) > 2 and wanted[-1] in "eily" else wanted
            found = self._words(prefix)
            if len(wanted) == 3 and wanted.endswith("ie"):  # dying: the only ones whose stem does not begin as they do
                found += self._words(f"{wanted[0]}ying")
            found = [pair for pair in found if stem(pair[0]) == wanted]
            words = [word for word, _ in sorted(found, key=lambda pair: (-pair[1], pair[0]))]
            self._of_stem[wanted] = words
        return words

    def near(self, word: str) -> list[str]:
        """Words that differ from one by a letter or two, the nearest first, and of these the most frequent."""
        if len(word) < 3 or len(word) > _LONGEST:
            return []
        posts = {found: count for first in dict.fromkeys(word[:2]) for found, count in self._words(first)}
        posts.pop(word, None)
        most = 1 if len(word) < 6 else 2
        found = extract(word, posts.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=most, limit=None)
        ranked = sorted((distance, -posts[other], other) for other, distance, _ in found)
        return [other for _, _, other in ranked[:_NEAR]]
