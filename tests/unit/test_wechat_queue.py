"""The queue before the engine: in order, a few at a time, and honest about how long it takes."""

from __future__ import annotations

from bot.channels.wechat.queue import MOST_BUSY, Queue


class Clock:
    """A clock that is put forward by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def rush(clock: Clock, waiting: int) -> Queue:
    """Return a queue in which every place is taken and so many wait."""
    queue = Queue(clock)
    for number in range(MOST_BUSY + waiting):
        queue.join(f"citizen-{number}", ())
        if line := queue.next():
            queue.admit(line)
    return queue


def served(queue: Queue, clock: Clock, each: float, number: int) -> list[str]:
    """Let so many of those with a place leave, one every `each` seconds; return who came in for them."""
    came = []
    for left in range(number):
        clock.now += each
        queue.leave(f"citizen-{left}")
        came.append(queue.next())
        queue.admit(came[-1])
    return came


def test_who_came_first_is_next_and_no_place_is_given_twice() -> None:
    clock = Clock()
    queue = rush(clock, 3)
    assert queue.next() == ""
    queue.join("citizen-34", ())
    assert served(queue, clock, 1, 3) == ["citizen-32", "citizen-33", "citizen-34"]


def test_what_is_urgent_has_a_place_beyond_the_last() -> None:
    queue = rush(Clock(), 2)
    queue.join("danger", ("a reply",))
    assert queue.admit("danger") == ("a reply",)
    assert queue.next() == ""
    queue.leave("citizen-0")
    assert queue.next() == "", "the place beyond the last is not another's"
    queue.leave("danger")
    assert queue.next() == "citizen-32"


def test_line_that_asks_again_keeps_its_turn_and_all_that_is_overdue() -> None:
    queue = rush(Clock(), 1)
    queue.join("citizen-32", ("one",))
    queue.join("citizen-33", ())
    queue.join("citizen-32", ("two", "one"))
    queue.leave("citizen-0")
    assert queue.next() == "citizen-32"
    assert queue.admit("citizen-32") == ("one", "two")


def test_slow_queue_says_that_it_is_full_and_a_fast_one_does_not() -> None:
    for each, full in ((1.0, True), (0.01, False)):
        clock = Clock()
        queue = rush(clock, 100)
        served(queue, clock, each, 20)
        assert queue.full is full


def test_quiet_hour_says_nothing_of_how_fast_the_queue_moves() -> None:
    clock = Clock()
    queue = rush(clock, 0)
    clock.now += 3600
    for number in range(8):
        queue.join(f"later-{number}", ())
    served(queue, clock, 0.2, 2)
    assert not queue.full
