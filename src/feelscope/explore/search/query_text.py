"""What people type as a query, parsed to what a post must have.

| typed | a post must have |
|---|---|
| `manning` | a form of the word: what has the same stem |
| `"manning"` | exactly this word |
| `"arab spring"` | exactly these words, in this order |
| `-arab` `-"arab spring"` `NOT arab` | not this |
| `cairo OR tahrir` | one of the two; stronger than the blank, as in other searches |
| `(arab spring) OR egypt` | one of what is in brackets and the other |
| `#tag` `@name` `u/name` `r/place` | this hashtag, mention or place, with its sign |
| `well-known` `don't` | it with the sign or without: wellknown, dont |

Brackets group only where there is an OR, a NOT or a `-(`; elsewhere, as all other signs, they are ignored.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from feelscope.errors import ExploreError
from feelscope.text.search_words import Unit, units
from feelscope.text.stems import stem

_QUOTES = '"\u201c\u201d\u201e\u201f\uff02'
_MINUS = "-\u2212\u2013"
_DEEPEST = 20  # brackets in brackets
_OPERATORS = ("OR", "AND", "NOT")
_CUT = re.compile(r"(?<!\d)[,;]|[,;](?!\d)|[|!?\[\]{}]")  # what ends a word without a blank
Field = Literal["words", "exact"]
Form = tuple[Field, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One word or phrase.

    Args:
        written: As it was typed.
        forms: A post has one of these: in `words` a stem, in `exact` words that follow one another.
        excluded: Whether a post must not have it.
        word: The one that it stands for with all of its forms; None for an exact word and a phrase.
    """

    written: str
    forms: tuple[Form, ...]
    excluded: bool = False
    word: str | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts, or several."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not what is in it."""

    part: "Node"


Node = Leaf | All | Either | Not


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a post must have.

    Args:
        node: The whole of it; None for every post.
        nothing: Whether some part of the query has characters but no word: no post matches it.
        leaves: Its words and phrases, each once, in their order; those that are excluded too.
        words: Stems of the single words that a post may have, each once.
        phrases: Stems that follow one another, of the rest.
        all: All these stems in their order.
    """

    node: Node | None = None
    nothing: bool = False
    leaves: tuple[Leaf, ...] = field(default=(), compare=False)
    words: tuple[str, ...] = field(default=(), compare=False)
    phrases: tuple[tuple[str, ...], ...] = field(default=(), compare=False)
    all: tuple[str, ...] = field(default=(), compare=False)


@functools.lru_cache(100)  # of up to 1,000 letters: 3 MB
def parse_query(query: str) -> ParsedQuery:
    """Parse what was typed.

    Raises:
        ExploreError: An OR, a NOT or a bracket has nothing to go with.
    """
    pieces = list(_pieces(query, brackets=False))
    if any(kind in ("OR", "NOT") for kind, _ in pieces) or any(kind == "-" and text == "(" for kind, text in pieces):
        pieces = list(_pieces(query, brackets=True))
    parser = _Parser(pieces)
    node = parser.parse()
    leaves = tuple(dict.fromkeys(parser.leaves))
    if parser.nothing or (pieces and not leaves):
        return ParsedQuery(None, nothing=True)
    asked = [_stems(leaf.written) for leaf in leaves if not leaf.excluded]
    return ParsedQuery(
        node,
        False,
        leaves,
        tuple(dict.fromkeys(words[0] for words in asked if len(words) == 1)),
        tuple(dict.fromkeys(words for words in asked if len(words) > 1)),
        tuple(word for words in asked for word in words),
    )


def _pieces(query: str, *, brackets: bool) -> Iterator[tuple[str, str]]:
    """What a query is made of: kind and text of each; the kind of an operator is itself."""
    at = 0
    while at < len(query):
        sign, after = query[at], query[at + 1 : at + 2]
        if sign.isspace() or (sign in "()" and not brackets):
            at += 1
        elif sign in "()":
            yield sign, sign
            at += 1
        elif sign in _MINUS and after.strip() and after not in f"){_MINUS}":
            yield "-", after
            at += 1
        elif sign in _QUOTES:
            end = next((place for place in range(at + 1, len(query)) if query[place] in _QUOTES), len(query))
            yield "quoted", query[at + 1 : end]
            at = end + 1
        else:
            end = at + 1
            while end < len(query) and not query[end].isspace() and not (query[end] in "()" and brackets):
                if query[end] in _QUOTES and not query[end - 1].isdigit():  # 5" is a length
                    break
                end += 1
            text = query[at:end]
            operator = text.rstrip(")")
            yield (operator if operator in _OPERATORS else "plain"), text
            at = end


class _Parser:
    """Reads pieces from left to right.

    Attributes:
        leaves: Those met.
        nothing: Whether a quoted text has characters and no word.
    """

    def __init__(self, pieces: Sequence[tuple[str, str]]) -> None:
        self.leaves: list[Leaf] = []
        self.nothing = False
        self._pieces = pieces
        self._at = 0

    def parse(self) -> Node | None:
        node = self._all(0, excluded=False)
        if self._at < len(self._pieces):
            raise _fault("a bracket is closed that was not opened")
        return node

    def _all(self, depth: int, *, excluded: bool) -> Node | None:
        """Everything up to the end, or to a closing bracket."""
        if depth > _DEEPEST:
            raise _fault(f"brackets are more than {_DEEPEST} deep")
        parts: list[Node] = []
        joins = False  # whether an OR waits for what comes after it
        while self._at < len(self._pieces) and (kind := self._pieces[self._at][0]) != ")":
            if kind == "OR":
                if joins or not parts:
                    raise _fault('OR needs a word before and after it, as in cairo OR tahrir; "or" is the word')
                joins, self._at = True, self._at + 1
                continue
            if kind == "AND":  # of what comes one after the other all is wanted anyway
                self._at += 1
                continue
            node = self._one(depth, excluded=excluded)
            if node is None:
                continue
            if joins:
                before = parts.pop()
                node = Either((*(before.parts if isinstance(before, Either) else (before,)), node))
            parts.append(node)
            joins = False
        if joins:
            raise _fault('OR needs a word before and after it, as in cairo OR tahrir; "or" is the word')
        return parts[0] if len(parts) == 1 else All(tuple(parts)) if parts else None

    def _one(self, depth: int, *, excluded: bool) -> Node | None:
        """A word, a phrase, brackets, or one of these that is excluded; None for signs without a word."""
        (kind, text), self._at = self._pieces[self._at], self._at + 1
        if kind in ("-", "NOT"):
            if self._at == len(self._pieces) or self._pieces[self._at][0] in (")", "OR", "AND"):
                raise _fault('NOT needs a word after it, as in NOT cairo; "not" is the word')
            node = self._one(depth, excluded=not excluded)
            return None if node is None else Not(node)
        if kind == "(":
            node = self._all(depth + 1, excluded=excluded)
            if self._at == len(self._pieces):
                raise _fault("a bracket is opened and not closed")
            self._at += 1
            return node
        if kind == "quoted":
            leaves = _quoted(text, excluded)
            self.nothing |= bool(text.strip()) and not leaves
        else:
            leaves = [leaf for part in _CUT.split(text) for leaf in _plain(part, excluded)]
        self.leaves += leaves
        return leaves[0] if len(leaves) == 1 else All(tuple(leaves)) if leaves else None


def _fault(what: str) -> ExploreError:
    return ExploreError(f"query: {what}")


def _quoted(text: str, excluded: bool) -> list[Leaf]:
    """A text in quotes as exactly its words."""
    found, names = units(text)
    written = f'"{" ".join(text.split())}"'
    if (name := _lone_name(found, names)) is not None:
        return [Leaf(written, (("exact", (name,)),), excluded)]
    return [Leaf(written, _exactly(found), excluded)] if found else []


def _plain(text: str, excluded: bool) -> Iterator[Leaf]:
    """What has no blanks as words whose forms count too, and emoji each by itself."""
    found, names = units(text)
    if (name := _lone_name(found, names)) is not None:
        yield Leaf(text, (("exact", (name,)),), excluded)
        return
    run: list[Unit] = []
    for unit in [*found, None]:
        if unit is not None and unit.kind != "emoji":
            run.append(unit)
            continue
        if run:
            written = text[run[0].place[0] : run[-1].place[1]]
            yield _in_any_form(written, run[0], excluded) if len(run) == 1 else Leaf(written, _exactly(run), excluded)
        if unit is not None:
            yield Leaf(unit.words[0][0], (("exact", (unit.words[0][0],)),), excluded)
        run = []


def _lone_name(found: Sequence[Unit], names: Sequence[tuple[str, int, int]]) -> str | None:
    """The hashtag or mention that a text is, and nothing else."""
    if len(names) != 1:
        return None
    name, start, end = names[0]
    return name if all(start <= unit.place[0] and unit.place[1] <= end for unit in found) else None


def _in_any_form(written: str, unit: Unit, excluded: bool) -> Leaf:
    words = tuple(word for word, _, _ in unit.words[: -1 if unit.kind == "possessive" else None])
    word = None if unit.kind == "pairs" else words[0] if len(words) == 1 else unit.beside[-1] if unit.beside else None
    forms: tuple[Form, ...] = () if word is None else (("words", (stem(word),)),)
    return Leaf(written, forms if word is not None and len(words) == 1 else (*forms, ("exact", words)), excluded, word)


def _exactly(found: Sequence[Unit]) -> tuple[Form, ...]:
    """Words that follow one another; compounds in two words, or in one."""
    apart = tuple(word for unit in found for word, _, _ in unit.words)
    joined: list[str] = []
    for unit in found:
        is_one = unit.kind in ("compound", "possessive") and unit.beside
        joined += unit.beside[:1] if is_one else (word for word, _, _ in unit.words)
    return tuple(dict.fromkeys([("exact", apart), ("exact", tuple(joined))]))


def _stems(written: str) -> tuple[str, ...]:
    """The stems of what was typed; the s of a possessive is none of them."""
    found, _ = units(written)
    return tuple(stem(word) for unit in found for word, _, _ in unit.words[: -1 if unit.kind == "possessive" else None])
