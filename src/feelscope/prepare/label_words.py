"""The words of a label set, and how they are found in a text: as hashtags, as plain words, as emoji."""

import re
from collections.abc import Mapping, Sequence

from feelscope.emotions import EMOJI_OF, emoji_of, words_of
from feelscope.text.emoji import emoji_places

SHORT = 3  # letters; a word of up to so many counts in a hashtag only at its start or end: #sosad, not #crusade
HASHTAG = re.compile(r"[#＃]\w+(?:['’-]\w+)*")
# After an emoji: a skin tone, how it is drawn, and a joiner that joins nothing; left behind, they would give it away.
_TAIL = re.compile("[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]*")
_SIGNS = frozenset("".join(EMOJI_OF.values()))
_ENDINGS = (
    *("fulness", "iness", "ingly", "ement", "ness", "edly", "ably", "iest", "ment", "able", "ful", "ing", "ily", "ier"),
    *("ies", "ied", "est", "ous", "ish", "ion", "ity", "ed", "er", "es", "ly", "al", "ic", "y", "e", "s"),
)


def stem(word: str) -> str:
    """The part of an English word that its forms share: happy, happier and happiness are one.

    It cuts too much rather than too little, as it serves to find what was left in.
    """
    word = word.lower().replace("’", "'").removesuffix("'s").replace("'", "")
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
        self.stems = {stem(word) for word in self.words}
        self.beginnings = {word[:3] for word in self.stems}  # of every word that has one of the stems
        long = sorted((re.escape(word) for word in self.words if len(word) > SHORT), key=len, reverse=True)
        short = sorted(re.escape(word) for word in self.words if len(word) <= SHORT)
        self._in_tag = re.compile("|".join([*long, *(f"^{word}|{word}$" for word in short)]) or "(?!)")

    def signs(self, text: str) -> list[tuple[str, int, int]]:
        """Every emoji that stands for any emotion, with where it starts and ends, its skin tone and selectors included.

        One that is joined of several is none of them: 😮‍💨 exhales and is not surprised.
        """
        found = []
        for emoji, start, end in emoji_places(text):
            if emoji in _SIGNS:
                tail = _TAIL.match(text, end)
                assert tail is not None
                found.append((emoji, start, tail.end()))
        return found

    def of_tag(self, tag: str) -> str | None:
        """The emotion that a tag names, whatever its capitals; None where it names none."""
        return self.words.get(tag.strip().lstrip("#＃").lower())

    def gives_away(self, tag: str) -> bool:
        """Whether a tag holds a word or emoji of the label set: #happy, but also #sohappy, #happybirthday and #so😢."""
        return bool(self._in_tag.search(tag.lstrip("#＃").lower().replace(" ", "")) or self.signs(tag))
