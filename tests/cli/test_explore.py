"""`feelscope explore`: build, add, query."""

import csv
import io
import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from command_runs import COMMAND, Run, error, usage_error, write

pytest.importorskip("tantivy")

ROWS = [
    f"{number},{2011 + number % 3}-0{1 + number % 9}-15,{text},{emotion}"
    for number, (text, emotion) in enumerate(
        [("The Syrian army shelled Aleppo.", "fear"), ("A peace plan for <b>Aleppo</b>!", "happiness")] * 12
    )
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path / "posts.csv", "id,created_at,text,emotion", *ROWS)


def test_build_query_and_add(run: Run, table: Path, tmp_path: Path) -> None:
    built = run("explore", "build", "posts.csv", "archive", "--name", "Aleppo")
    assert built.returncode == 0, built.stderr
    assert built.stdout == "archive: 24 posts, from 2011-01-15 to before 2013-09-16\n"
    assert "tagging: 24 of 24" in built.stderr and "indexing: 24 of 24" in built.stderr

    asked = run("explore", "query", "archive", "aleppo", "--emotion", "fear", "--from", "2012-01-01")
    assert "too few posts for shares" in asked.stdout
    assert asked.returncode == 0, asked.stderr
    first, second = asked.stdout.splitlines()[:2]
    assert first == "Aleppo: 24 posts, 2011-01-15 to before 2013-09-16"
    assert second == "8 posts for aleppo with fear from 2012-01-01 to before 2013-09-16"
    assert "The Syrian army shelled Aleppo." in asked.stdout and "\x1b" not in asked.stdout
    subject = next(line for line in asked.stdout.splitlines() if "army" in line)
    assert subject.split()[0] == "8"

    found = run("explore", "query", "archive", "--subject", "Aleppo", "--json", "--unit", "year", "--page", "2")
    answer = json.loads(found.stdout)
    assert answer["counts"]["subject"] == 24 and len(answer["timeline"]["bins"]) == 3
    assert "A peace plan for Aleppo!" in [row["text"] for row in answer["sentences"]["rows"]]

    compared = run("explore", "query", "archive", "shelled", "--against-rest")
    lines = compared.stdout.splitlines()
    assert lines[2] == "compared with 12 posts without shelled from 2011-01-15 to before 2013-09-16"
    assert "fear       76% to 100%  100%, the others’ 0%; too few to compare" in lines
    assert "Subjects more frequent here, page 1 of 1 (posts here, posts there):" in lines
    for against in (("--against", "peace"), ("--against-from", "2012-01-01"), ("--against-to", "2012-06-01")):
        answer = json.loads(
            run("explore", "query", "archive", "shelled", *against, "--course", "fear", "--json").stdout
        )
        assert answer["counts"]["other"] > 0 and answer["course"]["emotion"] == "fear"

    write(tmp_path / "more.csv", "id,created_at,text,emotion", *ROWS[-2:], "n,2014-02-01,Aleppo again,sadness")
    added = run("explore", "add", "more.csv", "archive")
    assert added.stdout == "archive: 25 posts, from 2011-01-15 to before 2014-02-02\n"
    assert json.loads(run("explore", "query", "archive", "again", "--json").stdout)["counts"]["query"] == 1


def test_a_table_is_followed_and_no_news_is_not_told(run: Run, table: Path, tmp_path: Path) -> None:
    assert run("explore", "build", "posts.csv", "archive").returncode == 0
    command = [*COMMAND, "explore", "add", "posts.csv", "archive", "--follow", "--every", "0.05"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("archive: 24 posts")
        for _ in range(3):
            table.touch()
            time.sleep(0.2)
        with table.open("a") as file:
            file.write("n,2014-02-01,Aleppo again,sadness\n")
        assert process.stdout.readline().startswith("archive: 25 posts")
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 0 and "Traceback" not in said
    assert said.count("tagging, 24 known before") == 1, "once at the beginning"
    assert "tagging: 1 of 1, 24 known before" in said


def test_what_a_user_can_get_wrong_is_one_line(run: Run, table: Path, tmp_path: Path) -> None:
    assert "no such file" in error(run("explore", "build", "none.csv", "archive"))
    assert "is not an index; make one with feelscope explore build" in error(run("explore", "query", "archive"))
    assert run("explore", "build", "posts.csv", "archive").returncode == 0
    assert "is a complete index" in error(run("explore", "build", "posts.csv", "archive"))
    for arguments, said in {
        ("--subject", "alepo"): "'alepo' is not a subject that 5 or more posts have; did you mean 'aleppo'?",
        ("--from", "2019-01-01"): "is outside the archive",
        ("storm OR",): "Error: query: OR needs a word before and after it, as in cairo OR tahrir",
        ("--facet", "source"): "--facet source: expected NAME=VALUE, as in source=news",
        ("--facet", "sauce=x"): "the archive has no facet 'sauce'; known are none",
        ("--against-rest",): "every post is in the question, so nothing else is left",
        ("--against-rest", "--against", "peace"): "and not with both",
        ("--csv", "subject"): "--csv subject: no view has this name; did you mean 'subjects'?",
        ("--csv", "subjects", "--json"): "--csv and --json cannot be together",
        ("--csv", "sentences", "--emotion", "joy"): "no post has the emotion 'joy'",
        ("--course", "joy"): "no post has the emotion 'joy'",
        ("--unit", "decade"): "'decade' is not a unit; known are day, week, month, year",
    }.items():
        assert said in error(run("explore", "query", "archive", *arguments))
    assert "--page" in usage_error(run("explore", "query", "archive", "--page", "0"))
    empty = run("explore", "query", "archive", 'AND ("unclosed title:')
    assert empty.returncode == 0 and "0 posts for" in empty.stdout
    rows = list(csv.DictReader(io.StringIO(run("explore", "query", "archive", "--csv", "sentences").stdout)))
    assert len(rows) == 24 and {row["emotion"] for row in rows} == {"fear", "happiness"}
    missed = run("explore", "query", "archive", "alepo").stdout.splitlines()
    assert missed[:4:3] == [
        "posts: 24 posts, 2011-01-15 to before 2013-09-16",
        "alepo: no post has it; near: aleppo 24",
    ]
    write(tmp_path / "only_ids.csv", "id,text", "1,", "2, ")
    assert "has no post that can be read" in error(run("explore", "build", "only_ids.csv", "other"))


def test_words_and_facets_are_told(run: Run, tmp_path: Path) -> None:
    rows = [
        f"{at},{'storms' if at % 3 else 'storm'} over <b>town,fear,{'news' if at % 2 else 'radio'},{at % 4}"
        for at in range(12)
    ]
    write(tmp_path / "posts.csv", "id,text,emotion,source,party", *rows)
    assert run("explore", "build", "posts.csv", "archive", "--facets", "party").returncode == 0
    asked = run("explore", "query", "archive", "storm -sun", "--facet", "source=news", "--facet", "party=1").stdout
    assert "3 posts for storm -sun with source news and party 1\n" in asked
    assert "storm: 12 posts (storm 4, storms 8)\nsun: no post has it\n" in asked
    assert "By source: news 3\nBy party: 1 3, 3 3\n" in asked


def test_a_broken_picture_is_counted_in_the_summary(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    write(tmp_path / "pictures.csv", "id,text,emotion,image", "1,so it goes,fear,broken.png", "2,so be it,fear,")
    built = run("explore", "build", "pictures.csv", "archive")
    assert built.stdout == "archive: 2 posts, none with a date\n"
    summary = [
        "1 left out, see archive.quarantine.jsonl:",
        "  1 picture cannot be read, its post is indexed without it",
        "1 picture not used:",
        "  1 damaged or cut short",
    ]
    assert built.stderr.splitlines()[-4:] == summary
    assert json.loads((tmp_path / "archive.quarantine.jsonl").read_text())["id"] == "1"


@pytest.mark.slow
def test_a_killed_build_goes_on_with_the_same_command(run: Run, tmp_path: Path) -> None:
    rows = (f"{number},post number {number} of many,neutral" for number in range(60_000))
    write(tmp_path / "big.csv", "id,text,emotion", *rows)
    build = ["explore", "build", "big.csv", "archive"]
    started = subprocess.Popen([*COMMAND, *build], cwd=tmp_path, stderr=subprocess.DEVNULL)
    shards = tmp_path / "archive" / "posts"
    while not (shards.is_dir() and list(shards.glob("*.parquet"))):
        assert started.poll() is None
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    started.wait()
    assert "is half built; complete it with" in error(run("explore", "query", "archive"))
    ran = run(*build)
    assert ran.returncode == 0, ran.stderr
    assert "known before" in ran.stderr and ran.stdout.startswith("archive: 60,000 posts")


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    write(
        tmp_path / "big.csv", "id,text,emotion", *(f"{number},post {number} of many,fear" for number in range(90_000))
    )
    build = ["explore", "build", "big.csv", "archive"]
    started = subprocess.Popen([*COMMAND, *build], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "archive" / "posts").is_dir():
        assert started.poll() is None
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate()
    assert started.returncode == 130
    assert said.splitlines()[-1].endswith("continue with: feelscope explore build big.csv archive")


def test_an_archive_without_dates_can_be_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "undated.csv").write_text("id,text\n" + "".join(f"{n},Rain in Oslo again\n" for n in range(5)))
    assert run("explore", "build", "undated.csv", "undated").returncode == 0
    asked = run("explore", "query", "undated", "oslo")
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.splitlines()[:2] == ["undated: 5 posts, none with a date", "5 posts for oslo"]
    assert "None" not in asked.stdout
