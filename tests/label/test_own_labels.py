"""Labels of one's own: of a table, a folder or a dataset, with another codebook, adjudicated."""

import json
import shutil
from pathlib import Path

import pytest

from feelscope.errors import FeelscopeError, LabelError
from feelscope.label.answers import Answers
from feelscope.label.codebook import of_names
from feelscope.label.opened import answers_of, read
from feelscope.label.opening import Round, open_session
from feelscope.label.report import report, write_report
from feelscope.label.verdicts import Verdict, verdicts

EXAMPLES = Path(__file__).parents[2] / "examples"
OWN = Round(codebook=of_names(("Freude", "Verlust", "Wut")))


@pytest.fixture
def table(tmp_path):
    rows = "".join(f"{n},We saw the old house {n},0.{n + 1}\n" for n in range(6))
    (tmp_path / "posts.csv").write_text(f"id,text,inclusion_probability\n{rows}")
    return tmp_path / "posts.csv"


def answer(path, person, given, of=OWN):
    """Answers of one person: post to answer."""
    with open_session(path, of) as session:
        for id, said in given.items():
            state = session.answer(person, id, said, 1.0)
    return state


def test_a_folder_of_pictures_and_a_table_have_their_answers_beside_them(tmp_path, table):
    shutil.copytree(EXAMPLES / "images", tmp_path / "photos")
    answer(tmp_path / "photos", "ann", {"rain.jpg": "Verlust"})
    answer(table, "ann", {"1": "Wut"})
    assert answers_of(tmp_path / "photos") == tmp_path / "photos.answers.jsonl"
    assert Answers(tmp_path / "photos.answers.jsonl", "label").by_person == {"ann": {"rain.jpg": "Verlust"}}
    assert Answers(tmp_path / "posts.csv.answers.jsonl", "label").by_person == {"ann": {"1": "Wut"}}
    assert not list(tmp_path.rglob("*.lock"))
    with pytest.raises(LabelError, match=r"a\.jsonl: the folder .*none does not exist; make it first"):
        open_session(table, OWN, tmp_path / "none" / "a.jsonl").__enter__()
    with (
        open_session(table, OWN),
        pytest.raises(LabelError, match="another process is writing it"),
    ):
        open_session(table, OWN).__enter__()


def test_the_codebook_stays_with_the_answers(table):
    answer(table, "ann", {"1": "Wut", "2": "unclear"})
    with open_session(table, Round()) as session:
        assert session.choices == ("Freude", "Verlust", "Wut")
    more = Round(codebook=of_names(("Wut", "Heimweh")))
    with open_session(table, more) as session:
        assert session.about()["emotions"][1] == {"name": "Heimweh", "definition": "", "example": ""}
    with pytest.raises(LabelError, match=r"answers\.jsonl: 1 of 2 answers are of other emotions \(Wut\); label with"):
        answer(table, "ann", {}, Round(codebook=of_names(("joy", "fear"))))
    with open_session(table, Round()) as session:
        assert session.choices == ("Wut", "Heimweh"), "what was refused is not kept"


def test_without_a_codebook_the_posts_own_emotions_are_the_choices(tmp_path):
    (tmp_path / "posts.csv").write_text("id,text,emotion\n1,one,Wut\n2,two,Heimweh\n")
    with open_session(tmp_path / "posts.csv", Round()) as session:
        assert session.choices == ("Heimweh", "Wut")
    rows = "".join(f"{n},post,e{n}\n" for n in range(31))
    (tmp_path / "many.csv").write_text(f"id,text,emotion\n{rows}")
    with pytest.raises(LabelError, match="its emotions: 31 emotions, and a page has room for 30; name those"):
        open_session(tmp_path / "many.csv", Round()).__enter__()


def test_a_table_without_posts_is_said(tmp_path):
    (tmp_path / "posts.csv").write_text("id,text\n")
    with pytest.raises(FeelscopeError, match="no rows below the header"):
        read(tmp_path / "posts.csv")
    (tmp_path / "posts.csv").write_text("id,text\n1,\n")
    with pytest.raises(LabelError, match="there is no post in it"):
        read(tmp_path / "posts.csv")


def test_what_is_skipped_comes_again_at_the_end_and_counts_for_nothing(table):
    with open_session(table, OWN) as session:
        order = [post.id for post in session.posts]
        for id in order[:2]:
            state = session.answer("ann", id, "skipped", 1)
        assert (state["id"], state["done"], state["skipped"]) == (order[2], 0, 2)
        for id in order[2:]:
            state = session.answer("ann", id, "Wut", 1)
        assert (state["id"], state["done"]) == (order[0], 4)
        state = session.answer("ann", order[0], "skipped", 1)
        assert state["id"] == order[1], "the other one first"
        session.answer("ann", order[2], "skipped", 1)
    kept = Answers(answers_of(table), "label")
    assert kept.by_person["ann"] == dict.fromkeys(order[3:], "Wut"), "a skip takes an answer back"
    assert list(kept.skipped["ann"]) == [order[1], order[0], order[2]]


def test_undo_goes_back_as_far_as_there_are_answers_also_after_a_new_start(table):
    with open_session(table, OWN) as session:
        order = [post.id for post in session.posts]
        session.answer("ann", order[0], "Wut", 1, "is this irony?")
        session.answer("ann", order[1], "skipped", 1)
        assert session.previous("ann", order[2])["id"] == order[1]
    with open_session(table, OWN) as session:
        state = session.previous("ann", order[1])
        assert (state["id"], state["answer"], state["note"]) == (order[0], "Wut", "is this irony?")
        assert session.previous("ann", order[0])["id"] == order[2], "nothing is before it"
        assert session.previous("bob", "")["id"] == order[0]
        session.answer("ann", order[0], "Freude", 1)
        assert session.next("ann")["id"] == order[2]
    assert Answers(answers_of(table), "label").notes["ann"] == {}, "the last note counts"


def test_one_person_decides_where_others_differ(table):
    with pytest.raises(LabelError, match="nobody has answered yet; there is nothing to adjudicate"):
        open_session(table, Round("adjudicate")).__enter__()
    answer(table, "ann", {"0": "Wut", "1": "Wut", "2": "Freude", "3": "unclear"})
    with pytest.raises(LabelError, match="only ann has answered; there is nothing to adjudicate before two people"):
        open_session(table, Round("adjudicate")).__enter__()
    answer(table, "bob", {"0": "Wut"})
    with pytest.raises(LabelError, match="the 2 people agree wherever two have answered"):
        open_session(table, Round("adjudicate")).__enter__()
    answer(table, "bob", {"1": "Verlust", "2": "Verlust", "3": "Wut", "4": "Wut"})
    with open_session(table, Round("adjudicate")) as session:
        state = session.next("eva")
        assert (state["total"], state["done"]) == (3, 0)
        said = {one["annotator"]: one["answer"] for one in session._shown("eva", session.post("2"))["others"]}
        assert said == {"ann": "Freude", "bob": "Verlust"}
        for id, decision in (("1", "Wut"), ("2", "unclear")):
            session.answer("eva", id, decision, 1)
    with open_session(table, Round("adjudicate")) as session:
        assert session.next("zoe")["id"] == "3", "what somebody decided is asked no more"
    lines = [json.loads(line) for line in answers_of(table).read_text().splitlines()]
    assert [(one["annotator"], one["id"]) for one in lines if one["mode"] == "adjudicate"] == [
        ("eva", "1"),
        ("eva", "2"),
    ]
    came_out = verdicts(Answers(answers_of(table), "label"), Answers(answers_of(table), "adjudicate"))
    assert came_out["0"] == Verdict("Wut", 2, 1.0)
    assert came_out["1"] == Verdict("Wut", 2, 0.5, is_decided=True)
    assert came_out["2"].emotion == "" and came_out["2"].is_decided
    assert came_out["3"].answer == "tie" and came_out["4"] == Verdict("Wut", 1, 1.0)


def test_the_report_has_the_model_and_is_written_as_text_csv_and_json(tmp_path):
    shutil.copy(EXAMPLES / "posts.csv", tmp_path / "plain.csv")
    text = (tmp_path / "plain.csv").read_text().replace(",emotion\n", ",was\n", 1)
    (tmp_path / "plain.csv").write_text(text)
    ids = [post.id for post in read(tmp_path / "plain.csv").posts]
    seven = Round()
    answer(tmp_path / "plain.csv", "ann", dict.fromkeys(ids[:4], "happiness") | dict.fromkeys(ids[4:8], "fear"), seven)
    answer(tmp_path / "plain.csv", "bob", dict.fromkeys(ids[:6], "happiness") | {ids[6]: "unclear"}, seven)
    opened = read(tmp_path / "plain.csv")
    assert not opened.emotions
    found = report(opened, "builtin")
    measured = {(one.measure, one.of, one.against) for one in found.numbers}
    assert ("Cohen's kappa", "ann", "the model") in measured and (
        "Krippendorff's alpha",
        "people and the model",
        "",
    ) in measured
    assert ("share right", "ann", "the other people") in measured, "without any label of before"
    assert "bob: 7 answers, 1 unclear" in found.lines
    for ending in ("txt", "csv", "json"):
        write_report(tmp_path / f"report.{ending}", opened, "builtin", found)
    assert (tmp_path / "report.txt").read_text().splitlines() == found.lines
    rows = json.loads((tmp_path / "report.json").read_text())["numbers"]
    assert len((tmp_path / "report.csv").read_text().splitlines()) == len(rows) + 1 == len(found.numbers) + 1
    with pytest.raises(LabelError, match=r"expected a name that ends in \.txt, \.csv or \.json"):
        write_report(tmp_path / "report.docx", opened, "builtin", found)
    judge = Round("judge", explain=False)
    with open_session(tmp_path / "plain.csv", judge) as session:
        for post in session.posts[:4]:
            session.answer("eva", post.id, "right", 1)
    found = report(opened, "builtin", "judge")
    assert "eva: calls 1.000 (1.000 to 1.000) of the model's answers right, 4 posts" in found.lines


def test_a_model_of_other_emotions_is_left_out_and_said(table):
    answer(table, "ann", {"0": "Wut", "1": "Freude"})
    found = report(read(table), "builtin")
    assert "fewer than two of the emotions that people chose from" in found.lines[-1]
    assert not [one for one in found.numbers if "model" in one.against]
