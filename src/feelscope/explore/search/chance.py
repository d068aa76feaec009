"""Numbers of posts shuffled, so that the posts with the least of them are a sample drawn by chance, always the same.

Of any posts the first 20,000 by this are as good as drawn by lot, those of fewer posts are among those of more, and
who knows the one number knows the other.
"""

BITS = 32  # of either number: no archive has as many posts
_ONCE, _AGAIN = 0x9E3779B1, 0x85EBCA6B  # odd, so that no two numbers become one
_ALL = 2**BITS - 1


def chance_of(number: int) -> int:
    """What a post's number in the archive is shuffled to."""
    mixed = (number + 1) * _ONCE & _ALL
    return (mixed ^ mixed >> BITS // 2) * _AGAIN & _ALL


def number_of(chance: int) -> int:
    """The number that was shuffled."""
    mixed = chance * pow(_AGAIN, -1, 2**BITS) & _ALL
    return (mixed ^ mixed >> BITS // 2) * pow(_ONCE, -1, 2**BITS) - 1 & _ALL
