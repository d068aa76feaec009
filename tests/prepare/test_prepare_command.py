"""The command, from collecting over preparing to labelling, and what it says to wrong input."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from command_runs import COMMAND, error, write
from small_web import drawn

LINES = [
    "the old boat went down the river today",
    "my dog would not come home last night",
    "we saw a train pass the garden",
]


@pytest.fixture
def run(tmp_path):
    def run(*arguments):
        return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path)

    return run


@pytest.fixture
def tagged(tmp_path):
    rows = [f'{n},"{LINES[n % 3]} in room number {n} #{("happy", "sad")[n // 2 % 2]}",user{n}' for n in range(60)]
    return write(tmp_path / "posts.csv", "id,text,author", *rows)


def test_a_database_of_which_one_row_was_spoiled(run, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.png").write_bytes(drawn(number))
    captions = [f"{number}.png\t{LINES[number % 3]} in room {number} #happy" for number in range(12)]
    write(folder / "captions.txt", *captions)
    assert run("collect", "posts.db", "files", folder).returncode == 0
    for picture in folder.glob("*.png"):
        picture.unlink()
    with closing(sqlite3.connect(tmp_path / "posts.db")) as database:
        database.execute("UPDATE posts SET image_url = '/etc/hostname', picture = NULL WHERE rowid = 3")
        database.execute("UPDATE posts SET other = '[[[' WHERE rowid = 4")
        database.commit()
    ran = run("prepare", "posts.db", "dataset", "--labels", "hashtags", "--no-duplicates")
    assert ran.returncode == 0, ran.stderr
    assert "2 left out, see dataset/quarantine.jsonl:" in ran.stderr
    assert len(list((tmp_path / "dataset" / "images").rglob("*.png"))) == 10
    lines = (tmp_path / "dataset" / "quarantine.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["elsewhere:2.png", "elsewhere:3.png"]


def test_from_a_table_to_a_report_of_people_against_the_model(run, tmp_path, tagged):
    assert run("collect", "posts.db", "files", "posts.csv").returncode == 0
    ran = run("prepare", "posts.db", "dataset", "--labels", "hashtags")
    assert ran.returncode == 0, ran.stderr
    assert "read 60 posts" in ran.stdout and "kept 60" in ran.stdout
    assert "leak test: passed" in ran.stdout
    report = json.loads((tmp_path / "dataset" / "report.json").read_text())
    assert report["changed"] == 60
    assert "nobody has answered yet" in error(run("label", "dataset", "--report"))
    answers = [
        json.dumps(
            {"mode": "label", "annotator": who, "id": f"posts:{n}", "answer": ("happiness", "sadness")[n // 2 % 2]}
        )
        for who in ("ann", "bob")
        for n in range(60)
    ]
    write(tmp_path / "dataset" / "answers.jsonl", *answers)
    ran = run("label", "dataset", "--report")
    assert ran.returncode == 0, ran.stderr
    assert "Cohen's kappa of ann and bob: 1.000 (1.000 to 1.000) on 60 posts" in ran.stdout
    assert "their majority: 1.000 (1.000 to 1.000), the model 0." in ran.stdout


def test_a_leak_ends_with_exit_code_1_and_can_be_accepted(run, tmp_path):
    rows = [f'{n},"{LINES[n % 3]} n{n} so {w} #{w}"' for n in range(80) for w in [("happy", "sad")[n // 2 % 2]]]
    write(tmp_path / "plain.csv", "id,text", *rows)
    ran = run("prepare", "plain.csv", "d", "--labels", "hashtags")
    assert ran.returncode == 1
    assert "the label can be read from its own words; clean with --strict" in ran.stderr.splitlines()[-1]
    assert run("prepare", "plain.csv", "d", "--labels", "hashtags", "--accept-leak").returncode == 0
    assert run("prepare", "plain.csv", "d", "--labels", "hashtags", "--strict").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.csv", "d", "--labels", "hashtags"], "none.csv: no such file"),
        (["posts.csv", "d", "--labels", "tags"], "--labels: 'tags' is not known; did you mean 'hashtags'?"),
        (["posts.csv", "d", "--labels", "emoji"], "no post is left of 60: 60 no emotion of the label set is named"),
        (["posts.csv", "posts.csv", "--labels", "none"], "posts.csv: is a file; name a folder"),
    ],
)
def test_wrong_input_is_one_line(run, tagged, arguments, said):
    ran = run("prepare", *arguments)
    assert ran.returncode == 1
    assert said in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr


def test_label_says_what_is_wrong(run, tmp_path):
    assert "nowhere: not there; name a posts table, a folder of pictures, or a dataset" in error(
        run("label", "nowhere")
    )
    assert run("label", "nowhere", "--show", "sound").returncode == 2


def test_preparing_twice_gives_the_same_quarantine(run, tmp_path):
    rows = [f'{n % 39},"{LINES[n % 3]} n{n} #{("happy", "sad")[n % 2]}"' for n in range(40)]
    write(tmp_path / "twice.csv", "id,text", *rows)
    for _ in range(2):
        ran = run("prepare", "twice.csv", "d", "--labels", "hashtags")
        assert ran.returncode == 0, ran.stderr
        (line,) = (tmp_path / "d" / "quarantine.jsonl").read_text().splitlines()
        assert json.loads(line)["reason"] == "duplicate id"
        assert "1 left out, see d/quarantine.jsonl" in ran.stderr


def test_a_folder_of_something_else_is_left_as_it_is(run, tmp_path, tagged):
    (tmp_path / "d").mkdir()
    write(tmp_path / "d" / "quarantine.jsonl", json.dumps({"id": "1", "row": 1, "table": "", "reason": "x"}))
    write(tmp_path / "d" / "thesis.tex", "x")
    assert "holds something else (thesis.tex)" in error(run("prepare", "posts.csv", "d", "--labels", "hashtags"))
    assert (tmp_path / "d" / "quarantine.jsonl").exists()
    assert run("prepare", "none.csv", "new", "--labels", "hashtags").returncode == 1
    assert not (tmp_path / "new").exists()


def test_no_torch_is_loaded(tmp_path, tagged):
    code = """
import sys
from feelscope.cli import main
sys.argv = ["feelscope", "prepare", "posts.csv", "d", "--labels", "hashtags"]
try:
    main()
finally:
    print(sorted({"torch", "transformers", "sklearn", "praw", "requests"} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr
