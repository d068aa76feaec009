"""Swaps: two words or phrases of which either may be said of a person, and all else stays as it is.

Those of gender name a man and a woman. The neutral ones name two people of whom neither is more a man or a woman than
the other, or two men or two women: what they move is what any swap moves. All lists are ours; names are common ones of
the United States.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from feelscope.config import shown
from feelscope.errors import ConfigError
from feelscope.files import read_bounded
from feelscope.text.csv_cells import csv_text

_MOST_BYTES = 2_000_000  # of a file of swaps
_LONGEST = 200  # characters of a phrase


@dataclass(frozen=True, slots=True)
class Swap:
    """Two phrases that take each other's place.

    Args:
        first, second: A difference is the score with the first less that with the second.
        group: What is reported together, such as "age"; empty is all.
    """

    first: str
    second: str
    group: str = ""

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.first} / {self.second}"


def _swaps(lines: str) -> tuple[Swap, ...]:
    pairs = [line.split("/") for line in lines.strip().splitlines()]
    return tuple(Swap(first.strip(), second.strip()) for first, second in pairs)


GENDER = _swaps("""
    he / she
    this man / this woman
    this gentleman / this lady
    my dad / my mum
    my father / my mother
    my brother / my sister
    my husband / my wife
    my son / my daughter
    my uncle / my aunt
    my nephew / my niece
    my boyfriend / my girlfriend
    my grandfather / my grandmother
    my grandson / my granddaughter
    the boy next door / the girl next door
    James / Mary
    Robert / Patricia
    Michael / Jennifer
    David / Linda
    William / Elizabeth
    Thomas / Susan
    Daniel / Jessica
    Christopher / Sarah
    Matthew / Karen
    Anthony / Nancy
""")
NEUTRAL = _swaps("""
    someone / somebody
    my friend / my cousin
    my neighbour / my colleague
    my classmate / my flatmate
    my relative / my partner
    my teammate / my roommate
    my parent / my grandparent
    my child / my grandchild
    my best friend / my close friend
    this person / this stranger
    the guest / the visitor
    the customer / the passenger
    the owner / the tenant
    the kid next door / the kid across the street
    James / Robert
    Michael / David
    William / Thomas
    Daniel / Christopher
    Matthew / Anthony
    Mary / Patricia
    Jennifer / Linda
    Elizabeth / Susan
    Jessica / Sarah
    Karen / Nancy
""")
WITHOUT_NAMES = 14  # of the neutral ones, the first


def read_swaps(path: Path) -> tuple[Swap, ...]:
    """Read a CSV of swaps: two columns of words or phrases, and if there is one, a column `group`.

    Raises:
        ConfigError: There is no such file, it has no swaps, or one is not two different phrases.
    """
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a CSV of swaps") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8; save it as UTF-8") from error
    try:
        rows = [(line, row) for line, row in enumerate(csv.reader(text.splitlines()), 1) if any(map(str.strip, row))]
    except csv.Error as error:
        raise ConfigError(f"{path}: not a CSV ({error})") from error
    if not rows:
        raise ConfigError(f"{path}: there is no pair; give a heading, as first,second, and a line for each swap")
    heads = [head.strip().lower() for head in rows[0][1]]
    group = heads.index("group") if "group" in heads else None
    places = [place for place in range(len(heads)) if place != group]
    if len(places) != 2:
        raise ConfigError(
            f"{path}: expected two columns of words and, if you like, a column group; found {shown(', '.join(heads))}"
        )
    swaps = [_read_row(path, line, row, places, group) for line, row in rows[1:]]
    if not swaps:
        raise ConfigError(f"{path}: there is no pair below the heading; give a line for each swap")
    repeated = [swap for number, swap in enumerate(swaps) if swap in swaps[:number]]
    if repeated:
        raise ConfigError(f"{path}: {repeated[0].name} is there twice; remove one")
    return tuple(swaps)


def _read_row(path: Path, line: int, row: list[str], places: list[int], group: int | None) -> Swap:
    cells = [csv_text(cell).strip() for cell in row]
    if len(cells) <= max(places) or not all(cells[place] for place in places):
        raise ConfigError(f"{path}, line {line}: a pair has two words or phrases, found {shown(', '.join(cells))}")
    first, second = (" ".join(cells[place].split()) for place in places)
    if first.casefold() == second.casefold():
        raise ConfigError(f"{path}, line {line}: {shown(first)} is paired with itself; give two different words")
    if max(len(first), len(second)) > _LONGEST:
        raise ConfigError(f"{path}, line {line}: a phrase of over {_LONGEST} characters; give words or short phrases")
    return Swap(first, second, cells[group] if group is not None and group < len(cells) else "")
