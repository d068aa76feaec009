"""The whole comparison on small tables: what it writes, what it does not do twice, what it refuses."""

import csv
import json

import pytest
import torch
from small_comparison import TAGGED, write_posts, write_vectors

from feelscope.compare.choice import choose
from feelscope.compare.compare import compare
from feelscope.compare.training import train
from feelscope.encoders.word_average import WordAverage
from feelscope.errors import ConfigError, ModelError, TableError, WordsError


def silent(*_) -> None:
    """Show nothing."""


@pytest.fixture
def given(tmp_path):
    """Arguments of a comparison of a model of words, and one of words and tags."""
    (tmp_path / "tagged.toml").write_text(TAGGED)
    return {
        "recipes": choose(f"text_only,{tmp_path / 'tagged.toml'}", "paper", epochs=3),
        "out": tmp_path / "run",
        "table": write_posts(tmp_path / "posts.csv"),
        "dev": write_posts(tmp_path / "dev.csv", 30, seed=1),
        "seeds": range(2),
        "words": write_vectors(tmp_path / "vectors.txt"),
        "processes": 1,
        "progress": silent,
    }


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_writes_its_tables_and_figures(given):
    report = compare(**given, rates=(0.0, 0.5))
    out = given["out"]
    rows = read(out / "scores.csv")
    assert {(row["model"], row["way"]) for row in rows} == {
        (model, way) for model in ("paper/text_only", "tagged") for way in ("both", "text")
    }
    assert all(row["seeds"] == "2" and row["posts"] == "30" for row in rows)
    assert {row["scored"] for row in rows} == {"all"}
    assert len(read(out / "missing.csv")) == 2 * 3 * 2
    for name in ("scores", "missing"):
        assert {file.suffix for file in (out / "figures").glob(f"{name}.*")} == {".png", ".svg", ".csv"}
    text = report.read_text(encoding="utf-8")
    assert "Scored on 30 posts of dev.csv." in text
    assert "| paper/text_only |" in text and "paired bootstrap" in text


def test_what_is_done_is_not_trained_again_and_more_seeds_may_follow(given, monkeypatch):
    compare(**given)
    before = {file.name: file.read_bytes() for file in (given["out"] / "trainings").iterdir()}
    trained = []

    def counted(recipe, seed, *rest):
        trained.append((recipe.model, seed))
        return train(recipe, seed, *rest)

    monkeypatch.setattr("feelscope.compare.processes.train", counted)
    compare(**given | {"seeds": range(3)})
    assert trained == [("text_only", 2), ("joint", 2)]
    for name, content in before.items():
        assert (given["out"] / "trainings" / name).read_bytes() == content


def test_an_interrupted_comparison_keeps_what_is_done(given, monkeypatch):
    def stopped(recipe, seed, *rest):
        if recipe.model == "joint":
            raise KeyboardInterrupt
        return train(recipe, seed, *rest)

    monkeypatch.setattr("feelscope.compare.processes.train", stopped)
    with pytest.raises(KeyboardInterrupt):
        compare(**given)
    assert {file.name for file in (given["out"] / "trainings").iterdir()} == {
        "paper-text_only-0.json",
        "paper-text_only-0.npz",
    }


def test_without_dev_the_tuning_part_is_scored_and_that_is_said(given):
    text = compare(**given | {"dev": None}).read_text(encoding="utf-8")
    assert "kept apart, on which each epoch was chosen: a little too high" in text


def test_a_table_of_its_own_chooses_the_epochs(given, tmp_path):
    given["tuning"] = write_posts(tmp_path / "chosen_on.csv", 24, seed=2)
    text = compare(**given).read_text(encoding="utf-8")
    assert "Trained on 90 posts of posts.csv, each epoch chosen on 24 of chosen_on.csv" in text


def test_posts_that_stand_in_both_tables_are_left_out_in_a_second_table(given):
    lines = given["table"].read_text().splitlines()
    with given["dev"].open("a") as dev:
        dev.writelines(f"again-{line}\n" for line in lines[1:40])
    text = compare(**given).read_text(encoding="utf-8")
    counts = {row["scored"]: row["posts"] for row in read(given["out"] / "scores.csv")}
    assert counts["all"] == "69" and 30 <= int(counts["apart"]) < 69
    assert f"## Without the {69 - int(counts['apart'])} scored posts" in text


def test_other_posts_or_settings_are_not_mixed_in(given):
    compare(**given)
    with pytest.raises(ModelError, match=r"made of other posts; give a new folder"):
        compare(**given | {"limit": 60})
    recipes = {"paper/text_only": choose("text_only", "paper", epochs=2)["paper/text_only"]}
    with pytest.raises(ModelError, match="made of other settings"):
        compare(**given | {"recipes": recipes})
    given["words"].write_text(given["words"].read_text().replace("sunny 2", "sunny 1").replace("laugh", "laughed"))
    with pytest.raises(ModelError, match="made of other word vectors"):
        compare(**given)


def test_a_kept_training_says_what_it_was_made_of(given):
    compare(**given)
    made = json.loads((given["out"] / "trainings" / "tagged-1.json").read_text())
    assert 'modalities = ["tags"]' in made["settings"]
    assert made["facts"]["epochs"] == 3
    assert made["facts"]["parameters"] > 0


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"words": None}, ConfigError, "--words FILE"),
        ({"seeds": ()}, ConfigError, "one seed or more"),
        ({"recipes": {}}, ConfigError, "one recipe or more"),
    ],
)
def test_what_is_missing_is_said(given, change, error, said):
    with pytest.raises(error, match=said):
        compare(**given | change)
    assert not given["out"].exists()


def test_a_file_of_words_that_is_not_there(given, tmp_path):
    with pytest.raises(WordsError, match=r"gone\.txt"):
        compare(**given | {"words": tmp_path / "gone.txt"})


def test_a_dev_table_with_an_unknown_emotion(given):
    given["dev"].write_text("id,text,emotion\n1,the house,boredom\n")
    with pytest.raises(TableError, match="boredom"):
        compare(**given)


@pytest.mark.slow
def test_processes_side_by_side_find_the_same(given, tmp_path):
    compare(**given)
    compare(**given | {"out": tmp_path / "two", "processes": 2})

    def scores(out):
        return [{**row, "seconds": ""} for row in read(out / "scores.csv")]

    assert scores(given["out"]) == scores(tmp_path / "two")


def test_sparse_gradients_take_the_same_steps():
    torch.manual_seed(0)
    table = torch.randn(9, 4).numpy()
    ids = torch.tensor([[1, 2, 2, 0], [5, 8, 1, 1]])  # 8 is beyond the rows that learn
    readers = [WordAverage(table, 7, train=True, dropout=0.0, aggregate="max", sparse=kind) for kind in (False, True)]
    for reader in readers:
        steps = torch.optim.SGD(reader.parameters(), 0.1)
        for _ in range(3):
            steps.zero_grad()
            reader(ids).square().sum().backward()
            steps.step()
    assert torch.allclose(readers[0].lookup.vectors, readers[1].lookup.vectors)
    assert not torch.equal(readers[0].lookup.vectors[1], torch.from_numpy(table)[1])
