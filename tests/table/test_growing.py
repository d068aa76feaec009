"""Tables that grow while they are read: a row counts once it is written whole."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from feelscope.errors import TableError
from feelscope.table import PostsTable


class Writer:
    """Appends one piece whenever the reader has come to the end, and ends the reading behind the last."""

    def __init__(self, path: Path, *pieces: str | bytes) -> None:
        self.path = path
        self.pieces: Iterator[str | bytes] = iter(pieces)
        self.waits = 0

    def __call__(self) -> bool:
        self.waits += 1
        piece = next(self.pieces, None)
        if piece is None:
            return False
        with self.path.open("ab") as file:
            file.write(piece.encode() if isinstance(piece, str) else piece)
        return True


def read(path: Path, first: str, *pieces: str | bytes) -> tuple[list[str], dict[str, int]]:
    """The texts of a table that grows, and why rows were left out."""
    path.write_text(first)
    table = PostsTable(path, wait=Writer(path, *pieces))
    texts = [post.text for post in table]
    return texts, dict(table.quarantine.reasons)


def test_json_lines_in_pieces(tmp_path: Path) -> None:
    texts, left_out = read(
        tmp_path / "posts.jsonl",
        '{"id": "1", "text": "one"}\n{"id": "2", "te',
        'xt": "two"}\n',
        "",
        '{"id": "3", "text": "three"}\n{"id": "4", "text": "half',
    )
    assert (texts, left_out) == (["one", "two", "three"], {})


def test_csv_in_pieces_also_within_quotes_and_line_ends(tmp_path: Path) -> None:
    texts, left_out = read(
        tmp_path / "posts.csv",
        'id,text\r\n1,one\r\n2,"two\r\n',
        'li"',
        '"nes"\r',
        "\n3,three\r\n4,",
    )
    assert (texts, left_out) == (["one", 'two\r\nli"nes', "three"], {})


def test_a_letter_cut_in_two_is_whole(tmp_path: Path) -> None:
    row = '{"id": "2", "text": "Größe 👍🏽"}\n'.encode()
    for cut in range(len(row)):
        path = tmp_path / f"{cut}.jsonl"
        texts, left_out = read(path, '{"id": "1", "text": "a"}\n', row[:cut], row[cut:])
        assert (texts, left_out) == (["a", "Größe 👍🏽"], {})


def test_a_byte_order_mark_is_no_letter(tmp_path: Path) -> None:
    assert read(tmp_path / "posts.csv", "\ufeffid,text\n1,one\n", "2,two\n")[0] == ["one", "two"]


def test_faults_are_left_out_as_ever(tmp_path: Path) -> None:
    texts, left_out = read(
        tmp_path / "posts.jsonl",
        '{"id": "1", "text": "one"}\n',
        'no json\n{"id": "1", "text": "again"}\n',
        b'{"id": "2", "text": "\xff"}\n{"id": "3", "text": ""}\n\n',
        '{"id": "4", "text": "four"}\n',
    )
    assert texts == ["one", "four"]
    reasons = {"not JSON, or torn": 1, "duplicate id": 1, "text that is not UTF-8": 1, "neither text nor image": 1}
    assert left_out == reasons


@pytest.mark.parametrize("name", ["posts.csv", "posts.jsonl"])
def test_the_same_posts_as_without_following(name: str, tmp_path: Path) -> None:
    whole = "id,text\n1,one\n2,two\n" if name == "posts.csv" else '{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n'
    followed, _ = read(tmp_path / name, whole)
    assert followed == [post.text for post in PostsTable(tmp_path / name)]


def test_a_file_that_is_cut_replaced_or_removed_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"

    def cut() -> bool:
        path.write_text("id,text\n")
        return True

    def replace() -> bool:
        (tmp_path / "new.csv").write_text("id,text\n1,one\n2,two\n3,three\n")
        (tmp_path / "new.csv").replace(path)
        return True

    def remove() -> bool:
        path.unlink()
        return True

    for wait, said in ((cut, "replaced or cut"), (replace, "replaced or cut"), (remove, "removed")):
        path.write_text("id,text\n1,one\n2,two\n")
        with pytest.raises(TableError, match=f"was {said} while it was followed; follow the new file"):
            list(PostsTable(path, wait=wait))


def test_parquet_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "posts.parquet").touch()
    with pytest.raises(TableError, match="cannot be followed; append to CSV or JSON Lines"):
        PostsTable(tmp_path / "posts.parquet", wait=lambda: False)


def test_a_line_is_as_long_as_in_a_file_that_does_not_grow(tmp_path: Path) -> None:
    line = '{"id": "1", "text": "' + "猫" * 2_000_000 + '"}\n'  # three bytes each
    texts, left_out = read(tmp_path / "posts.jsonl", '{"id": "0", "text": "x"}\n', line, '{"id": "2", "text": "y"}\n')
    assert [text[0] for text in texts] == ["x", "猫", "y"] and not left_out


def test_an_export_is_one_while_it_grows(tmp_path: Path) -> None:
    def tweet(number: int, text: str) -> str:
        more = {"author_id": "44", "public_metrics": {}, "referenced_tweets": [{"type": "retweeted"}] * (number == 2)}
        return json.dumps({"id": f"{number}", "text": text, "created_at": "2023-11-14T22:13:20Z"} | more) + "\n"

    path = tmp_path / "tweets.jsonl"
    path.write_text(tweet(1, "A cup"))
    half = tweet(3, "Tea")
    table = PostsTable(path, wait=Writer(path, tweet(2, "RT @mo: not mine"), half[:20], half[20:]))
    assert [(post.text, post.source, post.author) for post in table] == [
        ("A cup", "twitter", "44"),
        ("Tea", "twitter", "44"),
    ]
    assert dict(table.quarantine.reasons) == {"a repost, whose words are somebody else's": 1}
