"""Posts without labels: from tables to a training, what is left out of them, and what is said where there are none."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import small_family
import small_pictures
from PIL import Image
from safetensors.torch import load_file

from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import ImageSettings
from feelscope.errors import ConfigError, TableError
from feelscope.objectives.settings import EnAETSettings
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import Quarantine
from feelscope.train.data import read_corpus
from feelscope.train.encoding import encode_corpus
from feelscope.train.recipe import read_recipe
from feelscope.train.train import train

MIXMATCH = EnAETSettings(families=(), gamma=0.0, mosaic=False, beta=2.0)
SAID = small_family.SAID


def recipe(**changes):
    """Words alone, by MixMatch."""
    made = small_family.recipe("text_only", image=ImageSettings(), enaet=MIXMATCH, choices__validation=0.3)
    return small_family.changed(made, steps__epochs=6, **changes)


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "text", "emotion"])
        table.writerows(rows)
    return path


def labelled(count: int = 36, start: int = 0):
    """Rows of planted emotions, each with a number of its own, so that none is like another."""
    names = [*SAID]
    return [
        [f"{start + n}", f"{SAID[names[n % 3]][n % 2]} n{start + n} m{start + n} k{start + n}", names[n % 3]]
        for n in range(count)
    ]


def bare(rows):
    return [[id, text, ""] for id, text, _ in rows]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return small_family.write_vectors(tmp_path_factory.mktemp("words") / "vectors.txt")


def corpus(table, unlabelled=None, made=None):
    return read_corpus(
        made or recipe(),
        table=table,
        data=None,
        columns=None,
        unlabelled=unlabelled,
        quarantine=Quarantine(),
        progress=silent,
    )


def test_posts_whose_label_is_empty_and_those_of_another_table_are_learnt_from(tmp_path):
    table = write(tmp_path / "posts.csv", labelled(12) + bare(labelled(4, 100)))
    other = write(tmp_path / "more.csv", labelled(3, 200))
    found = corpus(table, other)
    assert len(found.sources[0].posts) == 12
    assert [(table, post.id) for table, post in found.unlabelled] == [
        *((str(table), f"{number}") for number in range(100, 104)),
        *((str(other), f"{number}") for number in range(200, 203)),
    ]


def test_without_such_an_objective_a_row_without_a_label_is_quarantined(tmp_path):
    table, quarantine = write(tmp_path / "posts.csv", labelled(12) + bare(labelled(4, 100))), Quarantine()
    made = replace(recipe(), enaet=None)
    found = read_corpus(made, table=table, data=None, columns=None, quarantine=quarantine, progress=silent)
    assert found.unlabelled == ()
    assert quarantine.reasons == {"no emotion": 4}


def test_near_duplicates_of_the_validation_split_are_left_out(tmp_path):
    rows = labelled(60)
    table = write(tmp_path / "posts.csv", rows)
    held = corpus(table, write(tmp_path / "one.csv", bare(labelled(1, 900)))).posts(held=True)
    assert 5 < len(held) < 40
    again = [[f"again {id}", text.upper() + "!", ""] for id, text, _ in rows]
    found = corpus(table, write(tmp_path / "again.csv", again))
    kept = {post.id.removeprefix("again ") for _, post in found.unlabelled}
    assert kept == {id for id, _, _ in rows} - {post.id for post in held}


def test_pictures_of_the_validation_split_are_left_out_too(tmp_path):
    rows = labelled(60)
    for id, *_ in rows:
        file = io.BytesIO()
        Image.fromarray(np.full((8, 8, 3), int(id), np.uint8)).save(file, "PNG")
        (tmp_path / f"{id}.png").write_bytes(file.getvalue())
    made = small_family.recipe("early", enaet=MIXMATCH, choices__validation=0.3)

    def with_pictures(name, rows):
        columns = ("id", "text", "emotion", "image")
        lines = [json.dumps(dict(zip(columns, row, strict=True))) for row in rows]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
        return tmp_path / name

    table = with_pictures("posts.jsonl", [(*row, f"{row[0]}.png") for row in rows])
    other = with_pictures("other.jsonl", [(f"o{id}", f"x{id} y{id} z{id}", "", f"{id}.png") for id, *_ in rows])
    found = corpus(table, other, made)
    held = {post.id for post in found.posts(held=True)}
    assert {post.id for _, post in found.unlabelled} == {f"o{id}" for id, *_ in rows} - {f"o{id}" for id in held}


def test_their_words_are_known_and_their_labels_are_not(tmp_path, words):
    table = write(tmp_path / "posts.csv", labelled(12))
    other = write(tmp_path / "more.csv", [["x", "sunny house", "fear"]])
    made = recipe()
    found = encode_corpus(
        corpus(table, other), made, Resources(tmp_path / "f", words), quarantine=None, progress=silent
    )
    assert len(found.unlabelled) == 1
    assert found.unlabelled.labels.tolist() == [0]
    assert found.unlabelled.inputs["text"].count_nonzero() == 2
    without = replace(found, unlabelled=None)
    assert found.digest(made) != without.digest(made), "a checkpoint is not continued with other posts"
    assert found.only("text").unlabelled is not None


def test_a_model_is_trained_and_its_card_says_so(tmp_path, words):
    table = write(tmp_path / "posts.csv", labelled(36) + bare(labelled(5, 100)))
    other = write(tmp_path / "more.csv", bare(labelled(30, 200)))
    out = train(recipe(), tmp_path / "run", table=table, unlabelled=other, resources=Resources(tmp_path / "f", words))
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["unlabelled"] == 35
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "35 posts without labels taught it too, by guesses of their emotion (EnAET)." in card
    assert f"--unlabelled {other}" in card
    assert "more.csv" in card
    assert EmotionClassifier.load(out).emotions


def test_dev_posts_that_were_learnt_from_without_labels_are_said_to_be_known(tmp_path, words):
    table = write(tmp_path / "posts.csv", labelled(36))
    dev = labelled(12, 300)
    other = write(tmp_path / "more.csv", bare(labelled(30, 200) + dev[:4]))
    out = train(
        recipe(),
        tmp_path / "run",
        table=table,
        dev=write(tmp_path / "dev.csv", dev),
        unlabelled=other,
        resources=Resources(tmp_path / "f", words),
    )
    scores = json.loads((out / "metrics.json").read_text(encoding="utf-8"))["scores"]
    assert "dev, without the 4 posts that also appear in the training data" in scores


@pytest.mark.slow
def test_the_recipe_for_few_labels_trains_on_words_and_pictures(tmp_path):
    table = small_pictures.write_posts(tmp_path / "posts", 40)
    rows = [*csv.reader(table.open(encoding="utf-8", newline=""))]
    for number, row in enumerate(rows[1:]):
        row[3] = row[3] if number % 4 < 2 else ""
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    made = small_family.changed(read_recipe("enaet"), steps__max_steps=6, choices__validation=0.0)
    out = train(made, tmp_path / "run", table=table)
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8"))["unlabelled"] == 20
    weights = {name.partition(".")[0] for name in load_file(out / "model.safetensors")}
    assert weights == {"embedders", "fusion"}, "decoders are not part of the model"
    (answer,) = EmotionClassifier.load(out).predict(
        [Post("1", "tears all night", image=tmp_path / "posts/images/3.png")]
    )
    assert answer.modalities == ("text", "image")
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "by guesses of their emotion and by transformations of their pictures (EnAET)." in card


# What is refused, in one line each


def test_no_posts_without_labels(tmp_path):
    table = write(tmp_path / "posts.csv", labelled(12))
    with pytest.raises(ConfigError, match="give some with --unlabelled TABLE, or leave the emotion of some rows"):
        corpus(table)


def test_a_table_without_rows_or_without_posts(tmp_path):
    table = write(tmp_path / "posts.csv", labelled(12))
    with pytest.raises(TableError, match=r"empty\.csv"):
        corpus(table, write(tmp_path / "empty.csv", []))
    with pytest.raises(TableError, match=r"blank\.csv: none of its rows is a post that can be read"):
        corpus(table, write(tmp_path / "blank.csv", [["1", "", ""], ["2", " ", ""]]))


def test_nothing_but_near_duplicates_of_the_validation_split(tmp_path):
    table = write(tmp_path / "posts.csv", labelled(60))
    held = corpus(table, write(tmp_path / "one.csv", bare(labelled(1, 900)))).posts(held=True)
    other = write(tmp_path / "same.csv", [[f"s{post.id}", post.text, ""] for post in held])
    with pytest.raises(TableError, match="each post without a label is a near-duplicate of one in the valid"):
        corpus(table, other)


def test_a_table_without_the_column_of_labels_is_refused_as_ever(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("id,text\n1,sunny\n", encoding="utf-8")
    with pytest.raises(TableError, match="emotion"):
        corpus(path)


def test_posts_without_labels_that_nothing_would_learn_from(tmp_path):
    table = write(tmp_path / "posts.csv", labelled(12))
    with pytest.raises(ConfigError, match=r"this recipe learns from labels alone; leave it out, or give a recipe with"):
        train(replace(recipe(), enaet=None), tmp_path / "run", table=table, unlabelled=table)
    assert not (tmp_path / "run").exists()


def test_a_teacher_beside_guesses(tmp_path):
    with pytest.raises(ConfigError, match="its guesses take the place of a teacher's answers; leave --teacher out"):
        train(recipe(), tmp_path / "run", table=tmp_path / "posts.csv", teachers=[tmp_path / "t.jsonl"])
