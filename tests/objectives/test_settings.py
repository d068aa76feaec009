"""Every setting of an objective that is out of range is refused by its name."""

import pytest

from feelscope.errors import ConfigError
from feelscope.objectives.settings import (
    CombinationSettings,
    CommonSpaceSettings,
    DistillationSettings,
    DropoutSettings,
)


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (CombinationSettings, {"text_weight": -0.1}, "text_weight: expected 0 or more, found -0.1"),
        (CombinationSettings, {"image_weight": -1.0}, "image_weight: expected 0 or more, found -1.0"),
        (DropoutSettings, {"share": 1.1}, "share: expected 0 to 1, found 1.1"),
        (DropoutSettings, {"share": -0.1}, "share: expected 0 to 1, found -0.1"),
        (CommonSpaceSettings, {"negatives": 0}, "negatives: expected 1 to 1,000, found 0"),
        (CommonSpaceSettings, {"main_weight": 0.0}, "main_weight: expected more than 0, found 0.0"),
        (DistillationSettings, {"share": 1.1}, "share: expected 0 to 1, found 1.1"),
    ],
)
def test_what_is_out_of_range_is_refused_by_its_name(kind, values, said):
    with pytest.raises(ConfigError) as caught:
        kind(**values)
    assert str(caught.value) == said


def test_what_is_left_out_takes_the_values_of_table_3_and_halves():
    assert CommonSpaceSettings() == CommonSpaceSettings(negatives=4, main_weight=3.0)
    assert CombinationSettings() == CombinationSettings(text_weight=0.5, image_weight=0.5)
    assert DistillationSettings() == DistillationSettings(share=0.5)


def test_what_is_at_the_ends_of_the_ranges_is_taken():
    assert CombinationSettings(0.0, 0.0).text_weight == 0
    assert [DropoutSettings(share).share for share in (0.0, 1.0)] == [0, 1]
    assert [DistillationSettings(share).share for share in (0.0, 1.0)] == [0, 1]
    assert CommonSpaceSettings(negatives=1, main_weight=1e-9).negatives == 1
