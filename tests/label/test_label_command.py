"""`feelscope label` as people type it."""

import json
import subprocess

import pytest
from command_runs import COMMAND, error, write
from typer.testing import CliRunner

from feelscope.cli import app


@pytest.fixture
def run(tmp_path):
    write(tmp_path / "letters.csv", "Nr,Brief,weight", *(f"{n},We saw the old house {n},0.{n + 1}" for n in range(4)))
    for who, answers in (("ann", ("Wut", "Freude", "Wut")), ("bob", ("Wut", "Freude", "Freude"))):
        rows = [json.dumps({"id": n, "text": "x", "label": [answer]}) for n, answer in enumerate(answers)]
        write(tmp_path / f"{who}.jsonl", *rows)

    def run(*arguments):
        return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path)

    return run


def test_from_the_files_of_two_people_to_a_labelled_table(run, tmp_path):
    opened = ("label", "letters.csv", "--columns", "id=Nr,text=Brief")
    for who in ("ann", "bob"):
        ran = run(*opened, "--import", f"{who}.jsonl")
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr.splitlines()[-1] == "letters.csv.answers.jsonl: 3 answers added"
    ran = run(*opened, "--report", "--out", "report.csv")
    assert "Cohen's kappa of ann and bob: 0.400 (" in ran.stdout
    assert "2 of 3 posts have one emotion: 0 decided; 1 tie, 0 unclear" in ran.stdout
    assert (tmp_path / "report.csv").read_text().startswith("measure,of,against,")
    ran = run(*opened, "--export", "labelled.csv")
    assert ran.stderr.splitlines()[-1] == "labelled.csv: 2 posts; left out: 1 whose answers tie, 1 that nobody answered"
    assert (tmp_path / "labelled.csv").read_text().splitlines() == [
        "id,text,emotion,agreement,raters,decided,weight",
        "0,We saw the old house 0,Wut,1.0,2,False,0.1",
        "1,We saw the old house 1,Freude,1.0,2,False,0.2",
    ]
    assert "labelled.csv: is there already; name another file" in error(run(*opened, "--export", "labelled.csv"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--codebook", "code.toml", "--emotions", "a,b"], "leave out --emotions"),
        (["--report", "--export", "x.csv"], "give --report or --export, one at a time"),
        (["--out", "x.csv"], "is for --report; to write labels, give --export FILE"),
        (["--format", "doccano"], "is for --export"),
        (["--export", "x.csv", "--format", "docx"], "expected one of table, doccano, label-studio, found 'docx'"),
        (["--judge", "--adjudicate"], "is for labels, and --judge asks for none"),
        (["--show", "x"], "expected one of both, text, image, found 'x'"),
        (["--bottleneck", "x"], "is for --judge"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(options, said):
    ran = CliRunner().invoke(app, ["label", "posts.csv", *options])
    assert ran.exit_code == 2
    assert said in " ".join(ran.output.split())
