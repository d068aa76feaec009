import numpy as np
import pytest

from feelscope.generate.writer.verbatim import RUN, Verbatim, runs, share_known

LONG = "one two three four five six seven eight nine ten"
GUARD = Verbatim.of([LONG, "A short post!", "Title here\nand its text", ""])


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        (LONG, True),
        ("zero one two three four five six seven eight", True),
        ("One, two; three-four FIVE six\nseven... eight", True),
        ("one two three four five six seven", False),
        ("one two three four five six seven nine eight", False),
        ("a short post", True),
        ("a short post it is", False),
        ("title here and its text", True),
        ("", False),
        ("?!", False),
    ],
)
def test_eight_words_in_a_row_or_a_whole_shorter_post(text: str, repeats: bool) -> None:
    assert GUARD.repeats(text) is repeats


def test_only_hashes_are_kept() -> None:
    assert GUARD.hashes.dtype == np.uint64
    assert len(GUARD.hashes) == 3 + 2, "three runs of the long post, two short posts"
    assert Verbatim(GUARD.hashes).repeats(LONG)


def test_a_longer_text_has_every_run_of_it() -> None:
    assert len(runs(LONG)) == 10 - RUN + 1
    assert runs("two words") == [("two", "words")]
    known = set(runs(LONG, 6))
    assert share_known("one two three four five six and seven", known, 6) == (1, 3)
    assert share_known("one two", known, 6) == (0, 0)
