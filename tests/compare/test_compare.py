"""The whole comparison on small tables: what it writes, what it does not do twice, what it refuses."""

import csv
import json
from dataclasses import replace

import pytest
import torch
from small_comparison import TAGGED, write_posts, write_vectors
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from feelscope.compare.choice import choose
from feelscope.compare.compare import compare
from feelscope.compare.material import _Opened
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import open_text
from feelscope.encoders.settings import TextSettings
from feelscope.encoders.word_average import WordAverage
from feelscope.errors import ConfigError, ModelError, TableError, WordsError
from feelscope.objectives.settings import EnAETSettings
from feelscope.post import Post
from feelscope.progress import silent


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
        "resources": Resources(tmp_path / "features", write_vectors(tmp_path / "vectors.txt")),
        "processes": 1,
        "progress": silent,
    }


POSTS = [Post("1", "the house was sunny", emotion="happiness"), Post("2", "a grave", emotion="sadness")]


def trainings(given):
    return sorted((given["out"] / "trainings").iterdir())


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_writes_its_tables_and_figures(given):
    report = compare(**given, rates=(0.0, 0.5))
    out = given["out"]
    rows = read(out / "scores.csv")
    assert {(row["model"], row["combination"]) for row in rows} == {
        (model, combination) for model in ("paper/text_only", "tagged") for combination in ("both", "text")
    }
    assert all(row["seeds"] == "2" and row["posts"] == "30" for row in rows)
    assert {row["scored"] for row in rows} == {"all"}
    assert len(read(out / "missing.csv")) == 2 * 3 * 2
    for name in ("scores", "missing"):
        assert {file.suffix for file in (out / "figures").glob(f"{name}.*")} == {".png", ".svg", ".csv"}
    shown = sorted(folder.name for folder in (out / "tensorboard").iterdir())
    assert shown == ["paper-text_only-0", "paper-text_only-1", "tagged-0", "tagged-1"]
    board = EventAccumulator(str(out / "tensorboard" / "tagged-0" / "tensorboard")).Reload()
    assert {"by epoch/train_accuracy", "by epoch/validation_accuracy"} <= set(board.Tags()["scalars"])
    text = report.read_text(encoding="utf-8")
    assert "Scored on 30 posts of dev.csv." in text
    assert "| paper/text_only |" in text and "paired bootstrap" in text


def test_what_is_done_is_not_trained_again_and_more_seeds_may_follow(given):
    compare(**given)
    before = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in trainings(given)}
    trained = []

    def listen(stage, done, total, detail):
        if stage == "training (4 from before)" and ":" not in detail:
            trained.append((detail, done, total))

    compare(**given | {"seeds": range(3), "progress": listen})
    assert trained == [("", 0, 2), ("paper/text_only, seed 2", 1, 2), ("tagged, seed 2", 2, 2)]
    after = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in trainings(given)}
    assert len(before) == 8 and len(after) == 12
    assert before.items() <= after.items()


def test_an_interrupted_comparison_keeps_what_is_done(given):
    def stop(stage, done, total, detail):
        if detail.startswith("tagged, seed 0: epoch 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(**given | {"progress": stop})
    assert {file.name for file in trainings(given)} == {"paper-text_only-0.json", "paper-text_only-0.npz"}


def test_a_recipe_that_learns_from_posts_without_labels_is_refused(given):
    (name, recipe) = next(iter(given["recipes"].items()))
    mixmatch = EnAETSettings(families=(), gamma=0.0)
    with pytest.raises(ConfigError, match=r"a comparison has no posts without labels, which \[enaet\] learns from"):
        compare(**given | {"recipes": {name: replace(recipe, enaet=mixmatch)}})
    assert not given["out"].exists()


def test_without_dev_the_validation_split_is_scored_and_that_is_said(given):
    text = compare(**given | {"dev": None}).read_text(encoding="utf-8")
    (row, *_) = read(given["out"] / "scores.csv")
    assert f"each epoch is chosen on a validation split of {row['posts']} other posts." in text
    assert f"Scored on the same {row['posts']} posts that chose the epochs, so the scores are a little too high" in text


def test_a_table_of_its_own_chooses_the_epochs(given, tmp_path):
    given["validation"] = write_posts(tmp_path / "chosen_on.csv", 24, seed=2)
    text = compare(**given).read_text(encoding="utf-8")
    assert "same 90 posts of posts.csv; each epoch is chosen on 24 posts of chosen_on.csv. Scored on 30 posts" in text
    assert {row["posts"] for row in read(given["out"] / "scores.csv")} == {"30"}


def test_the_chosen_epoch_answers_and_not_the_last_one(given, tmp_path):
    """Validation posts whose labels are swapped are answered best before anything is learnt: in the first epoch."""
    lines = write_posts(tmp_path / "swapped.csv", 24, seed=2).read_text().splitlines()
    turned = {"happiness": "sadness", "sadness": "fear", "fear": "happiness"}
    rows = [line.rsplit(",", 1) for line in lines[1:]]
    swapped = [f"{start},{turned[emotion]}" for start, emotion in rows]
    (tmp_path / "swapped.csv").write_text("\n".join([lines[0], *swapped]) + "\n")
    given["recipes"] = choose(f"{tmp_path / 'tagged.toml'}", "paper", epochs=6)

    def accuracy(validation, out):
        compare(**given | {"validation": validation, "out": tmp_path / out})
        return float(read(tmp_path / out / "scores.csv")[0]["accuracy"])

    assert accuracy(write_posts(tmp_path / "right.csv", 24, seed=2), "right") == 1
    assert accuracy(tmp_path / "swapped.csv", "swapped") < 0.9


def test_posts_that_stand_in_both_tables_are_left_out_in_a_second_table(given):
    lines = given["table"].read_text().splitlines()
    with given["dev"].open("a") as dev:
        dev.writelines(f"again-{line}\n" for line in lines[1:40])
    text = compare(**given).read_text(encoding="utf-8")
    counts = {row["scored"]: row["posts"] for row in read(given["out"] / "scores.csv")}
    assert counts["all"] == "69" and 30 <= int(counts["apart"]) < 69
    assert f"## Without the {69 - int(counts['apart'])} posts whose words or picture also appear in posts.csv" in text


def test_other_posts_or_settings_are_not_mixed_in(given):
    compare(**given)
    with pytest.raises(ModelError, match=r"made from other posts; give a new folder"):
        compare(**given | {"limit": 60})
    recipes = {"paper/text_only": choose("text_only", "paper", epochs=2)["paper/text_only"]}
    with pytest.raises(ModelError, match="made from other settings"):
        compare(**given | {"recipes": recipes})
    vectors = given["resources"].words
    vectors.write_text(vectors.read_text().replace("laugh", "laughed"))
    with pytest.raises(ModelError, match="made from other word vectors"):
        compare(**given)


def test_a_finished_training_says_what_it_was_made_from(given):
    compare(**given)
    made = json.loads((given["out"] / "trainings" / "tagged-1.json").read_text())
    assert 'modalities = ["tags"]' in made["settings"]
    assert made["facts"]["epochs"] == 3
    assert made["facts"]["parameters"] > 0


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"resources": None}, ConfigError, "--words FILE"),
        ({"seeds": ()}, ConfigError, "at least one seed"),
        ({"recipes": {}}, ConfigError, "at least one recipe"),
    ],
)
def test_what_is_missing_is_said(given, change, error, said):
    with pytest.raises(error, match=said):
        compare(**given | change)
    assert not given["out"].exists()


def test_a_file_of_words_that_is_not_there(given, tmp_path):
    with pytest.raises(WordsError, match=r"gone\.txt"):
        compare(**given | {"resources": Resources(tmp_path / "features", tmp_path / "gone.txt")})


def test_weights_that_no_recipe_reads_are_refused_before_anything_is_read(given, tmp_path):
    given["table"].write_text("this is not read")
    resources = Resources(tmp_path / "features", given["resources"].words, tmp_path)
    with pytest.raises(ConfigError, match=f"--weights {tmp_path}: none of these recipes reads published weights"):
        compare(**given | {"resources": resources})
    assert not given["out"].exists()


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


def test_each_seed_of_a_recurrence_begins_with_first_weights_of_its_own(given):
    encoder = open_text(TextSettings("words", "new", pooling="lstm"), POSTS, given["resources"], sparse=False)
    opened = _Opened(encoder)

    def first_weights(source, seed):
        torch.manual_seed(seed)
        return source.embedder().layer.weight_hh_l0

    assert torch.equal(first_weights(opened, 1), first_weights(encoder, 1)), "as in a training alone"
    assert not torch.equal(first_weights(opened, 1), first_weights(opened, 2))


def test_sparse_gradients_take_the_same_steps():
    torch.manual_seed(0)
    table = torch.randn(9, 4).numpy()
    ids = torch.tensor([[1, 2, 2, 0], [5, 8, 1, 1]])  # 8 is beyond the rows that learn
    readers = [WordAverage(table, 7, train=True, dropout=0.0, pooling="max", sparse=kind) for kind in (False, True)]
    for reader in readers:
        steps = torch.optim.SGD(reader.parameters(), 0.1)
        for _ in range(3):
            steps.zero_grad()
            reader(ids).square().sum().backward()
            steps.step()
    assert torch.allclose(readers[0].lookup.vectors, readers[1].lookup.vectors)
    assert not torch.equal(readers[0].lookup.vectors[1], torch.from_numpy(table)[1])
