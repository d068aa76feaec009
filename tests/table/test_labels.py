"""Labels: null words, names of numbers, columns of 0 and 1; and that they never cost a post that does not need one."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feelscope.errors import TableError
from feelscope.table import PostsTable
from feelscope.table.settings import reading_with


def csv(folder: Path, *rows: str) -> Path:
    (folder / "posts.csv").write_text("\n".join(rows) + "\n")
    return folder / "posts.csv"


def test_null_words_are_no_label_and_counted(tmp_path: Path) -> None:
    words = ["nan", "None", "NULL", "NA", "-", "", " n/a "]
    path = csv(tmp_path, "id,text,label", *(f"{n},x,{word}" for n, word in enumerate(words)), "z,x,nanny")
    table = PostsTable(path)
    assert [post.emotion for post in table] == [None] * 7 + ["nanny"]
    assert table.quarantine.null_words == {word.strip(): 1 for word in words if word}
    assert list(table) and table.quarantine.null_words["NA"] == 1  # a second pass adds nothing
    needed = PostsTable(path, need=("emotion",))
    assert [post.id for post in needed] == ["z"]
    assert needed.quarantine.reasons == {"no emotion": 7}


@pytest.mark.parametrize("label", [["joy", ["fear"]], {"a": 1}, "half \ud800", "nul \0"])
def test_a_label_that_nobody_needs_costs_no_post(tmp_path: Path, label: object) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({"id": "a", "text": "x", "label": label}) + "\n")
    table = PostsTable(path)
    (post,) = table
    assert (post.id, post.emotion, table.quarantine.emptied) == ("a", None, {"label": 1})
    with pytest.raises(TableError, match="cannot be read"):
        list(PostsTable(path, need=("emotion",)))


def test_a_list_of_labels_is_the_one_that_most_raters_gave(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    labels = (["joy"], ["joy", "sad", "happiness"], ["joy", "sad"], [])
    path.write_text("".join(json.dumps({"text": "x", "emotion": label}) + "\n" for label in labels))
    assert [post.emotion for post in PostsTable(path)] == ["joy", "happiness", None, None]
    table = PostsTable(path, need=("emotion",))
    assert len(list(table)) == 2
    assert table.quarantine.reasons == {"several emotions in one row, and none has most of them": 1, "no emotion": 1}


@pytest.mark.parametrize(
    "feature",
    [
        {"names": ["joy", "fear"], "_type": "ClassLabel"},
        {"names": {"0": "joy", "1": "fear"}},
        {"feature": {"names": ["joy", "fear"], "_type": "ClassLabel"}, "_type": "Sequence"},
        [{"names": ["joy", "fear"]}],
    ],
)
def test_names_of_numbers_in_a_parquet_file(tmp_path: Path, feature: object) -> None:
    labels = pa.array([1, 0, None, -1, 7], pa.int64())
    plain = pa.table({"text": list("abcde"), "label": labels})
    metadata = {"huggingface": json.dumps({"info": {"features": {"label": feature}}})}
    pq.write_table(plain.replace_schema_metadata(metadata), tmp_path / "posts.parquet")
    found = [post.emotion for post in PostsTable(tmp_path / "posts.parquet")]
    assert found == ["fear", "joy", None, None, None]


@pytest.mark.parametrize("metadata", ["{", "[]", '{"info": 5}', '{"info": {"features": {"label": {"names": [1, 2]}}}}'])
def test_metadata_of_another_kind_gives_no_names(tmp_path: Path, metadata: str) -> None:
    plain = pa.table({"text": ["x"], "label": pa.array([1])})
    pq.write_table(plain.replace_schema_metadata({"huggingface": metadata}), tmp_path / "posts.parquet")
    assert [post.emotion for post in PostsTable(tmp_path / "posts.parquet")] == ["1"]


def test_columns_of_0_and_1(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "id,text,rater,unclear,joy,fear",
        *("a,x,7,FALSE,1,0", "b,x,8,FALSE,0,1", "c,x,9,TRUE,0,0", "d,x,7,FALSE,1,1"),
    )
    with reading_with(labels="one-hot"):
        table = PostsTable(path, need=("emotion",))
        assert [(post.id, post.emotion) for post in table] == [("a", "joy"), ("b", "fear")]
        assert table.quarantine.reasons == {"no emotion": 1, "several emotions in one row": 1}
        assert table.unused == ("rater", "unclear")
        with pytest.raises(TableError, match="needs two or more columns of 0 and 1"):
            PostsTable(csv(tmp_path, "id,text,joy", "a,x,1"))


def test_columns_of_bits_that_are_called_as_emotions_are_labels_where_there_is_no_other(tmp_path: Path) -> None:
    rows = ("a,x,7,1,1,0", "b,x,8,0,0,1", "c,x,9,1,0,0")
    path = csv(tmp_path, "id,text,rater_id,unclear,joy,fear", *rows)
    table = PostsTable(path, need=("emotion",))
    assert [(post.id, post.emotion) for post in table] == [("a", "joy"), ("b", "fear")]
    assert table.quarantine.reasons == {"no emotion": 1}
    assert table.remarks == ("the label is the one of these columns that is 1: joy, fear",)
    assert [post.emotion for post in PostsTable(path)] == [None] * 3
    for header, more in (("joy,fear", ".7,.3"), ("joy,likes", "1,0")):
        other = csv(tmp_path, f"id,text,{header}", f"a,x,{more}")
        with pytest.raises(TableError, match="no emotion column"):
            PostsTable(other, need=("emotion",))


@pytest.mark.parametrize("cell", ['["joy","happiness","fear"]', "['joy', 'happiness', 'fear']", "joy#happiness#fear"])
def test_a_list_of_labels_in_a_cell_of_text(tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    (post,) = PostsTable(csv(tmp_path, "id,text,label", f'a,x,"{quoted}"'))
    assert (post.emotion, post.other["raters"], post.other["agreement"]) == ("happiness", 3, 0.6667)
