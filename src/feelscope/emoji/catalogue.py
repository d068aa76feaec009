"""Every fully qualified emoji: its sequence, name, group, and base form.

    👩🏽‍🚀  woman astronaut medium skin tone   People & Body   base form 🧑‍🚀

An emoji is a sequence of characters everywhere, fully qualified (with the variation selectors of Unicode's list), and a
flag is that of its country. Sequences and names are those of the `emoji` package, which has no groups: those are
Unicode's (UTS #51, emoji-test.txt), by the first character of a sequence. The base form is ours: emoji that differ in
skin tone or gender alone share one, so that a split by base form has no near copy of a picture on both sides.
"""

import difflib
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from feelscope.config import shown
from feelscope.errors import ConfigError
from feelscope.text.emoji import name_of

_VARIATION = "\ufe0f"  # asks for the coloured picture
_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_GENDER_SIGNS = re.compile("\u200d[♀♂]")
_KEYCAP = "\u20e3"
_SPEECH = "\U0001f441\ufe0f\u200d\U0001f5e8\ufe0f"  # an eye in a speech bubble: the one not in its character's group
# Of a person, the form that says no gender; families are made of these.
_PERSONS = str.maketrans(
    {
        **dict.fromkeys("👨👩", "🧑"),
        **dict.fromkeys("👦👧", "🧒"),
        **dict.fromkeys("👴👵", "🧓"),
        **dict.fromkeys("🤴👸", "🫅"),
        **dict.fromkeys("🎅🤶", "🧑\u200d🎄"),
        **dict.fromkeys("🤰🫃", "🫄"),
        **dict.fromkeys("👫👬👭", "🧑\u200d🤝\u200d🧑"),
        "🕺": "💃",
        "👪": "🧑\u200d🧑\u200d🧒",
    }
)
_COUPLES = {
    "🧑\u200d❤\u200d🧑": "💑",
    "🧑\u200d❤\u200d💋\u200d🧑": "💏",
    "🧑\u200d🐰\u200d🧑": "👯",
    "🧑\u200d\U0001faef\u200d🧑": "🤼",
}


@dataclass(frozen=True, slots=True)
class Emoji:
    """An emoji of Unicode's list.

    Args:
        sequence: Its characters, fully qualified.
        name: In English, as `woman astronaut medium skin tone`.
        group: One of Unicode's nine, as `Smileys & Emotion`.
        since: The version of Emoji that it came with; 0.6 and 0.7 are older than the versions.
    """

    sequence: str
    name: str
    group: str
    since: float

    @property
    def base(self) -> str:
        """See `base_form`."""
        return base_form(self.sequence)


@lru_cache(1)
def all_emoji() -> tuple[Emoji, ...]:
    """Every fully qualified emoji of the installed `emoji` package, in its order, by name."""
    from emoji import EMOJI_DATA, STATUS

    return tuple(
        Emoji(sequence, name_of(sequence), _group(sequence), float(values["E"]))
        for sequence, values in EMOJI_DATA.items()
        if values["status"] == STATUS["fully_qualified"]
    )


def bare(sequence: str) -> str:
    """A sequence without variation selectors: equal for all spellings of an emoji."""
    return sequence.replace(_VARIATION, "")


def by_sequence(sequence: str) -> Emoji | None:
    """The emoji of a sequence, whether or not it has its variation selectors; None where it is none."""
    return _by_bare().get(bare(sequence))


def find(text: str) -> Emoji:
    """The emoji that a person means: the emoji itself, or its name, as `red heart`, `:red_heart:` or `flag: France`.

    Capitals, colons and commas do not count.

    Raises:
        ConfigError: There is none; it names a close match.
    """
    name = _plain_name(text)
    found = by_sequence(text.strip()) or _by_name().get(name)
    if found is None:
        close = difflib.get_close_matches(name[:100], _by_name(), n=1)
        advice = f"did you mean {close[0]!r}?" if close else "give one emoji, or its name, as 'red heart'"
        raise ConfigError(f"{shown(text)} is no emoji of Unicode's list; {advice}")
    return found


def base_form(sequence: str) -> str:
    """An emoji without skin tone and gender, and without variation selectors.

    Families and couples are those of persons, a prince or princess is a person with a crown. For grouping: the base
    form of 👫 is 🧑‍🤝‍🧑, and of a family of one adult a sequence that no font draws.

    Example:
        >>> base_form("👩🏽‍🚀")
        '🧑‍🚀'
    """
    plain = _GENDER_SIGNS.sub("", _TONES.sub("", bare(sequence))).translate(_PERSONS)
    return _COUPLES.get(plain, plain)


def fraction(sequence: str) -> float:
    """A number from 0 up to 1 that the base form decides, evenly spread: a split is those below its share."""
    return int(hashlib.sha256(base_form(sequence).encode()).hexdigest()[:8], 16) / 2**32


@lru_cache(1)
def _by_bare() -> dict[str, Emoji]:
    return {bare(one.sequence): one for one in all_emoji()}


@lru_cache(1)
def _by_name() -> dict[str, Emoji]:
    from emoji import EMOJI_DATA

    known = all_emoji()
    aliases = {_plain_name(alias): one for one in known for alias in EMOJI_DATA[one.sequence].get("alias", ())}
    flags = {f"flag {_plain_name(one.name)}": one for one in known if one.group == "Flags"}  # Unicode's names of them
    return flags | aliases | {_plain_name(one.name): one for one in known}


def _plain_name(text: str) -> str:
    return " ".join(re.sub("[_:,]", " ", text).lower().split())


def _group(sequence: str) -> str:
    first, groups = sequence[0], _groups()
    if "\U0001f1e6" <= first <= "\U0001f1ff" or sequence[0] in "🏁🚩🎌🏴🏳":
        return "Flags"
    if sequence.endswith(_KEYCAP):
        return "Symbols"
    if sequence == _SPEECH:
        return "Smileys & Emotion"
    # Newer than the list: as its neighbour, since Unicode gives related emoji neighbouring numbers.
    return groups.get(first) or groups[min(groups, key=lambda known: abs(ord(known) - ord(first)))]


@lru_cache(1)
def _groups() -> dict[str, str]:
    lines = (Path(__file__).parent / "groups.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.partition(": ")[::2] for line in lines if not line.startswith("#")]
    return {character: group for group, characters in rows for character in characters}
