"""What commands share: how they stop, and what their progress says."""

import re
import sys

import pytest
import typer

from feelscope.cli.progress import Progress, Stages
from feelscope.cli.running import continue_with, start_again, stoppable
from feelscope.errors import TableError


@pytest.mark.parametrize(
    ("given", "more"), [(["predict", "my posts.csv"], " --resume"), (["predict", "my posts.csv", "--resume"], "")]
)
def test_a_stop_shows_the_command_that_continues(
    given: list[str], more: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["feelscope", *given])
    with pytest.raises(typer.Exit) as stopped, stoppable(lambda: continue_with("--resume")):
        raise KeyboardInterrupt
    assert stopped.value.exit_code == 130
    command = " ".join(given).replace("my posts.csv", "'my posts.csv'") + more
    assert capsys.readouterr().err == f"stopped; continue with: feelscope {command}\n"


def test_advice_is_asked_for_at_the_stop(capsys: pytest.CaptureFixture[str]) -> None:
    kept: list[int] = []
    with pytest.raises(typer.Exit), stoppable(lambda: f"{len(kept)} kept"):
        kept.append(1)
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "stopped; 1 kept\n"


def test_what_keeps_nothing_says_the_command_that_starts_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["feelscope", "evaluate", "posts.csv"])
    with pytest.raises(typer.Exit) as stopped, stoppable(start_again):
        raise KeyboardInterrupt
    assert stopped.value.exit_code == 130
    assert capsys.readouterr().err == "stopped; start again with: feelscope evaluate posts.csv\n"


def test_posts_of_an_earlier_run_are_not_counted_as_done_in_this_one() -> None:
    progress = Progress("predicting", 100)
    progress.resumed(1, 40)
    assert progress.line().startswith("predicting: 41 of 100")
    assert re.fullmatch(r"1 post in [\d.]+ s \([\d,]+ per second\), and 40 from before", progress.summary("post"))


def test_rows_that_are_found_again_do_not_count_towards_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("feelscope.cli.progress.time.monotonic", lambda: now)
    progress = Progress("predicting", 100)
    now = 100.0
    progress.resumed(0, 40)
    assert progress.line() == "predicting: 40 of 100, reading again what was done"
    now = 104.0
    progress.resumed(20, 40)
    assert progress.line() == "predicting: 60 of 100, 5.0 per second, 8.00 s left"


def test_a_stage_that_begins_later_has_a_rate_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("feelscope.cli.progress.time.monotonic", lambda: now)
    progress = Progress("writing", later=True)
    now = 100.0
    progress(10, 100)
    now = 104.0
    progress(30, 100)
    assert progress.line() == "writing: 30 of 100, 5.0 per second, 14 s left"


def test_a_stage_ends_with_its_line_but_not_beside_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    for error in (None, KeyboardInterrupt(), TableError("gone")):
        try:
            with Stages() as stages:
                stages("reading", 3, 3, "")
                if error is not None:
                    raise error
        except (KeyboardInterrupt, TableError):
            pass
        said = capsys.readouterr().err
        assert said == "" if isinstance(error, TableError) else said.startswith("reading: 3 of 3")
