"""How many there are, as people write it."""


def counted(number: int, noun: str) -> str:
    """A number and its noun: 1 post, 1,234 posts."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
