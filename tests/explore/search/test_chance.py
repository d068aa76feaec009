import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import ExploreError
from feelscope.explore.search.area import SIDE, Area
from feelscope.explore.search.chance import BITS, chance_of, number_of

corners = st.integers(0, SIDE)


@given(st.integers(0, 2**BITS - 1))
def test_a_number_is_known_by_its_chance(number: int) -> None:
    assert 0 <= chance_of(number) < 2**BITS
    assert number_of(chance_of(number)) == number


def test_the_first_by_chance_are_spread_over_all_numbers() -> None:  # in fours of an archive, within 5 deviations
    first = sorted(range(100_000), key=chance_of)[:10_000]
    for begin in range(0, 100_000, 25_000):
        assert abs(sum(begin <= one < begin + 25_000 for one in first) - 2_500) < 5 * 43


@given(corners, corners, corners, corners)
def test_an_area_is_read_as_it_is_written(left: int, bottom: int, right: int, top: int) -> None:
    text = f"{left},{bottom},{right},{top}"
    if left < right and bottom < top:
        assert Area.read(text) == (left, bottom, right, top) and str(Area.read(text)) == text
    else:
        with pytest.raises(ExploreError, match="right of left"):
            Area.read(text)


@pytest.mark.parametrize(
    "text", ["1,2,3", "1,2,3,4,5", "0,0,1,10001", "0,0,1.5,2", "-1,0,1,1", "a,b,c,d", "٠,0,1,1", "0, 0,1,1"]
)
def test_what_is_no_area_is_one_line(text: str) -> None:
    with pytest.raises(ExploreError, match="a part of the map: expected LEFT,BOTTOM,RIGHT,TOP") as error:
        Area.read(text)
    assert "\n" not in str(error.value)
