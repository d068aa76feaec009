"""Relations are found again in posts that were made to have them."""

import itertools
import math

import numpy as np
import pytest

from feelscope.errors import FeelscopeError
from feelscope.explain.structure.relations import relate

EMOTIONS = ("joy", "love", "anger", "rage")


def planted(posts: int = 4000, seed: int = 0) -> np.ndarray:
    """Joy with love, anger with rage, and the two pairs against each other; (posts, 4)."""
    random = np.random.default_rng(seed)
    pleasant, noise = random.normal(size=(posts, 1)), random.normal(size=(posts, 4))
    logits = pleasant * np.array([1, 1, -1, -1]) * 1.5 + noise * 0.5
    raised = np.exp(logits)
    return (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("scale", ["probability", "log-odds"])
def test_the_planted_pairs_are_found(scale: str) -> None:
    found = relate(planted(), EMOTIONS, scale)
    assert found.correlation[0, 1] > 0.5 and found.correlation[2, 3] > 0.5
    assert found.correlation[:2, 2:].max() < -0.5
    left, right = found.order[:2], found.order[2:]
    assert {frozenset(left), frozenset(right)} == {frozenset({0, 1}), frozenset({2, 3})}, "the tree parts the pairs"
    signs = np.sign(found.components[0])
    assert signs[0] == signs[1] == -signs[2] == -signs[3], "the first component is pleasantness"
    assert found.explained[0] > 0.6
    joy, love, anger, _ = found.coordinates
    near, far = np.linalg.norm(joy - love), np.linalg.norm(joy - anger)
    assert near < far / 2 and found.stress < 0.3


def test_correlation_is_pearsons_over_a_plain_loop() -> None:
    values = planted(50)
    found = relate(values, EMOTIONS)
    for i in range(4):
        for j in range(4):
            x, y = values[:, i].tolist(), values[:, j].tolist()
            mx, my = sum(x) / 50, sum(y) / 50
            above = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
            below = (sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y)) ** 0.5
            assert found.correlation[i, j] == pytest.approx(above / below, abs=1e-4)


def test_components_are_what_they_say() -> None:
    found = relate(planted(), EMOTIONS)
    assert found.components @ found.components.T == pytest.approx(np.eye(4), abs=1e-8)
    assert found.explained.sum() == pytest.approx(1)
    variances = found.scores.astype(float).var(axis=0)
    assert variances / variances.sum() == pytest.approx(found.explained, abs=1e-4)
    largest = np.abs(found.components).argmax(axis=1)
    assert (found.components[np.arange(4), largest] > 0).all()


def test_three_emotions_that_only_share_the_whole_correlate_at_minus_a_half() -> None:
    draws = np.random.default_rng(1).dirichlet([1, 1, 1], size=40_000)
    r = relate(draws, ("a", "b", "c")).correlation
    assert r[np.triu_indices(3, 1)] == pytest.approx([-0.5] * 3, abs=0.02)


def test_two_emotions_and_a_map_of_a_line() -> None:
    values = planted()[:, [0, 2]]
    found = relate(values, ("joy", "anger"))
    assert found.coordinates.shape == (2, 2) and found.stress == pytest.approx(0, abs=1e-6)
    distance = np.linalg.norm(found.coordinates[0] - found.coordinates[1])
    assert distance == pytest.approx(np.sqrt(2 - 2 * found.correlation[0, 1]))


def test_an_emotion_that_never_varies_is_left_out() -> None:
    values = np.insert(planted(), 1, 0.0, axis=1)
    found = relate(values, ("joy", "none", "love", "anger", "rage"))
    assert (found.emotions, found.constant) == (EMOTIONS, ("none",))
    assert found.mean == pytest.approx(np.delete(values, 1, axis=1).mean(axis=0), abs=1e-6)
    values[::2, 1] = 1e-5  # of a deviation of 5e-6
    assert relate(values, ("joy", "none", "love", "anger", "rage")).constant == ()


@pytest.mark.parametrize(
    ("values", "names", "message"),
    [
        (np.ones((20, 1)), ("joy",), "that vary over the posts, found none of 1"),
        (np.full((20, 2), 0.5), ("joy", "anger"), "that vary over the posts, found none of 2"),
        (np.column_stack([np.arange(20.0), np.ones(20)]), ("joy", "anger"), "over the posts, found joy of 2"),
        (planted(9), EMOTIONS, "needs 10 posts or more, found 9"),
    ],
)
def test_too_little_is_one_line(values: np.ndarray, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(FeelscopeError, match=message):
        relate(values, names)


def test_the_map_has_the_stress_and_shares_of_its_definition() -> None:
    found = relate(planted(), EMOTIONS)
    distances = np.sqrt(2 - 2 * found.correlation)
    # Torgerson: the eigenvalues of the squared distances, less the means of rows and columns, over -2.
    squared = distances**2
    means = squared.mean(axis=0)
    values = np.sort(np.linalg.eigvalsh((squared - means - means[:, None] + means.mean()) / -2))[::-1]
    assert found.coordinates_explained == pytest.approx(values[:2] / values.sum(), abs=1e-9)
    assert (found.coordinates**2).sum(axis=0) == pytest.approx(values[:2], abs=1e-9)
    on_map = [math.dist(found.coordinates[i], found.coordinates[j]) for i in range(4) for j in range(4)]
    error = sum((near - far) ** 2 for near, far in zip(on_map, distances.ravel(), strict=True))
    assert found.stress == pytest.approx(math.sqrt(error / squared.sum()), abs=1e-9)


def test_the_tree_joins_pairs_at_their_mean_distance() -> None:
    found = relate(planted(), EMOTIONS)
    r = found.correlation
    pairs = sorted([1 - r[0, 1], 1 - r[2, 3]])
    assert found.linkage[:, 2] == pytest.approx([*pairs, 1 - r[:2, 2:].mean()])
    assert found.linkage[:, 3].tolist() == [2, 2, 4]


def test_log_odds_stop_at_one_in_a_million() -> None:
    # Log-odds of 0 and 1 are -13.8155 and 13.8155, of 0.5 they are 0 and of 0.9 they are 2.1972.
    values = np.array([[0.0, 0.9], [1.0, 0.5], [0.5, 0.5], [0.9, 0.0]] * 3)
    logs = np.array([[-13.8155, 2.1972], [13.8155, 0], [0, 0], [2.1972, -13.8155]])
    expected = np.corrcoef(logs.T)[0, 1]
    assert relate(values, ("joy", "anger"), "log-odds").correlation[0, 1] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_of_all_orders_of_the_tree_that_with_the_nearest_neighbours_is_taken(seed: int) -> None:
    found = relate(planted(10, seed), EMOTIONS)
    r = found.correlation

    def length(order: tuple[int, ...]) -> float:
        return sum(1 - r[a, b] for a, b in itertools.pairwise(order))

    groups: list[list[tuple[int, ...]]] = [[(index,)] for index in range(4)]  # of each joint, the orders that it has
    for left, right in found.linkage[:, :2].astype(int):
        both = itertools.product(groups[left], groups[right])
        groups.append([order for a, b in both for order in (a + b, b + a)])
    assert length(found.order) == pytest.approx(min(map(length, groups[-1])))
