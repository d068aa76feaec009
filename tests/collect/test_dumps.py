import bz2
import gzip
import json
import lzma

import pytest
import zstandard
from platforms import submission

from feelscope.collect.dumps import Dumps
from feelscope.collect.run import collect
from feelscope.collect.wanted import Wanted
from feelscope.errors import CollectError
from feelscope.table import Quarantine


def dump(path, posts, pack=False):
    lines = "".join(json.dumps(post) + "\n" for post in posts).encode()
    if pack:  # as Pushshift: a wide window, and several frames one behind the other
        packer = zstandard.ZstdCompressor(
            compression_params=zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
        )
        half = len(lines) // 2
        lines = packer.compress(lines[:half]) + packer.compress(lines[half:])
    path.write_bytes(lines)
    return path


@pytest.mark.parametrize("pack", [False, True])
def test_a_dump_goes_in_and_on(store, tmp_path, pack):
    path = dump(tmp_path / "RS_2020-01", [submission(number) for number in range(2500)], pack)
    first = collect(store, Dumps([path]), limit=1)
    assert first.found == 1000, "whole pages"
    assert collect(store, Dumps([path])).new == 1500
    assert collect(store, Dumps([path])).was_complete
    assert store.count() == 2500
    post = next(store.posts())
    assert (post.id, post.title, post.text) == ("reddit:p0", "Title 0", "Text 0")
    assert post.other["subreddit"] == "happy"
    assert post.other["image_url"] == "https://i.redd.it/0.jpg"
    assert post.other["url"] == "https://www.reddit.com/r/happy/comments/p0/title/"


def test_only_what_is_wanted(store, tmp_path):
    posts = [submission(number, "Rage" if number % 2 else "gore") for number in range(1000)]
    outcome = collect(store, Dumps([dump(tmp_path / "d", posts)], ["r/rage"], Wanted(min_votes=1500)))
    assert outcome.found == 250
    assert {post.other["subreddit"] for post in store.posts()} == {"Rage"}


def test_what_was_deleted_is_not_kept(store, tmp_path):
    collect(store, Dumps([dump(tmp_path / "d", [submission(1, author="[deleted]", selftext="[removed]")])]))
    (post,) = store.posts()
    assert (post.text, post.other["author"], post.title) == ("", "", "Title 1")


@pytest.mark.parametrize(
    "odd",
    [{"media_metadata": {"a": {"s": "text"}}}, {"media_metadata": {"a": 7}}, {"gallery_data": {"items": [7]}}],
)
def test_odd_galleries_have_no_picture(store, tmp_path, odd):
    collect(store, Dumps([dump(tmp_path / "d", [submission(1, url="https://www.reddit.com/gallery/1", **odd)])]))
    (post,) = store.posts()
    assert (post.title, "image_url" in post.other) == ("Title 1", False)


def test_bad_lines_are_counted(store, tmp_path):
    path = tmp_path / "d"
    good = json.dumps(submission(1)).encode()
    path.write_bytes(
        b"\n".join([good, b"{torn", b"[1]", b"\xff\xfe", b'{"id": "c1", "body": "a comment"}', b"", b"1" * 99])
    )
    bad = Quarantine()
    assert collect(store, Dumps([path], quarantine=bad)).found == 1
    reasons = {"not JSON, or torn": 2, "a JSON line that is not an object": 2, "not a submission": 1}
    assert dict(bad.reasons) == reasons


def test_a_line_without_end_is_not_kept_in_memory(store, tmp_path, monkeypatch):
    monkeypatch.setattr("feelscope.text.json_lines.LONGEST", 1000)
    path = tmp_path / "d"
    path.write_bytes(b'{"id": "' + b"x" * 5000 + b"\n" + json.dumps(submission(2)).encode() + b"\n")
    assert [post.id for post in (collect(store, Dumps([path])), *store.posts())[1:]] == ["reddit:p2"]


def test_bad_dumps_are_one_line(store, tmp_path):
    def said(path):
        with pytest.raises(CollectError) as error:
            collect(store, Dumps([path]))
        return str(error.value)

    assert "no such file" in said(tmp_path / "none")
    (tmp_path / "empty").touch()
    assert "the dump is empty" in said(tmp_path / "empty")
    (tmp_path / "comments").write_text('{"id": "c1", "body": "a comment"}\n')
    assert "is it a dump of comments?" in said(tmp_path / "comments")
    whole = dump(tmp_path / "cut.zst", [submission(number) for number in range(3000)], pack=True)
    content = bytearray(whole.read_bytes())
    content[len(content) // 4] ^= 255
    whole.write_bytes(content)
    assert "damaged zstd" in said(whole)


@pytest.mark.parametrize("packing", [gzip, bz2, lzma])
@pytest.mark.parametrize("name", ["RS_2011-01", "RS_2011-01.bz2"])
def test_a_packed_dump_is_read_whatever_it_is_called(store, tmp_path, packing, name):
    whole = dump(tmp_path / "whole", [submission(number) for number in range(300)]).read_bytes()
    (tmp_path / name).write_bytes(packing.compress(whole))
    assert collect(store, Dumps([tmp_path / name])).found == 300
    (tmp_path / "cut").write_bytes(packing.compress(whole)[:-40])
    with pytest.raises(CollectError, match="damaged or cut short"):
        collect(store, Dumps([tmp_path / "cut"]))


def test_a_submission_that_is_gone_is_left_out_and_counted(store, tmp_path):
    gone = {"title": "[deleted by user]", "selftext": "[removed]", "post_hint": None, "url": ""}
    titled = gone | {"title": "Our garden"}
    path = dump(tmp_path / "d", [submission(1) | gone, submission(2) | titled])
    bad = Quarantine()
    assert collect(store, Dumps([path], quarantine=bad)).found == 1
    assert [(post.title, post.text) for post in store.posts()] == [("Our garden", "")]
    assert dict(bad.reasons) == {"neither text nor image": 1}
