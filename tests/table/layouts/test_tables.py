"""Tables of 4CAT, CrowdTangle, twint and Label Studio, which are known by their columns, in CSV as in any format."""

import csv
import json
from pathlib import Path

import pytest
from small_sheet import sheet

from feelscope.post import Post
from feelscope.table import PostsTable, Quarantine
from feelscope.table.layouts.record import REPOST


def read(path: Path, *rows: dict[str, object]) -> tuple[list[Post], PostsTable]:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    table = PostsTable(path, addresses=True, quarantine=Quarantine(most_broken=1.0))
    return list(table), table


def of_4cat(number: int, body: str, **more: object) -> dict[str, object]:
    row = {"id": f"90{number}", "thread_id": "9", "timestamp": "2023-11-14 22:13:20", "unix_timestamp": "1700000000"}
    return row | {"link": f"https://x.com/kim/status/90{number}", "body": body, "author": "kim"} | more


def test_4cats_table_of_x(tmp_path: Path) -> None:
    def row(number: int, body: str, is_retweet: str = "no", images: str = "") -> dict[str, object]:
        more = {"author_id": "44", "source": "A program", "is_retweet": is_retweet, "is_quote_tweet": "no"}
        return of_4cat(number, body, **more, hashtags="cup,tea", images=images, mood="up")

    picture = "https://img.example/1.jpg"
    path = tmp_path / "x.csv"
    found, table = read(path, row(1, "A &amp; B"), row(2, "RT @mo: not mine", "yes"), row(3, "", images=picture))
    assert [(one.id, one.text, one.source, one.author) for one in found] == [
        ("901", "A & B", "twitter", "44"),
        ("903", "", "twitter", "44"),
    ]
    first = found[0]
    assert first.created_at and first.created_at.timestamp() == 1_700_000_000
    assert (first.tags, first.url, first.other["app"]) == (("cup", "tea"), "https://x.com/kim/status/901", "A program")
    assert (first.other["mood"], found[1].picture_address) == ("up", picture)
    assert table.quarantine.reasons == {REPOST: 1}
    assert table.remarks == ("read as posts of 4CAT",)


@pytest.mark.parametrize(
    ("columns", "platform"),
    [
        ({"tiktok_url": "https://t.example/1", "subject": ""}, "tiktok"),
        ({"usertags": "", "num_likes": "3"}, "instagram"),
        ({"page_category": "", "likes_love": "1"}, "facebook"),
    ],
)
def test_4cats_tables_of_others(tmp_path: Path, columns: dict[str, object], platform: str) -> None:
    (one,), _ = read(tmp_path / "posts.csv", of_4cat(1, "A cup", **columns))
    assert (one.id, one.text, one.title, one.source, one.author) == ("901", "A cup", "", platform, "kim")


def test_a_table_of_4cat_of_an_unknown_platform_is_a_table(tmp_path: Path) -> None:
    (one,), table = read(tmp_path / "posts.csv", of_4cat(1, "A cup", views="3"))
    assert (one.id, one.text, one.source, table.remarks) == ("901", "A cup", "", ())


def test_given_columns_name_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    more = {"author_id": "44", "source": "A program", "is_retweet": "yes", "is_quote_tweet": "no"}
    read(path, of_4cat(1, "A cup", **more))
    (one,) = PostsTable(path, {"text": "body"})
    assert (one.text, one.source, one.author) == ("A cup", "A program", "kim")
    (one,) = PostsTable(path, {"text": "8"})
    assert one.text == "44"


def test_crowdtangle(tmp_path: Path) -> None:
    def row(number: int, words: str) -> dict[str, object]:
        row = {"Page Name": "Cups", "User Name": "cups", "Facebook Id": "100044", "Likes": "1,204"}
        row |= {"Post Created": "2021-05-03 10:22:13 EDT", "URL": f"https://www.facebook.com/cups/posts/{number}"}
        return row | {"Message": words, "Link Text": "A page about cups", "Type": "Link"}

    found, table = read(tmp_path / "facebook.csv", row(1, "A cup!"), row(2, ""))
    (one,) = found
    assert (one.id, one.text, one.title, one.source) == ("100044_1", "A cup!", "", "facebook")
    assert (one.author, one.url) == ("100044", "https://www.facebook.com/cups/posts/1")
    assert one.created_at and one.created_at.isoformat() == "2021-05-03T14:22:13+00:00"
    assert (one.other["votes"], one.other["Type"]) == ("1204", "Link")
    assert table.quarantine.reasons == {"neither text nor image": 1}

    photo = "https://img.example/1.jpg"
    row_of_instagram = {"Account": "Cups", "User Name": "cups", "Post Created": "2021-05-03 10:22:13 EDT", "Title": ""}
    row_of_instagram |= {"URL": "https://www.instagram.com/p/C7/", "Photo": photo, "Description": "Tea time"}
    (one,), _ = read(tmp_path / "instagram.csv", row_of_instagram)
    assert (one.id, one.text, one.source, one.picture_address) == ("C7", "Tea time", "instagram", photo)


def test_twint(tmp_path: Path) -> None:
    def row(number: int, words: str, retweet: object) -> dict[str, object]:
        row = {"id": f"{number}", "conversation_id": "1", "created_at": "2020-04-01 12:00:00 UTC", "user_id": "44"}
        row |= {"username": "kim", "tweet": words, "photos": "['https://img.example/1.jpg']", "hashtags": "['tea']"}
        return row | {"link": f"https://x.com/kim/status/{number}", "retweet": retweet, "source": ""}

    found, table = read(tmp_path / "x.csv", row(1, "A cup", False), row(2, "Not mine", True))
    (one,) = found
    assert (one.id, one.text, one.source, one.author, one.tags) == ("1", "A cup", "twitter", "44", ("tea",))
    assert one.picture_address == "https://img.example/1.jpg"
    assert table.quarantine.reasons == {REPOST: 1}
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(row(3, "Tea", False) | {"id": 3, "photos": []}) + "\n")
    (one,) = PostsTable(path)
    assert (one.id, one.text, one.source) == ("3", "Tea", "twitter")


def test_label_studio(tmp_path: Path) -> None:
    def row(rater: int, label: str, number: int = 7) -> dict[str, object]:
        about = {"annotator": rater, "annotation_id": rater, "lead_time": 2.5, "created_at": "2024-01-01T00:00:00Z"}
        return {"text": "Text", "id": number, "emotion": label} | about

    several = '{"choices": ["joy", "fear"]}'
    _, table = read(tmp_path / "project.csv", row(1, "joy"), row(2, "joy"), row(3, "sadness"), row(4, several, 8))
    labelled = PostsTable(table.path, need=("emotion",), quarantine=Quarantine(most_broken=1.0))
    got = [(one.id, one.emotion, one.other["raters"], one.created_at) for one in labelled]
    assert got == [("7", "joy", 3, None)]
    assert list(labelled.quarantine.reasons) == ["several emotions in one row, and none has most of them"]


def test_a_spreadsheet(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    more = {"author_id": "44", "source": "A program", "is_retweet": "no", "is_quote_tweet": "no"}
    row = of_4cat(1, "A cup", **more)
    table = PostsTable(sheet(tmp_path / "x.xlsx", [*row], [str(cell) for cell in row.values()]))
    (one,) = table
    assert (one.id, one.source, table.rough_length()) == ("901", "twitter", 1)
