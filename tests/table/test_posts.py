import csv
import dataclasses
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.table import PostsTable, Quarantine


def csv_table(folder: Path, text: str | bytes, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def json_table(folder: Path, *rows: object) -> Path:
    return csv_table(folder, "".join(json.dumps(row) + "\n" for row in rows), "posts.jsonl")


def parquet_table(folder: Path, **columns: object) -> Path:
    path = folder / "posts.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def refused(path: Path, columns: dict[str, str] | None = None, need: tuple[str, ...] = ()) -> str:
    """The one line a table is refused with, before any post comes."""
    with pytest.raises(TableError) as caught:
        PostsTable(path, columns, need=need)
    message = str(caught.value)
    assert "\n" not in message
    return message


def lenient(path: Path) -> PostsTable:
    """A table of which every row may be broken."""
    return PostsTable(path, quarantine=Quarantine(most_broken=1.0))


def bad_rows(table: PostsTable) -> list[tuple[str | None, int, str]]:
    """Read a table to its end: what came to the quarantine, of which there may be any number."""
    path = table.path.with_name("quarantine.jsonl")
    with Quarantine(path, most_broken=1.0) as quarantine:
        list(PostsTable(table.path, need=table.need, quarantine=quarantine))
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == quarantine.count == sum(quarantine.reasons.values())
    assert all(row["table"] == str(table.path) and list(row) == ["id", "row", "table", "reason"] for row in rows)
    return [(row["id"], row["row"], row["reason"]) for row in rows]


# Posts


def test_a_post_from_every_column(tmp_path: Path) -> None:
    path = csv_table(
        tmp_path,
        "id,title,text,image,emotion,created_at,author,mood music\n"
        "7,Rain,It pours,pics/rain.jpg,sadness,2024-05-01T10:00:00Z,ab12,loud\n",
    )
    other = {"created_at": "2024-05-01T10:00:00Z", "author": "ab12", "mood music": "loud"}
    (post,) = PostsTable(path)
    when = datetime.datetime(2024, 5, 1, 10, tzinfo=datetime.UTC)
    whole = Post("7", "It pours", "Rain", tmp_path / "pics/rain.jpg", "sadness", other)
    assert post == dataclasses.replace(whole, created_at=when, author="ab12")


def test_the_three_formats_give_the_same_posts(tmp_path: Path) -> None:
    columns = {"id": ["a", "b"], "text": ["Grüße 🌧", "two\nlines"], "image": ["x.png", ""], "n": ["1", "2"]}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    tables = [
        csv_table(tmp_path, 'id,text,image,n\na,Grüße 🌧,x.png,1\nb,"two\nlines",,2\n'),
        json_table(tmp_path, *rows),
        parquet_table(tmp_path, **columns),
        csv_table(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), "posts.ndjson"),
    ]
    first, *others = [list(PostsTable(path)) for path in tables]
    assert [post.id for post in first] == ["a", "b"]
    assert all(posts == first for posts in others)


def test_can_be_iterated_again_and_bad_rows_count_once(tmp_path: Path) -> None:
    table = PostsTable(csv_table(tmp_path, "id,text\na,x\na,y\n,z\n"))
    assert list(table) == list(table)
    assert table.quarantine.count == 2
    assert dict(table.quarantine.reasons) == {"duplicate id": 1, "empty id": 1}


def test_a_half_read_table_reports_the_rest_on_the_next_pass(tmp_path: Path) -> None:
    table = PostsTable(csv_table(tmp_path, "id,text\n,x\nb,y\n,z\n"))
    assert next(iter(table)).id == "b"
    assert table.quarantine.count == 1
    list(table)
    assert table.quarantine.count == 2


@pytest.mark.parametrize(("limit", "ids"), [(None, "abc"), (0, ""), (2, "ab"), (9, "abc")])
def test_limit_counts_posts(tmp_path: Path, limit: int | None, ids: str) -> None:
    table = PostsTable(csv_table(tmp_path, "id,text\na,x\n,bad\nb,x\nc,x\n"), limit=limit)
    assert "".join(post.id for post in table) == ids


def test_rough_length(tmp_path: Path) -> None:
    assert 2 <= PostsTable(csv_table(tmp_path, "id,text\na,x\nb,y\n")).rough_length() <= 3
    assert PostsTable(parquet_table(tmp_path, id=["a", "b"], text=["x", "y"])).rough_length() == 2


# Columns


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("id,text", {"id": "id", "text": "text"}),
        ("ID, Text ", {"id": "ID", "text": " Text "}),
        ("post_id,Caption,img,label", {"id": "post_id", "text": "Caption", "image": "img", "emotion": "label"}),
        ("_id,tweet,picture,feeling", {"id": "_id", "text": "tweet", "image": "picture", "emotion": "feeling"}),
        ("tweet_id,message,date,user", {"id": "tweet_id", "text": "message", "created_at": "date", "author": "user"}),
        ("Text,text,id", {"id": "id", "text": "text"}),
        ("body,caption,id", {"id": "id", "text": "caption"}),
        ("id,text,sentiment", {"id": "id", "text": "text"}),
        ("id,filename,timestamp", {"id": "id", "image": "filename", "created_at": "timestamp"}),
    ],
)
def test_columns_are_found(tmp_path: Path, header: str, found: dict[str, str]) -> None:
    row = ",".join("x" * len(header.split(",")))
    assert PostsTable(csv_table(tmp_path, f"{header}\n{row}\n")).columns == found


def test_given_columns_win(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "id,text,Comment\na,no,yes\n")
    table = PostsTable(path, {"text": "Comment"})
    assert table.columns == {"id": "id", "text": "Comment"}
    assert next(iter(table)).text == "yes"
    assert PostsTable(path, {"id": "text", "text": "Comment"}).columns == {"id": "text", "text": "Comment"}


def test_a_given_column_is_nothing_else(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "id,text,caption,posted\na,one,two,2012-10-01\n")
    table = PostsTable(path, {"title": "text", "created_at": "posted"})
    assert table.columns == {"id": "id", "title": "text", "text": "caption", "created_at": "posted"}
    (post,) = table
    assert (post.title, post.text, post.other) == ("one", "two", {"created_at": "2012-10-01"})


def test_a_column_may_be_given_under_its_own_name(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "id,text,author,user\na,x,me,you\n")
    assert PostsTable(path, {"author": "author"}).columns == {"id": "id", "text": "text", "author": "author"}


def test_a_given_column_that_is_not_there(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "id,Caption,Likes\na,x,1\n")
    message = refused(path, {"text": "caption"})
    assert f"{path}: no column 'caption'; did you mean 'Caption'?" == message
    assert "did you mean 'text'?" in refused(path, {"txet": "Caption"})


def test_a_given_column_hides_none(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "id,text,created_at,posted\na,x,2020-01-01,2021-01-01\n")
    (post,) = PostsTable(path, {"created_at": "posted"})
    assert post.created_at is not None and post.created_at.year == 2021
    assert post.other == {"created_at": "2021-01-01", "other_created_at": "2020-01-01"}


def test_standard_columns_pass_on_under_their_standard_names(tmp_path: Path) -> None:
    (post,) = PostsTable(json_table(tmp_path, {"id": "a", "text": "x", "Date": 5, "tags": ["p", "q"], "x": None}))
    assert post.other == {"created_at": 5, "tags": ["p", "q"], "x": None}


def test_missing_columns(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "Caption,Likes\nx,1\n")
    said = refused(path, need=("id",))
    assert said == f"{path}: no id column; it has Caption, Likes; name one with --columns id=NAME"
    path = csv_table(tmp_path, "id,Likes\nx,1\n")
    assert "no text and no image column; it has id, Likes" in refused(path)
    path = csv_table(tmp_path, "id,text\na,x\n")
    assert "no emotion column" in refused(path, need=("emotion",))
    wide = csv_table(tmp_path, ",".join(f"c{n}" for n in range(50)) + "\n" + ",".join("x" * 50))
    assert "c19 and 30 more" in refused(wide)


def test_a_json_column_that_comes_late(tmp_path: Path) -> None:
    early = [{"id": str(n), "text": "x"} for n in range(1200)]
    path = json_table(tmp_path, *early, {"id": "late", "text": "x", "label": "joy", "extra": 1})
    table = PostsTable(path)
    assert "emotion" not in table.columns
    *_, last = table
    assert (last.emotion, last.other) == ("joy", {"extra": 1})
    assert table.columns == {"id": "id", "text": "text", "emotion": "label"}


# Tables that cannot be read


@pytest.mark.parametrize("name", ["posts.csv", "posts.jsonl"])
@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_empty_file(tmp_path: Path, name: str, text: str) -> None:
    assert "the file is empty" in refused(csv_table(tmp_path, text, name))


def test_no_rows(tmp_path: Path) -> None:
    assert "no rows" in refused(csv_table(tmp_path, "id,text\n\n"))
    assert "no rows" in refused(parquet_table(tmp_path, id=pa.array([], pa.string()), text=pa.array([], pa.string())))


def test_unknown_ending_and_no_file(tmp_path: Path) -> None:
    message = refused(csv_table(tmp_path, "id,text\na,x\n", "posts.docx"))
    assert ".csv" in message and ".jsonl" in message and ".parquet" in message
    assert refused(tmp_path / "none.csv") == f"{tmp_path / 'none.csv'}: no such file"
    (tmp_path / "folder.csv").mkdir()
    assert "not a regular file" in refused(tmp_path / "folder.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes as files here")
def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert "not a regular file" in refused(tmp_path / "pipe.csv")


def test_files_that_are_something_else(tmp_path: Path) -> None:
    assert "UTF-8" in refused(csv_table(tmp_path, "id,text\na,x\n".encode("utf-16-le")))
    assert "no line is a JSON object" in refused(csv_table(tmp_path, "id,text\na,x\n", "posts.jsonl"))
    assert "no line is a JSON object" in refused(csv_table(tmp_path, '[{"id": 1},\n{"id": 2}]\n', "posts.jsonl"))
    assert "not a readable Parquet file" in refused(csv_table(tmp_path, "id,text\na,x\n", "posts.parquet"))


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    assert "same name (text)" in refused(csv_table(tmp_path, "id,text,text\na,x,y\n"))
    path = tmp_path / "twice.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["a"])] * 2, names=["id", "id"]), path)
    assert "same name (id)" in refused(path)


def test_damaged_parquet(tmp_path: Path) -> None:
    path = parquet_table(tmp_path, id=[f"{n}" for n in range(5000)], text=[f"word {n * 7919}" for n in range(5000)])
    data = bytearray(path.read_bytes())
    data[200:4000] = bytes(3800)
    path.write_bytes(data)
    with pytest.raises(TableError, match="damaged after row 0"):
        list(PostsTable(path))


def test_fractional_parquet_ids_are_refused_at_once(tmp_path: Path) -> None:
    message = refused(parquet_table(tmp_path, id=[1.0, 2.0], text=["x", "y"]))
    assert "id column 'id' holds fractional numbers" in message and "save it as text" in message


# Cells


def test_csv_of_spreadsheets(tmp_path: Path) -> None:
    path = csv_table(tmp_path, '\ufeffid,text,note\r\na,"He said ""hi"",\r\ntwice",\r\n\r\nb,y,"x,y"\r\n')
    assert [(post.text, post.other) for post in PostsTable(path)] == [
        ('He said "hi",\r\ntwice', {"note": ""}),
        ("y", {"note": "x,y"}),
    ]
    for mark in ";\t":
        path = csv_table(tmp_path, f"id{mark}text\na{mark}one, two\n")
        assert [post.text for post in PostsTable(path)] == ["one, two"]


def test_an_unnamed_csv_column_has_its_place_as_name(tmp_path: Path) -> None:
    (post,) = PostsTable(csv_table(tmp_path, ",id,text\n0,a,x\n"))
    assert post.other == {"column_1": "0"}


def test_a_text_of_a_megabyte(tmp_path: Path) -> None:
    text = "word " * 200_000
    for path in (
        csv_table(tmp_path, f"id,text\na,{text}\n"),
        json_table(tmp_path, {"id": "a", "text": text}),
        parquet_table(tmp_path, id=["a"], text=[text]),
    ):
        assert [post.text for post in PostsTable(path)] == [text]


def test_nothing_is_nothing(tmp_path: Path) -> None:
    nothing = [None, float("nan"), ""]
    rows = [{"id": str(n), "text": "x", "title": no, "image": no, "emotion": no} for n, no in enumerate(nothing)]
    path = csv_table(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), "posts.jsonl")
    assert [(post.title, post.image, post.emotion) for post in PostsTable(path)] == [("", None, None)] * 3
    path = parquet_table(tmp_path, id=["a", "b"], text=["x", None], title=[None, "y"], emotion=[1.0, float("nan")])
    assert [(post.text, post.title, post.emotion) for post in PostsTable(path)] == [("x", "", "1.0"), ("", "y", None)]


def test_whole_numbers_are_ids(tmp_path: Path) -> None:
    big = 1234567890123456789
    assert [post.id for post in PostsTable(json_table(tmp_path, {"id": big, "text": 5}))] == [str(big)]
    assert [post.id for post in PostsTable(parquet_table(tmp_path, id=[big], text=["x"]))] == [str(big)]


def test_parquet_pictures_as_bytes(tmp_path: Path) -> None:
    path = parquet_table(tmp_path, id=["a", "b"], image=[b"\x89PNG", None], text=["", "x"])
    assert [post.image for post in PostsTable(path)] == [b"\x89PNG", None]
    inner = [{"bytes": b"\xff\xd8", "path": "a.jpg"}, {"bytes": None, "path": "b.jpg"}, {"bytes": None, "path": None}]
    path = parquet_table(tmp_path, id=["a", "b", "c"], image=inner, text=["", "", "x"])
    assert [post.image for post in PostsTable(path)] == [b"\xff\xd8", tmp_path / "b.jpg", None]


def test_parquet_times_and_text_as_bytes(tmp_path: Path) -> None:
    time = datetime.datetime(2024, 5, 1, 10, tzinfo=datetime.UTC)
    times = pa.array([int(time.timestamp()) * 10**9 + 1], pa.timestamp("ns", tz="UTC"))
    (post,) = PostsTable(parquet_table(tmp_path, id=["a"], text=[b"x"], created_at=times))
    assert post.other == {"created_at": time} and post.text == "x"
    assert post.created_at == time


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Zurich"])
@pytest.mark.parametrize("unit", ["s", "us"])
def test_parquet_times_are_what_arrow_says(tmp_path: Path, unit: str, zone: str | None) -> None:
    times = pa.array([-1, None, 1_700_000_000], pa.timestamp(unit, tz=zone))
    table = PostsTable(parquet_table(tmp_path, id=["a", "b", "c"], text=["x", "y", "z"], created_at=times))
    found = [post.other["created_at"] for post in table]
    assert found == times.to_pylist()
    assert [time and time.isoformat() for time in found] == [time and time.isoformat() for time in times.to_pylist()]


def test_a_year_that_no_calendar_has_costs_its_cell(tmp_path: Path) -> None:
    times = pa.array([0, 10**12], pa.timestamp("s"))
    table = PostsTable(parquet_table(tmp_path, id=["a", "b"], text=["x", "y"], created_at=times))
    assert [(post.id, post.other["created_at"], post.created_at) for post in table] == [
        ("a", datetime.datetime(1970, 1, 1), datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)),
        ("b", None, None),
    ]
    assert table.quarantine.count == 0 and table.quarantine.emptied == {"created_at": 1}


# Bad rows


def test_bad_csv_rows(tmp_path: Path) -> None:
    rows = [
        b"a,fine,",
        b",no id,",
        b"  ,no id,",
        b"a,again,",
        b"b,one field too many,,",
        b"c",
        b"d,,",
        b"e,nul \0 byte,",
        b"f,latin \xe9,",
        b'g,"quote" inside,',
        b"h,fine,",
        b"i\0,nul in the id,",
        b'j,"a quote left open,',
    ]
    table = lenient(csv_table(tmp_path, b"id,text,image\n" + b"\n".join(rows) + b"\n"))
    assert [post.id for post in table] == ["a", "h"]
    assert bad_rows(table) == [
        (None, 2, "empty id"),
        (None, 3, "empty id"),
        ("a", 4, "duplicate id"),
        (None, 5, "wrong number of fields: line 6, 4 where the header has 3"),
        (None, 6, "wrong number of fields: line 7, 1 where the header has 3"),
        ("d", 7, "neither text nor image"),
        ("e", 8, "NUL byte in the text: text"),
        ("f", 9, "text that is not UTF-8: text"),
        (None, 10, "broken CSV row; is a quote left open?: line 11, ',' expected after '\"'"),
        (None, 12, "NUL byte in the text: id"),
        (None, 13, "broken CSV row; is a quote left open?: line 14, unexpected end of data"),
    ]


def test_ids_beyond_those_in_memory_are_checked_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.table.seen_ids._IN_MEMORY", 2)
    rows = "".join(f"{id},fine\n" for id in "abcdacef")
    assert [post.id for post in PostsTable(csv_table(tmp_path, f"id,text\n{rows}"))] == list("abcdef")


def test_a_quote_left_open_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.table.csv_file.LONGEST", 131_072)
    monkeypatch.setattr("feelscope.table.growing.LONGEST", 131_072)
    csv.field_size_limit(131_072)  # the module's own; only ever raised by us
    rows = "".join(f"{n},{'x' * 100}\n" for n in range(5000))
    table = PostsTable(csv_table(tmp_path, 'id,text\nfirst,fine\nbad,"open\n' + rows))
    ids = [post.id for post in table]
    assert ids == ["first", *map(str, range(5000))]
    assert table.quarantine.count == 1


def test_bad_json_rows(tmp_path: Path) -> None:
    lines = [
        b'{"id": "a", "text": "fine"}',
        b'["a"]',
        b"5",
        b'{"id": "b", "text": "torn',
        b'{"id": "c", "text": "nul \\u0000"}',
        b'{"id": "d", "text": "raw nul \0"}',
        b'{"id": "e", "text": "latin \xe9"}',
        b'{"id": "f", "text": "half \\ud83d"}',
        b'{"id": 1.0, "text": "x"}',
        b'{"id": null, "text": "x"}',
        b'{"id": "g"}',
        b'{"id": "h", "text": ["x"]}',
        b'{"id": "i", "text": "x", "more": {"deep": ["\\u0000"]}}',
        b'{"id": "j", "text": "x", "k\\u0000ey": 1}',
        b"[" * 100_000,
        b'{"id": "z", "text": "fine"}',
        b'{"id": "y", "text": "the end is t',
    ]
    table = lenient(csv_table(tmp_path, b"\n".join(lines), "posts.jsonl"))
    assert [post.id for post in table] == ["a", "i", "j", "z"]
    assert table.quarantine.emptied == {"more": 1, r"'k\x00ey'": 1}
    found = bad_rows(table)
    assert [(id, row, reason.split(":")[0]) for id, row, reason in found] == [
        (None, 2, "a JSON line that is not an object"),
        (None, 3, "a JSON line that is not an object"),
        (None, 4, "not JSON, or torn"),
        ("c", 5, "NUL byte in the text"),
        (None, 6, "NUL byte in the line"),
        ("e", 7, "text that is not UTF-8"),
        ("f", 8, "text that is not UTF-8"),
        (None, 9, "id is a fractional number, where long ids lose digits; save ids as text"),
        (None, 10, "empty id"),
        ("g", 11, "neither text nor image"),
        ("h", 12, "text is no text"),
        (None, 15, "not JSON, or torn"),
        (None, 17, "not JSON, or torn"),
    ]


def test_a_json_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.text.json_lines.LONGEST", 1000)
    monkeypatch.setattr("feelscope.table.growing.LONGEST", 1000)
    long = json.dumps({"id": "b", "text": "x" * 5000})
    path = csv_table(tmp_path, f'{{"id": "a", "text": "x"}}\n{long}\n{{"id": "c", "text": "x"}}\n', "posts.jsonl")
    table = lenient(path)
    assert [post.id for post in table] == ["a", "c"]
    assert table.quarantine.reasons == {"line is over 1000 characters": 1}


def test_bad_parquet_rows(tmp_path: Path) -> None:
    broken = pa.array([b"fine", b"latin \xe9", b"fine"], pa.binary())
    text = pa.StringArray.from_buffers(3, broken.buffers()[1], broken.buffers()[2])  # not checked
    table = lenient(parquet_table(tmp_path, id=["a", "b", "a"], text=text))
    assert [post.id for post in table] == ["a"]
    assert bad_rows(table) == [("b", 2, "text that is not UTF-8: text"), ("a", 3, "duplicate id")]
    table = lenient(parquet_table(tmp_path, id=["a", "b"], text=broken[:2]))
    assert bad_rows(table) == [("b", 2, "text that is not UTF-8: text")]


def test_missing_emotion_is_bad_only_when_needed(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "id,text,emotion\na,x,\nb,x, joy \n")
    assert [post.emotion for post in PostsTable(path)] == [None, "joy"]
    assert bad_rows(PostsTable(path, need=("emotion",))) == [("a", 1, "no emotion")]


@pytest.mark.parametrize(
    ("cell", "outside"),
    [
        ("x.png", False),
        ("missing.png", False),
        ("sub/../x.png", False),
        ("sub/x.png", False),
        ("..", True),
        ("../x.png", True),
        ("sub/../../x.png", True),
        ("/etc/passwd", True),
        ("C:\\\\x.png", True),
        ("out.png", True),
        ("away/x.png", True),
        ("circle.png", False),
        ("x" * 256 + ".png", False),
        ("x" * 256 + "/x.png", False),
        ("sub/../" + "x/" * 3000 + "x.png", False),
        ("../" + "x" * 256 + "/x.png", True),
    ],
)
def test_pictures_stay_in_the_tables_folder(tmp_path: Path, cell: str, outside: bool) -> None:
    folder = tmp_path / "table"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "x.png").touch()
    (folder / "out.png").symlink_to(tmp_path / "x.png")
    (folder / "away").symlink_to(tmp_path)
    (folder / "circle.png").symlink_to(folder / "circle.png")
    path = csv_table(folder, f'id,text,image\na,words,{cell}\nb,words,"x.png"\n')
    table = lenient(path)
    first, second = table
    assert (first.id, second.id, second.image, second.warnings) == ("a", "b", folder / "x.png", ())
    if outside:
        ((reason, count),) = table.quarantine.pictures.items()
        assert reason.startswith("image path") and "folder" in reason and count == 1
        assert first.image is None and first.warnings[0].startswith(f"the picture was not used: {reason}")
    else:
        assert first.warnings == ()
        assert next(iter(table)).image == folder / cell


def test_a_table_reached_by_a_link_and_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    csv_table(tmp_path / "real", "id,image\na,x.png\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [post.image for post in PostsTable(tmp_path / "link/posts.csv")] == [tmp_path / "link/x.png"]
    monkeypatch.chdir(tmp_path / "real")
    assert [post.image for post in PostsTable("posts.csv")] == [Path("x.png")]


# Quarantine


def test_the_quarantine_appears_with_the_first_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.jsonl"
    with Quarantine(path) as quarantine:
        assert not path.exists()
        quarantine.add("é", 3, "duplicate id", table="posts.csv")
        assert path.exists()  # already written, should the run be killed
        line = {"id": "é", "row": 3, "table": "posts.csv", "reason": "duplicate id"}
        assert json.loads(path.read_text(encoding="utf-8")) == line
    quarantine.add(None, 4, "empty id", detail="x" * 500)  # the same run goes on
    assert len(path.read_text(encoding="utf-8").splitlines()) == quarantine.count == 2
    assert "é" in path.read_text(encoding="utf-8") and len(path.read_text(encoding="utf-8")) < 500


def test_the_next_run_starts_afresh(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.jsonl"
    with Quarantine(path) as quarantine:
        quarantine.add("a", 1, "empty id")
    with Quarantine(path):
        pass
    assert not path.exists()


def test_a_run_that_fails_takes_no_list_away(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.jsonl"
    with Quarantine(path) as quarantine:
        quarantine.add("a", 1, "empty id")
    with pytest.raises(TableError, match="is refused"), Quarantine(path):
        raise TableError("the run is refused")
    assert path.exists()


def test_the_quarantine_never_takes_the_place_of_data(tmp_path: Path) -> None:
    for path in (csv_table(tmp_path, "id,text\na,x\n"), json_table(tmp_path, {"id": "a", "text": "x"}), tmp_path):
        with pytest.raises(TableError, match="name another file"):
            Quarantine(path)
        assert path.exists()


def test_the_quarantine_counts_in_little_memory(tmp_path: Path) -> None:
    quarantine = Quarantine()
    for row in range(1000):
        quarantine.add(None, row, f"reason {row}")
    assert quarantine.count == 1000 == sum(quarantine.reasons.values())
    assert len(quarantine.reasons) == 101 and quarantine.reasons["other reasons"] == 900


def test_half_characters_in_an_id_can_be_reported(tmp_path: Path) -> None:
    path = csv_table(tmp_path, b'{"id": "a\\ud83d", "text": "x"}\n', "posts.jsonl")
    assert bad_rows(PostsTable(path)) == [(None, 1, "text that is not UTF-8: id")]
    with Quarantine(tmp_path / "q.jsonl") as quarantine:
        quarantine.add("a\ud83d", 1, "x")
    assert json.loads((tmp_path / "q.jsonl").read_text())["id"] == "a\ud83d"


# Size


@pytest.mark.slow
@pytest.mark.parametrize("name", ["posts.csv", "posts.jsonl", "posts.parquet"])
def test_memory_does_not_grow_with_the_table(tmp_path: Path, name: str) -> None:
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom feelscope.table import PostsTable, open_writer\n"
        "path, rows = Path(sys.argv[1]), int(sys.argv[2])\n"
        "if rows:\n"
        "    with open_writer(path) as writer:\n"
        "        for n in range(rows): writer.write({'id': f'post-{n:020}', 'text': f'{n} words ' * 10})\n"
        "else: assert sum(1 for post in PostsTable(path)) > 0\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )

    def peak(rows: int) -> int:
        return int(subprocess.check_output([sys.executable, "-c", program, tmp_path / name, str(rows)]))

    peaks = [(peak(rows), peak(0)) for rows in (20_000, 200_000)]
    for small, large in zip(*peaks, strict=True):
        assert large - small < 25_000  # KiB; the ids alone would take 15,000 and the texts 30,000
