"""The words of a label set, and how they are found in a text: as hashtags, as plain words, as emoji."""

import re
from collections.abc import Mapping, Sequence

from feelscope.emotions import EMOJI_OF, emoji_of, words_of

SHORT = 3  # letters; a shorter or equal word counts in a hashtag only at its beginning or end: #sosad, not #crusade
HASHTAG = re.compile(r"[#＃]\w+(?:['’-]\w+)*")
# Behind an emoji: a skin tone, how it is to be drawn, and what joins it to another; they give it away when left.
_TAIL = "[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]*"
_ENDINGS = (
    *("fulness", "iness", "ingly", "ement", "ness", "edly", "ably", "iest", "ment", "able", "ful", "ing", "ily", "ier"),
    *("ies", "ied", "est", "ous", "ish", "ion", "ity", "ed", "er", "es", "ly", "al", "ic", "y", "e", "s"),
)


def stem(word: str) -> str:
    """The part of an English word that its forms share: happy, happier and happiness are one.

    It cuts rather too much than too little, as it serves to find what was left.
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
    """What gives the emotions of a label set away.

    Args:
        emotions: The label set; neutral has no words of its own.
        more: Further words, as subreddits' names, to the emotion.

    Attributes:
        words: Word to emotion.
        emoji: Emoji to emotion.
        stems, beginnings: What the words' forms share, and the first three letters of it.
        sign: Finds every emoji that stands for any emotion, with what belongs to it.
    """

    def __init__(self, emotions: Sequence[str], more: Mapping[str, str] | None = None) -> None:
        self.emotions = tuple(emotions)
        words = words_of([emotion for emotion in emotions if emotion.lower() != "neutral"])
        self.words = words | {word.lower(): emotion for word, emotion in (more or {}).items()}
        self.emoji = emoji_of(emotions)
        self.stems = {stem(word) for word in self.words}
        self.beginnings = {word[:3] for word in self.stems}  # of every word that has one of the stems
        self.sign = re.compile(f"[{''.join(EMOJI_OF.values())}]{_TAIL}")
        long = sorted((re.escape(word) for word in self.words if len(word) > SHORT), key=len, reverse=True)
        short = sorted(re.escape(word) for word in self.words if len(word) <= SHORT)
        self._in_tag = re.compile("|".join([*long, *(f"^{word}|{word}$" for word in short)]) or "(?!)")

    def of_tag(self, tag: str) -> str | None:
        """The emotion that a tag names, whatever its capitals; None where it names none."""
        return self.words.get(tag.strip().lstrip("#＃").lower())

    def gives_away(self, tag: str) -> bool:
        """Whether a tag holds a word of the label set: #happy, but also #sohappy and #happybirthday."""
        return self._in_tag.search(tag.lstrip("#＃").lower().replace(" ", "")) is not None

    def without_tags(self, tags: Sequence[str]) -> list[str]:
        """Tags without those that give an emotion away."""
        return [tag for tag in tags if not self.gives_away(tag)]
