import io
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from PIL import Image
from small_model import LABELS, alter_json, sign, write_small_model
from small_photos import photo

from feelscope.errors import ConfigError, ModelError
from feelscope.explain.post import Settings
from feelscope.images.views import letterboxed
from feelscope.memory import post_size
from feelscope.post import Post, Prediction
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.side_by_side import _Pace


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load(workers=2, skip_pictures=1)


def picture(colour: str, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    image = Image.new("RGB", (40, 30), colour)
    image.paste("white", (25, 5, 30, 10))  # in one colour nothing is seen
    image.save(file, format)
    return file.getvalue()


def texts(count: int) -> Iterator[Post]:
    for number in range(count):
        yield Post(str(number), f"number {number} was {'lovely' if number % 2 else 'dreadful'}" + " so" * (number % 7))


def mixed() -> list[Post]:
    """Words, pictures, both and neither, of many lengths."""
    posts = list(texts(9))
    for number, colour in enumerate(("red", "navy", "white", "black", "gold")):
        posts.append(Post(f"picture {number}", image=picture(colour)))
        posts.append(Post(f"both {number}", "what a day " * (number + 1), image=picture(colour, "JPEG")))
    posts.insert(5, Post("cannot be read", image=b"no picture"))
    posts.insert(13, Post("empty", " \n"))
    return posts


def one(classifier: EmotionClassifier, *arguments: object, **fields: object) -> Prediction:
    (prediction,) = classifier.predict([Post("1", *arguments, **fields)])  # type: ignore[arg-type]
    return prediction


# Order and independence


def test_a_list_comes_back_in_order(classifier: EmotionClassifier) -> None:
    posts = [*texts(50), *mixed()]
    predictions = classifier.predict(posts)
    assert isinstance(predictions, list)
    assert [prediction.id for prediction in predictions] == [post.id for post in posts]


def test_order_is_kept_where_the_first_take_longest(classifier: EmotionClassifier) -> None:
    slow = [Post(f"slow {number}", image=picture("teal")) for number in range(20)]
    posts = [*slow, *texts(60)]
    assert [prediction.id for prediction in classifier.predict(posts)] == [post.id for post in posts]


def test_nothing_in_nothing_out(classifier: EmotionClassifier) -> None:
    assert classifier.predict([]) == []
    assert list(classifier.stream(iter(()))) == []


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 33])
def test_as_many_come_out_as_go_in(classifier: EmotionClassifier, count: int) -> None:
    assert [prediction.id for prediction in classifier.stream(texts(count))] == [str(n) for n in range(count)]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_post_alone_is_the_same_to_the_last_bit(classifier: EmotionClassifier, workers: int) -> None:
    posts = mixed()
    alone = [classifier.predict([post])[0] for post in posts]
    assert len({tuple(prediction.probabilities.values()) for prediction in alone}) > 5  # they do differ
    others = EmotionClassifier.load(workers=workers)
    assert others.predict(posts) == alone
    assert list(others.stream(iter(posts))) == alone
    assert others.predict(posts[::-1]) == alone[::-1]
    assert others.predict([*texts(40), *posts])[40:] == alone


def test_a_prediction_is_whole(classifier: EmotionClassifier) -> None:
    for prediction in classifier.predict(mixed()):
        if prediction.emotion is None:
            assert prediction.probabilities == {} and prediction.modalities == () and prediction.warnings
            continue
        assert tuple(prediction.probabilities) == classifier.emotions
        assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert min(prediction.probabilities.values()) >= 0
        assert prediction.emotion == max(prediction.probabilities, key=prediction.probabilities.__getitem__)


# What is read of a post


def test_words_count(classifier: EmotionClassifier) -> None:
    """The one answer that any usable model gives."""
    happy, sad = one(classifier, "I am so happy"), one(classifier, "I am so sad, I cannot stop crying")
    assert happy.probabilities != sad.probabilities
    assert happy.emotion == "happiness"
    assert happy.modalities == ("text",) and happy.warnings == ()


def test_the_picture_counts(classifier: EmotionClassifier) -> None:
    red, blue = one(classifier, image=picture("red")), one(classifier, image=picture("blue"))
    assert red.probabilities != blue.probabilities
    assert red.modalities == ("image",)
    both = one(classifier, "I am so happy", image=picture("red"))
    assert both.modalities == ("text", "image")
    assert both.probabilities not in (red.probabilities, one(classifier, "I am so happy").probabilities)


def test_a_file_and_its_bytes_are_the_same(classifier: EmotionClassifier, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(picture("gold"))
    assert one(classifier, image=path) == one(classifier, image=picture("gold"))


def test_the_title_is_read(classifier: EmotionClassifier) -> None:
    bare, titled = one(classifier, "See below."), one(classifier, "See below.", title="I am so angry at them")
    assert bare.probabilities != titled.probabilities
    assert one(classifier, title="I am so happy").probabilities == one(classifier, "I am so happy").probabilities


def test_the_label_is_not_read(classifier: EmotionClassifier) -> None:
    plain = one(classifier, "Well.")
    assert one(classifier, "Well.", emotion="anger", other={"tags": "angry"}) == plain


def test_a_missing_picture_leaves_the_words(classifier: EmotionClassifier, tmp_path: Path) -> None:
    path = tmp_path / "gone.png"
    prediction = one(classifier, "I am so happy", image=path)
    assert prediction.warnings == (f"the picture was not used: {path}: no such file",)
    assert prediction.modalities == ("text",)
    assert prediction.probabilities == one(classifier, "I am so happy").probabilities


def test_only_a_missing_picture_is_no_answer(classifier: EmotionClassifier, tmp_path: Path) -> None:
    prediction = one(classifier, image=tmp_path / "gone.png")
    assert prediction.emotion is None and prediction.probabilities == {} and prediction.modalities == ()
    first, last = prediction.warnings
    assert "gone.png" in first and last == "there is nothing to read in this post"


def test_a_megabyte_of_text_is_cut(classifier: EmotionClassifier) -> None:
    for text in ("happy day " * 100_000, "x" * 1_000_000, "😀" * 250_000):
        prediction = one(classifier, text)
        assert prediction.emotion is not None
        (warning,) = prediction.warnings
        assert warning.startswith("only the first ") and "tokens" in warning
    assert one(classifier, "happy day " * 5).warnings == ()


# Streams


def test_posts_are_taken_as_they_are_answered(classifier: EmotionClassifier) -> None:
    taken = itertools.count()

    def endless() -> Iterator[Post]:
        while True:
            yield Post(str(next(taken)), "on and on")

    stream = classifier.stream(endless())
    assert [next(stream).id for _ in range(100)] == [str(number) for number in range(100)]
    stream.close()  # type: ignore[attr-defined]
    assert next(taken) < 500


def test_closing_early_leaves_no_threads(classifier: EmotionClassifier) -> None:
    before = set(threading.enumerate())
    stream = classifier.stream(texts(500))
    next(stream)
    assert set(threading.enumerate()) > before
    stream.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("good", [0, 1, 20, 100])
def test_an_error_in_the_posts_reaches_the_caller(classifier: EmotionClassifier, good: int) -> None:
    def broken() -> Iterator[Post]:
        yield from texts(good)
        raise LookupError("the posts ran out")

    before = set(threading.enumerate())
    with pytest.raises(LookupError, match="the posts ran out"):
        list(classifier.stream(broken()))
    assert set(threading.enumerate()) <= before


def test_two_streams_at_once(classifier: EmotionClassifier) -> None:
    posts = mixed()
    want = classifier.predict(posts)
    pairs = list(zip(classifier.stream(posts), classifier.stream(posts), strict=True))
    assert pairs == [(prediction, prediction) for prediction in want]


def test_jobs_grow_as_long_as_the_quickest_of_eight_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("feelscope.saved_model.side_by_side.time.perf_counter", lambda: now)
    pace, sizes = _Pace(), []

    def chunks(seconds: list[float], a_post: float) -> None:
        """Jobs in their order, that take so long each beside the time of their posts."""
        for job, (chunk, size) in zip(seconds, pace.chunks(Post(str(n), "words") for n in count()), strict=False):

            def answer(posts: list[Post]) -> list[Prediction]:
                nonlocal now
                now += job + a_post * len(posts)  # noqa: B023
                return []

            pace.timed(answer, chunk)
            assert size == sum(map(post_size, chunk))
            sizes.append(len(chunk))

    chunks(8 * [0.0], 0.009)
    assert sizes == 8 * [2]
    chunks(8 * [0.0], 0.004)  # 0.016 seconds a job
    assert sizes[8:] == 8 * [4]
    chunks([*7 * [1.0], 0.0], 0.004)  # other programs took the processor from seven; 0.032 seconds is neither
    assert sizes[16:] == 8 * [8]
    chunks(9 * [0.2], 0.0)
    assert sizes[24:] == [*8 * [8], 4]


def test_a_model_that_takes_a_while_has_jobs_of_two_posts_and_a_big_post_is_one_alone() -> None:
    posts = [Post("1", "a"), Post("2", "b"), Post("3", "c" * 2_000_000), Post("4", "d")]
    assert [[post.id for post in chunk] for chunk, _ in _Pace().chunks(posts)] == [["1", "2"], ["3"], ["4"]]


def test_answers_do_not_depend_on_the_posts_they_are_asked_with(classifier: EmotionClassifier) -> None:
    posts = [replace(post, image=None) for post in mixed()]
    answers = classifier._answering.answers
    assert answers(posts) == [answers([post])[0] for post in posts]
    assert answers(mixed()) == [answers([post])[0] for post in mixed()]


# Pictures left out


def test_a_picture_is_left_out_where_the_words_are_sure(classifier: EmotionClassifier) -> None:
    posts = [
        Post("sure", "What a lovely day!", image=b"not even opened"),
        Post("unsure", "the", image=picture("navy")),
        Post("picture", image=picture("red")),
        Post("words", "table"),
        Post("empty", " "),
        Post("Spanish", "¡Qué alegría, estoy muy feliz!", image=picture("gold")),
    ]
    skipping = EmotionClassifier.load(workers=2, skip_pictures=0.9)
    sure, *others = skipping.predict(posts)
    assert others == classifier.predict(posts)[1:]
    assert sure.modalities == ("text",) and sure.probabilities == one(classifier, "What a lovely day!").probabilities
    (warning,) = sure.warnings
    assert (
        warning == f"the picture was not read: the words alone are sure enough, {max(sure.probabilities.values()):.1%}"
    )
    assert skipping._answering.answers(posts) == [skipping._answering.answers([post])[0] for post in posts]


def test_words_without_a_feeling_never_suffice(classifier: EmotionClassifier) -> None:
    post = Post("1", "The library is open from nine to five.")
    assert one(classifier, post.text).emotion == "neutral"
    seen = EmotionClassifier.load(skip_pictures=0.0).predict([replace(post, image=picture("navy"))])
    assert seen[0].modalities == ("text", "image") and not any("was not read" in one for one in seen[0].warnings)


def test_an_explanation_is_of_the_answer_that_was_given() -> None:
    skipping = EmotionClassifier.load(skip_pictures=0.9)
    post = Post("1", "What a lovely day!", image=picture("navy"))
    found = skipping.explain(post, settings=Settings(passes=40))
    assert found.prediction == skipping.predict([post])[0]
    assert (*found.modalities, found.regions) == ("text", ())
    assert "the picture was not read" in found.warnings[0]


def test_calibration_and_vectors_are_of_whole_posts(classifier: EmotionClassifier) -> None:
    skipping = EmotionClassifier.load(skip_pictures=0.0)
    post = Post("1", "What a lovely day!", image=picture("navy"))
    assert skipping.predict([post])[0].modalities == ("text",)
    assert skipping.uncalibrated().predict([post])[0].modalities == ("text", "image")
    assert next(iter(skipping.stream_vectors([post])))[0] == classifier.predict([post])[0]


def test_one_reads_every_picture_and_a_model_may_say_what_is_usual(tmp_path: Path) -> None:
    made = write_small_model(tmp_path / "made")
    assert EmotionClassifier.load(made).skip_pictures == 1
    alter_json(made, "labels.json", lambda labels: labels.update(skip_pictures=0.0))
    post = Post("1", "so happy", image=picture("navy"))
    assert EmotionClassifier.load(made).predict([post])[0].modalities == ("text",)
    assert EmotionClassifier.load(made, skip_pictures=1).predict([post])[0].modalities == ("text", "image")


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), float("inf")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=r"skip_pictures \(--skip-pictures\): expected a number from 0 to 1"):
        EmotionClassifier.load(skip_pictures=share)


def test_a_model_of_words_has_no_pictures_to_leave_out(tmp_path: Path) -> None:
    made = write_small_model(tmp_path / "made")
    alter_json(made, "labels.json", lambda labels: labels.update(modalities=["text"]))
    with pytest.raises(ModelError, match="this model reads no image"):
        EmotionClassifier.load(made, skip_pictures=0.8)


# What a model does not know


def test_words_in_another_language_and_odd_pictures_are_warned_about(classifier: EmotionClassifier) -> None:
    assert one(classifier, "Hoy estoy muy feliz").warnings == (
        "words in another language (Spanish?): this model reads English",
    )
    assert one(classifier, "happy", title="今天我很高兴").warnings[0].startswith("words in another language (Chinese?)")
    assert one(classifier, "So happy today, gracias to all of you!").warnings == ()
    (warning,) = one(classifier, "We won!", image=picture("navy")).warnings
    assert warning == "there is nothing to see in the picture: it is blank, or nearly"
    for text in ("@kim", "RT @kim: https://a.example", "...", "12"):
        assert one(classifier, text).warnings == ("no words in the text: names, addresses, numbers or signs alone",)
    assert [one(classifier, text).warnings for text in ("@kim 😀", ":-)", "#joy", "hi")] == [()] * 4


def test_a_picture_of_a_pixel_is_not_used(classifier: EmotionClassifier) -> None:
    file = io.BytesIO()
    Image.new("RGB", (1, 1), "navy").save(file, "GIF")
    found = one(classifier, "We won!", image=file.getvalue())
    assert found.modalities == ("text",)
    (warning,) = found.warnings
    assert warning.startswith("the picture was not used: ") and "1 x 1 pixels, which shows nothing" in warning


@pytest.mark.parametrize("colour", [(20, 80, 200), (21, 80, 200), (0, 0, 0, 0)], ids=["one", "two alike", "clear"])
def test_a_picture_of_one_colour_is_nothing_to_read(classifier: EmotionClassifier, colour: tuple[int, ...]) -> None:
    file = io.BytesIO()
    image = Image.new("RGBA" if len(colour) == 4 else "RGB", (60, 40), colour)
    image.putpixel((3, 3), (20, 80, 200) if len(colour) == 3 else colour)
    image.save(file, "PNG")
    said = "the picture was not used: it has one colour throughout, which shows nothing"
    assert one(classifier, "We won!", image=file.getvalue()).warnings == (said,)
    found = one(classifier, image=file.getvalue())
    assert (found.emotion, found.warnings) == (None, (said, "there is nothing to read in this post"))


def test_a_model_that_says_nothing_of_its_posts_warns_of_none(tmp_path: Path) -> None:
    made = write_small_model(tmp_path / "made")
    post = Post("1", "so estoy muy feliz", image=picture("navy"))
    assert EmotionClassifier.load(made).predict([post])[0].warnings == ()
    alter_json(made, "labels.json", lambda labels: labels.update(languages=["en", "fr"], warns_of=["noise"]))
    assert EmotionClassifier.load(made).predict([post])[0].warnings == (
        "words in another language (Spanish?): this model reads English and French",
    )


@pytest.mark.slow
def test_memory_does_not_grow_with_the_posts() -> None:
    code = """
import resource
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.post import Post

def posts(count):
    for number in range(count):
        yield Post(str(number), f"{number} " + "the longest day of my life " * 8, other={"ballast": bytes(200_000)})

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

classifier = EmotionClassifier.load(workers=2)
assert sum(1 for _ in classifier.stream(posts(300))) == 300
before = peak()
assert sum(1 for _ in classifier.stream(posts(2000))) == 2000
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    per_unit = 1024 if sys.platform == "darwin" else 1
    assert int(done.stdout) / per_unit < 40_000  # KiB; all posts at once would be 340,000 more


# Saving


def test_saved_is_loaded(classifier: EmotionClassifier, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "mine"
    classifier.save(folder)
    again = EmotionClassifier.load(folder)
    assert (again.name, again.emotions, again.folder) == (classifier.name, classifier.emotions, folder)
    posts = mixed()
    assert again.predict(posts) == classifier.predict(posts)
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]  # nothing left beside it


def test_import_is_light() -> None:
    code = "import sys, feelscope.saved_model.classifier; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "feelscope" in done.stdout.split()
    assert not {"torch", "pyarrow", "transformers", "onnxruntime", "rich"} & set(done.stdout.split())


def test_a_model_reads_words_as_its_labels_say_and_not_otherwise(tmp_path):
    plain = EmotionClassifier.load(write_small_model(tmp_path / "plain"))
    write_small_model(tmp_path / "normalised")
    values = json.loads((tmp_path / "normalised" / "labels.json").read_text())
    assert values["reading"] == "plain"
    (tmp_path / "normalised" / "labels.json").write_text(json.dumps({**values, "reading": "normalised"}))
    sign(tmp_path / "normalised")
    normalised = EmotionClassifier.load(tmp_path / "normalised")
    said, meant = (Post("1", text) for text in ("@kim sooooo happy", "so happy"))
    assert normalised.predict([said]) == normalised.predict([meant]) == plain.predict([meant])
    assert plain.predict([said]) != plain.predict([meant])


def test_a_photo_is_read_without_its_frame_where_the_model_says_so(tmp_path: Path) -> None:
    plain, unframed = (
        EmotionClassifier.load(write_small_model(tmp_path / str(unframe), replace(LABELS, unframe=unframe)))
        for unframe in (False, True)
    )
    alone = photo((640, 480))
    files = {"alone": alone, "framed": letterboxed(alone)}
    for name, picture in files.items():
        picture.save(tmp_path / f"{name}.png")
    posts = [Post(name, image=tmp_path / f"{name}.png") for name in files]
    expected, whole = (dict(one.probabilities) for one in plain.predict(posts))
    found, taken_out = unframed.predict(posts)
    assert found.probabilities == expected and found.warnings == ()
    assert taken_out.probabilities == pytest.approx(expected, abs=0.01)
    assert whole != pytest.approx(expected, abs=0.05)
    assert taken_out.warnings == ("around the photo in the picture is a frame, which was not read",)
    regions = unframed.explain(posts[1]).regions
    assert min(one.top for one in regions) > 0.25 and max(one.bottom for one in regions) < 0.75
    assert min(one.left for one in regions) == 0 and max(one.right for one in regions) == 1
