"""What is made of the answers: the labelled table, the list of disagreements, and files of other programs."""

import json
import re

import pytest

from feelscope.errors import FeelscopeError, LabelError
from feelscope.label.answers import Answers
from feelscope.label.codebook import of_names
from feelscope.label.disagreements import write_disagreements
from feelscope.label.exchange import export_answers, format_of
from feelscope.label.export import export
from feelscope.label.importing import import_answers
from feelscope.label.opened import answers_of, read
from feelscope.table import PostsTable

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
ANN = {"0": "Wut", "1": "Wut", "2": "Freude", "3": "unclear", "4": "Wut"}
BOB = {"0": "Wut", "1": "Freude", "2": "Verlust", "3": "unclear", "4": "Freude"}
EVE = {"4": "Wut"}


@pytest.fixture
def opened(tmp_path):
    """Six posts: agreed, decided, a tie, unclear, two of three, not answered."""
    (tmp_path / "one.png").write_bytes(PNG)
    rows = "".join(f'{n},"Post, {n}",{"one.png" if n == 0 else ""},joy,0.{n + 1},{n}\n' for n in range(6))
    (tmp_path / "posts.csv").write_text(f"id,text,image,emotion,inclusion_probability,raters\n{rows}")
    answers = Answers(answers_of(tmp_path / "posts.csv"), "label")
    answers.keep_codebook(of_names(("Freude", "Verlust", "Wut")))
    for person, given in (("ann", ANN), ("bob", BOB), ("eve", EVE)):
        for id, answer in given.items():
            answers.add(person, id, answer, 1, note="how odd" if (person, id) == ("bob", "2") else "")
    Answers(answers.path, "adjudicate").add("eva", "1", "Wut", 1)
    return read(tmp_path / "posts.csv")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_labelled_table(opened, tmp_path, ending):
    out = tmp_path / f"labelled.{ending}"
    done = export(opened, out)
    assert str(done) == "3 posts; left out: 1 whose answers tie, 1 unclear, 1 that nobody answered"
    posts = {post.id: post for post in PostsTable(out, need=("emotion",))}
    assert {id: post.emotion for id, post in posts.items()} == {"0": "Wut", "1": "Wut", "4": "Wut"}
    named = ("agreement", "raters", "inclusion_probability", "emotion_before", "raters_before")
    cells = {id: [str(post.other[name]) for name in named] for id, post in posts.items()}
    assert cells == {
        "0": ["1.0", "2", "0.1", "joy", "0"],
        "1": ["0.5", "2", "0.2", "joy", "1"],
        "4": ["0.6667", "3", "0.5", "joy", "4"],
    }
    assert [str(post.other["decided"]).lower() for post in posts.values()] == ["false", "true", "false"]
    assert posts["0"].image == tmp_path / "one.png"
    before = out.read_bytes()
    with pytest.raises(LabelError, match="is there already; name another file, or remove it"):
        export(opened, out)
    assert out.read_bytes() == before


def test_pictures_elsewhere_are_told(opened, tmp_path):
    (tmp_path / "deep").mkdir()
    done = export(opened, tmp_path / "deep" / "labelled.csv")
    assert done.remarks == [f"its pictures lie elsewhere; read it with --images {tmp_path}"]
    assert "one.png" in (tmp_path / "deep" / "labelled.csv").read_text()


def test_nothing_to_export_is_said(tmp_path):
    (tmp_path / "posts.csv").write_text("id,text\n1,one\n")
    opened = read(tmp_path / "posts.csv")
    for write in (
        lambda: export(opened, tmp_path / "out.csv"),
        lambda: export_answers(opened, tmp_path / "out.csv", "doccano"),
        lambda: write_disagreements(opened, tmp_path / "out.csv"),
    ):
        with pytest.raises(LabelError, match="nothing is written"):
            write()
    assert not (tmp_path / "out.csv").exists()


def test_the_list_of_disagreements(opened, tmp_path):
    assert write_disagreements(opened, tmp_path / "differ.jsonl") == 3
    rows = {row["id"]: row for row in map(json.loads, (tmp_path / "differ.jsonl").read_text().splitlines())}
    assert rows["1"]["decision"] == "Wut" and rows["2"]["decision"] == ""
    assert (rows["2"]["answer of ann"], rows["2"]["answer of bob"], rows["2"]["answer of eve"]) == (
        "Freude",
        "Verlust",
        "",
    )
    assert rows["2"]["note of bob"] == "how odd" and list(rows) == ["1", "2", "4"]
    with pytest.raises(LabelError, match="is there already"):
        write_disagreements(opened, tmp_path / "differ.jsonl")


def another(tmp_path):
    """The same posts without answers."""
    (tmp_path / "again.csv").write_bytes((tmp_path / "posts.csv").read_bytes())
    return read(tmp_path / "again.csv")


def kept(opened, mode="label"):
    return Answers(opened.answers, mode).by_person


def test_label_studio_there_and_back(opened, tmp_path):
    out = tmp_path / "tasks.json"
    assert format_of(out) == "label-studio"
    assert str(export_answers(opened, out, "label-studio")) == "4 posts; left out: 2 without an emotion"
    posts = {post.id: post for post in PostsTable(out, need=("emotion",))}
    assert {id: post.emotion for id, post in posts.items()} == {"0": "Wut", "1": "Wut", "4": "Wut"}
    assert posts["0"].text == "Post, 0" and posts["4"].other["agreement"] == 0.6667
    again = another(tmp_path)
    assert str(import_answers(again, out)) == "8 answers added"
    ann, bob = ({id: of[id] for id in ("0", "2", "4")} for of in (ANN, BOB))
    assert kept(again) == {"ann": ann, "bob": bob, "eva": {"1": "Wut"}, "eve": EVE}
    assert str(import_answers(again, out)) == "0 answers added; 8 already there"


def test_doccano_there_and_back(opened, tmp_path):
    export_answers(opened, tmp_path / "all.jsonl", "doccano")
    posts = {post.id: post for post in PostsTable(tmp_path / "all.jsonl", need=("emotion",))}
    assert {id: post.emotion for id, post in posts.items()} == {"0": "Wut", "1": "Wut", "4": "Wut"}
    again = another(tmp_path)
    assert str(import_answers(again, tmp_path / "all.jsonl")) == "8 answers added"
    assert kept(again)["all 1"] == {"0": "Wut", "1": "Wut", "2": "Freude", "4": "Wut"}
    (tmp_path / "zoe.jsonl").write_text('{"id": 5, "text": "Post, 5", "label": ["Verlust"]}\n')
    import_answers(again, tmp_path / "zoe.jsonl")
    assert kept(again)["zoe"] == {"5": "Verlust"}, "one label a text is one person's"


def test_answers_of_two_machines_come_together(opened, tmp_path):
    again = another(tmp_path)
    answers = Answers(again.answers, "label")
    for id, answer in (("0", "Wut"), ("1", "Verlust"), ("5", "skipped")):
        answers.add("ann", id, answer, 1)
    whole = again.answers.read_bytes()
    again.answers.write_bytes(whole + b'{"mode": "label", "anno')  # of a crash
    said = str(import_answers(again, opened.answers))
    assert said == "10 answers added; 1 already there; 1 left out, as the same person has answered otherwise here"
    assert kept(again)["ann"] == ANN | {"1": "Verlust"} and kept(again)["bob"] == BOB
    assert Answers(again.answers, "adjudicate").last == {"1": ("eva", "Wut")}
    assert Answers(again.answers, "label").codebook.names == ("Freude", "Verlust", "Wut")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "one.jsonl",
            '{"id": 77, "text": "x", "label": ["Wut"]}',
            "has answers to 1 post that {} does not have (77); take them out",
        ),
        (
            "one.jsonl",
            '{"id": 1, "text": "x", "label": ["Angst"]}',
            "it has other emotions (Angst) than Freude, Verlust, Wut",
        ),
        ("one.jsonl", '{"id": 1, "text": "x", "label": []}', "there is no answer in it"),
        ("one.csv", "id,text\n1,x", "expected answers of feelscope label, or an export of doccano"),
        ("one.jsonl", '{"mode": "label", "id": "1"}', "line 1: no answer"),
        ("one.json", '[{"id": 1, "data": {"id": 1.5, "text": "x"}, "annotations": []}]', "no id"),
        ("gone.jsonl", "", "no such file"),
    ],
)
def test_what_cannot_be_imported_is_said_and_nothing_is_added(opened, tmp_path, name, content, said):
    before = opened.answers.read_bytes()
    if content:
        (tmp_path / name).write_text(content)
    with pytest.raises(FeelscopeError, match=re.escape(said.format(opened.path))):
        import_answers(opened, tmp_path / name)
    assert opened.answers.read_bytes() == before
