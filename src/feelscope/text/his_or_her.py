"""His, her, him or hers: what a pronoun is in its sentence, by the words around it.

    her + noun -> his, her otherwise -> him;   his + noun -> her, his otherwise -> hers

A tagger cannot say it: it calls both kinds of "her" a pronoun. So the sentence is tagged twice, with "their" and with
"them" in the pronoun's place. What follows a possessive is words that end in a noun; the rest is a list of common
constructions in which a noun or a verb follows an object ("made her cry", "met her yesterday", "gave her flowers").
The rules and the lists are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence, or marks between words.

    Args:
        text: In small letters.
        mark: Whether it is no word.
        after_their, after_them: Its part of speech with "their" or "them" in the place of pronouns; empty for marks.
        gendered: Whether it is a noun that has a pair.
        possessive: Whether it may be a possessive pronoun, his or her.
    """

    text: str
    mark: bool = False
    after_their: str = ""
    after_them: str = ""
    gendered: bool = False
    possessive: bool = False


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FAR = 12  # words and marks that are looked at
_PASSED = frozenset("\"'“‘(*_-–")  # marks within "her (second) ex-husband"
_STANDS_ALONE = _set("best own worst utmost")  # adjectives after a possessive, without a noun: "did her best"
_WHEN = _set(
    "today tonight tomorrow yesterday everyday monday tuesday wednesday thursday friday saturday sunday again anymore "
    "goodbye goodnight bye hello hi please lol lmao omg haha tho rn sometimes forever daily"
)
_NEVER_OWNED = _set("a an the some any another")  # begin a noun phrase of their own: "gave her some tips"
_SPAN, _EACH = _set("last next"), _set("every each some one this")
_TIME = _set("night day week weekend month year time morning evening afternoon summer winter spring fall days minute")
_MAKES = _set(
    "make makes made making let lets letting help helps helped helping see sees saw seen seeing watch watches watched "
    "watching hear hears heard hearing feel feels felt feeling have had having"
)
# Nouns that are the plain form of a verb as well.
_DOES = _set(
    "laugh smile cry dance sleep run walk talk fall play work scream shout drink dream jump look move rest stay "
    "swim try wait worry fight cook drive feel think go come leave know eat breathe blush sing sigh ride rise win "
    "lose shine"
)
_GIVES = _set(
    "give gives gave given giving buy buys bought buying bring brings brought bringing send sends sent sending wish "
    "wishes wished wishing owe owes owed tell tells told telling show shows showed showing offer offers offered make "
    "makes made making cook cooks cooked lend lent pay pays paid paying teach taught get got getting cost costs call "
    "calls called calling cause caused hand handed feed fed feeding"
)
_GIFTS = _set(
    "flowers roses chocolate chocolates dinner breakfast lunch coffee tea soup money cash hope advice space time "
    "credit props gifts presents kisses hugs stories lies jokes things stuff luck strength peace courage permission "
    "directions names happiness food water medicine vibes attention pleasure pain tickets texts messages "
    "compliments cookies pizza"
)
_TOOK = _set(
    "take takes took taking drive drives drove driving walk walked bring brought send sent get got follow followed"
)
_HURT = _set("hurt hurts broke break broken rub rubbed scratch scratched turn turned turns arch arched massage stretch")
_OTHERS = _set("kids children friends siblings parents cousins colleagues")
_JOINS, _EITHER = _set("and or & / n"), _set("or /")


def her_is_possessive(words: Sequence[Word], place: int) -> bool:
    """Whether the "her" at a place is the one of "her dog", and not that of "I saw her"."""
    before = words[place - 1] if place else Word("", mark=True)
    after = _after(words, place)
    if _joined(words, place, _EITHER):
        return True
    if not after or after[0].text in _NEVER_OWNED:
        return False
    head = _head(after)
    if head < 0 and after[0].text not in _EACH:
        makes_a_noun = after[0].text in _DOES and not (before.text in _MAKES or before.after_them.startswith("VERB"))
        return makes_a_noun or after[0].text in _STANDS_ALONE
    first, second = after[0], after[1] if len(after) > 1 else Word("", mark=True)
    verb = before.after_them.startswith("VERB")
    if first.text in _WHEN:
        return second.text == "'s"
    if second.text in _TIME and (first.text in _EACH or (first.text in _SPAN and verb)):
        return False
    if first.text.endswith("ed") and head == 0 and first.after_them == "VERB|Fin":
        return False
    if first.text == "back":
        return head > 0 or before.after_them.startswith("ADP") or before.text in _HURT
    if first.text == "home":
        return before.text not in _TOOK
    if before.text in _MAKES and head == 0 and not _is_noun(second):
        return not (first.text in _DOES or first.text.endswith("ing") or first.after_them == "VERB|Inf")
    if before.text in _GIVES:
        counted = first.after_their.startswith("NUM") and not after[head].gendered and after[head].text not in _OTHERS
        return not (counted or after[head].text in _GIFTS)
    return True


def his_is_possessive(words: Sequence[Word], place: int) -> bool:
    """Whether the "his" at a place is the one of "his dog", and not that of "a dog of his"."""
    after = _after(words, place)
    if _joined(words, place, _JOINS):
        return True
    if not after:
        return False
    first, second = after[0], after[1] if len(after) > 1 else Word("", mark=True)
    kind = first.after_their
    if first.text in _WHEN or first.text == "'s":
        return False
    if kind == "ADV|-":
        return second.after_their.startswith(("ADJ", "ADV", "VERB|Part", "VERB|Ger", "NOUN"))
    if first.text == "every":
        return second.text not in _TIME
    if kind == "VERB|Fin":
        return not (place and words[place - 1].text == "of")
    return not kind.startswith(("AUX", "CCONJ", "SCONJ", "ADP", "PRON", "DET", "PART", "INTJ", "X"))


def _after(words: Sequence[Word], place: int) -> list[Word]:
    """The words after a place up to the first mark that ends a phrase; commas between adjectives end none."""
    found: list[Word] = []
    for at in range(place + 1, min(len(words), place + 1 + _FAR)):
        word = words[at]
        if not word.mark:
            found.append(word)
        elif word.text == "," and found and at + 1 < len(words):
            if found[-1].after_their[:3] not in ("ADJ", "ADV") or words[at + 1].after_their[:3] != "ADJ":
                break
        elif not set(word.text) <= _PASSED:
            break
    return found


def _head(after: Sequence[Word]) -> int:
    """Where the noun is that ends the phrase of a possessive; -1 where none does."""
    for at, word in enumerate(after):
        if _is_noun(word):
            return at
        following = after[at + 1].after_their if at + 1 < len(after) else ""
        if word.after_their == "ADV|-" and not following.startswith(("ADJ", "ADV", "VERB|Part", "VERB|Ger", "NUM")):
            return -1
        if not word.after_their.startswith(("ADJ", "NUM", "VERB|Part", "VERB|Ger", "ADV")):
            return -1
    return -1


def _is_noun(word: Word) -> bool:
    return word.gendered or word.after_their.startswith(("NOUN", "PROPN"))


def _joined(words: Sequence[Word], place: int, joins: frozenset[str]) -> bool:
    """Whether another possessive follows after a joining word, and then a noun: "his or her dog"."""
    if place + 2 >= len(words) or words[place + 1].text not in joins or not words[place + 2].possessive:
        return False
    return _head(_after(words, place + 2)) >= 0
