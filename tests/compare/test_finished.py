"""Finished trainings on disk: read back as they were, and refused where a byte of them is damaged."""

import json
from dataclasses import replace

import numpy as np
import pytest
from small_comparison import TAGGED

from feelscope.compare.choice import choose
from feelscope.compare.finished import FinishedTrainings
from feelscope.compare.material import Material
from feelscope.compare.training import Outcome
from feelscope.errors import ModelError

OUTCOME = Outcome(
    {"both": np.eye(2, dtype=np.float32), "text": np.full((2, 2), 0.5, dtype=np.float32)},
    {"either 0.5": np.array([0, -1], dtype=np.int16)},
    {"seconds": 1.5, "parameters": 10, "epochs": 3},
)


@pytest.fixture
def saved(tmp_path):
    (tmp_path / "tagged.toml").write_text(TAGGED)
    recipe = choose(str(tmp_path / "tagged.toml"), "paper")["tagged"]
    material = Material(("joy", "fear"), {}, has_dev=False, apart=[], digest="posts", words_digest="words")
    finished = FinishedTrainings(tmp_path / "trainings", material, (0.5,))
    finished.save("tagged", recipe, 0, OUTCOME)
    return finished, recipe, tmp_path / "trainings" / "tagged-0.json"


def assert_equal(outcome: Outcome) -> None:
    assert outcome.facts == OUTCOME.facts
    for found, expected in ((outcome.probabilities, OUTCOME.probabilities), (outcome.missing, OUTCOME.missing)):
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[name], value) for name, value in expected.items())


def test_a_training_is_read_back_as_it_was(saved):
    finished, recipe, _ = saved
    assert_equal(finished.load("tagged", recipe, 0))
    assert finished.load("tagged", recipe, 1) is None


def test_other_pictures_of_the_same_names_are_refused(saved):
    finished, _, file = saved
    (file.parent.parent / "pictured.toml").write_text(TAGGED + '[image]\nencoder = "lite0"\n')
    recipe = choose(str(file.parent.parent / "pictured.toml"), "paper")["pictured"]
    finished.save("pictured", recipe, 0, OUTCOME)
    assert_equal(finished.load("pictured", recipe, 0))
    other = replace(finished._material, pictures_digest="others")
    with pytest.raises(ModelError, match="was made from other pictures; give a new folder with --out, or the same"):
        FinishedTrainings(file.parent, other, (0.5,)).load("pictured", recipe, 0)
    older = file.with_name("pictured-0.json")
    made = json.loads(older.read_text())
    del made["pictures"]  # as it was before pictures counted by their content
    older.write_text(json.dumps(made))
    assert_equal(FinishedTrainings(file.parent, other, (0.5,)).load("pictured", recipe, 0))


def test_a_training_without_answers_for_every_rate_is_not_finished(saved):
    finished, recipe, file = saved
    more = FinishedTrainings(file.parent, finished._material, (0.5, 0.9))
    assert more.load("tagged", recipe, 0) is None


@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_a_damaged_archive_is_refused_or_reads_the_same(saved, flip):
    """A byte that nobody reads, such as the time of a file in the archive, may differ."""
    finished, recipe, file = saved
    archive = file.with_suffix(".npz")
    whole = archive.read_bytes()
    refused = 0
    for position in range(len(whole)):
        archive.write_bytes(whole[:position] + bytes([whole[position] ^ flip]) + whole[position + 1 :])
        try:
            outcome = finished.load("tagged", recipe, 0)
        except ModelError as error:
            assert "is damaged" in str(error)
            refused += 1
        else:
            if outcome is not None:  # None: the name of an array is another one
                assert outcome.probabilities.keys() <= OUTCOME.probabilities.keys()
                for name, value in outcome.probabilities.items():
                    assert np.array_equal(value, OUTCOME.probabilities[name])
    assert refused > len(whole) / 2


def test_an_archive_that_ends_early_is_refused(saved):
    finished, recipe, file = saved
    archive = file.with_suffix(".npz")
    whole = archive.read_bytes()
    for length in range(len(whole)):
        archive.write_bytes(whole[:length])
        with pytest.raises(ModelError, match="is damaged"):
            finished.load("tagged", recipe, 0)


def test_damaged_json_is_refused(saved):
    finished, recipe, file = saved
    whole = file.read_bytes()
    for length in range(len(whole.rstrip())):
        file.write_bytes(whole[:length])
        with pytest.raises(ModelError, match="is damaged"):
            finished.load("tagged", recipe, 0)
    for wrong in ([], {}, {"facts": []}, {"facts": {"seconds": "x"}}, 5, None):
        file.write_text(json.dumps(wrong))
        with pytest.raises(ModelError, match="is damaged"):
            finished.load("tagged", recipe, 0)
