"""Evaluation with a double for the classifier: what is asked, what is counted, what is said."""

import json
from collections.abc import Iterable, Iterator

import pytest

from feelscope.errors import ModelError, TableError
from feelscope.evaluate.evaluate import evaluate, variants
from feelscope.post import Post, Prediction
from feelscope.table import PostsTable, Quarantine

EMOTIONS = ("happiness", "sadness", "anger")


class Double:
    """Reads the emotion a post names in its words, or else in its picture's bytes; looks ahead like a batch does."""

    name = "double"
    emotions = EMOTIONS
    modalities = ("text", "image")

    def __init__(self):
        self.seen: list[Post] = []

    def stream(self, posts: Iterable[Post]) -> Iterator[Prediction]:
        self.seen = list(posts)
        for post in self.seen:
            word = f"{post.title}{post.text}" or (post.image or b"").decode()
            known = word in EMOTIONS
            row = {emotion: 0.8 if emotion == word else 0.1 for emotion in EMOTIONS} if known else {}
            yield Prediction(post.id, word if known else None, row, ("text",) if known else ())


def post(name, label, text="", image=None, title=""):
    return Post(name, text=text, title=title, image=image, emotion=label)


MIXED = [
    post("1", "happiness", text="happiness", image=b"happiness"),
    post("2", "sadness", text="sadness", image=b"happiness"),
    post("3", "sadness", text="anger"),
    post("4", "happiness", image=b"happiness"),
    post("5", "sadness", title="sadness", image=b"broken"),
]


def test_each_combination_has_its_posts_and_scores():
    found = evaluate(Double(), MIXED, resamples=50)
    assert (found.both.posts, found.text.posts, found.image.posts) == (5, 4, 4)
    assert found.both.accuracy == 4 / 5
    assert found.text.accuracy == 3 / 4
    assert found.image.accuracy == 2 / 4
    assert found.image.unread == 1
    assert found.both.unread == found.unlabelled == 0


def test_a_post_with_one_modality_is_asked_once_and_no_label_is_shown():
    double = Double()
    evaluate(double, MIXED, resamples=0)
    assert [one.id for one in double.seen] == [
        "1",
        "1#text",
        "1#image",
        "2",
        "2#text",
        "2#image",
        "3",
        "4",
        "5",
        "5#text",
        "5#image",
    ]
    assert {one.emotion for one in double.seen} == {None}


def test_variants_leave_one_modality():
    whole, text, image = (one for one, _ in variants(post("a", "anger", text="x", title="t", image=b"y")))
    assert (whole.text, whole.title, whole.image) == ("x", "t", b"y")
    assert (text.text, text.title, text.image) == ("x", "t", None)
    assert (image.text, image.title, image.image) == ("", "", b"y")


def test_a_combination_the_table_lacks_is_none():
    words = evaluate(Double(), [one for one in MIXED if one.image is None], resamples=0)
    assert words.image is None
    assert words.text.accuracy == words.both.accuracy
    pictures = evaluate(Double(), [one for one in MIXED if not one.has_text], resamples=0)
    assert pictures.text is None
    assert pictures.image.posts == pictures.both.posts == 1
    assert pictures.to_json()["text"] is None


def test_a_combination_equals_a_table_of_its_own():
    stripped = [Post(one.id, text=one.text, title=one.title, emotion=one.emotion) for one in MIXED if one.has_text]
    whole, alone = evaluate(Double(), MIXED).to_json(), evaluate(Double(), stripped).to_json()
    assert whole["text"] == alone["both"]


def test_an_unread_post_counts_as_wrong():
    found = evaluate(Double(), [post("1", "anger", text="anger"), post("2", "anger", image=b"broken")], resamples=0)
    assert found.both.accuracy == 0.5
    assert found.both.unread == 1
    assert "posts that could not be read and count as wrong: 1 (as they are), 1 (image only)" in found.to_text()


def test_an_empty_post_counts_as_wrong_too():
    found = evaluate(Double(), [post("1", "anger", text="anger"), post("2", "anger")], resamples=0)
    assert (found.both.posts, found.text.posts, found.both.accuracy) == (2, 1, 0.5)


def test_labels_are_mapped_and_said():
    found = evaluate(Double(), [post("1", " Sad ", text="sadness"), post("2", "anger", text="anger")], resamples=0)
    assert found.mapped == {"Sad": "sadness"}
    assert found.both.accuracy == 1
    assert list(found.both.per_emotion) == ["sadness", "anger"]
    assert "mapped labels: 'Sad' to sadness" in found.to_text()
    assert "emotions the table lacks (answering one counts as wrong): happiness" in found.to_text()


def test_an_unknown_label_stops_before_the_first_prediction():
    double = Double()
    posts = [*MIXED, post("6", "angre", text="x"), post("7", "trust\n", text="y"), post("8", "trust", text="z")]
    with pytest.raises(ModelError) as error:
        evaluate(double, posts)
    says = str(error.value)
    assert double.seen == []
    assert (
        "the label 'trust' (posts: 2, first '7'), 'angre' (posts: 1, first '6'): rename the label, remove these posts, "
        "or give a model that was trained with it; known are happiness, sadness, anger; did you mean 'anger'?"
    ) in says
    assert "\n" not in says


def test_many_unknown_labels_stay_one_short_line():
    posts = [post(str(n), f"a long sentence with a \x1b[31mcolour and\nlines {n} " * 9, text="x") for n in range(2000)]
    with pytest.raises(ModelError, match=r"and 1,997 more labels") as error:
        evaluate(Double(), posts)
    assert len(str(error.value)) < 700
    assert "\x1b" not in str(error.value)
    assert "\n" not in str(error.value)


def test_posts_without_a_label_are_counted_and_left_out():
    double = Double()
    found = evaluate(double, [post("1", "anger", text="anger"), post("2", None, text="x"), post("3", " ", text="x")])
    assert (found.posts, found.unlabelled, found.both.posts) == (1, 2, 1)
    assert [one.id for one in double.seen] == ["1"]
    assert "posts left out, as they have no label: 2" in found.to_text()


@pytest.mark.parametrize("posts", [[], [post("1", None, text="x")]])
def test_no_labelled_post_is_one_line(posts):
    with pytest.raises(TableError, match="no post has a label: give a table whose column `emotion`"):
        evaluate(Double(), posts)


def test_an_iterator_works_as_well_as_a_list():
    assert evaluate(Double(), iter(MIXED)).to_json() == evaluate(Double(), MIXED).to_json()


def test_restricted_stands_beside():
    class Torn(Double):
        def stream(self, posts):
            for one in posts:
                yield Prediction(one.id, "anger", {"happiness": 0.3, "sadness": 0.1, "anger": 0.6}, ("text",))

    found = evaluate(Torn(), [post("1", "happiness", text="x"), post("2", "sadness", text="y")], resamples=0)
    assert found.both.accuracy == 0
    assert found.both.restricted.accuracy == 0.5
    assert found.to_json()["both"]["restricted"]["accuracy"] == 0.5


def test_json_has_fractions_under_the_promised_keys():
    found = evaluate(Double(), MIXED, seed=5, resamples=100).to_json()
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    for combination in ("both", "text", "image"):
        scores = found[combination]
        for name in ("accuracy", "macro_f1", "micro_f1", "weighted_f1", "ece"):
            assert 0 <= scores[name] <= 1
            low, high = scores["intervals"][name]
            assert 0 <= low <= high <= 1
            assert 0 <= scores["restricted"][name] <= 1
        confusion = scores["confusion"]
        rows = [sum(row) + unread for row, unread in zip(confusion["matrix"], confusion["unread"], strict=True)]
        assert rows == [scores["per_emotion"][emotion]["support"] for emotion in confusion["rows"]]
        assert set(scores["per_emotion"]["sadness"]) == {"precision", "recall", "f1", "support", "f1_interval"}
        assert confusion["columns"] == list(EMOTIONS)
        assert set(scores["reliability"][0]) == {"lower", "upper", "posts", "confidence", "accuracy"}
        assert sum(bin["posts"] for bin in scores["reliability"]) == scores["posts"] - scores["unread"]
    assert found["model"] == "double"
    assert found["emotions"] == list(EMOTIONS)
    assert found["posts"] == 5
    assert found["quarantined"] == 0
    assert found["bootstrap"] == {"resamples": 100, "seed": 5, "level": 0.95}


def test_nothing_read_is_still_valid_json():
    found = evaluate(Double(), [post("1", "anger", image=b"broken")])
    assert found.to_json()["both"]["ece"] is None
    json.dumps(found.to_json(), allow_nan=False)
    assert "calibration error  –" in found.to_text()


def test_bad_rows_are_counted_once():
    class Table:
        """Like a posts table: meets its bad row every time it is gone through."""

        def __init__(self):
            self.quarantine = Quarantine()

        def __iter__(self):
            self.quarantine.add("7", 7, "no text and no picture")
            yield from MIXED

    found = evaluate(Double(), Table())
    assert found.quarantined == 1
    assert "bad rows left out, see the quarantine: 1" in found.to_text()


def test_a_posts_table_in_a_file(tmp_path):
    rows = ["id,text,emotion", "1,happiness,Happy", "2,sadness,sad", "2,sadness,sad", "3,,anger", "4,anger,anger"]
    path = tmp_path / "posts.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    with Quarantine(tmp_path / "quarantine.jsonl") as quarantine:
        found = evaluate(Double(), PostsTable(path, need=("emotion",), quarantine=quarantine))
    assert (found.posts, found.quarantined, found.both.accuracy) == (3, 1, 1)  # two raters of post 2 agree
    assert found.mapped == {"Happy": "happiness", "sad": "sadness"}
    assert len((tmp_path / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_progress_counts_posts_not_variants():
    calls = []
    evaluate(Double(), MIXED, resamples=0, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(n, 5) for n in range(1, 6)]


def test_posts_are_streamed_not_gathered():
    ahead = []

    class Table:
        def __iter__(self):
            self.out = 0
            for _ in range(500):
                self.out += 1
                yield MIXED[0]

    class OneByOne(Double):
        def stream(self, posts):
            for number, one in enumerate(posts, 1):
                ahead.append(table.out * 3 - number)
                yield Prediction(one.id, "anger", {"happiness": 0.3, "sadness": 0.1, "anger": 0.6}, ("text",))

    table = Table()
    assert evaluate(OneByOne(), table, resamples=0).both.posts == 500
    assert max(ahead) <= 3


def test_the_text_is_an_aligned_table_of_eighty_columns():
    lines = evaluate(Double(), MIXED).to_text().splitlines()
    assert max(map(len, lines)) <= 80
    head = next(line for line in lines if "text only" in line)
    row = next(line for line in lines if line.startswith("accuracy"))
    for title in ("as they are", "text only", "image only"):
        at = head.index(title)
        assert row[at - 1] == " "
        assert row[at].isdigit()
    titles = next(line for line in lines if line.startswith("emotion "))
    sadness = next(line for line in lines if line.startswith("sadness"))
    assert titles.split() == ["emotion", "posts", "precision", "recall", "F1", "F1", "text", "F1", "image"]
    assert len(sadness) == len(titles)


TEXT = """\
double on 5 posts, scores from 0 to 1 with their 95% intervals

                   as they are          text only            image only
posts              5                    4                    4
accuracy           0.800                0.750                0.500
macro-F1           0.900                0.900                0.400
micro-F1           0.889                0.857                0.571
weighted F1        0.880                0.850                0.400
calibration error  0.000                0.050                0.133
restricted to the table's emotions (2 of the model's 3)
  accuracy         0.800                0.750                0.500
  macro-F1         0.800                0.733                0.400

emotion      posts  precision  recall  F1                    F1 text  F1 image
happiness        2      1.000   1.000  1.000                   1.000     0.800
sadness          3      1.000   0.667  0.800                   0.800     0.000
emotions the table lacks (answering one counts as wrong): anger
posts that could not be read and count as wrong: 1 (image only)"""


def test_the_text_has_the_scores_that_were_counted_by_hand():
    assert evaluate(Double(), MIXED, resamples=0).to_text() == TEXT


def test_an_emotion_that_no_picture_has_has_no_score_of_pictures():
    text = evaluate(Double(), [*MIXED, post("6", "anger", text="anger")], resamples=0).to_text()
    # One post is anger, two answers are: a precision of 1/2 and an F1 of 2/3, with or without the pictures.
    assert "\nanger            1      0.500   1.000  0.667                   0.667         –" in text
    assert "restricted to the table's emotions (3 of the model's 3)\n" in text
    assert "the table lacks" not in text
