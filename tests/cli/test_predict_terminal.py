"""`feelscope predict` on a terminal: a short table and shares, progress that never mixes with data, silence."""

import re
from pathlib import Path

import pytest
from command_runs import EXAMPLES, Run, error, on_terminal, on_terminal_and_pipe, rows, usage_error, write

from feelscope.cli.predicted import cut, share_lines


def test_a_table_is_shown_in_short_and_its_shares_at_the_end(tmp_path: Path) -> None:
    shown = on_terminal("predict", EXAMPLES / "posts.csv", folder=tmp_path, columns=90)
    shown = re.sub(r"\r[^\r\n]*\x1b\[K", "", shown)  # progress takes its line back
    lines = shown.splitlines()
    assert re.match(r"id +post +emotion +sure +read$", lines[1])
    assert re.match(r"1 +The band, the lights.* +😊 happiness +\d\d% +text and image", lines[2])
    assert len(lines[2]) < 90
    assert lines[14:16] == ["", "12 posts"]
    shares = [float(one) for one in re.findall(r"([\d.]+)%$", shown, re.MULTILINE)]
    assert sum(shares) == pytest.approx(100, abs=0.5) and shares == sorted(shares, reverse=True)
    assert "{" not in shown


def test_json_is_asked_for_on_a_terminal_by_its_option(tmp_path: Path) -> None:
    shown = on_terminal("predict", EXAMPLES / "posts.csv", "--json", "--quiet", folder=tmp_path, columns=90)
    assert len(rows(shown)) == 12


def test_where_results_go_to_a_pipe_a_terminal_has_no_line_of_progress(tmp_path: Path) -> None:
    shown, piped = on_terminal_and_pipe("predict", EXAMPLES / "posts.csv", folder=tmp_path, columns=90)
    assert len(rows(piped)) == 12
    assert "\x1b" not in shown and "predicting" not in shown


def test_quiet_says_nothing_but_errors(run: Run, tmp_path: Path) -> None:
    ran = run("predict", EXAMPLES / "posts.csv", "--quiet", "--limit", "2")
    assert (ran.returncode, ran.stderr, len(rows(ran.stdout))) == (0, "", 2)
    assert "gone.csv: no such file" in error(run("predict", "gone.csv", "-q"))


def test_a_csv_for_spreadsheets_begins_with_the_mark(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text", "1,=So happy 😊")
    ran = run("predict", "posts.csv", "--out", "out.csv", "--excel", "--keep", "text")
    assert ran.returncode == 0, ran.stderr
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,emotion,")
    assert ",'=So happy 😊" in content.decode("utf-8-sig")
    assert "1 post in" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["posts.csv", "--excel"], "--excel needs --out FILE.csv"),
        (["posts.csv", "--excel", "--out", "o.jsonl"], "--excel needs --out FILE.csv"),
        (["posts.csv", "--only", "words"], "--only takes text or image"),
        (["--text", "We won!", "--keep", "all"], "--keep is for a TABLE, not for one post"),
    ],
)
def test_wrong_usage(run: Run, tmp_path: Path, arguments, said) -> None:
    write(tmp_path / "posts.csv", "id,text", "1,We won!")
    assert said in usage_error(run("predict", *arguments))


def test_shares_leave_out_refused_answers_and_count_right() -> None:
    from collections import Counter

    lines = share_lines(Counter({"fear": 3, "": 1}), ["fear", "joy"], Counter({"cut": 1}), shown=1)
    assert lines[0].startswith("and 3 more")
    assert "4 posts" in lines and any("no answer to 1 post," in line for line in lines)
    assert any(line.rstrip().endswith("100.0%") for line in lines) and "! 1 post: cut" in lines


def test_a_text_is_cut_to_columns_not_letters() -> None:
    assert cut("こんにちは", 5) == "こん…"
    assert cut("one\ntwo\x1b[2J", 40) == "one two\\x1b[2J"
