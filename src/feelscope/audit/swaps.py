"""Swaps: two words or phrases of which either may be said of a person, and all else stays as it is.

Those of gender name a man and a woman. The neutral ones name two people of whom neither is more a man or a woman than
the other, or two men or two women: what they move is what any swap moves. All lists are ours. Names are those
of `text/first_names.csv`, mostly paired otherwise, so that a training with swapped names is not measured by its pairs.
"""

from dataclasses import dataclass
from pathlib import Path

from feelscope.config import shown
from feelscope.errors import ConfigError
from feelscope.text.swaps import read_pairs

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
    """Read a list of pairs as swaps; of a side with several words the first is asked for.

    Raises:
        ConfigError: It is no such list, a pair is there twice, or a phrase is too long.
    """
    swaps: dict[Swap, None] = {}
    for pair in read_pairs(path):
        swap = Swap(pair.first[0], pair.second[0], pair.group)
        if max(len(swap.first), len(swap.second)) > _LONGEST:
            raise ConfigError(f"{pair.where}: a phrase of over {_LONGEST} characters; give words or short phrases")
        if swap in swaps:
            raise ConfigError(f"{pair.where}: {shown(swap.name)} is there twice; remove one")
        swaps[swap] = None
    return (*swaps,)
