"""Emoji as saved models read them: character by character, each by its Unicode name.

Frozen, by hand: the built-in model, the `tokenizer.json` of models of whole words, and the `emoji` modality of saved
models were trained on exactly this reading. It knows no flags but as "flag", and reads a joined emoji as its parts. To
find emoji for people, use `feelscope.text.emoji`.
"""

import re
import unicodedata

# Symbols of the emoji blocks; joiners, variation selectors and skin tones only vary the one before them.
EMOJI = "[\U0001f300-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2764]"
MODIFIERS = "[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]"
FLAGS = "[\U0001f1e6-\U0001f1ff]{2}"  # two letters of a country
_EMOJI, _MODIFIERS = re.compile(EMOJI), re.compile(MODIFIERS)
_FLAG = re.compile(FLAGS)
_OUTLINE = re.compile("^(?:heavy |black |white )+")  # how old symbols were drawn in print: HEAVY BLACK HEART


def fold_emoji(text: str) -> str:
    """The text with its emoji in one form each: no skin tones, no variation selectors, joined ones as their parts."""
    return text if text.isascii() else _MODIFIERS.sub("", text)


def emoji_characters(text: str) -> list[str]:
    """Every emoji character of a text, folded, in order, once per occurrence."""
    return [] if text.isascii() else _EMOJI.findall(fold_emoji(text))


def spell_emoji(text: str) -> str:
    """Write each emoji by its Unicode name."""
    if text.isascii():
        return text
    return _EMOJI.sub(_name, _FLAG.sub(" flag ", fold_emoji(text)))


def spelled_from(text: str) -> list[int]:
    """Of each character of `spell_emoji`'s text, the place in the text that it was made from."""
    if text.isascii():
        return [*range(len(text))]
    kept = [place for place, character in enumerate(text) if not _MODIFIERS.match(character)]
    for pattern, name in ((_FLAG, lambda match: " flag "), (_EMOJI, _name)):
        characters = fold_emoji(text) if pattern is _FLAG else _FLAG.sub(" flag ", fold_emoji(text))
        places: list[int] = []
        end = 0
        for match in pattern.finditer(characters):
            places += kept[end : match.start()]
            places += [kept[match.start()]] * len(name(match))
            end = match.end()
        kept = places + kept[end:]
    return kept


def _name(match: re.Match[str]) -> str:
    name = unicodedata.name(match[0], "").lower()
    if match[0] < "\u2800":  # the old symbols; 🖤 is black
        name = _OUTLINE.sub("", name)
    return f" {name} "
