"""An emoji that there is, as a font or a Parquet has it, written as a PNG."""

from pathlib import Path

from feelscope.emoji import catalogue
from feelscope.emoji.font import EmojiFont, find_font
from feelscope.emoji.pictures import SIDE, is_parquet, open_pictures
from feelscope.errors import PictureError
from feelscope.images.sheet import write_sheet


def draw_known(text: str, source: Path | None, out: Path, scale: int) -> str:
    """Write the picture of an emoji, 36 pixels a side, enlarged by `scale`; returns what was drawn, for people.

    Args:
        text: An emoji or its name.
        source: A font or a Parquet; None takes the font of this system.

    Raises:
        ConfigError: It is no emoji.
        PictureError: There is no font, or it lacks the emoji.
    """
    one = catalogue.find(text)
    if source is not None and is_parquet(source):
        found = open_pictures(source)
        if one.sequence not in found.sequences:
            raise PictureError(f"{source} has no picture of {one.sequence}")
        pixels, name = found.pixels[found.sequences.index(one.sequence)], source.name
    else:
        font = EmojiFont(source or find_font())
        pixels, name = font.draw(one.sequence, SIDE), font.path.name
    write_sheet(out, pixels[None], 1, scale)
    return f"{one.sequence} {one.name} ({one.group}), as in {name}"
