"""Posts with a video or an animation, in every verb that takes posts."""

import contextlib
import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from page_serving import running
from PIL import Image
from service_asking import send
from small_photos import photo
from small_videos import SIZE, video

from feelscope.collect.files import Files
from feelscope.explain.post import Settings as Asking
from feelscope.explore.index.tagging import write_thumbnail
from feelscope.images.read import read_frames, read_rgb
from feelscope.label.answers import Answers
from feelscope.label.server import application
from feelscope.label.session import Session
from feelscope.post import Post
from feelscope.predict import predict_table
from feelscope.prepare.pictures import Pictures
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable, Quarantine

A, B = photo(SIZE, 1), photo(SIZE, 2)
CODEC_NOISE = 0.06  # of probability: what halved colours and rounding may move; 0.055 was seen, of 13 pictures


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load(workers=2, skip_pictures=1)


@pytest.fixture(scope="module")
def two_scenes() -> bytes:
    return video([A] * 20 + [B] * 20)


def encoded(*frames: Image.Image, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    if len(frames) == 1:
        frames[0].save(file, format)
    else:
        frames[0].save(file, format, save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize("seed", range(3))
def test_a_video_of_one_picture_is_answered_as_the_picture(classifier: EmotionClassifier, seed: int) -> None:
    still = photo((640, 360), seed)
    moving = video([still] * 30)
    frame = encoded(Image.fromarray(read_rgb(moving)))  # without what the codec does
    rows = classifier.predict_proba(
        [Post(str(place), image=data) for place, data in enumerate((encoded(still), moving, frame))]
    )
    np.testing.assert_allclose(rows[1], rows[2], atol=1e-6)
    assert np.abs(rows[0] - rows[1]).max() < CODEC_NOISE
    assert classifier.predict(Post("1", image=moving))[0].warnings[0] == "1 frame of a video of 3 s was read"


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_an_animation_of_one_frame_is_the_picture(classifier: EmotionClassifier, format: str) -> None:
    data = encoded(A, format=format)
    with Image.open(io.BytesIO(data)) as opened:
        same = encoded(opened.convert("RGB"))
    moving, picture = classifier.predict([Post("1", image=data), Post("1", image=same)])
    assert moving == picture


def test_the_vector_is_the_mean_of_the_frames_vectors(classifier: EmotionClassifier, two_scenes: bytes) -> None:
    gif = encoded(*[A] * 3, *[B] * 3, format="WEBP")
    for data in (two_scenes, gif):
        frames = read_frames(data, 224).made
        assert len(frames) == 2
        alone = classifier.embed([Image.fromarray(frame) for frame in frames])["image"]
        whole = classifier.embed([Post("1", "so sad", image=data)])
        np.testing.assert_allclose(whole["image"][0], np.mean(alone, axis=0), rtol=1e-4, atol=1e-5)
        assert not np.isnan(whole["fused"]).any()


def test_it_is_said_how_many_frames_were_read(classifier: EmotionClassifier, two_scenes: bytes) -> None:
    gif = encoded(*[A] * 3, *[B] * 3, format="GIF")
    moving, animation = classifier.predict([Post("1", "so sad", image=two_scenes), Post("2", image=gif)])
    assert "2 frames of a video of 4 s were read" in moving.warnings and moving.modalities == ("text", "image")
    assert any(
        said.startswith("the picture is an animation, of which frames") and said.endswith(" were read")
        for said in animation.warnings
    )
    assert classifier.predict([Post("1", "so sad", image=two_scenes)])[0] == moving


def test_an_explanation_is_of_one_frame_beside_the_others(classifier: EmotionClassifier, two_scenes: bytes) -> None:
    post = Post("1", "so sad", image=two_scenes)
    found = classifier.explain(post, settings=Asking())
    assert found.prediction == classifier.predict([post])[0]
    assert sum(found.modalities.values()) == pytest.approx(found.probability - found.baseline, abs=1e-4)
    assert len(found.regions) > 0
    (said,) = [warning for warning in found.warnings if warning.startswith("regions are of the frame at ")]
    assert said.endswith(" alone, beside which the others that were read stay as they are")


def test_a_broken_video_costs_only_itself(classifier: EmotionClassifier, two_scenes: bytes, tmp_path: Path) -> None:
    (tmp_path / "good.mp4").write_bytes(two_scenes)
    (tmp_path / "bad.mp4").write_bytes(two_scenes[: len(two_scenes) // 2])
    rows = [("1", "so sad", "good.mp4"), ("2", "so sad", "bad.mp4"), ("3", "", "bad.mp4"), ("4", "", "good.mp4")]
    with (tmp_path / "posts.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "text", "image"), *rows])
    with Quarantine(tmp_path / "left_out.jsonl", most_broken=1.0) as quarantine:
        predict_table(classifier, PostsTable(tmp_path / "posts.csv", quarantine=quarantine), tmp_path / "out.jsonl")
    found = {row["id"]: row for row in map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())}
    assert [*found] == ["1", "2", "4"] and found["2"]["modalities"] == ["text"]
    assert any("bad.mp4: video: damaged or cut short" in said for said in found["2"]["warnings"])
    (left_out,) = map(json.loads, (tmp_path / "left_out.jsonl").read_text().splitlines())
    assert left_out["id"] == "3" and "damaged or cut short" in left_out["reason"] and "\n" not in left_out["reason"]


def test_a_folder_of_videos_is_a_table(tmp_path: Path, two_scenes: bytes) -> None:
    (tmp_path / "a.MP4").write_bytes(two_scenes)
    (tmp_path / "b.webm").write_bytes(b"")
    assert [post.id for post in PostsTable(tmp_path)] == ["a.MP4", "b.webm"]


def test_a_dataset_keeps_a_video_and_the_hash_of_a_frame(two_scenes: bytes, tmp_path: Path) -> None:
    posts = [Post("1", image=two_scenes), Post("2", image=two_scenes), Post("3", image=video([B] * 10))]
    posts += [Post("4", image=two_scenes[:2000])]
    pictures = Pictures(tmp_path)
    rows = (({"id": post.id, "title": "", "text": post.text}, post) for post in posts)
    first, second, other, broken = (picture for _, _, picture in pictures.get(rows))
    assert first == second and first.file.endswith(".mp4") and (tmp_path / first.file).read_bytes() == two_scenes
    assert first.hash is not None and other.hash is not None and first.hash != other.hash
    assert broken.file == "" and pictures.counts["not to be had: damaged, or no picture"] == 1


def test_collected_from_files_it_is_kept_as_it_is(two_scenes: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(two_scenes)
    (tmp_path / "posts.csv").write_text("id,text,image\n1,so sad,a.mp4\n")
    source = Files([tmp_path / "posts.csv"])
    (query,) = source.queries
    assert [post.image for page in source.pages(query, None) for post in page.posts] == [two_scenes]


def test_an_archive_has_a_small_picture_of_it(two_scenes: bytes, tmp_path: Path) -> None:
    name = write_thumbnail(Post("1", image=two_scenes), tmp_path)
    assert Image.open(tmp_path / name).size == SIZE


def test_people_who_label_see_a_frame(two_scenes: bytes, tmp_path: Path) -> None:
    posts = [Post("1", image=two_scenes), Post("2", image=encoded(A)), Post("3", image=two_scenes[:2000])]
    session = Session(posts, ("happiness", "sadness"), Answers(tmp_path / "answers.jsonl", "label"))
    shown = {post.id: session._shown("ann", post)["moves"] for post in posts}
    assert shown == {"1": True, "2": False, "3": True}
    with contextlib.ExitStack() as opened:
        address = opened.enter_context(running(application(session)))
        status, headers, content = send(address, "GET", "/image?id=1")
        assert (status, headers["content-type"]) == (200, "image/jpeg") and Image.open(io.BytesIO(content)).size == SIZE
        status, _, content = send(address, "GET", "/image?id=3")
        assert status == 404 and "damaged or cut short" in json.loads(content)["error"]
