"""Pictures from a real server of this machine; which addresses are public is the only thing that is told otherwise."""

import io
import random
import socket
import time

import numpy as np
import pytest
from PIL import Image
from small_web import HOME, downloader, drawn, serve

from feelscope.memory import BUDGET, Share
from feelscope.post import Post
from feelscope.prepare.picture_hashes import SIZE, group_hashes, join, perceptual_hash
from feelscope.prepare.pictures import Pictures
from feelscope.web.download import Downloader


def rows(*posts):
    return (({"id": post.id, "title": "", "text": post.text}, post) for post in posts)


def test_pictures_are_stored_once_and_asked_for_once(tmp_path):
    (tmp_path / "here.jpg").write_bytes(drawn(1, kind="JPEG"))
    pages = {"/a.png": drawn(2), "/same.png": drawn(2), "/bad.png": b"GIF89a broken", "/busy": 503, "/page": b"<html>"}
    with serve(pages) as (port, asked, _):
        base = f"http://{HOME}:{port}"
        paths = ("/a.png", "/same.png", "/bad.png", "/gone.png", "/busy", "/page")
        posts = [Post(path, "x", other={"image_url": base + path}) for path in paths]
        posts += [Post("file", image=tmp_path / "here.jpg"), Post("bytes", image=drawn(2)), Post("none", "words")]
        pictures = Pictures(tmp_path, downloader(port))
        first = {row["id"]: picture for row, _, picture in pictures.get(rows(*posts))}
        asked.clear()
        again = Pictures(tmp_path, downloader(port))
        assert {row["id"]: picture for row, _, picture in again.get(rows(*posts))} == first
        assert asked == ["/busy"], "what may come another time is asked for again"
    assert first["/a.png"] == first["/same.png"] == first["bytes"]
    assert first["file"].file.endswith(".jpg")
    assert (first["/bad.png"].file, first["/gone.png"].file, first["none"].file) == ("", "", "")
    assert len([path for path in tmp_path.rglob("*") if path.parent.parent.name == "images"]) == 2
    assert pictures.counts["not to be had: the server answers 404"] == 1
    assert pictures.counts["not to be had: no picture"] == 1
    assert again.counts["there already"] == 2


def test_one_connection_a_host(tmp_path):
    def slow(handler):
        time.sleep(0.03)
        handler.send_response(404)
        handler.end_headers()

    with serve({f"/{n}": slow for n in range(8)}) as (port, asked, most):
        posts = [Post(str(n), other={"image_url": f"http://{HOME}:{port}/{n}"}) for n in range(8)]
        list(Pictures(tmp_path, downloader(port)).get(rows(*posts)))
    assert len(asked) == 8
    assert most == [1]


def versions(seed):
    """One picture as it is posted again and again."""
    whole = Image.open(io.BytesIO(drawn(seed, (400, 300))))
    small, bright = whole.resize((160, 120)), whole.point(lambda value: min(255, int(value * 1.15)))
    buffer = io.BytesIO()
    whole.save(buffer, "JPEG", quality=40)
    return [whole, small, bright, Image.open(io.BytesIO(buffer.getvalue()))]


def test_planted_pairs_of_pictures_are_found_and_no_others():
    pictures = [picture for seed in range(120) for picture in versions(seed)]
    hashes = [perceptual_hash(np.asarray(picture.convert("RGB").resize((SIZE, SIZE)))) for picture in pictures]
    groups = group_hashes(hashes)
    found = {(a, b) for a in range(480) for b in range(a + 1, 480) if groups[a] == groups[b]}
    planted = {(a, b) for a in range(480) for b in range(a + 1, 480) if a // 4 == b // 4}
    assert len(found & planted) / len(planted) >= 0.95
    assert len(found & planted) / len(found) >= 0.95


def test_hashes_are_one_up_to_ten_bits_wherever_these_are():
    draw = random.Random(0)
    for _ in range(200):
        value = draw.getrandbits(64)
        bits = draw.sample(range(64), 11)
        ten, eleven = (value ^ sum(1 << bit for bit in bits[:count]) for count in (10, 11))
        assert group_hashes([value, ten]) == [0, 0]
        assert group_hashes([value, eleven]) == [0, 1]


def test_groups_of_hashes_and_of_both():
    assert group_hashes([0, None, 0b111111, 2**64 - 1, None, 0]) == [0, 1, 0, 3, 4, 0]
    assert group_hashes([]) == []
    assert join([0, 1, 1, 3], [0, 0, 2, 3]) == [0, 0, 0, 3]


def test_the_hash_has_the_low_frequencies_above_their_median():
    fft = pytest.importorskip("scipy.fft")
    for pixels in np.random.default_rng(0).integers(0, 256, (10, SIZE, SIZE, 3), dtype=np.uint8):
        grey = 0.299 * pixels[..., 0] + 0.587 * pixels[..., 1] + 0.114 * pixels[..., 2]
        low = fft.dctn(grey)[1:9, 1:9].ravel()
        assert f"{perceptual_hash(pixels):064b}" == "".join("01"[int(value > np.median(low))] for value in low)


def test_hashes_that_differ_in_ten_bits_are_a_group():
    draw = random.Random(0)
    for bits in (10, 11):
        for _ in range(50):
            first = draw.getrandbits(64)
            second = first ^ sum(1 << bit for bit in draw.sample(range(64), bits))
            assert group_hashes([None, first, second, first]) == [0, 1, 1 if bits == 10 else 2, 1]


def test_hashes_that_are_alike_in_one_place_only_are_compared():
    borders = [0, 5, 11, 17, 23, 29, 34, 40, 46, 52, 58]  # of 11 pieces of 64 bits
    for alike in range(11):
        bits = sum(1 << at for number, at in enumerate(borders) if number != alike)
        piece = 31 << borders[alike]
        ones, mixed = (1 << 64) - 1, 0xAAAAAAAAAAAAAAAA & ~piece  # far from all; the first is alike in this piece too
        assert group_hashes([ones, mixed, piece, piece ^ bits]) == [0, 1, 2, 2]


def test_pictures_in_the_table_are_fetched_for_no_more_bytes_than_a_queue_has(tmp_path, monkeypatch):
    monkeypatch.setattr(BUDGET, "queue", 1_000_000)
    read = most = answered = 0

    def given():
        nonlocal read, most
        for number in range(40):
            read += 1
            most = max(most, read - answered)
            yield from rows(Post(str(number), image=drawn(number % 3).ljust(100_000, b"\0")))

    for _ in Pictures(tmp_path).get(given()):
        answered += 1
    assert answered == 40 and 8 <= most <= 11


def test_downloads_are_counted_before_they_come(tmp_path, monkeypatch):
    monkeypatch.setattr(BUDGET, "contents", Share(20_000_000))  # one at a time
    at_once, most = [], []

    class Web:
        def fetch(self, url):
            at_once.append(url)
            time.sleep(0.02)
            most.append(len(at_once))
            at_once.remove(url)
            return drawn(1)

    posts = [Post(str(n), other={"image_url": f"http://host{n}/x.png"}) for n in range(6)]
    assert all(picture.file for _, _, picture in Pictures(tmp_path, Web()).get(rows(*posts)))
    assert most == [1] * 6


def test_pictures_of_names_that_cannot_be_looked_up_are_asked_for_again(tmp_path):
    """Away from the network every name is unknown; that is nothing to remember."""

    def offline(host, port):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    def unknown(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with serve({"/a.png": drawn(2)}) as (port, asked, _):
        posts = [Post("a", "x", other={"image_url": f"http://pictures.test:{port}/a.png"})]
        for resolve in (offline, unknown, lambda host, port: []):
            away = Pictures(tmp_path, Downloader(ports=(port,), resolve=resolve))
            assert [picture.file for _, _, picture in away.get(rows(*posts))] == [""]
            assert away.counts == {"not to be had: no address is known": 1}
        assert not (tmp_path / "pictures.jsonl").exists()
        back = Pictures(tmp_path, downloader(port, {"pictures.test": [HOME]}))
        assert [bool(picture.file) for _, _, picture in back.get(rows(*posts))] == [True]
    assert asked == ["/a.png"]


def test_outcomes_are_counted_by_kind_and_not_by_picture(tmp_path):
    with serve({}) as (port, _, _):
        urls = [f"http://{HOME}:{port}/{n}" for n in range(3)] + ["http://10.0.0.1/a", "http://10.0.0.2/a"]
        urls += ["http://127.0.0.2:22/a", "ftp://a.test/a", "http://user@a.test/a"]
        posts = [Post(url, "x", other={"image_url": url}) for url in urls]
        pictures = Pictures(tmp_path, downloader(port))
        list(pictures.get(rows(*posts)))
    assert {outcome.removeprefix("not to be had: "): count for outcome, count in pictures.counts.items()} == {
        "the server answers 404": 3,
        "not of the public internet": 2,
        "not a web port": 1,
        "no address of a picture": 2,
    }
