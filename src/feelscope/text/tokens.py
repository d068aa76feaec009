"""A text to its words, in lower case: the one splitter for everything that works on whole words.

"Don't #PANIC, it's 10 o'clock 😂" -> don't panic it's 10 o'clock 😂

A word is a run of letters, with single apostrophes inside; a run of digits is a word of its own ("mp3" -> mp 3), and so
is each emoji. Everything else separates. Curly apostrophes count as straight ones; skin tones are left out.

The letters are written down as ranges, since what counts as a letter depends on a program's version of Unicode, and a
`tokenizer.json` of `words/tokenizer_file` must split alike elsewhere. Chinese and Japanese are not split into words.
"""

import re

from feelscope.post import Post
from feelscope.text.emoji_for_models import EMOJI, MODIFIERS, fold_emoji, spell_emoji
from feelscope.text.letters import fold_letters

APOSTROPHES = "[\u2018\u2019\u02bc\uff07]"
LETTERS = (
    "a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02bb\u02bd-\u02c1\u0300-\u036f"  # Latin and accents
    "\u0370-\u037d\u037f-\u0386\u0388-\u0559\u0560-\u0588"  # Greek, Cyrillic, Armenian
    "\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7-\u05f2\u0610-\u061a\u0620-\u0669\u066e-\u06d3\u06d5-\u06ff"
    "\u0710-\u0963\u0966-\u0e3e\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u167f\u1681-\u17ff\u1810-\u1c88\u1c8b-\u1fff"
    "\u2c00-\u2dff\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\ua4ff\ua500-\ua7ca\ua800-\ud7ff\uf900-\ufd3d\ufd50-\ufdfb\ufe70-\ufefc"
    "\uff41-\uff5a\uff66-\uffdc\U00020000-\U0003ffff"
)
WORD = f"[{LETTERS}]+(?:'[{LETTERS}]+)*|[0-9]+|{EMOJI}"
# What is replaced before splitting, in this order: pattern and replacement. A capital sigma becomes the small one at
# once, because its lower case depends on its place in a word.
FOLDED = ((MODIFIERS, ""), (APOSTROPHES, "'"), ("\u03a3", "\u03c3"))

_WORD, _APOSTROPHES = re.compile(WORD), re.compile(APOSTROPHES)


def split(text: str) -> list[str]:
    """The words of a text in order; none where it has none."""
    if not text.isascii():
        text = _APOSTROPHES.sub("'", fold_emoji(text)).replace("\u03a3", "\u03c3")
    return _WORD.findall(text.lower())


def words_of(post: Post) -> list[str]:
    """The words of title and text, in usual letters, emoji by their names: what a model of whole words reads."""
    return [word for part in post.texts for word in split(spell_emoji(fold_letters(part)))]
