"""A test that can fail: can the label be read from the cleaned text by words that look like the label's own?

A naive Bayes classifier sees, of each text, only the words that share a stem with a label word, the emoji that stand
for an emotion, and parts of emoji that belong to none, as where an emoji was taken out by its first character. Where
the cleaning was right, these say nothing about the label, and it cannot beat always answering with the commonest
emotion. Permuting the labels tells whether it does so by more than luck.
"""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from feelscope.prepare.label_words import LabelWords, stem
from feelscope.text.emoji import orphans
from feelscope.text.letters import fold_letters

PERMUTATIONS = 199
LEVEL = 0.01  # a clean corpus is called leaky once in a hundred times
FOLDS = 5
MOST_FEATURES = 300
_AROUND = ".,!?:;\"'()[]*_-…"


@dataclass(frozen=True, slots=True)
class LeakTest:
    """What the test found."""

    accuracy: float  # of the classifier, by cross-validation
    majority: float  # accuracy of always answering with the commonest emotion
    p: float  # how often permuted labels are predicted as well
    words: tuple[str, ...]  # the commonest of the words, most frequent first
    posts: int  # that have any of the words

    @property
    def leaks(self) -> bool:
        """Whether the label can be read from its own words."""
        return self.accuracy > self.majority and self.p < LEVEL


class LeakCounter:
    """Collects the words that look like the label's own, post by post."""

    def __init__(self, words: LabelWords) -> None:
        self._words = words
        self._kept: list[frozenset[str]] = []
        self._labels: list[str] = []
        self._starts = ("#", *sorted(words.beginnings))  # a word with another start is not the label's
        starts = "|".join(map(re.escape, self._starts))
        self._maybe = re.compile(rf"(?<!\S)[{re.escape(_AROUND)}]*(?:{starts})\S*")

    def add(self, text: str, emotion: str) -> None:
        """Take a cleaned text and its label."""
        text = fold_letters(text).lower()
        telling = set()
        if any(start in text for start in self._starts):  # most texts need no closer look
            words = {token.strip(_AROUND) for token in self._maybe.findall(text)}
            telling = {word for word in words if self._looks_like_a_label(word)}
        if not text.isascii():
            telling.update(sign for sign, _, _ in self._words.signs(text))
            telling.update(f"U+{ord(part):04X}" for part, _, _ in orphans(text))
        self._kept.append(frozenset(telling))
        self._labels.append(emotion)

    def _looks_like_a_label(self, word: str) -> bool:
        if word.startswith("#"):
            return self._words.gives_away(word) or stem(word[1:]) in self._words.stems
        return word[:3] in self._words.beginnings and stem(word) in self._words.stems

    def test(self) -> LeakTest:
        """Test whether the words that were collected predict the labels better than chance."""
        names, target = np.unique(np.array(self._labels, dtype=object).astype(str), return_inverse=True)
        counts = Counter(word for words in self._kept for word in words)
        vocabulary = {word: place for place, (word, _) in enumerate(counts.most_common(MOST_FEATURES))}
        majority = float(np.bincount(target).max() / len(target)) if len(target) else 0.0
        if not vocabulary or len(names) < 2:
            return LeakTest(majority, majority, 1.0, (), 0)
        rows = [tuple(sorted(vocabulary[word] for word in words if word in vocabulary)) for words in self._kept]
        patterns: dict[tuple[int, ...], int] = {}
        pattern = np.array([patterns.setdefault(row, len(patterns)) for row in rows], np.int64)  # (posts,)
        has = np.zeros((len(patterns), len(vocabulary)), np.float64)  # (patterns, words)
        for row, place in patterns.items():
            has[place, list(row)] = 1
        draw = np.random.default_rng(0)
        fold = draw.integers(0, FOLDS, len(target))
        real = _accuracy(pattern, has, target, fold, len(names))
        chance = [_accuracy(pattern, has, draw.permutation(target), fold, len(names)) for _ in range(PERMUTATIONS)]
        p = (1 + sum(value >= real for value in chance)) / (1 + PERMUTATIONS)
        return LeakTest(real, majority, p, tuple(vocabulary)[:10], sum(map(bool, rows)))


def _accuracy(pattern: np.ndarray, has: np.ndarray, target: np.ndarray, fold: np.ndarray, emotions: int) -> float:
    """Cross-validated accuracy of naive Bayes on words that are there or not; equal rows are computed once."""
    kinds = len(has)
    code = (fold * kinds + pattern) * emotions + target
    table = np.bincount(code, minlength=FOLDS * kinds * emotions).reshape(FOLDS, kinds, emotions)
    everything = table.sum(axis=0)  # (kinds, emotions)
    right = 0
    for held in range(FOLDS):
        seen = everything - table[held]
        posts = seen.sum(axis=0)  # (emotions,)
        rate = (has.T @ seen + 0.5) / (posts + 1.0)  # (words, emotions)
        score = np.log(posts + 0.5) + has @ (np.log(rate) - np.log1p(-rate)) + np.log1p(-rate).sum(axis=0)
        answer = score.argmax(axis=1)  # (kinds,)
        right += table[held][np.arange(kinds), answer].sum()
    return float(right / len(target))
