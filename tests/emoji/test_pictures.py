import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import small_emoji
from PIL import Image, ImageFont
from pyarrow import parquet

from feelscope.emoji import font as fonts
from feelscope.emoji.font import EmojiFont, find_font
from feelscope.emoji.pictures import open_pictures
from feelscope.errors import PictureError


@pytest.fixture(scope="module")
def font() -> EmojiFont:
    try:
        return EmojiFont(find_font())
    except PictureError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("sequence", ["😀", "❤️", "1️⃣", "👩🏽‍🚀", "👨‍👩‍👧", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"])
def test_an_emoji_is_drawn_as_one_picture(font: EmojiFont, sequence: str) -> None:
    pixels = font.draw(sequence, 36)
    assert (pixels.shape, pixels.dtype) == ((36, 36, 4), np.uint8)
    assert pixels[..., 3].max() == 255
    assert pixels[..., :3].std() > 10
    assert not pixels[pixels[..., 3] == 0].any()


def test_flags_keep_their_country(font: EmojiFont) -> None:
    france, italy = (font.draw(flag, 36).astype(int) for flag in ("🇫🇷", "🇮🇹"))
    assert np.abs(france - italy).mean() > 5


@pytest.mark.parametrize(
    "sequence",
    ["\U0010fffd", "a", "😀😀", "😀🏽", "👨‍😀"],  # not there; several glyphs
)
def test_an_emoji_that_the_font_lacks_is_one_line(font: EmojiFont, sequence: str) -> None:
    assert font.picture(sequence, 36) is None
    with pytest.raises(PictureError, match=r"has no picture of .*newer version"):
        font.draw(sequence, 36)


def test_no_font_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FONT_FOLDERS", (tmp_path, tmp_path / "none"))
    with pytest.raises(PictureError, match=r"no colour emoji font is in .*fonts-noto-color-emoji.*Parquet"):
        open_pictures()


def test_what_is_no_colour_font_is_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ttf", tmp_path):
        with pytest.raises(PictureError, match="there is no such file; give a font or a Parquet"):
            EmojiFont(path)
    (tmp_path / "torn.ttf").write_bytes(b"nothing")
    with pytest.raises(PictureError, match=r"torn.ttf: not a font"):
        open_pictures(tmp_path / "torn.ttf")
    found = ImageFont.truetype("DejaVuSans.ttf", 10) if Path("/usr/share/fonts/truetype/dejavu").is_dir() else None
    if found is not None:
        with pytest.raises(PictureError, match=r"draws no 😀 in colour; install one"):
            EmojiFont(Path(str(found.path)))


def test_without_raqm_it_says_what_to_install(font: EmojiFont, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.features, "check", lambda name: False)
    with pytest.raises(PictureError, match="libfribidi0"):
        EmojiFont(font.path)


def test_a_parquet_is_read_once_and_kept(tmp_path: Path) -> None:
    source = small_emoji.write_parquet(tmp_path, 30)
    first = open_pictures(source, tmp_path / "cache")
    assert first.pixels.shape == (30, 36, 36, 4)
    assert len(first.missing) > 3000
    (kept,) = (tmp_path / "cache").iterdir()
    again = open_pictures(source, tmp_path / "cache")
    assert again.sequences == first.sequences
    assert (again.pixels == first.pixels).all()
    kept.write_bytes(kept.read_bytes()[:-50])
    with pytest.raises(PictureError, match="delete it, and the emoji are drawn again"):
        open_pictures(source, tmp_path / "cache")


def test_what_is_no_emoji_is_left_out(tmp_path: Path) -> None:
    names = ["1f600", "e50a", "1f3fd", "zz", "", "1f600-fe0f"]
    source = small_emoji.write_parquet(tmp_path, len(names), codepoints=names)
    assert open_pictures(source).sequences == ("😀",)


def test_a_wrong_parquet_is_one_line(tmp_path: Path) -> None:
    source = tmp_path / "wrong.parquet"
    with pytest.raises(PictureError, match="no such file"):
        open_pictures(source)
    source.write_bytes(b"PAR1 nothing")
    with pytest.raises(PictureError, match="not a Parquet file"):
        open_pictures(source)
    parquet.write_table(pa.table({"codepoints": ["1f600"]}), source)
    with pytest.raises(PictureError, match="the column 'png' is missing"):
        open_pictures(source)
    parquet.write_table(pa.table({"codepoints": ["1f600"], "png": [b"no picture"]}), source)
    with pytest.raises(PictureError, match=r"row 1 \(1f600\)"):
        open_pictures(source)
    parquet.write_table(pa.table({"codepoints": ["1f600"], "png": ["text"]}), source)
    with pytest.raises(PictureError, match="expected the bytes of a PNG, found str"):
        open_pictures(source)
    parquet.write_table(pa.table({"codepoints": ["e50a"], "png": [b"x"]}), source)
    with pytest.raises(PictureError, match="no picture of an emoji"):
        open_pictures(source)
    parquet.write_table(pa.table({"codepoints": ["1f600"], "png": [_png((72, 72), (0, 0, 0, 0))]}), source)
    with pytest.raises(PictureError, match=r"row 1 \(1f600\): an empty picture; leave the row out"):
        open_pictures(source)


def test_a_parquet_may_have_an_emoji_twice_and_pictures_of_any_size(tmp_path: Path) -> None:
    source = tmp_path / "TWICE.PARQUET"
    pictures = [_png((100, 50), (255, 0, 0, 255)), _png((72, 72), (0, 0, 255, 255))]
    parquet.write_table(pa.table({"codepoints": ["1f600", "1F600"], "png": pictures}), source)
    found = open_pictures(source)
    assert found.sequences == ("😀",)
    assert found.pixels[0, 18, 18].tolist() == [255, 0, 0, 255]
    assert not found.pixels[0, 0].any()


def _png(size: tuple[int, int], colour: tuple[int, int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", size, colour).save(file, "PNG")
    return file.getvalue()


def test_scaling_weighs_colours_by_opacity(tmp_path: Path) -> None:
    from feelscope.images import read_rgba

    image = Image.new("RGBA", (72, 40), (0, 255, 0, 0))  # transparent green around red
    image.paste((255, 0, 0, 255), (0, 0, 37, 40))
    image.save(tmp_path / "red.png")
    pixels = read_rgba(tmp_path / "red.png", 36)
    assert pixels.shape == (36, 36, 4)
    assert pixels[..., 1].max() < 8, "no green shines through"
    assert not pixels[0].any(), "it lies in the middle of a square"


def test_all_forms_of_an_emoji_are_on_one_side(tmp_path: Path) -> None:
    pictures = small_emoji.discs(tmp_path, 60)
    held = pictures.held_out(0.3, 0)
    assert 0 < held.sum() < 60
    assert pictures.rows(np.flatnonzero(held)).held_out(0.3, 0).all()


def test_each_emoji_is_held_out_in_one_fold(tmp_path: Path) -> None:
    folds = np.array([small_emoji.discs(tmp_path, 60).held_out(0.2, fold) for fold in range(5)])
    assert (folds.sum(axis=0) == 1).all()
    assert folds.any(axis=1).all()


def test_a_digest_tells_pictures_apart(tmp_path: Path) -> None:
    pictures = small_emoji.discs(tmp_path, 10)
    other = pictures.pixels.copy()
    other[0, 0, 0, 0] += 1
    assert replace(pictures, source="another.parquet").digest == pictures.digest
    assert replace(pictures, pixels=other).digest != pictures.digest
    assert replace(pictures, sequences=pictures.sequences[::-1]).digest != pictures.digest
