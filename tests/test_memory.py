import json
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_photos import photo
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.memory import BUDGET, LEAST_MEGABYTES, MemoryBudget, Share, batches, post_size, size_of, with_answers
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier


def test_no_more_is_held_than_there_is() -> None:
    share, held, most = Share(10), 0, 0
    watch = threading.Lock()

    def work(size: int) -> None:
        nonlocal held, most
        for _ in range(50):
            with share.take(size):
                with watch:
                    held += size
                    most = max(most, held)
                time.sleep(0.0001)
                with watch:
                    held -= size

    threads = [threading.Thread(target=work, args=(size,)) for size in (1, 2, 3, 5, 7, 10, 10, 0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert 8 <= most <= 10 and held == 0


def test_whoever_asks_first_is_served_first_however_much_it_takes() -> None:
    share, order = Share(10), []

    def work(size: int) -> None:
        with share.take(size):
            order.append(size)

    with share.take(4):
        threads = []
        for size in (9, 1):  # the second would fit at once
            threads.append(threading.Thread(target=work, args=(size,)))
            threads[-1].start()
            end = time.monotonic() + 5
            while len(share._turns) < len(threads) and time.monotonic() < end:
                time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join(timeout=60)
    assert order == [9, 1]


def test_what_fails_gives_back_what_it_held() -> None:
    share = Share(10)
    for _ in range(3):
        with pytest.raises(KeyError), share.take(10):
            raise KeyError


@pytest.mark.parametrize("megabytes", [LEAST_MEGABYTES, 600, 5000])
def test_all_shares_and_the_program_are_the_budget(megabytes: int) -> None:
    budget = MemoryBudget(megabytes)
    shares = budget.look_ahead + budget.queue + budget.contents.size + budget.decoding.size
    assert shares + 200_000_000 == pytest.approx(megabytes * 1e6, abs=10)
    for size in (10**6, 10**8, 10**9):
        enough = budget.enough(size, budget.decoding)
        assert MemoryBudget(max(enough, LEAST_MEGABYTES)).decoding.size >= size
        assert enough - 3 < LEAST_MEGABYTES or MemoryBudget(enough - 3).decoding.size < size


def test_the_size_of_a_post_counts_what_is_nested_in_it() -> None:
    plain = post_size(Post("1", "x"))
    assert post_size(Post("1", "x" * 10_000)) - plain == pytest.approx(10_000, abs=100)
    assert post_size(Post("1", "\N{GRINNING FACE}" * 10_000)) - plain == pytest.approx(40_000, abs=200)
    assert post_size(Post("1", image=bytes(10_000))) - plain == pytest.approx(10_000, abs=100)
    other = {"a": [{"b": ["x" * 5000, b"y" * 5000]}]}
    assert post_size(Post("1", "x", other=other)) - plain == pytest.approx(10_000, abs=1000)
    assert size_of() == 0


def test_a_batch_ends_by_number_or_by_bytes() -> None:
    sizes = [1, 1, 1, 1, 9, 1, 1, 30, 5, 5, 1]
    found = list(batches(sizes, 3, 10, lambda size: size))
    assert found == [([1, 1, 1], 3), ([1, 9], 10), ([1, 1, 30], 32), ([5, 5], 10), ([1], 1)]
    assert list(batches([], 3, 10, lambda size: size)) == []


def test_posts_in_flight_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = EmotionClassifier.load(workers=4)
    posts = [Post(str(number), f"What a day {number}!", other={"more": "x" * 100_000}) for number in range(60)]
    free = classifier.predict(posts)
    read = most = answered = 0

    def counted() -> Iterator[Post]:
        nonlocal read, most
        for post in posts:
            read += 1
            most = max(most, read - answered)
            yield post

    monkeypatch.setattr(BUDGET, "queue", 1_000_000)
    bounded = []
    for prediction in classifier.stream(counted()):
        bounded.append(prediction)
        answered += 1
    assert bounded == free
    assert 8 <= most <= 20  # a megabyte, and the job that crosses it, which holds a megabyte at most


def test_a_value_is_let_go_once_it_has_its_answer() -> None:
    """`itertools.tee` would hold up to 57 values, of 7 MB each where pictures are in the table."""

    class Value:
        pass

    alive: list[weakref.ref[Value]] = []

    def values() -> Iterator[Value]:
        for _ in range(100):
            value = Value()
            alive.append(weakref.ref(value))
            yield value

    def two_ahead(asked: Iterator[Value]) -> Iterator[int]:
        read = 0
        for read, _ in enumerate(asked, 1):
            if read > 2:
                yield read - 2
        yield from (read - 1, read)

    answers = []
    for _, answer in with_answers(values(), two_ahead):
        answers.append(answer)
        assert sum(value() is not None for value in alive) <= 5
    assert answers == [*range(1, 101)]
    with pytest.raises(AssertionError, match="2 values have no answer"):
        list(with_answers([1, 2, 3], lambda asked: (value for value in asked if value > 2)))


def test_the_option_sets_the_budget_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    photo((4000, 3000)).save(path)
    command = ["predict", "--text", "What a day!", "--image", str(path)]
    for megabytes, modalities in (("300", ["text"]), ("600", ["text", "image"])):
        done = CliRunner().invoke(app, [*command, "--memory", megabytes])
        answer = json.loads(done.stdout)
        assert answer["modalities"] == modalities and BUDGET.megabytes == int(megabytes)
        assert bool(answer["warnings"]) == (megabytes == "300")
    assert (
        "save it smaller, or allow more with --memory 3"
        in CliRunner().invoke(app, [*command, "--memory", "300"]).stdout
    )
    CliRunner().invoke(app, command)
    assert BUDGET.megabytes == 600
    refused = CliRunner().invoke(app, [*command, "--memory", "299"])
    assert refused.exit_code == 2 and "300" in refused.stderr
