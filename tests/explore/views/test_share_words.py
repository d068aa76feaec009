import pytest

from feelscope.explore.views.share_words import beside


@pytest.mark.parametrize(
    ("share", "other", "is_clear", "said"),
    [
        (0.32, 0.16, True, "32%, twice the archive’s 16%"),
        (0.32, 0.11, True, "32%, three times the archive’s 11%"),
        (0.24, 0.15, True, "24%, 1.6 times the archive’s 15%"),
        (0.20, 0.15, True, "20%, above the archive’s 15%"),
        (0.40, 0.02, True, "40%, far above the archive’s 2%"),
        (0.04, 0.0, True, "4%, far above the archive’s 0%"),
        (0.08, 0.16, True, "8%, half the archive’s 16%"),
        (0.05, 0.15, True, "5%, a third of the archive’s 15%"),
        (0.12, 0.16, True, "12%, below the archive’s 16%"),
        (0.01, 0.16, True, "1%, far below the archive’s 16%"),
        (0.003, 0.1, True, "<1%, far below the archive’s 10%"),
        (0.20, 0.16, False, "20%, more than the archive’s 16%, which may be chance"),
        (0.12, 0.16, False, "12%, less than the archive’s 16%, which may be chance"),
        (0.161, 0.162, False, "16%, as the archive’s"),
        (0.50, 0.16, None, "50%, the archive’s 16%; too few to compare"),
        (0.50, None, None, "50%"),
        (None, 0.16, None, "no posts"),
    ],
)
def test_a_share_beside_another(share: float | None, other: float | None, is_clear: bool | None, said: str) -> None:
    assert beside(share, other, is_clear, "the archive’s") == said
