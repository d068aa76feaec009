"""Pictures of emoji, drawn by a colour font of this system.

Bitmap fonts, such as Noto Color Emoji, have one size; a picture is drawn in it and scaled down with antialiasing.
Pillow draws a sequence by its font's rules only with Raqm; without, a family would be three people side by side.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from feelscope.errors import PictureError, one_line
from feelscope.images import squared

PIXELS = 109  # the size of the bitmaps in Noto Color Emoji; outline fonts take it as any other
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    *([Path("/Library/Fonts"), Path.home() / "Library/Fonts"] if sys.platform == "darwin" else []),
)
_NAMES = ("NotoColorEmoji*.ttf", "NotoColorEmoji*.otf", "Twemoji*.ttf", "TwitterColorEmoji*.ttf")  # the first is taken
_COLOURED = 30  # how far red, green and blue of a pixel are apart at least, in a picture that is not grey
_INSTALL = "install one (Debian: apt-get install fonts-noto-color-emoji), or give a Parquet of pictures"


def find_font() -> Path:
    """The colour emoji font of this system.

    Raises:
        PictureError: There is none.
    """
    for pattern in _NAMES:
        for folder in FONT_FOLDERS:
            if found := sorted(path for path in folder.rglob(pattern) if path.is_file()):
                return found[0]
    looked = ", ".join(map(str, FONT_FOLDERS))
    raise PictureError(f"no colour emoji font is in {looked}; {_INSTALL}")


class EmojiFont:
    """A colour emoji font.

    Args:
        path: Its file.

    Raises:
        PictureError: It is no such font, or Pillow cannot draw sequences.
    """

    def __init__(self, path: Path):
        self.path = path
        if not path.is_file():
            raise PictureError(f"{path}: there is no such file; give a font or a Parquet of pictures")
        if not features.check("raqm"):
            raise PictureError(
                "drawing emoji needs Raqm, which Pillow finds with the system's FriBiDi: install it (Debian: "
                "apt-get install libfribidi0), or give a Parquet of pictures"
            )
        try:
            self._font = ImageFont.truetype(str(path), PIXELS, layout_engine=ImageFont.Layout.RAQM)
        except OSError as error:
            raise PictureError(
                f"{path}: not a font with colour bitmaps of {PIXELS} pixels ({one_line(error)}); {_INSTALL}"
            ) from error
        self._width = self._font.getlength("😀")
        smile = self._pixels("😀")
        if smile is None or np.ptp(np.asarray(smile)[..., :3].astype(int), axis=-1).max() < _COLOURED:
            raise PictureError(f"{path}: it draws no 😀 in colour; {_INSTALL}")

    def picture(self, sequence: str, side: int) -> np.ndarray | None:
        """The picture of an emoji, uint8 (side, side, 4), transparent pixels zero; None where the font lacks it.

        It lacks what it draws as several glyphs, or as nothing.
        """
        image = self._pixels(sequence)
        return None if image is None else squared(image, side)

    def draw(self, sequence: str, side: int) -> np.ndarray:
        """The same of an emoji that the font has to have.

        Raises:
            PictureError: The font lacks it.
        """
        pixels = self.picture(sequence, side)
        if pixels is None:
            raise PictureError(f"{self.path.name} has no picture of {sequence}; a newer version of the font may have")
        return pixels

    def _pixels(self, sequence: str) -> Image.Image | None:
        """What the font draws, cropped to the glyph's box; None where it is nothing, or several glyphs."""
        length = self._font.getlength(sequence)
        left, top, right, bottom = (round(value) for value in self._font.getbbox(sequence))
        if not 0 < length < 1.5 * self._width or right <= left or bottom <= top:
            return None
        image = Image.new("RGBA", (right - left, bottom - top))
        ImageDraw.Draw(image).text((-left, -top), sequence, font=self._font, embedded_color=True)
        return image if np.asarray(image)[..., 3].any() else None
