"""`feelscope report`: the finding in a few lines, a folder, JSON, and one line for what is wrong."""

import json

import pytest
from command_runs import Run, error, usage_error
from small_predictions import write_predictions


def test_the_finding_a_folder_and_what_shares_of_answers_are_worth(run: Run, tmp_path) -> None:
    write_predictions(tmp_path / "out.csv")
    ran = run("report", "out.csv", "--by", "party", "--over", "month", "--event", "2012-03-20", "--out", "report")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("400 posts from 30 January 2012 to 8 May 2012. The most frequent: anger ")
    for part in (
        "By party: the clearest difference is in ",
        "By month: between February 2012 and ",
        "the 30 days before 20 March",
    ):
        assert part in ran.stdout
    assert "feelscope estimate corrects them" in ran.stdout
    assert "the page is report/index.html" in ran.stderr
    assert "feelscope report out.csv --by party" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_json_has_everything_and_quiet_says_nothing(run: Run, tmp_path) -> None:
    write_predictions(tmp_path / "out.jsonl")
    ran = run("report", "out.jsonl", "--json", "--quiet")
    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    assert found["posts"] == 400 and found["made"]["model"]["name"] == "small"
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_wrong_input_is_one_line(run: Run, tmp_path) -> None:
    write_predictions(tmp_path / "out.jsonl")
    assert "gone.jsonl: no such file" in error(run("report", "gone.jsonl"))
    assert "did you mean 'party'" in error(run("report", "out.jsonl", "--by", "partys"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--over", "weeks"], "no unit 'weeks'; did you mean 'week'?"),
        (["--event", "6.11.2012"], "expected a day as 2012-11-06, found '6.11.2012'"),
        (["--text-predictions", "words.jsonl"], "both are needed"),
        (["--columns", "text=a"], "is for --posts TABLE"),
    ],
)
def test_wrong_usage(run: Run, arguments, said) -> None:
    assert said in usage_error(run("report", "out.jsonl", *arguments))
