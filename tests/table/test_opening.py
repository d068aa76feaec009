"""What can be opened: packings, endings, encodings, headers, and tables without ids."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from feelscope.errors import TableError
from feelscope.table import PostsTable, Quarantine
from feelscope.table.settings import reading_with

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor(write_content_size=False).compress,
}
CSV = "id,text\na,Rain in March\nb,Grüße 🌧\n".encode()
JSON = [{"id": "a", "text": "Rain in March"}, {"id": "b", "text": "Grüße 🌧"}]
TEXTS = ["Rain in March", "Grüße 🌧"]


def table(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def texts(path: Path, **columns: str) -> list[str]:
    return [post.text for post in PostsTable(path, columns)]


def refused(path: Path, **columns: str) -> str:
    with pytest.raises(TableError) as caught:
        list(PostsTable(path, columns))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".json", ".parquet"])
def test_a_packed_table(tmp_path: Path, ending: str, packing: str) -> None:
    content = {
        ".csv": CSV,
        ".jsonl": b"".join(json.dumps(row).encode() + b"\n" for row in JSON),
        ".json": json.dumps(JSON, ensure_ascii=False).encode(),
    }
    if ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(JSON), tmp_path / "plain.parquet")
        content[ending] = (tmp_path / "plain.parquet").read_bytes()
    path = table(tmp_path, f"posts{ending}{packing}", PACK[packing](content[ending]))
    assert texts(path) == TEXTS
    assert PostsTable(path).rough_length() >= (0 if ending == ".json" else 2)


@pytest.mark.parametrize("packing", PACK)
def test_two_packings_after_one_another(tmp_path: Path, packing: str) -> None:
    pack = PACK[packing]
    assert texts(table(tmp_path, f"posts.csv{packing}", pack(CSV) + pack(b"c,again\n"))) == [*TEXTS, "again"]


@pytest.mark.parametrize("packing", PACK)
def test_a_packing_that_is_cut_short_or_none(tmp_path: Path, packing: str) -> None:
    rows = b"".join(b"%d,word %d\n" % (n, n * 7919) for n in range(4000))
    whole = PACK[packing](b"id,text\n" + rows)
    for content in (whole[: len(whole) // 2], b"id,text\na,x\n"):
        assert "damaged or cut short" in refused(table(tmp_path, f"posts.csv{packing}", content))


@pytest.mark.parametrize("name", ["posts.tsv", "posts.tab", "posts.txt", "POSTS.TSV"])
def test_tabs(tmp_path: Path, name: str) -> None:
    assert texts(table(tmp_path, name, b"id\ttext\na\tone, two; three\n")) == ["one, two; three"]


# JSON


@pytest.mark.parametrize(
    "value",
    [
        JSON,
        {"posts": JSON},
        {"about": {"site": "x"}, "count": 2, "tags": ["p", "q"], "items": JSON},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_list_or_an_object_with_one(tmp_path: Path, value: object, indent: int | None) -> None:
    assert texts(table(tmp_path, "posts.json", json.dumps(value, indent=indent).encode())) == TEXTS


def test_a_json_of_lines(tmp_path: Path) -> None:
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in JSON)
    assert texts(table(tmp_path, "posts.json", lines)) == TEXTS
    assert texts(table(tmp_path, "posts.json", lines[: lines.index(b"\n")])) == TEXTS[:1]


def test_a_json_list_longer_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.table.json_file._BLOCK", 64)
    rows = [{"id": n, "text": f"[{{ {n} }}] " * 9, "more": {"a": [1, {}]}} for n in range(50)]
    assert texts(table(tmp_path, "posts.json", json.dumps(rows).encode())) == [row["text"] for row in rows]


def test_entries_that_are_no_objects_are_left_out_and_a_torn_list_is_told(tmp_path: Path) -> None:
    path = table(tmp_path, "posts.json", b'[{"id": 1, "text": "x"}, 5, "y", null, [1], {"id": 2, "text": "z"}]')
    posts = PostsTable(path, quarantine=Quarantine(most_broken=1))
    assert [post.id for post in posts] == ["1", "2"]
    assert posts.quarantine.reasons == {"an entry that is not an object": 4}
    assert "after row 1" in refused(table(tmp_path, "posts.json", b'[{"id": 1, "text": "x"}, {"id": 2, "te'))
    assert "several lists (a, b)" in refused(table(tmp_path, "posts.json", json.dumps({"a": JSON, "b": JSON}).encode()))
    for content in (b"", b"5", b'{"a": 1', b"[]", b"[1]", b"{}"):
        refused(table(tmp_path, "posts.json", content))


# Encodings


def test_a_file_of_windows_is_read_as_a_whole_and_told(tmp_path: Path) -> None:
    text = "Nr;Beitrag;Bemerkung\n1;Schöne Grüße – „bald“;Äpfel\n2;plain;\n3;Straße;ß\n"
    found = PostsTable(table(tmp_path, "posts.csv", text.encode("cp1252")), {"id": "Nr"})
    assert [post.text for post in found] == ["Schöne Grüße – „bald“", "plain", "Straße"]
    assert not found.quarantine.count and "Windows-1252" in found.remarks[0]


def test_what_windows_has_no_letter_for_is_latin_1(tmp_path: Path) -> None:
    found = PostsTable(table(tmp_path, "posts.csv", b"id,text\na,caf\xe9 \x9d\nb,x\n"))
    assert [post.text for post in found] == ["café \x9d", "x"]
    assert "Latin-1" in found.remarks[0]


def test_utf_8_with_a_fault_stays_utf_8(tmp_path: Path) -> None:
    content = "id,text\n1,Grüße\n2,schöne\n".encode() + b"3,torn \xf0\x9f\x98\n4,latin \xe9\n5,x\n"
    found = PostsTable(table(tmp_path, "posts.csv", content), quarantine=Quarantine(most_broken=1))
    assert [post.id for post in found] == ["1", "2", "5"] and found.remarks == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_by_its_mark(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    content = f"{mark}id\ttext\r\na\tGrüße 🌧\r\n".encode(encoding)
    assert texts(table(tmp_path, "posts.csv", content)) == ["Grüße 🌧"]


def test_an_encoding_that_is_given(tmp_path: Path) -> None:
    path = table(tmp_path, "posts.csv", "id,text\na,Żółć\n".encode("cp1250"))
    with reading_with(encoding="cp1250"):
        assert (texts(path), PostsTable(path).remarks) == (["Żółć"], ())
    with reading_with(encoding="cp9999"):
        assert "no such encoding" in refused(path)


# Headers


def test_columns_by_their_places_where_there_is_no_header(tmp_path: Path) -> None:
    path = table(tmp_path, "posts.csv", b'"0","17","NO_QUERY","we won, at last"\n"4","18","NO_QUERY","rain"\n')
    found = PostsTable(path, {"text": "4", "id": "2"})
    assert [(post.id, post.text) for post in found] == [("17", "we won, at last"), ("18", "rain")]
    assert found.unused == ("column_1", "column_3")
    assert "by place" in refused(path)
    headed = table(tmp_path, "posts.csv", b"n,id,words\n1,a,x\n")
    assert texts(headed, text="3") == ["x"]
    assert "no column '9'" in refused(headed, text="9")


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\nid;text;n\r\na;one, two;3\r\n",
        'id;text;"likes, total"\na;one, two;3\n',
        '"a, b";id;text\n1;a;one, two\n',
        "id|text|n\na|one, two|3\n",
        "sep=\t\nid\ttext\na\tone, two\n",
    ],
)
def test_what_separates_cells(tmp_path: Path, content: str) -> None:
    assert texts(table(tmp_path, "posts.csv", content.encode())) == ["one, two"]


def test_one_column_may_serve_twice(tmp_path: Path) -> None:
    path = table(tmp_path, "posts.csv", b"Datei,Wann\nx.png,2020\ny.png,2021\n")
    found = PostsTable(path, {"id": "Datei", "image": "Datei", "url": "Datei"})
    assert [(post.id, post.image, post.url) for post in found] == [
        (name, tmp_path / name, name) for name in ("x.png", "y.png")
    ]


@pytest.mark.parametrize(
    ("header", "standard"),
    [
        ("Bild,Beitrag,Datum", {"image": "Bild", "text": "Beitrag", "created_at": "Datum"}),
        ("Fichier,Légende,Auteur", {"image": "Fichier", "text": "Légende", "author": "Auteur"}),
        ("Imagen,Texto,Título", {"image": "Imagen", "text": "Texto", "title": "Título"}),
        ("File Name,Full-Text,Tweet ID", {"image": "File Name", "text": "Full-Text", "id": "Tweet ID"}),
    ],
)
def test_names_of_other_languages(tmp_path: Path, header: str, standard: dict[str, str]) -> None:
    assert PostsTable(table(tmp_path, "posts.csv", f"{header}\nx,y,z\n".encode())).columns == standard


# Ids


def test_rows_without_ids_are_numbered(tmp_path: Path) -> None:
    found = PostsTable(table(tmp_path, "posts.csv", b"text,label\nx,joy\n,fear\ny,joy\n"))
    assert [post.id for post in found] == ["1", "3"]
    assert found.remarks == ("no id column; posts are numbered by their rows",)
    lines = b'{"text": "x"}\n' * 1200 + b'{"text": "y", "id": "1"}\n'
    assert [post.id for post in PostsTable(table(tmp_path, "posts.jsonl", lines))][-1] == "1201"


def test_ids_that_a_spreadsheet_rounded_are_told_as_such(tmp_path: Path) -> None:
    for ids in (["1.29403E+18"] * 3, ["1,29E+18", "1.3e18"], ["1294030000000000000"] * 2):
        content = "id;text\n" + "".join(f"{id};post {n}\n" for n, id in enumerate(ids))
        said = refused(table(tmp_path, "posts.csv", content.encode()))
        assert "rounded by a spreadsheet" in said and "duplicate" not in said
    content = b"id,text\n1e5f,x\n2E,y\n0E3,z\n"
    assert [post.id for post in PostsTable(table(tmp_path, "posts.csv", content))] == ["1e5f", "2E", "0E3"]


# Folders and other files


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "sub/c.webp", "notes.txt", ".hidden.png", ".git/d.png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"")
    found = PostsTable(tmp_path / "in")
    names = ["a.png", "b.JPG", "sub/c.webp"]
    assert [(post.id, post.image) for post in found] == [(name, tmp_path / "in" / name) for name in names]
    assert found.rough_length() == 3
    (tmp_path / "none").mkdir()
    assert "no picture in this folder" in refused(tmp_path / "none")


def test_a_database_names_the_line_that_helps(tmp_path: Path) -> None:
    assert "feelscope prepare" in refused(table(tmp_path, "posts.db", b"SQLite format 3\0" + bytes(100)))
    assert "a posts table is CSV" in refused(table(tmp_path, "posts.docx", b"PK"))
