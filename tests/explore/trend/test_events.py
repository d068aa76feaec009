"""Short events: found where they are planted, and hardly ever where there is none."""

import numpy as np

from feelscope.explore.trend.change_points import intraclass_correlation
from feelscope.explore.trend.events import Event, short_events

SHARES = (0.6, 0.25, 0.1, 0.05)


def events_of(counts: np.ndarray) -> list[Event]:
    return short_events(counts, intraclass_correlation(counts), [(0, len(counts))])


def test_a_planted_event_is_found_with_its_bins_and_shares() -> None:
    counts = np.random.default_rng(1).multinomial(200, SHARES, size=40)
    counts[20:22] = [[60, 40, 80, 20], [70, 40, 70, 20]]
    found = [event for event in events_of(counts) if event.emotion == 2]
    assert [(event.first, event.after) for event in found] == [(20, 22)]
    assert found[0].share > 0.3 and 0.05 < found[0].around < 0.15 and found[0].low > 0
    assert [event.emotion for event in events_of(counts) if event.share < event.around][:1] == [0]


def test_where_nothing_happened_one_in_twenty_at_most_has_an_event() -> None:
    draw = np.random.default_rng(2)
    found = sum(bool(events_of(draw.multinomial(150, SHARES, size=48))) for _ in range(200))
    assert found <= 16  # 10 are expected at most; 16 is three deviations more


def test_similar_posts_of_a_month_are_no_events() -> None:
    draw = np.random.default_rng(4)
    found = 0
    for _ in range(50):
        shares = draw.dirichlet(np.array(SHARES) * 150, size=48)  # a correlation of 1 / 151
        found += bool(events_of(np.array([draw.multinomial(300, one) for one in shares])))
    assert found <= 7


def test_bins_of_few_posts_and_short_stretches_have_none() -> None:
    counts = np.array([[30, 0], [30, 0], [0, 29], [30, 0], [30, 0], [30, 0]])
    assert short_events(counts, 0.0, [(0, 6)]) == []
    counts[2, 1] = 30
    assert [(event.first, event.after, event.emotion) for event in short_events(counts, 0.0, [(0, 6)])] == [
        (2, 3, 0), (2, 3, 1),
    ]  # fmt: skip
    assert short_events(np.array([[300, 0], [0, 300]]), 0.0, [(0, 2)]) == []
