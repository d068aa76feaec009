from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from platforms import serve, tumblr, tumblr_post

from feelscope.collect.quota import Meter, Quota, QuotaUsedUp
from feelscope.collect.sources import SOURCES


def meter(store, clock, *quotas, **more):
    return Meter(store, "tumblr", "key", quotas=quotas, clock=clock, sleep=clock.sleep, **more)


def test_the_platforms_limits():
    assert SOURCES["tumblr"].quotas == (Quota(1000, 3600), Quota(5000, 86_400))
    assert SOURCES["reddit"].quotas == (Quota(100, 60),)
    assert SOURCES["flickr"].quotas == (Quota(3600, 3600),)


def test_it_waits_for_the_oldest_call_to_be_old_enough(store, clock):
    counted = meter(store, clock, Quota(3, 60))
    for _ in range(3):
        counted.take()
        clock.now += 10
    assert clock.slept == []
    counted.take()
    assert clock.slept == [30]  # the first call was 30 s ago
    assert "0 of 3 calls left this minute" in counted.left()


def test_the_stricter_of_two_quotas_counts(store, clock):
    counted = meter(store, clock, Quota(2, 60), Quota(3, 86_400))
    for _ in range(4):
        counted.take()
    assert sum(clock.slept) == pytest.approx(86_400, abs=1)


def test_never_more_than_the_quota_in_any_window(store, clock):
    counted = meter(store, clock, Quota(5, 60), Quota(12, 300))
    times = []
    for _ in range(40):
        counted.take()
        times.append(clock.now)
        clock.now += 3
    for calls, seconds in ((5, 60), (12, 300)):
        for start in times:
            assert sum(start <= at < start + seconds for at in times) <= calls


def test_a_restart_does_not_forget(store, clock):
    for _ in range(2):
        meter(store, clock, Quota(2, 60)).take()  # a meter for each, as after a restart
    with pytest.raises(QuotaUsedUp, match=r"used up until .*; run the same command again then"):
        meter(store, clock, Quota(2, 60), wait=False).take()
    other = Meter(store, "tumblr", "another key", quotas=(Quota(2, 60),), clock=clock, wait=False)
    other.take()


def test_a_pause_outlives_a_restart(store, clock):
    meter(store, clock, Quota(99, 60)).pause(50)
    told = []
    meter(store, clock, Quota(99, 60), tell=told.append).take()
    assert clock.slept == [50]
    assert told[0].startswith("waiting for tumblr's quota until")


def test_the_key_is_not_stored(store, clock, tmp_path):
    Meter(store, "tumblr", "secret-key", (), clock=clock).take()
    assert b"secret-key" not in (tmp_path / "posts.db-wal").read_bytes() + (tmp_path / "posts.db").read_bytes()


@pytest.mark.parametrize("fault", ["429", "retry-after"])
def test_a_source_that_says_its_quota_is_used_up_is_left_alone(api, clock, fault):
    platform = tumblr([tumblr_post(1, 1_400_000_000)])
    platform.faults = {1: fault}
    with serve(platform) as address:
        assert api("tumblr", address).get("/v2/tagged", {"tag": "happy", "before": 2_000_000_000})
    assert clock.slept == [1], "the wait of the stumble is enough for the pause as well"


def test_a_call_may_cost_several_units(store, clock):
    counted = meter(store, clock, Quota(250, 60, "units"))
    counted.take(100)
    clock.now += 10
    counted.take(100)
    counted.take(50)
    assert clock.slept == []
    assert "0 of 250 units left this minute" in counted.left()
    counted.take(1)
    assert clock.slept == [50], "the first call's units are free again"
    counted.take(100)
    assert clock.slept == [50, 10], "of which 99 were not enough"


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2023-11-14", 24), ("2023-03-12", 23), ("2023-11-05", 25)],  # the last two are those on which clocks change
)
def test_a_day_begins_at_midnight_somewhere(store, clock, day, hours):
    pacific = Quota(5, 86_400, "units", "America/Los_Angeles")
    midnight = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()
    assert pacific.free(midnight + 1, midnight) == midnight + hours * 3600
    assert pacific.start(midnight + hours * 3600 - 1) == midnight
    clock.now = midnight + 100.0
    counted = meter(store, clock, pacific)
    for _ in range(5):
        counted.take()
    clock.now = midnight + hours * 3600 - 10
    counted.take()
    assert clock.slept == [10]
    for _ in range(4):
        counted.take()
    assert clock.slept == [10], "all of a new day"
