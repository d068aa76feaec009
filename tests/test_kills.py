"""Small versions of `benchmarks/robustness`: commands that are killed, or started twice on one output."""

import random
import sys
from pathlib import Path

import pytest

pytest.importorskip("tantivy")
pytest.importorskip("gensim")
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks" / "robustness"))
import kills
import small_jobs
import two_writers

KILLED = ("predict jsonl", "prepare", "explore build", "explore add", "explore build --rebuild", "words train")
KILLED += ("collect",)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "inputs").mkdir()
    small_jobs.write_inputs(tmp_path / "inputs", size=0.2)
    small_jobs.small_words(tmp_path / "inputs")
    return tmp_path / "inputs"


@pytest.mark.slow
@pytest.mark.parametrize("name", KILLED)
def test_a_killed_command_ends_as_an_uninterrupted_one(name: str, inputs: Path, tmp_path: Path) -> None:
    found, _ = kills.try_job(name, small_jobs.jobs()[name], inputs, tmp_path / "tries", 2, random.Random(0))
    assert found["as uninterrupted"] == 2


@pytest.mark.slow
def test_killed_labelling_loses_no_answer(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "tries").mkdir()
    found, _ = kills.try_label(inputs, tmp_path / "tries", 2, random.Random(0))
    assert found["as uninterrupted"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prepare", "explore build", "explore add", "words train", "train", "compare"])
def test_two_on_one_output_do_not_mix(name: str, inputs: Path, tmp_path: Path) -> None:
    found = two_writers.try_job(name, small_jobs.jobs()[name], inputs, tmp_path / "tries", 1)
    assert found["WRONG"] == 0


@pytest.mark.slow
def test_a_dataset_is_labelled_once_at_a_time(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "tries").mkdir()
    assert two_writers.try_label(inputs, tmp_path / "tries", 1)["refused"] == 1
