"""The bounded queue: order, threads, what is refused, and what is given up."""

import asyncio
import threading

import pytest

from feelscope.serve.work import QueueFull, WorkQueue


def queue(work, threads=2, most=4):
    seconds: list[float] = []
    return WorkQueue(work, threads, most, seconds.append, "test"), seconds


def held_queue(most=3):
    """One thread that waits to be released, and what it has begun."""
    release, calls = threading.Event(), []

    def wait(number: int) -> int:
        calls.append(number)
        assert release.wait(10)
        return number

    return queue(wait, threads=1, most=most)[0], release, calls


def test_answers_come_in_the_order_of_the_questions():
    barrier = threading.Barrier(2)

    def square(number: int) -> int:
        barrier.wait(10)  # two threads, or nobody comes through
        return number * number

    made, seconds = queue(square)
    assert asyncio.run(made.run([3, 1, 4, 2])) == [9, 1, 16, 4]
    assert len(seconds) == 4
    assert made.waiting == 0
    made.close()


def test_more_than_there_is_room_for_is_refused_whole():
    made, release, calls = held_queue()

    async def tried() -> list[int]:
        first = asyncio.create_task(made.run([1, 2]))
        await asyncio.sleep(0)
        assert made.free == 1
        with pytest.raises(QueueFull) as refused:
            await made.run([3, 4])
        assert refused.value.seconds >= 1
        second = asyncio.create_task(made.run([5]))
        release.set()
        return [*await first, *await second]

    assert asyncio.run(tried()) == [1, 2, 5]
    assert calls == [1, 2, 5]
    made.close()


def test_what_is_given_up_is_not_begun_and_leaves_room():
    made, release, calls = held_queue()

    async def tried() -> None:
        given_up = asyncio.create_task(made.run([1, 2, 3]))
        while not calls:
            await asyncio.sleep(0.001)
        given_up.cancel()
        while not given_up.done():
            await asyncio.sleep(0.001)
        release.set()
        while made.waiting:
            await asyncio.sleep(0.001)
        assert await made.run([4]) == [4]

    asyncio.run(tried())
    assert calls == [1, 4]
    made.close()


def test_requests_take_turns():
    made, release, calls = held_queue(most=8)

    async def tried() -> None:
        batch = asyncio.create_task(made.run([1, 2, 3, 4]))
        while not calls:
            await asyncio.sleep(0.001)
        single, other = (asyncio.create_task(made.run(given)) for given in ([10], [20, 21]))
        await asyncio.sleep(0)
        release.set()
        assert [await batch, await single, await other] == [[1, 2, 3, 4], [10], [20, 21]]

    asyncio.run(tried())
    assert calls == [1, 2, 10, 20, 3, 21, 4]
    made.close()


def test_what_has_not_begun_is_given_up_at_the_end():
    made, release, calls = held_queue()

    async def tried() -> None:
        running = asyncio.create_task(made.run([1, 2]))
        while not calls:
            await asyncio.sleep(0.001)
        closing = asyncio.create_task(asyncio.to_thread(made.close))
        await asyncio.sleep(0.01)
        release.set()
        await closing
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(tried())
    assert calls == [1]
    assert made.waiting == 0


def test_a_fault_reaches_who_asked_and_nobody_else():
    def fail(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    made, _ = queue(fail)

    async def tried() -> None:
        with pytest.raises(ValueError, match="two"):
            await made.run([1, 2])
        assert await made.run([3]) == [3]

    asyncio.run(tried())
    made.close()
