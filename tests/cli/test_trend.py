"""`feelscope explore trend`, also while its table grows."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_runs import COMMAND, Run, error, usage_error, write
from explore_archive import simple_subjects
from search_engine import running

from feelscope.explore.index.build import add, build
from feelscope.table import PostsTable

ROWS = [f"{n},text {n},{'fear' if n % 3 else 'joy'},2012-{n % 12 + 1:02}-01T00:00:00Z" for n in range(600)]
HEAD = "id,text,emotion,created_at"


def test_a_table(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", HEAD, *ROWS)
    ran = run("explore", "trend", "posts.csv", "--out", "trend")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "posts.csv: 600 posts by month, 2012-01-01 to before 2013-01-01"
    assert "joy" in ran.stdout
    assert sorted(file.name for file in (tmp_path / "trend").iterdir()) == [
        *("trend.csv", "trend.json", "trend.png", "trend.svg")
    ]
    whole = json.loads((tmp_path / "trend" / "trend.json").read_text())
    said = run("explore", "trend", "posts.csv", "--json")
    assert json.loads(said.stdout) == whole
    part = run("explore", "trend", "posts.csv", "--from", "2012-03-01", "--to", "2012-05-01", "--json", "--unit", "day")
    assert json.loads(part.stdout)["posts"] == 100
    write(tmp_path / "one.csv", HEAD, ROWS[0])
    lines = run("explore", "trend", "one.csv").stdout.splitlines()
    assert lines[0] == "one.csv: 1 post by month, 2012-01-01 to before 2012-02-01"
    assert lines[-1] == "No change in the mix of emotions was found in 1 month."


def test_a_table_needs_no_tantivy(tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", HEAD, *ROWS)
    code = "import sys; sys.modules['tantivy'] = None; from feelscope.cli import main; main()"
    arguments = ["explore", "trend", "posts.csv", "--unit", "year"]
    ran = subprocess.run([sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[:4] == [
        "posts.csv: 600 posts by year, 2012-01-01 to before 2013-01-01",
        "",
        "fear  66.7%  (62.8% to 70.3%)",
        "joy   33.3%  (29.7% to 37.2%)",
    ]


def test_wrong_use_is_one_line(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", HEAD, *ROWS[:3])
    (tmp_path / "folder").mkdir()
    base = ("explore", "trend", "posts.csv")
    assert "'decade' is not a unit" in error(run(*base, "--unit", "decade"))
    assert "is not an index; QUERY, --subject and --engine are for an index" in usage_error(run(*base, "obama"))
    assert "is for tables" in usage_error(run("explore", "trend", "folder", "--limit", "3"))
    assert "is not an index" in error(run("explore", "trend", "folder"))
    assert "cannot follow --predictions" in usage_error(run(*base, "--follow", "--predictions", "p.jsonl"))
    assert "no such file" in error(run("explore", "trend", "none.csv"))
    assert "expected a day" in error(run(*base, "--from", "2012"))
    write(tmp_path / "no.csv", "id,text,created_at", "1,a,2012-01-01")
    assert "no emotion column; run feelscope predict" in error(run("explore", "trend", "no.csv"))


class Following:
    """A trend that is followed, each update one JSON object."""

    def __init__(self, folder: Path, *more: str) -> None:
        command = [*COMMAND, "explore", "trend", "grows.csv", "--follow", "--every", "0.05", "--json", *more]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def posts(self) -> int:
        """How many posts the next update has."""
        assert self.process.stdout is not None
        return int(json.loads(self.process.stdout.readline())["posts"])

    def end(self) -> tuple[int, str]:
        """Send what Ctrl+C sends."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=120)
        return self.process.returncode, rest


@pytest.fixture
def grows(tmp_path: Path) -> Iterator[Path]:
    yield write(tmp_path / "grows.csv", HEAD, *ROWS[:40])


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_a_growing_table_is_followed_row_by_whole_row(grows: Path) -> None:
    following = Following(grows.parent, "--out", "now")
    assert following.posts() == 40
    append(grows, f"{ROWS[40]}\n{ROWS[41][:9]}")
    assert following.posts() == 41
    time.sleep(0.2)  # half a row is no news
    append(grows, ROWS[41][9:] + "\n")
    assert following.posts() == 42
    append(grows, "43,broken\n" + ROWS[44] + "\n")
    assert following.posts() == 43
    assert json.loads((grows.parent / "now" / "trend.json").read_text())["posts"] == 43
    assert following.end() == (0, "")
    assert "wrong number of fields" in (grows.parent / "now.quarantine.jsonl").read_text()


def test_a_followed_table_that_is_cut_is_one_line(grows: Path) -> None:
    following = Following(grows.parent)
    assert following.posts() == 40
    write(grows, HEAD)
    _, said = following.process.communicate(timeout=120)
    assert following.process.returncode == 1
    assert "was replaced or cut while it was followed" in said.splitlines()[-1]


def test_an_index_here_and_over_http(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", HEAD, *ROWS)
    posts = PostsTable(tmp_path / "posts.csv")
    build(posts, tmp_path / "archive", name="a", find_subjects=simple_subjects)
    table = json.loads(run("explore", "trend", "posts.csv", "--json").stdout)
    index = json.loads(run("explore", "trend", "archive", "--json").stdout)
    assert (index["bins"], index["changes"]) == (table["bins"], table["changes"])
    asked = json.loads(run("explore", "trend", "archive", "text 7", "--subject", "text", "--json").stdout)
    assert (asked["posts"], asked["of"]) == (1, "a, text 7, text")
    with running() as engine:
        sent = run("explore", "export", "archive", engine.address)
        assert sent.stdout == f"{engine.address}: 600 posts sent\n", sent.stderr
        again = run("explore", "export", "archive", engine.address)
        assert again.stdout == f"{engine.address}: 0 posts sent, 600 were there already\n"
        there = run("explore", "trend", "archive", "--json", "--engine", engine.address)
        assert json.loads(there.stdout) == index
        query = ("explore", "query", "archive", "text", "--emotion", "joy", "--json")
        assert run(*query, "--engine", engine.address).stdout == run(*query).stdout
        assert "no answer (connection refused)" in error(run(*query, "--engine", "http://127.0.0.1:1/archive"))
        assert "'localhost' is not an engine's address; expected one like http" in error(
            run("explore", "export", "archive", "localhost")
        )


def test_a_growing_index_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    build(PostsTable(write(tmp_path / "first.csv", HEAD, *ROWS[:40])), folder, find_subjects=simple_subjects)
    command = ["explore", "trend", "archive", "--follow", "--every", "0.05"]
    process = subprocess.Popen([*COMMAND, *command], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("40 posts; month of 2012-12-01: 3, too few for shares; no change")
    add(PostsTable(write(tmp_path / "more.csv", HEAD, *ROWS[40:])), folder, find_subjects=simple_subjects)
    assert process.stdout.readline().startswith("600 posts; month of 2012-12-01: 50, fear 100.0%")
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=120)
    assert (process.returncode, rest) == (0, "")
