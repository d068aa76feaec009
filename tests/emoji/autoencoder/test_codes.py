import numpy as np
import pytest
import torch
from PIL import Image

from feelscope.emoji.autoencoder.codes import grid, samples, walk
from feelscope.errors import ConfigError
from feelscope.images.sheet import write_sheet


@pytest.mark.parametrize(
    ("kind", "code"),
    [("A", 8 * [-2.0] + 8 * [2.0]), ("B", 8 * [-2.0, 2.0]), ("C", 4 * [-2.0, -2.0, 2.0, 2.0])],
)
def test_grids_are_the_authors(kind: str, code: list[float]) -> None:
    codes = grid(kind, 16)
    assert codes.shape == (20, 20, 16)
    assert codes[0, 19].tolist() == code
    assert codes[19, 19].tolist() == 16 * [2.0]
    assert len(np.unique(codes.reshape(400, 16), axis=0)) == 400


def test_an_unknown_grid_is_one_line() -> None:
    with pytest.raises(ConfigError, match="known are A, B, C"):
        grid("D", 16)


def test_a_walk_has_both_ends() -> None:
    start, end = torch.tensor([0.0, 1.0]), torch.tensor([1.0, -1.0])
    assert walk(start, end, 3).tolist() == [[0, 1], [0.5, 0], [1, -1]]


def test_samples_are_the_percentiles_of_a_normal_distribution() -> None:
    from scipy.stats import norm

    codes = samples(21, 4, seed=0)
    wanted = norm.ppf((np.arange(21) + 0.5) / 21)
    for column in codes.T:
        assert np.sort(column.numpy()) == pytest.approx(wanted, abs=1e-5)
    assert len(np.unique(codes.numpy().argsort(axis=0), axis=1).T) == 4, "each number is shuffled for itself"
    assert (codes == samples(21, 4, seed=0)).all()
    assert (codes != samples(21, 4, seed=1)).any()


def test_a_sheet_that_is_too_large_is_one_line(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"7,560 x 15,160 pixels would be over 100 million; give a smaller --scale"):
        write_sheet(tmp_path / "sheet.png", np.zeros((200, 36, 36, 4), dtype=np.uint8), 10, 20)
    assert not [*tmp_path.iterdir()]


def test_a_sheet_has_its_pictures_in_rows(tmp_path) -> None:
    pictures = np.zeros((3, 36, 36, 4), dtype=np.uint8)
    pictures[2] = 255
    write_sheet(tmp_path / "sheet.png", pictures, 2, 2)
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.size == (2 * 74, 2 * 74)
        assert np.asarray(image)[76:148, :72].min() == 255
