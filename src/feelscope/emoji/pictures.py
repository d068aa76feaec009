"""Pictures of all emoji, 36 x 36 with opacity: from a colour font, or from a Parquet of pictures; kept in a cache.

    font or Parquet -> sequences (N), pictures uint8 (N, 36, 36, 4) -> emoji-SHA256.npz

A Parquet has the columns `codepoints`, hexadecimal with - between, as `1f44d-1f3fd`, and `png`, the picture's bytes, of
any size. Of an emoji that it has twice the first picture is taken; what is no emoji of Unicode's list is left out.
36 pixels are those of the emoji that Wolf 2017, "Neurally embedded emojis", trained on.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from feelscope.emoji import catalogue
from feelscope.emoji.font import EmojiFont, find_font
from feelscope.errors import PictureError, one_line
from feelscope.files import digest, read_arrays, write_whole
from feelscope.images import read_rgba
from feelscope.progress import Progress, silent

SIDE = 36
_FORM = 1  # of the pictures; a cache of another is not read
_MOST_BYTES = 200_000_000  # of a Parquet
_MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class EmojiPictures:
    """Emoji and how they look.

    Args:
        sequences: N different emoji, fully qualified.
        pixels: uint8 (N, 36, 36, 4): red, green, blue, opacity; transparent pixels are zero.
        source: The name of the font or the Parquet.
        missing: Emoji of Unicode's list that it has no picture of.
    """

    sequences: tuple[str, ...]
    pixels: np.ndarray
    source: str
    missing: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sequences)

    def rows(self, index: np.ndarray) -> "EmojiPictures":
        """Those of some row numbers (M,)."""
        return EmojiPictures(tuple(self.sequences[row] for row in index), self.pixels[index], self.source, self.missing)

    @property
    def digest(self) -> str:
        """Equal for the same emoji with the same pixels, whatever file they came from."""
        return hashlib.sha256(" ".join(self.sequences).encode() + self.pixels.tobytes()).hexdigest()

    def held_out(self, share: float, fold: int) -> np.ndarray:
        """Which are held out, bool (N,): those of a share of the base forms, with all their skin tones and genders.

        Args:
            fold: Which share, from 0; folds that add up to less than one have no base form in common.
        """
        return np.array([(catalogue.fraction(sequence) - fold * share) % 1 < share for sequence in self.sequences])


def is_parquet(path: Path) -> bool:
    """Whether a file is taken for a Parquet, by its name; else it is a font."""
    return path.suffix.lower() == ".parquet"


def open_pictures(source: Path | None = None, cache: Path | None = None, progress: Progress = silent) -> EmojiPictures:
    """The pictures of all emoji.

    Args:
        source: A font or a `.parquet`; None takes the font of this system.
        cache: The folder where they are kept; None keeps none.

    Raises:
        PictureError: There is no font, or a file is not what it should be.
    """
    path = source or find_font()
    try:
        content = digest(path, _MOST_BYTES)
    except FileNotFoundError as error:
        raise PictureError(f"{path}: there is no such file; give a font or a Parquet of pictures") from error
    except OSError as error:
        raise PictureError(f"{path}: cannot be read ({error.strerror})") from error
    key = hashlib.sha256(f"{_FORM} {content} {version('emoji')} {version('pillow')}".encode()).hexdigest()[:16]
    kept = None if cache is None else cache / f"emoji-{key}.npz"
    if kept is not None and kept.is_file():
        return _read(kept, path.name)
    read = _of_parquet if is_parquet(path) else _of_font
    found: dict[str, np.ndarray] = {}
    for done, total, sequence, pixels in read(path):
        progress("drawing emoji", done, total, "")
        if pixels is not None:
            found.setdefault(sequence, pixels)
    if not found:
        raise PictureError(f"{path}: it has no picture of an emoji")
    known = [one.sequence for one in catalogue.all_emoji()]
    sequences = tuple(sequence for sequence in known if sequence in found)
    missing = tuple(sequence for sequence in known if sequence not in found)
    pictures = EmojiPictures(sequences, np.stack([found[one] for one in sequences]), path.name, missing)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with write_whole(kept, "wb", sync=False) as file:
            np.savez_compressed(
                file, sequences=np.array(sequences), missing=np.array(missing, dtype=str), pixels=pictures.pixels
            )
    return pictures


def _read(path: Path, source: str) -> EmojiPictures:
    arrays = read_arrays(path, PictureError, "delete it, and the emoji are drawn again")
    sequences, missing, pixels = (arrays.get(name) for name in ("sequences", "missing", "pixels"))
    if sequences is None or missing is None or pixels is None or pixels.dtype != np.uint8:
        raise PictureError(f"{path}: not pictures as Feelscope keeps them; delete it, and the emoji are drawn again")
    if pixels.shape != (len(sequences), SIDE, SIDE, 4):
        raise PictureError(f"{path}: pictures of another size or number; delete it, and the emoji are drawn again")
    return EmojiPictures(tuple(map(str, sequences)), pixels, source, tuple(map(str, missing)))


_Drawn = tuple[int, int, str, np.ndarray | None]  # how many are done, of how many, and one of them


def _of_font(path: Path) -> Iterator[_Drawn]:
    font, known = EmojiFont(path), catalogue.all_emoji()
    for number, one in enumerate(known, 1):
        yield number, len(known), one.sequence, font.picture(one.sequence, SIDE)


def _of_parquet(path: Path) -> Iterator[_Drawn]:
    import pyarrow.lib
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            rows = file.metadata.num_rows
            names = set(file.schema_arrow.names)
            if missing := [name for name in ("codepoints", "png") if name not in names]:
                raise PictureError(f"{path}: the column {missing[0]!r} is missing; expected codepoints and png")
            if rows > _MOST_ROWS:
                raise PictureError(f"{path}: {rows:,} rows, more than {_MOST_ROWS:,}")
            table = file.read(["codepoints", "png"]).to_pylist()
    except (pyarrow.lib.ArrowException, OSError, MemoryError, ValueError) as error:
        raise PictureError(f"{path}: not a Parquet file that can be read ({one_line(error)[:200]})") from error
    for number, row in enumerate(table, 1):
        one = _emoji_of(row["codepoints"])
        if one is None:  # single letters of flags, skin tones alone, signs of one company
            continue
        if not isinstance(row["png"], bytes):
            raise PictureError(f"{path}, row {number}: expected the bytes of a PNG, found {type(row['png']).__name__}")
        try:
            pixels = read_rgba(row["png"], SIDE)
        except PictureError as error:
            raise PictureError(f"{path}, row {number} ({row['codepoints']}): {error}") from error
        if not pixels.any():
            raise PictureError(f"{path}, row {number} ({row['codepoints']}): an empty picture; leave the row out")
        yield number, len(table), one.sequence, pixels


def _emoji_of(codepoints: object) -> catalogue.Emoji | None:
    try:
        return catalogue.by_sequence("".join(chr(int(one, 16)) for one in str(codepoints).split("-")))
    except (ValueError, OverflowError):
        return None
