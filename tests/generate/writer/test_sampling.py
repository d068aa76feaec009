import numpy as np
import pytest

from feelscope.errors import ConfigError
from feelscope.generate.writer.sampling import SamplingSettings, draw

SCORES = np.log(np.array([[0.5, 0.3, 0.15, 0.05]]))


def shares(settings: SamplingSettings, count: int = 20_000) -> np.ndarray:
    """How often each of four words is drawn."""
    chances = (np.arange(count) + 0.5) / count
    drawn = draw(np.repeat(SCORES, count, axis=0), chances, settings)
    return np.bincount(drawn, minlength=4) / count


def test_words_are_drawn_as_often_as_they_are_likely() -> None:
    assert shares(SamplingSettings(1.0, 1.0)) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=1e-3)


def test_a_temperature_is_a_power() -> None:
    powers = np.array([0.5, 0.3, 0.15, 0.05]) ** 2
    assert shares(SamplingSettings(0.5, 1.0)) == pytest.approx(powers / powers.sum(), abs=1e-3)


@pytest.mark.parametrize(("nucleus", "kept"), [(0.4, 1), (0.5, 1), (0.7, 2), (0.9, 3), (0.96, 4)])
def test_a_nucleus_is_the_fewest_words_that_reach_it(nucleus: float, kept: int) -> None:
    wanted = np.array([0.5, 0.3, 0.15, 0.05])
    wanted[kept:] = 0
    assert shares(SamplingSettings(1.0, nucleus)) == pytest.approx(wanted / wanted.sum(), abs=1e-3)


def test_what_may_not_be_drawn_is_not() -> None:
    scores = np.array([[-np.inf, 0.0, -np.inf]])
    for chance in (0.0, 0.5, 1 - 1e-16):
        assert draw(scores, np.array([chance]), SamplingSettings(1.0, 1.0)).tolist() == [1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"temperature": 0.0}, "temperature: expected more than 0, up to 100, found 0.0"),
        ({"temperature": -1.0}, "temperature: expected more than 0"),
        ({"temperature": float("nan")}, "temperature: expected more than 0"),
        ({"nucleus": 0.0}, "nucleus: expected more than 0, up to 1, found 0.0"),
        ({"emphasis": -1.0}, "emphasis: expected 0 to 10, found -1.0"),
        ({"nucleus": 1.5}, "nucleus: expected more than 0, up to 1, found 1.5"),
    ],
)
def test_wrong_settings_are_one_line(values, said) -> None:
    with pytest.raises(ConfigError, match=said):
        SamplingSettings(**values)
