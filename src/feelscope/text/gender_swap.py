"""Gender swap: a text with its gendered words turned round, and the same swap again brings the text back.

    "She lost her phone, poor girl. John called him." -> "He lost his phone, poor boy. John called him."

Words are the pairs of `gender_pairs.csv`; he, she, him, himself and herself always have one answer, and his, her and
hers one by the words around them (`his_or_her.py`). Capitals stay, hashtags, handles and addresses are left alone.

The rule near names, which is ours: a sentence with a person's name is left as it is, since "John lost her phone" is no
matched sentence. With `names`, first names of `first_names.csv` are swapped too, and a sentence with these is swapped
whole. A name that the list does not have, beside a gendered word ("Mr Smith", "my aunt Zelda", "Queen Victoria"), is
seen by its capital, and its sentence is always left as it is.

Source: Lu et al. 2018, "Gender Bias in Neural Natural Language Processing", counterfactual data augmentation; the word
pairs are those of Zhao et al. 2018, as `gender_pairs.csv` says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.text.his_or_her import Word, her_is_possessive, his_is_possessive
from feelscope.text.sentences import sentences
from feelscope.text.swaps import LEFT_ALONE, any_of, cased, read_partners, straight
from feelscope.text.tagger import load_tagger

PAIRS, NAMES = (Path(__file__).with_name(name) for name in ("gender_pairs.csv", "first_names.csv"))
PRONOUNS = {"he": "she", "she": "he", "himself": "herself", "herself": "himself", "him": "her", "hers": "his"}
_VARIANTS = ("their", "them")  # in the place of his and her
_CLITIC = r"n't\b|'(?:s|m|re|ve|ll|d)\b"
_TITLES = frozenset(("mr", "mrs"))
_SIGHS = frozenset("oh ooh ohh ah aw aww wow damn dang whew geez gosh yo".split())
_SIGHED = frozenset("man woman boy girl brother sister bro".split())  # "oh man" is nobody
_TITLED = 0.6  # share of longer words with a capital from which on a capital says nothing of names, as in a headline
_AT_ONCE = 2000  # sentences that are tagged together


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    form: str  # as it is written, with straight apostrophes
    kind: str  # `left`, `pronoun`, `noun`, `name`, `word` or `mark`
    their: str = ""  # parts of speech, as `Word` has them
    them: str = ""

    @property
    def lower(self) -> str:
        return self.form.lower()


class GenderSwap:
    """Swaps the gendered words of texts.

    Args:
        names: Whether first names are swapped too.

    Raises:
        MissingExtra: The tagger is not installed.
    """

    def __init__(self, names: bool = False):
        self._names, self._pairs, self._first_names = names, read_partners(PAIRS), read_partners(NAMES)
        self._tagger = load_tagger()
        gendered = {*PRONOUNS, "his", "her", *self._pairs}
        self._any = re.compile(any_of(gendered | ({*self._first_names} if names else set())), re.IGNORECASE)
        self._token = re.compile(
            rf"(?P<left>{LEFT_ALONE})|(?P<pronoun>{any_of((*PRONOUNS, 'his', 'her'))})|(?P<noun>{any_of(self._pairs)})"
            rf"|(?P<name>{any_of(self._first_names)})|(?P<word>[^\W_]+?(?=n't\b)|{_CLITIC}|[^\W_]+)"
            r"|(?P<mark>[^\w\s]+?(?='(?:s|m|re|ve|ll|d)\b)|[^\w\s]|_+)",
            re.IGNORECASE,
        )

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """The texts with their gendered words swapped; those without any are the same."""
        found = [
            (number, start, tokens)
            for number, text in enumerate(texts)
            for start, tokens in self._sentences(text)
            if tokens
        ]
        for first in range(0, len(found), _AT_ONCE):
            self._tag([tokens for _, _, tokens in found[first : first + _AT_ONCE]])
        parts: list[list[str]] = [[] for _ in texts]  # of each text
        ends = [0] * len(texts)  # up to where it is in `parts`
        for number, start, tokens in found:
            text = texts[number]
            for token, word in self._exchanged(tokens):
                here, there = start + token.start, start + token.end
                parts[number] += [text[ends[number] : here], cased(word, text[here:there])]
                ends[number] = there
        return ["".join([*parts[number], text[ends[number] :]]) for number, text in enumerate(texts)]

    def her_is_possessive(self, sentence: str, start: int) -> bool:
        """Whether the "her" that begins at a place of a sentence is the one of "her dog"."""
        tokens = self._tokens(straight(sentence))
        self._tag([tokens])
        place = next(number for number, token in enumerate(tokens) if token.start == start)
        return her_is_possessive([_word(token) for token in tokens], place)

    def _tokens(self, plain: str) -> list[_Token]:
        return [_Token(*found.span(), found[0], str(found.lastgroup)) for found in self._token.finditer(plain)]

    def _sentences(self, text: str) -> list[tuple[int, list[_Token]]]:
        """The sentences of a text that have a gendered word: where each begins, and its tokens."""
        plain = straight(text)
        if not self._any.search(plain):
            return []
        return [
            (start, self._tokens(plain[start:end]))
            for start, end in sentences(plain)
            if self._any.search(plain, start, end)
        ]

    def _tag(self, found: Sequence[Sequence[_Token]]) -> None:
        """Say of each token what part of speech it is, with the same words for either gender in the sentence."""
        spoken = [[token for token in tokens if token.kind not in ("mark", "left")] for tokens in found]
        lengths = np.array([len(tokens) for tokens in spoken], int)
        for variant in _VARIANTS:
            words = [self._neutral(token, variant) for tokens in spoken for token in tokens]
            tags = self._tagger.tag(words, lengths)
            for token, number in zip((token for tokens in spoken for token in tokens), tags.tolist(), strict=True):
                setattr(token, variant, self._tagger.tags[number])

    def _neutral(self, token: _Token, variant: str) -> str:
        """The word that a token is tagged as: one for both words of a pair."""
        word = token.lower
        if token.kind == "pronoun":
            same = {"he": "he", "she": "he", "him": "them", "hers": "theirs", "his": variant, "her": variant}
            return same.get(word, "himself")
        if token.kind in ("noun", "name"):
            pairs = self._pairs if token.kind == "noun" else self._first_names
            return cased(min(word, pairs[word]), token.form)
        return token.form

    def _exchanged(self, tokens: Sequence[_Token]) -> Iterator[tuple[_Token, str]]:
        """The tokens of a sentence that change, each with what it becomes, in small letters."""
        if self._is_of_a_name(tokens):
            return
        words = [_word(token) for token in tokens]
        for place, token in enumerate(tokens):
            if token.kind == "name":
                yield token, self._first_names[token.lower]
            elif token.kind == "noun" and not _is_sigh(tokens, place):
                yield token, self._pairs[token.lower]
            elif token.kind == "pronoun" and token.lower in PRONOUNS:
                yield token, PRONOUNS[token.lower]
            elif token.kind == "pronoun" and token.lower == "her":
                yield token, "his" if her_is_possessive(words, place) else "him"
            elif token.kind == "pronoun":
                yield token, "her" if his_is_possessive(words, place) else "hers"

    def _is_of_a_name(self, tokens: Sequence[_Token]) -> bool:
        """Whether a sentence has a person's name that is not swapped."""
        if not self._names and any(token.kind == "name" for token in tokens):
            return True
        longer = [token.form for token in tokens[1:] if token.kind != "mark" and len(token.form) > 3]
        if sum(form != form.lower() for form in longer) > _TITLED * len(longer) > 0:
            return False
        return any(token.kind == "noun" and _is_beside_a_name(tokens, place) for place, token in enumerate(tokens))


def _word(token: _Token) -> Word:
    return Word(
        "#" if token.kind == "left" else token.lower,
        mark=token.kind in ("mark", "left"),
        after_their=token.their,
        after_them=token.them,
        gendered=token.kind == "noun",
        possessive=token.lower in ("his", "her"),
    )


def _is_beside_a_name(tokens: Sequence[_Token], place: int) -> bool:
    """Whether a name that no list has is beside a gendered noun: "Mr Smith", "uncle Zed", "Stephen King"."""
    token = tokens[place]
    following = place + 1
    if token.lower in _TITLES and following < len(tokens) and tokens[following].form == ".":
        following += 1
    if following < len(tokens) and _is_name(tokens[following]):
        return True
    return place > 0 and token.form.istitle() and _is_name(tokens[place - 1])


def _is_name(token: _Token) -> bool:
    return (
        token.kind == "word"
        and token.form.istitle()
        and len(token.form) > 1
        and token.them.startswith(("PROPN", "NOUN", "X"))
    )


def _is_sigh(tokens: Sequence[_Token], place: int) -> bool:
    """Whether a noun is an exclamation: "oh man", "Boy, was I wrong"."""
    if tokens[place].lower not in _SIGHED:
        return False
    if place and tokens[place - 1].lower in _SIGHS:
        return True
    if place or len(tokens) < 3:
        return False
    return tokens[1].lower in ("i", "this", "that") or (tokens[1].form == "," and tokens[2].kind != "noun")
