"""The words of a label set, and how they are found in a text: as hashtags, as plain words, as emoji."""

import re
from collections.abc import Mapping, Sequence

from feelscope.emotions import EMOJI_OF, emoji_of, words_of
from feelscope.text.emoji import VARIATIONS, emoji_places, is_joined_freely
from feelscope.text.letters import fold_letters

SHORT = 3  # letters; a word of up to so many counts in a hashtag only at its start or end: #sosad, not #crusade
HASHTAG = re.compile(r"[#＃]\w+(?:['’-]\w+)*")
# After an emoji: a skin tone, how it is drawn, and a joiner that joins nothing; left behind, they would give it away.
_TAIL = re.compile("[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]*")
_HEAD = re.compile("[\ufe0e\ufe0f\u200d]*$")  # a joiner before it that joins nothing
_LONGEST_HEAD = 8  # characters
_VARIATIONS = re.compile(VARIATIONS)
_JOINED = re.compile("[^\u200d]+")
_SIGNS = frozenset("".join(EMOJI_OF.values()))
_ENDINGS = (
    *("fulness", "iness", "ingly", "ement", "ness", "edly", "ably", "iest", "ment", "able", "ful", "ing", "ily", "ier"),
    *("ies", "ied", "est", "ous", "ish", "ion", "ity", "ed", "er", "es", "ly", "al", "ic", "y", "e", "s"),
)


def stem(word: str) -> str:
    """The part of an English word that its forms share: happy, happier and happiness are one.

    It cuts too much rather than too little, as it serves to find what was left in.
    """
    word = fold_letters(word).lower().replace("’", "'").removesuffix("'s").replace("'", "")
    for _ in range(2):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                word = word[: -len(ending)]
                break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] in "iy" else word


class LabelWords:
    """What gives away the emotions of a label set.

    Args:
        emotions: The label set; neutral has no words of its own.
        more: Further words, such as names of subreddits, to their emotion.

    Attributes:
        words: Word to emotion.
        emoji: Emoji to emotion.
        stems, beginnings: What the words' forms share, and the first three letters of it.
    """

    def __init__(self, emotions: Sequence[str], more: Mapping[str, str] | None = None) -> None:
        self.emotions = tuple(emotions)
        words = words_of([emotion for emotion in emotions if emotion.lower() != "neutral"])
        self.words = words | {word.lower(): emotion for word, emotion in (more or {}).items()}
        self.emoji = emoji_of(emotions)
        self.stems = {stem(word) for word in self.words} - {""}
        self.beginnings = {word[:3] for word in self.stems}  # of every word that has one of the stems
        long = sorted((re.escape(word) for word in self.words if len(word) > SHORT), key=len, reverse=True)
        short = sorted(re.escape(word) for word in self.words if len(word) <= SHORT)
        self._in_tag = re.compile("|".join([*long, *(f"^{word}|{word}$" for word in short)]) or "(?!)")

    def signs(self, text: str) -> list[tuple[str, int, int]]:
        """Every emoji that stands for any emotion, with where it starts and ends, its skin tone and selectors included.

        One that is joined of several is none of them: 😮‍💨 exhales and is not surprised. Of what Unicode does not list
        as one emoji people see the parts, and each counts.
        """
        found: list[tuple[str, int, int]] = []
        last = 0
        for whole, from_, to in emoji_places(text):
            parts = _parts(text, from_, to) if is_joined_freely(whole) else [(whole, from_, to)]
            for emoji, start, end in parts:
                if emoji in _SIGNS:
                    head, tail = _HEAD.search(text[max(last, start - _LONGEST_HEAD) : start]), _TAIL.match(text, end)
                    assert head is not None and tail is not None
                    found.append((emoji, start - len(head[0]), tail.end()))
                    last = tail.end()
        return found

    def of_tag(self, tag: str) -> str | None:
        """The emotion that a tag names, whatever its capitals; None where it names none."""
        return self.words.get(fold_letters(tag).strip().lstrip("#＃").lower())

    def gives_away(self, tag: str) -> bool:
        """Whether a tag holds a word or emoji of the label set: #happy, but also #sohappy, #happybirthday and #so😢."""
        word = fold_letters(tag).lstrip("#＃").lower().replace(" ", "")
        return bool(self._in_tag.search(word) or self.signs(tag))


def _parts(text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """The parts of a joined emoji at a place of a text, each as `emoji_places` has one."""
    return [(_VARIATIONS.sub("", part[0]), *part.span()) for part in _JOINED.finditer(text, start, end)]
