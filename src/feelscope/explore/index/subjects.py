"""Subjects: what posts are about, as noun phrases, hashtags, mentions and emoji.

A noun phrase is a run of at most eight words of one sentence whose parts of speech match `(A|N)*N(PD*(A|N)*N)*`:
adjectives, numbers and nouns that end in a noun, and what a preposition adds: "new york", "mayor of the city".
Every run that matches counts, also one inside another: whoever asks for "assad" means "bashar al-assad" as well.

Source: Handler, Denny, Wallach and O'Connor 2016, "Bag of What? Simple noun phrase extraction for text analysis".
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, islice

import numpy as np

from feelscope.text.emoji import find_emoji
from feelscope.text.sentences import sentences
from feelscope.text.tagger import Tagger, load_tagger

MOST_WORDS = 8  # of a phrase
KINDS = ("phrase", "hashtag", "mention", "emoji")
_POSTS_AT_ONCE = 1000  # about 50,000 words, 10 MB of scores
_LONGEST = 40  # letters of a word of a phrase; longer ones are keys and addresses
# Universal parts of speech to the letters of the grammar; all others end a phrase.
LETTERS = {"ADJ": "A", "NUM": "A", "NOUN": "N", "PROPN": "N", "ADP": "P", "DET": "D"}
_GRAMMAR = re.compile("[AN]*N(?:PD*[AN]*N)*")
_RUN = re.compile("[AN][ANPD]*N|N")  # everything a phrase of a sentence may be part of
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\w+\.\w\S*|&\w+;|&#\d+;", re.IGNORECASE)
# A name on Reddit is /u/name, a community /r/name; elsewhere a name is @name.
_NAMED = re.compile(
    r"(?<![\w#@/])(?:#(?P<tag>\w*[^\W\d_]\w*)|@(?P<name>\w+)|/?(?P<place>[ur]/\w[\w-]+))", re.IGNORECASE
)
_CLITIC = re.compile(r"(?<=\w)(n't|'(?:s|m|re|ve|ll|d))\b", re.IGNORECASE)
# Words with the points, hyphens and apostrophes inside them, and the tails that _CLITIC cut off; anything else is one.
_TOKEN = re.compile(r"[^\W_]+(?:[-.&'+_]+[^\W_]+)*|'(?:s|m|re|ve|ll|d)\b|[^\s\w]+|_+", re.IGNORECASE)
_STOP = "\0"  # between two sentences


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of a post, as it is counted.

    Args:
        text: In lower case, words with single blanks between them; a hashtag with its #, a mention with its @, or
            as u/name or r/name; an emoji without skin tones and variation selectors.
        kind: One of `KINDS`.
    """

    text: str
    kind: str


def find_subjects(texts: Iterable[str]) -> Iterator[list[Subject]]:
    """Find the subjects of posts, each once per post.

    Args:
        texts: Title, line break and text of each post. They are read a thousand at a time.

    Yields:
        For each text its subjects: phrases in the order of their first words, then hashtags, mentions and emoji.

    Raises:
        MissingExtra: The tagger is not installed.
    """
    tagger = load_tagger()
    letters = np.array([ord(LETTERS.get(tag.partition("|")[0], "O")) for tag in tagger.tags], np.uint8)
    waiting = iter(texts)
    while batch := list(islice(waiting, _POSTS_AT_ONCE)):
        yield from _subjects_of(batch, tagger, letters)


def _subjects_of(texts: Sequence[str], tagger: Tagger, letters: np.ndarray) -> Iterator[list[Subject]]:
    tokens: list[str] = []  # of all texts, with a stop after each sentence
    ends: list[int] = []  # where the tokens of each text end
    named: list[list[Subject]] = []
    for text in texts:
        plain, others = _take_names(text)
        named.append(others)
        for start, end in sentences(plain):
            tokens += _TOKEN.findall(plain, start, end)
            tokens.append(_STOP)
        ends.append(len(tokens))
    words = np.fromiter(map(_is_word, tokens), bool, len(tokens))
    parts = _parts(tokens, words, tagger, letters)
    lowers = [token.lower() for token in tokens]
    phrases_of: list[dict[str, None]] = [{} for _ in texts]
    number = 0  # of the text that a run is in
    for run in _RUN.finditer(parts):
        first = run.start()
        while first >= ends[number]:
            number += 1
        for start, end in phrase_spans(run[0]):
            phrases_of[number][" ".join(lowers[first + start : first + end])] = None
    for phrases, others in zip(phrases_of, named, strict=True):
        yield [Subject(phrase, "phrase") for phrase in phrases if len(phrase) > 1 or not phrase.isascii()] + others


def _is_word(token: str) -> bool:
    return len(token) <= _LONGEST and (token[0].isalnum() or (token[0] == "'" and len(token) > 1))


def _parts(tokens: Sequence[str], words: np.ndarray, tagger: Tagger, letters: np.ndarray) -> str:
    """The grammar's letter of each token; O for all other words, and for what is not a word."""
    stops = np.fromiter((token is _STOP for token in tokens), bool, len(tokens))
    counts = np.cumsum(words)[stops]  # words up to the end of each sentence
    parts = np.full(len(tokens), ord("O"), np.uint8)
    parts[words] = letters[tagger.tag(list(compress(tokens, words.tolist())), np.diff(counts, prepend=0))]
    return parts.tobytes().decode("ascii")


@lru_cache(maxsize=100_000)
def phrase_spans(run: str) -> tuple[tuple[int, int], ...]:
    """The half-open spans of a run of letters that the grammar matches."""
    return tuple(
        (start, end)
        for start in range(len(run))
        for end in range(start + 1, min(len(run), start + MOST_WORDS) + 1)
        if _GRAMMAR.fullmatch(run, start, end)
    )


def _take_names(text: str) -> tuple[str, list[Subject]]:
    """Take hashtags, mentions and emoji out of a text.

    Returns:
        The text without addresses and with something that ends a phrase in their place; and what was taken.
    """
    plain = text
    if "/" in plain or "@" in plain or "www." in plain or "&" in plain:
        plain = _ADDRESS.sub(" | ", plain)
    taken: dict[Subject, None] = {}
    if "#" in plain or "@" in plain or "/" in plain:
        for match in _NAMED.finditer(plain):
            if match["tag"]:
                taken[Subject(f"#{match['tag']}".lower(), "hashtag")] = None
            else:
                text_of = f"@{match['name']}" if match["name"] else match["place"]
                taken[Subject(text_of.lower(), "mention")] = None
        plain = _NAMED.sub(" | ", plain)
    if not plain.isascii():
        plain = plain.replace("’", "'")
        for emoji in find_emoji(text):
            taken[Subject(emoji, "emoji")] = None
    if "'" in plain:
        plain = _CLITIC.sub(r" \1", plain)
    return plain, sorted(taken, key=lambda subject: KINDS.index(subject.kind))
