"""Queries as text, each with what it asks for written beside it by hand; and the words of the posts of small archives.

Nothing here reads a query or a text as the package does: what every word becomes is a table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from hypothesis import strategies as st

from feelscope.text.stems import stem

Part = tuple[list[str], set[str]]  # the words of a title or a text, and what it has beside them
# A word as posts have it, its words, and what it is beside them; others are what they are in small letters.
_WRITTEN: dict[str, tuple[str, str]] = {
    "rebel's": ("rebel s", "rebels"),
    "don’t": ("dont", ""),
    "don't": ("dont", ""),
    "<b>bold</b>": ("b bold b", ""),
    "&amp;": ("amp", ""),
    "&": ("", ""),
    "👍🏽": ("👍", ""),
    "👨‍👩‍👧": ("👨‍👩‍👧", ""),
    "❤️": ("❤", ""),
    "ΣΊΣΥΦΟΣ": ("σισυφοσ", ""),
    "İstanbul": ("istanbul", ""),
    "café": ("cafe", ""),
    "cafe\u0301": ("cafe", ""),
    "naïve": ("naive", ""),
    "#aleppo": ("aleppo", "#aleppo"),
    "#new_york": ("new york", "#new_york"),
    "new_york": ("new york", ""),  # as a sentence marks it
    "@bbc": ("bbc", "@bbc"),
    ":)": ("", ""),
    "title:fear": ("title fear", ""),
    "[x](http://e.x/?q=1)": ("x http e x q 1", ""),
    "well-known": ("well known", "wellknown"),
    "東京都": ("東京 京都", "東 京 都"),
    "京都": ("京都", "京 都"),
}


@cache
def words_of(text: str) -> Part:
    """The words of a text of a random post."""
    pairs = [_WRITTEN.get(word, (word.lower(), "")) for word in text.split()]
    return [word for words, _ in pairs for word in words.split()], {word for _, more in pairs for word in more.split()}


@dataclass(frozen=True)
class Leaf:
    """One word or phrase of a query.

    Args:
        forms: A post has one of these, words that follow one another.
        word: Or a word with the stem of this one.
        asked: Its own stems.
        typed: Where signs around it are not shown.
    """

    written: str
    forms: tuple[tuple[str, ...], ...] = ()
    word: str = ""
    asked: tuple[str, ...] = ()
    excluded: bool = False
    typed: str = ""

    def __repr__(self) -> str:
        return f"Leaf({self.written!r})"

    @property
    def stem(self) -> str:
        return _stem(self.word) if self.word else ""

    def is_in(self, parts: Sequence[Part]) -> bool:
        for words, beside in parts:
            if self.stem and self.stem in {*map(_stem, (*words, *beside))}:
                return True
            for form in self.forms:
                starts = range(len(words) - len(form) + 1)
                if any(tuple(words[at : at + len(form)]) == form for at in starts):
                    return True
                if len(form) == 1 and form[0] in beside:
                    return True
        return False

    def forms_in(self, parts: Sequence[Part]) -> set[str]:
        """The words of a post that its stem stands for."""
        return {word for words, beside in parts for word in (*words, *beside) if self.stem and _stem(word) == self.stem}


@dataclass(frozen=True)
class Asked:
    """A query: its text, its leaves, and which posts match, by their words."""

    text: str
    leaves: tuple[Leaf, ...]
    matches: Callable[[Sequence[Part]], bool]

    def __repr__(self) -> str:
        return f"Asked({self.text!r})"

    @property
    def stems(self) -> list[list[str]]:
        """Those of every leaf that is not excluded."""
        return [[*leaf.asked] for leaf in self.leaves if not leaf.excluded]


_stem = cache(stem)


def _loose(written: str, word: str) -> Leaf:
    return Leaf(written, word=word, asked=(_stem(word),))


def _exact(written: str, *forms: str, asked: str = "") -> Leaf:
    own = tuple(map(_stem, (asked or forms[0]).split()))
    return Leaf(written, tuple(tuple(form.split()) for form in forms), asked=own)


_LEAVES = (
    *(
        _loose(word, word.lower())
        for word in "the Syrian rebels rebel speech speeches obama run nothing and wellknown".split()
    ),
    *(_loose(written, "cafe") for written in ("café", "cafe\u0301", "CAFE")),
    _loose("rebel's", "rebel"),
    _loose("don't", "dont"),
    _loose("dont", "dont"),
    _loose("İstanbul", "istanbul"),
    _loose("σίσυφος", "σισυφοσ"),
    replace(_loose("script", "script"), typed="<script>"),
    _loose("أ", "ا"),
    replace(_loose("well-known", "wellknown"), forms=(("well", "known"),), asked=(_stem("well"), _stem("known"))),
    *(_exact(name, name, asked=name[1:].replace("_", " ")) for name in ("#aleppo", "@bbc", "#new_york", "#nobody")),
    *(_exact(sign, sign) for sign in "👍 ❤ 👨‍👩‍👧 🇫🇷 🇩🇪 東京 京 猫".split()),
    _exact("東京都", "東京 京都"),
    _exact("title:fear", "title fear"),
    *(_exact(f'"{word}"', word.lower()) for word in "rebels rebel speech Obama café".split()[:4]),
    _exact('"café"', "cafe"),
    _exact('"the Syrian"', "the syrian"),
    _exact('"new york"', "new york"),
    _exact('"rebels\' speech"', "rebels speech"),
    _exact('"rebel\'s"', "rebel s", "rebels", asked="rebel"),
    _exact('"the rebel’s"', "the rebel s", "the rebels", asked="the rebel"),
    _exact('"the well-known"', "the well known", "the wellknown"),
    _exact('"well known"', "well known"),
    _exact('"#aleppo"', "#aleppo", asked="aleppo"),
    _exact('"👍 the"', "👍 the"),
)
_leaves = st.sampled_from(_LEAVES)


def _all(parts: Sequence[Asked]) -> Asked:
    leaves = tuple(dict.fromkeys(leaf for part in parts for leaf in part.leaves))
    return Asked(" ".join(part.text for part in parts), leaves, lambda post: all(part.matches(post) for part in parts))


def _either(parts: Sequence[Asked]) -> Asked:
    leaves = tuple(dict.fromkeys(leaf for part in parts for leaf in part.leaves))
    return Asked(
        " OR ".join(part.text for part in parts), leaves, lambda post: any(part.matches(post) for part in parts)
    )


def _in_brackets(part: Asked) -> Asked:
    return replace(part, text=f"({part.text})")


def _not(part: Asked, sign: str) -> Asked:
    leaves = tuple(replace(leaf, excluded=not leaf.excluded) for leaf in part.leaves)
    return Asked(sign + part.text, leaves, lambda post: not part.matches(post))


_single = _leaves.map(lambda leaf: Asked(leaf.typed or leaf.written, (leaf,), leaf.is_in))
_signed = st.one_of(_single, _single, _single, st.builds(_not, _single, st.sampled_from(("-", "NOT "))))
_several = st.lists(_signed, min_size=2, max_size=3).map(_all).map(_in_brackets)
_choice = st.lists(st.one_of(_signed, _several), min_size=2, max_size=3).map(_either)
_grouped = st.one_of(_choice, st.builds(_not, _choice.map(_in_brackets), st.just("-")))
_SIGNS = (Asked("AND", (), lambda _: True), Asked("...", (), lambda _: True), Asked(":]", (), lambda _: True))
_EVERYTHING = Asked("", (), lambda _: True)
_NOTHING = [Asked(text, (), lambda _: False) for text in ("...", '"..."', 'the "..."', "- :) \u202e", "AND")]
queries = st.one_of(
    st.just(_EVERYTHING),
    _single,
    st.lists(_signed, min_size=1, max_size=3).map(_all),
    st.tuples(_grouped, _signed).map(_all),
    st.tuples(_signed, st.sampled_from(_SIGNS), _single).map(_all),
    _grouped,
    st.sampled_from(_NOTHING),
)
