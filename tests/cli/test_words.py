"""`feelscope words`: train, similar, evaluate."""

import json
from pathlib import Path

import pytest
from command_runs import Run, error, usage_error, write

pytest.importorskip("gensim")


def test_train_then_similar_then_evaluate(run: Run, tmp_path: Path) -> None:
    lines = [
        f"{number},the {'cat purrs' if number % 2 else 'iron melts'} and {number % 7} more" for number in range(400)
    ]
    write(tmp_path / "posts.csv", "id,text", *lines)
    write(tmp_path / "small.toml", "width = 8", "epochs = 2", "phrase_passes = 1")
    ran = run("words", "train", "posts.csv", "--recipe", "small.toml")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("words/vectors.bin: ") and "8 wide" in ran.stdout
    assert "is not empty; give a new folder" in error(run("words", "train", "posts.csv", "--out", "."))
    near = run("words", "similar", "cat", "--top", "3")
    assert len(near.stdout.splitlines()) == 3
    assert "did you mean 'purrs'?" in error(run("words", "similar", "purs"))
    write(tmp_path / "pairs.txt", "cat purrs 9", "iron melts 8", "cat melts 1", "cat zebra 5")
    shown = run("words", "evaluate", "pairs.txt")
    assert "3 of      4  pairs" in shown.stdout
    (found,) = json.loads(run("words", "evaluate", "pairs.txt", "--json").stdout)
    assert found["kind"] == "similarity" and -1 <= found["score"] <= 1


def test_wrong_use_is_one_line(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text", "1,We won!")
    assert "give posts with 1,000 words or more" in error(run("words", "train", "posts.csv"))
    assert "words/vectors.bin: cannot be read" in error(run("words", "similar", "happy"))
    (tmp_path / "torn.bin").write_bytes(b"3 4\nhappy \x00\x00")
    assert "torn.bin" in error(run("words", "similar", "happy", "--words", "torn.bin"))
    write(tmp_path / "wrong.toml", "wide = 8")
    assert "did you mean 'width'" in error(run("words", "train", "posts.csv", "--recipe", "wrong.toml"))
    assert "Missing argument" in usage_error(run("words", "train"))


def test_debias_writes_vectors_that_are_read_again(run: Run, tmp_path: Path) -> None:
    lines = ("she 1 0.5 0", "he -1 0.5 0", "woman 1 0 1", "man -1 0 1", "nurse 0.8 0.6 0.1", "doctor -0.8 0.6 0.2")
    write(tmp_path / "vectors.txt", *lines)
    before = run("words", "similar", "nurse", "--words", "vectors.txt").stdout.split()
    assert before.index("she") < before.index("doctor")
    ran = run("words", "debias", "vectors.txt", "--out", "new.bin")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(
        "new.bin: 6 words, 2 of them neutralised, 2 pairs equalised; the direction has 100% of"
    )
    after = run("words", "similar", "nurse", "--words", "new.bin").stdout.split()
    assert after[1] == "doctor"
    assert "give another file" in error(run("words", "debias", "vectors.txt", "--out", "vectors.txt"))
    assert "gone.txt: cannot be read" in error(run("words", "debias", "gone.txt", "--out", "new.bin"))
    write(tmp_path / "few.txt", "nurse 1 2")
    assert "no pair of words that defines gender" in error(run("words", "debias", "few.txt", "--out", "new.bin"))
