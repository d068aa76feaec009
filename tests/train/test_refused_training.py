"""What a training refuses before it begins, in one line each."""

from dataclasses import replace

import pytest
from small_family import recipe
from small_runs import TUNED, WORDS, bad_table, go_by_words, refused, write_place, write_table
from typer.testing import CliRunner

from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import FurtherSettings
from feelscope.errors import ConfigError, ModelError, TableError
from feelscope.train.recipe import DataSettings, Source


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return write_place(tmp_path_factory.mktemp("training"))


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("id,text\n1,hello\n", TableError, r"bad\.csv.*emotion"),
        ("", TableError, r"bad\.csv"),
        ("id,text,emotion\n", TableError, r"bad\.csv"),
        ("id,text,emotion\n1,,joy\n2,hello,\n", TableError, r"bad\.csv: none of its rows is a labelled post"),
    ],
    ids=["no emotion", "empty", "no rows", "only bad rows"],
)
def test_a_table_to_train_on_that_is_none(tmp_path, content, kind, said):
    refused(tmp_path, tmp_path / "out", kind, said, table=bad_table(tmp_path, content))
    left = {file.name for file in (tmp_path / "out").glob("*")}
    assert left <= {"quarantine.jsonl"}


@pytest.mark.parametrize(("most", "said"), [(0.05, "2 of 4 rows cannot be read"), (0.5, "none of its rows is")])
def test_too_many_broken_rows_are_not_trained_without(tmp_path, most, said):
    table = bad_table(tmp_path, "id,text,emotion\n1,,joy\n2,few\n3,few\n4,,joy\n")
    refused(tmp_path, tmp_path / "out", TableError, said, table=table, most_broken=most)


def test_after_a_bad_table_the_same_folder_is_taken(tmp_path):
    bad = bad_table(tmp_path, "id,text,emotion\n1,,joy\n")
    for _ in range(2):
        refused(tmp_path, tmp_path / "out", TableError, "none of its rows", table=bad)
    assert len((tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()) == 1, "of this run, not of both"


def test_nothing_is_left_where_nothing_was_made(tmp_path):
    refused(tmp_path, tmp_path / "out", TableError, "no such file", table=tmp_path / "none.csv")
    refused(tmp_path, tmp_path / "out", ModelError, "there is no checkpoint to resume from", resume=True)
    refused(tmp_path, tmp_path / "out", TableError, "no such file", dev=tmp_path / "none.csv")
    refused(tmp_path, tmp_path / "out", TableError, "emotion", dev=bad_table(tmp_path, "id,text\n1,hello\n"))
    refused(tmp_path, tmp_path / "out", ConfigError, "this recipe needs a posts table", table=None)
    own = replace(TUNED, data=DataSettings(tables=(Source("a.csv", "A", "free"),)))
    refused(tmp_path, tmp_path / "out", ConfigError, "give --data and no table", made=own, data=tmp_path)
    refused(tmp_path, tmp_path / "out", ConfigError, "with --data DIR", made=own, table=None)
    refused(tmp_path, tmp_path / "out", ConfigError, r"a\.csv: this table", made=own, table=None, data=tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"bad.csv"}


def test_a_folder_with_other_things_or_a_file_is_not_written_to(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    refused(tmp_path, tmp_path / "out", ModelError, "something is there already")
    refused(tmp_path, tmp_path / "out" / "thesis.txt", ModelError, "is a file; name a folder")
    refused(tmp_path, tmp_path / "out" / "thesis.txt" / "run", ModelError, "cannot be made")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_labels_that_the_recipe_does_not_know(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,wistful\n2,hi,smug\n")
    known = replace(TUNED, data=DataSettings(emotions=("joy", "fear")))
    refused(tmp_path, tmp_path / "out", TableError, "none of its labels is among joy, fear", made=known, table=table)
    (tmp_path / "bad.csv").rename(tmp_path / "own.csv")
    own = replace(TUNED, data=DataSettings(tables=(Source("own.csv", "A", "free", map="goemotion"),)))
    said = "no map of labels is named 'goemotion'; did you mean 'goemotions'"
    refused(tmp_path, tmp_path / "out", ConfigError, said, made=own, table=None, data=tmp_path)
    assert not (tmp_path / "out").exists()


def test_one_emotion_alone_cannot_be_trained(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,joy\n")
    refused(tmp_path, tmp_path / "out", TableError, "every post has the emotion 'joy'", table=table)
    assert not (tmp_path / "out").exists()


def test_a_dev_label_that_is_not_trained_on_is_said_before_the_training(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    (tmp_path / "dev.csv").write_text("id,text,emotion\n1,hello,happy\n2,hi,smug\n")
    said = r"dev\.csv: the label 'smug' is not trained on, known are fear, joy"
    refused(tmp_path, tmp_path / "out", TableError, said, table=table, dev=tmp_path / "dev.csv")
    assert not (tmp_path / "out").exists()


def test_a_data_folder_is_for_recipes_with_tables_of_their_own(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    refused(tmp_path, tmp_path / "out", ConfigError, "leave --data out", table=table, data=tmp_path)
    own = replace(TUNED, data=DataSettings(tables=(Source(table.name, "A", "free"),)))
    columns = {"text": "words"}
    said = "this recipe names the columns of its own tables; leave --columns out"
    refused(tmp_path, tmp_path / "out", ConfigError, said, made=own, table=None, data=tmp_path, columns=columns)
    assert not (tmp_path / "out").exists()


def test_a_modality_that_the_table_lacks(place, tmp_path):
    resources = Resources(tmp_path / "kept")
    said = r"posts\.csv: no post has any image that can be read, and the recipe reads image; name its column"
    pictures = recipe("image_only")
    refused(place, tmp_path / "out", TableError, said, go_by_words, made=pictures, resources=resources)
    said = r"no training post has a column 'ups'"
    ups = replace(WORDS, further=FurtherSettings(("numbers:ups",)))
    refused(place, tmp_path / "out", TableError, said, go_by_words, made=ups)
    refused(place, tmp_path / "out", ConfigError, "with --words FILE", go_by_words, resources=resources)
    assert not (tmp_path / "out").exists()


def test_what_is_known_before_the_training_is_said_before_it(place, tmp_path):
    words = Resources(tmp_path / "kept", place / "words" / "vectors.txt")
    said = r"--words .*vectors\.txt: this recipe reads no word vectors; leave it out, or give another recipe"
    refused(place, tmp_path / "out", ConfigError, said, resources=words)
    given = Resources(tmp_path / "kept", place / "words" / "vectors.txt", tmp_path)
    said = r"--weights .*: this recipe reads no published weights; leave it out"
    refused(place, tmp_path / "out", ConfigError, said, go_by_words, resources=given)
    weights = tmp_path / "minilm.onnx"
    weights.write_bytes(b"")
    gone = Resources(tmp_path / "kept", None, tmp_path / "gone")
    said = r"gone: no such file or folder; --weights takes the folder of the published weights"
    refused(place, tmp_path / "out", ModelError, said, resources=gone)
    said = r"--weights .*minilm\.onnx: only Inception takes a file; give the folder of the weights"
    refused(place, tmp_path / "out", ConfigError, said, resources=Resources(tmp_path / "kept", None, weights))
    assert not (tmp_path / "out").exists()


def test_an_unknown_or_an_older_recipe_on_the_command_line(tmp_path):
    from feelscope.cli import app

    table = str(write_table(tmp_path / "data", "posts.csv", 3))
    (tmp_path / "old.toml").write_text('purpose = "Mine."\nmodel = "joint"\n')
    for name, said in (
        ("fusoin", "no recipe is named 'fusoin'; did you mean 'fusion'?"),
        ("paper/jiont", "no recipe is named 'paper/jiont'; did you mean 'paper/joint'?"),
        (str(tmp_path / "old.toml"), "model is now [fusion] model"),
    ):
        result = CliRunner().invoke(app, ["train", table, "--recipe", name, "--out", str(tmp_path / "out")])
        assert isinstance(result.exception, ConfigError)
        assert said in str(result.exception)
    assert not (tmp_path / "out").exists()
