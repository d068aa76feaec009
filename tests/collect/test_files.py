import datetime
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from platforms import submission, tumblr_post, tumblr_video

from feelscope.collect.files import Files
from feelscope.collect.run import collect
from feelscope.errors import CollectError, FeelscopeError
from feelscope.table import Quarantine
from feelscope.table.settings import reading_with


def posts(store, *paths, **more):
    collect(store, Files(list(paths), **more))
    return {post.id: post for post in store.posts()}


def test_a_csv_keeps_every_column(store, tmp_path):
    path = tmp_path / "old.csv"
    path.write_text(
        "id,Caption,emotion,created,user,hashtags,notes,mood\n7,Hello there,joy,2014-05-13,me,#a #b,12,up\n"
    )
    (post,) = posts(store, path).values()
    assert (post.id, post.text, post.emotion) == ("old:7", "Hello there", "joy")
    assert post.other["created_at"] == "2014-05-13T00:00:00Z"
    assert post.other["author"] == store.hashed("me")
    assert (post.other["tags"], post.other["votes"], post.other["mood"]) == (["a", "b"], 12, "up")


def test_json_lines_and_parquet_with_pictures_of_every_kind(store, tmp_path):
    (tmp_path / "here.jpg").write_bytes(b"here")
    rows = [{"id": "1", "text": "a", "image": "here.jpg"}, {"id": "2", "text": "b", "image": "https://x.org/y/z.jpg"}]
    (tmp_path / "j.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = pa.table(
        {"id": [1], "image": [{"bytes": b"\xff\xd8pic", "path": None}], "when": [datetime.date(2020, 1, 2)]}
    )
    pq.write_table(table, tmp_path / "p.parquet")
    found = posts(store, tmp_path / "j.jsonl", tmp_path / "p.parquet")
    assert found["j:1"].image == b"here"
    assert found["j:2"].other["image_url"] == "https://x.org/y/z.jpg"
    assert found["p:1"].image == b"\xff\xd8pic"
    assert found["p:1"].other["when"] == "2020-01-02"


def test_4cats_csv(store, tmp_path):
    path = tmp_path / "tumblr-export.csv"
    header = "id,thread_id,author,timestamp,subject,body,tags,notes,images,post_url"
    row = '11,key,someblog,2016-02-03 10:00:00,My blog,"So, hello","happy,cats",9,"https://a/1.jpg,https://a/2.jpg",https://u'
    path.write_text(f"{header}\n{row}\n")
    (post,) = posts(store, path).values()
    assert (post.title, post.text, post.other["tags"]) == ("My blog", "So, hello", ["happy", "cats"])
    assert (post.other["image_url"], post.other["votes"]) == ("https://a/1.jpg", 9)
    assert post.other["created_at"] == "2016-02-03T10:00:00Z"


def test_4cats_ndjson_is_read_as_its_platform_wrote_it(store, tmp_path):
    wrapped = {"item_id": "5", "source_platform": "tumblr.com", "data": tumblr_post(5, 1_400_000_000)}
    video = {"item_id": "6", "source_platform": "tumblr.com", "data": tumblr_video(6, 1_400_000_000)}
    (tmp_path / "t.ndjson").write_text("\n".join(map(json.dumps, (wrapped, video))))
    plain = submission(3) | {"__import_meta": {"timestamp": 1}}
    (tmp_path / "r.ndjson").write_text(json.dumps(plain))
    bad = Quarantine(most_broken=1.0)
    found = posts(store, tmp_path / "t.ndjson", tmp_path / "r.ndjson", quarantine=bad)
    assert set(found) == {"tumblr:5", "reddit:p3"}
    assert found["tumblr:5"].text == "Blocks 5"
    assert dict(bad.reasons) == {"no words and no picture of its own": 1}
    torn = [
        submission(4) | {"created_utc": "soon"},
        {key: value for key, value in submission(5).items() if key != "id"},
    ]
    (tmp_path / "torn.ndjson").write_text("\n".join(map(json.dumps, (submission(6), *torn))))
    found = posts(store, tmp_path / "torn.ndjson", quarantine=bad)
    assert found["reddit:p6"].created_at and not found["reddit:p4"].created_at
    assert bad.reasons["no id"] == 1


def test_an_export_of_every_platform_has_ids_of_its_platform(store, tmp_path):
    status = {"id": "7", "content": "<p>Rain</p>", "uri": "https://m.example/7", "account": {"id": "1", "acct": "al"}}
    tweet = {"tweet": {"id_str": "8", "full_text": "Snow", "created_at": "Tue Nov 14 22:13:20 +0000 2023"}}
    (tmp_path / "mastodon.jsonl").write_text(json.dumps(status))
    (tmp_path / "tweets.js").write_text(f"window.YTD.tweets.part0 = {json.dumps([tweet])}")
    again = tmp_path / "again" / "mastodon.jsonl"
    again.parent.mkdir()
    again.write_text(json.dumps(status | {"uri": "https://other.example/7"}))
    outcome = collect(store, Files([tmp_path / "mastodon.jsonl", tmp_path / "tweets.js", again], store=store))
    assert [post.id for post in store.posts()] == [
        "mastodon:https://m.example/7",
        "twitter:8",
        "mastodon:https://other.example/7",
    ]
    assert not any("another file" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("captions.csv", "image,caption\na.jpg,One\nb.jpg,Two\na.jpg,Three\ngone.jpg,Four\n../out.jpg,Five\n"),
        ("captions.txt", "a.jpg#0\tOne\nb.jpg#0\tTwo\na.jpg#1\tThree\ngone.jpg#0\tFour\n../out.jpg\tFive\n"),
    ],
)
def test_a_folder_of_pictures_with_captions(store, tmp_path, name, content):
    folder = tmp_path / "photos"
    (folder / "images").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"a")
    (folder / "images" / "b.jpg").write_bytes(b"b")
    (tmp_path / "out.jpg").write_bytes(b"outside")
    (folder / name).write_text(content)
    bad = Quarantine()
    found = posts(store, folder, quarantine=bad)
    assert {id: (post.text, post.image) for id, post in found.items()} == {
        "photos:a.jpg": ("One", b"a"),
        "photos:b.jpg": ("Two", b"b"),
        "photos:a.jpg#2": ("Three", b"a"),
    }
    assert dict(bad.reasons) == {"picture is not in the folder": 1, "image path leaves the table's folder": 1}


def test_it_goes_on_behind_the_last_page(store, tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("id,text\n" + "".join(f"{number},text {number}\n" for number in range(1200)))
    first = collect(store, Files([path]), limit=500)
    assert first.found == 500
    second = collect(store, Files([path]))
    assert (second.found, second.new) == (700, 700)
    third = collect(store, Files([path]))
    assert (third.found, third.was_complete) == (0, [str(path.resolve())])
    assert collect(store, Files([path]), restart=True).new == 0
    assert store.count() == 1200


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_two_files_of_one_name_are_two_sources(store, tmp_path):
    files = [write(tmp_path / year / "train.csv", f"id,text\n1,rain of {year}\n2,snow\n") for year in ("2021", "2022")]
    outcome = collect(store, Files(files, store=store))
    assert (outcome.found, outcome.new) == (4, 4)
    assert outcome.notes == [f"{files[1].resolve()}: its posts are train-2:..., as another file has the name"]
    texts = {post.id: post.text for post in store.posts()}
    assert texts == {
        "train:1": "rain of 2021",
        "train:2": "snow",
        "train-2:1": "rain of 2022",
        "train-2:2": "snow",
    }
    for again in (files, files[1:], files[::-1]):  # in whatever order they are read again
        assert collect(store, Files(again, store=store), restart=True).new == 0
    assert {post.id: post.text for post in store.posts()} == texts


def test_folders_of_one_name_are_two_sources(store, tmp_path):
    folders = []
    for year in ("2021", "2022"):
        folder = tmp_path / year / "photos"
        folder.mkdir(parents=True)
        (folder / "a.jpg").write_bytes(year.encode())
        folders.append(write(folder / "captions.txt", "a.jpg\tOne\n").parent)
    collect(store, Files(folders, store=store))
    assert {post.id: post.image for post in store.posts()} == {"photos:a.jpg": b"2021", "photos-2:a.jpg": b"2022"}


def test_ids_of_collected_posts_stay_the_same(store, tmp_path):
    table = write(tmp_path / "reddit20k.csv", "id,text\nreddit:eufxn,rain\nother:1,snow\n")
    assert set(posts(store, table)) == {"reddit:eufxn", "reddit20k:other:1"}
    exported = write(tmp_path / "export.csv", "id,text,source\nsurvey:7,sun,survey\n8,wind,survey\n")
    assert set(posts(store, exported)) == {"reddit:eufxn", "reddit20k:other:1", "survey:7", "survey:8"}


def test_another_files_post_is_not_overwritten(store, tmp_path):
    one = write(tmp_path / "one.csv", "id,text\nreddit:a,rain\nreddit:b,snow\n")
    two = write(tmp_path / "two.csv", "id,text\nreddit:a,something else\nreddit:b,snow\n")
    bad = Quarantine()
    collect(store, Files([one, two], quarantine=bad, store=store))
    assert {post.id: post.text for post in store.posts()} == {"reddit:a": "rain", "reddit:b": "snow"}
    assert dict(bad.reasons) == {"another file has another post of this id, which stays": 1}


def test_posts_without_a_date_are_told(store, tmp_path):
    table = write(tmp_path / "old.csv", "id,text,date\n1,rain,03/05/2021\n2,snow,2021-05-04\n")
    outcome = collect(store, Files([table]))
    told = "1 of 2 without a date; first: '03/05/2021', say --dates dmy or mdy"
    assert outcome.notes == [f"{table.resolve()}: {told}"]
    with reading_with(dates="dmy"):
        assert collect(store, Files([table]), restart=True).notes == []
    assert {post.other["created_at"][:10] for post in store.posts()} == {"2021-05-03", "2021-05-04"}


def test_bad_files_are_one_line(store, tmp_path):
    def said(path, **more):
        with pytest.raises(FeelscopeError) as error:
            collect(store, Files([path], **more))
        assert "\n" not in str(error.value)
        return str(error.value)

    assert "no such file or folder" in said(tmp_path / "none.csv")
    (tmp_path / "empty").mkdir()
    assert "no picture in this folder" in said(tmp_path / "empty")
    (tmp_path / "a.docx").write_bytes(b"PK")
    assert "a posts table is CSV" in said(tmp_path / "a.docx")
    (tmp_path / "nowords.csv").write_text("id,colour\n1,red\n")
    assert "no text and no image column" in said(tmp_path / "nowords.csv")
    (tmp_path / "blank.csv").write_text("id,text\n1,\n2,\n")
    bad = Quarantine()
    assert "no post in it" in said(tmp_path / "blank.csv", quarantine=bad)
    assert bad.count == 2


def test_nothing_to_read_is_an_error():
    with pytest.raises(CollectError):
        Files([__import__("pathlib").Path("nowhere")])


def test_a_folder_of_pictures_without_captions(store, tmp_path):
    (tmp_path / "trip/day2").mkdir(parents=True)
    (tmp_path / "trip/a.jpg").write_bytes(b"one")
    (tmp_path / "trip/day2/b.png").write_bytes(b"two")
    found = posts(store, tmp_path / "trip")
    assert {id: post.image for id, post in found.items()} == {"trip:a.jpg": b"one", "trip:day2/b.png": b"two"}


def test_a_post_of_a_pictures_address_alone(store, tmp_path):
    (tmp_path / "a.csv").write_text("id,text,image_urls\n1,,https://x.org/1.jpg\n2,,\n")
    (post,) = posts(store, tmp_path / "a.csv").values()
    assert (post.text, post.other["image_url"]) == ("", "https://x.org/1.jpg")


@pytest.mark.parametrize("change", ["edited", "shorter", "grown"])
def test_a_file_that_changed_before_it_was_read_on(store, tmp_path, change):
    path = tmp_path / "long.csv"
    rows = [f"{n},post {n}" for n in range(700)]
    path.write_text("id,text\n" + "\n".join(rows) + "\n")
    collect(store, Files([path]), limit=500)
    before = store.count()
    assert 0 < before < 700
    if change == "edited":
        rows[3] = "new,another post"
    rows = rows[:100] if change == "shorter" else [*rows, "701,one more"]
    path.write_text("id,text\n" + "\n".join(rows) + "\n")
    if change == "grown":
        collect(store, Files([path]))
        assert store.count() == 701
        return
    with pytest.raises(CollectError, match="not those that were read before; read it from its start with --restart"):
        collect(store, Files([path]))
    assert store.count() == before
    collect(store, Files([path]), restart=True)
    assert "long:new" in {post.id for post in store.posts()} or change == "shorter"
