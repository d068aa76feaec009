"""Label Studio and doccano: what most raters say, and how many agree."""

from pathlib import Path

from layout_files import Read

from feelscope.table import PostsTable
from feelscope.table.settings import reading_with


def task(number: int, *choices: str, **more: object) -> dict[str, object]:
    def rating(choice: str) -> dict[str, object]:
        sure = {"type": "choices", "from_name": "certainty", "value": {"choices": ["high"]}}
        said = {"type": "choices", "from_name": "emotion", "value": {"choices": choice.split("|")}}
        return {"result": [sure, said], "was_cancelled": False, "completed_by": {"email": "someone@mail.example"}}

    return {
        "id": number,
        "data": {"text": f"Text {number}", "lang": "en"},
        "annotations": [*map(rating, choices)],
    } | more


def needed(table: PostsTable) -> PostsTable:
    return PostsTable(table.path, need=("emotion",))


def test_label_studio(read: Read) -> None:
    skipped = task(4, "joy", "sadness")
    skipped["annotations"][1]["was_cancelled"] = True  # type: ignore[index]
    tasks = [
        task(1, "joy", "happiness", "sadness"),
        task(2, "fear"),
        task(3, "joy", "sadness", created_at="2024-01-01T00:00:00Z"),
        skipped,
        task(5, predictions=[{"result": [{"type": "choices", "value": {"choices": ["joy"]}}]}]),
    ]
    found, table = read(whole=tasks, name="project-1.json")
    assert [(one.id, one.text) for one in found] == [(f"{number}", f"Text {number}") for number in range(1, 6)]
    assert all("someone" not in str(one) for one in found)
    labelled = needed(table)
    got = [(one.id, one.emotion, one.other.get("raters"), one.other.get("agreement")) for one in labelled]
    assert got == [("1", "happiness", 3, 0.6667), ("2", "fear", None, None), ("4", "joy", None, None)]
    several = "several emotions in one row, and none has most of them"
    assert labelled.quarantine.reasons == {several: 1, "no emotion": 1}


def test_label_studios_short_form(read: Read) -> None:
    def row(rater: int, label: object) -> dict[str, object]:
        about = {"annotator": rater, "annotation_id": rater, "lead_time": 2.5, "created_at": "2024-01-01T00:00:00Z"}
        return {"id": 7, "text": "Text", "emotion": label} | about

    found, table = read(whole=[row(1, "joy"), row(2, "joy"), row(3, {"choices": ["joy", "fear"]})], name="min.json")
    assert [(one.id, one.created_at) for one in found] == [("7", None)]
    assert [(one.emotion, one.other["raters"]) for one in needed(table)] == [("joy", 2)]


def test_doccano(read: Read) -> None:
    found, table = read(
        {"id": 1, "text": "Text 1", "label": ["joy"], "source": "mail"},
        {"id": 2, "text": "Text 2", "label": ["joy", "sadness", "joy"]},
        {"id": 3, "text": "Text 3", "label": []},
        {"id": 4, "text": "Text 4", "label": ["joy", "sadness"]},
        name="all.jsonl",
    )
    assert [(one.id, one.emotion) for one in found] == [("1", "joy"), ("2", "joy"), ("3", None), ("4", None)]
    assert found[0].other["source"] == "mail"
    labelled = needed(table)
    assert [(one.id, one.other.get("agreement")) for one in labelled] == [("1", None), ("2", 0.6667)]
    (other,), _ = read({"id": 5, "data": "Text 5", "labels": ["fear", "fear"]})
    assert (other.text, other.emotion, other.other["raters"]) == ("Text 5", "fear", 2)


def test_marked_spans_are_no_emotions(read: Read, tmp_path: Path) -> None:
    found, table = read({"id": 1, "text": "Text 1", "label": [[0, 4, "NAME"]]})
    assert (found[0].emotion, table.remarks) == (None, ())


def test_a_table_with_a_list_of_labels_here_and_there_is_a_table(read: Read) -> None:
    rows = [{"id": number, "text": f"Text {number}", "label": "joy", "mood": "up"} for number in range(9)]
    found, table = read(*rows, {"id": 9, "text": "Text 9", "label": ["joy"]})
    assert ([one.emotion for one in found], table.remarks) == (["joy"] * 10, ())
    mixed = [{"id": number, "text": f"Text {number}", "label": ["joy"]} for number in range(3)]
    found, table = read(*mixed, {"id": 4, "text": "Text 4", "label": "fear", "mood": "up"})
    assert [one.emotion for one in found] == ["joy", "joy", "joy", "fear"]
    assert found[3].other["mood"] == "up"


def test_doccanos_numbers(read: Read) -> None:
    before = {"id": 1, "text": "Text 1", "annotations": [{"label": 3, "user": 1}, {"label": 3, "user": 2}], "meta": {}}
    found, table = read(before, {"id": 2, "text": "Text 2", "label": [4]}, name="all.jsonl")
    assert [(one.id, one.emotion, one.other.get("raters")) for one in found] == [("1", "3", 2), ("2", "4", None)]
    assert table.remarks == ("read as posts of doccano",)
    span = {"label": 3, "start_offset": 0, "end_offset": 4, "user": 1}
    found, table = read({"id": 1, "text": "Text 1", "annotations": [span]})
    assert (found[0].emotion, table.remarks) == (None, ())


def test_labels_as_they_are(read: Read) -> None:
    _, table = read({"id": 1, "text": "Text 1", "label": ["joy", "happiness", "sadness"]})
    with reading_with(labels="as-they-are"):
        found = needed(table)
        assert (list(found), [*found.quarantine.reasons]) == (
            [],
            ["several emotions in one row, and none has most of them"],
        )
    (one,) = needed(table)
    assert (one.emotion, one.other["agreement"]) == ("happiness", 0.6667)
