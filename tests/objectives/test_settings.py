"""Every setting of an objective that is out of range is refused by its name."""

import pytest

from feelscope.errors import ConfigError
from feelscope.objectives.settings import (
    CombinationSettings,
    CommonSpaceSettings,
    DistillationSettings,
    DropoutSettings,
    EnAETSettings,
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
        (EnAETSettings, {"families": ("afine",)}, "families: 'afine' is not known; did you mean 'affine'?"),
        (
            EnAETSettings,
            {"families": ("affine", "affine")},
            "families: expected each family once, found ('affine', 'affine')",
        ),
        (EnAETSettings, {"mix": "vector"}, "mix: 'vector' is not known; did you mean 'vectors'?"),
        (EnAETSettings, {"colour": -0.1}, "colour: expected 0 or more, found -0.1"),
        (EnAETSettings, {"gamma": -1.0}, "gamma: expected 0 or more, found -1.0"),
        (EnAETSettings, {"beta": -1.0}, "beta: expected 0 or more, found -1.0"),
        (EnAETSettings, {"rise": 1.5}, "rise: expected 0 to 1, found 1.5"),
        (EnAETSettings, {"warm_up": -0.5}, "warm_up: expected 0 to 1, found -0.5"),
        (EnAETSettings, {"families_a_step": 6}, "families_a_step: expected 0 to the number of families, found 6"),
        (EnAETSettings, {"temperature": 0.0}, "temperature: expected 0.01 to 1, found 0.0"),
        (EnAETSettings, {"alpha": 0.0}, "alpha: expected more than 0 and at most 1,000, found 0.0"),
        (EnAETSettings, {"unlabelled": 0}, "unlabelled: expected 1 to 1,000, found 0"),
        (EnAETSettings, {"pictures": -1}, "pictures: expected 0 to 100,000, found -1"),
        (
            EnAETSettings,
            {"families": (), "mosaic": False},
            "gamma: without families and mosaic nothing is compared with guesses; set it to 0",
        ),
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


def test_what_enaet_leaves_out_takes_the_values_of_the_published_code():
    made = EnAETSettings()
    assert [made.weight(family) for family in made.families] == [1.0, 0.75, 0.5, 0.2, 0.05]
    assert (made.beta, made.temperature, made.alpha, made.gamma) == (75.0, 0.5, 0.75, 1.0)
    assert (made.rise, made.warm_up, made.mix, made.mosaic) == (0.1, 0.05, "inputs", True)
    assert made.transforms
    assert EnAETSettings(families=(), gamma=1.0).transforms, "the mosaic is a view of pictures too"
    assert not EnAETSettings(families=(), gamma=0.0).transforms
