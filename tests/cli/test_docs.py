"""`feelscope docs`: plain in a pipe, through a pager on a terminal."""

from pathlib import Path

import pytest
from command_runs import Run, error, on_terminal, on_terminal_and_pipe

from feelscope import pages


def test_a_page_is_printed_as_it_is(run: Run) -> None:
    assert run("docs", "train").stdout == pages.text("train")


def test_pages_are_listed_one_a_line(run: Run) -> None:
    lines = run("docs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(pages.summaries())


def test_a_wrong_name_is_one_line_with_near_names(run: Run) -> None:
    said = "Error: there is no page 'trian' in the docs; near names: train, notes/training"
    assert error(run("docs", "trian")) == said


def test_a_terminal_gets_a_page_through_its_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho PAGED\ncat\n")
    pager.chmod(0o755)
    monkeypatch.setenv("PAGER", str(pager))
    shown = on_terminal("docs", "doctor", folder=tmp_path)
    assert shown.startswith("PAGED\n# doctor\n")
    assert on_terminal_and_pipe("docs", "doctor", folder=tmp_path)[1] == pages.text("doctor")
