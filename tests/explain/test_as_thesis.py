"""`explain structure` as the thesis' code does it, and its figures: names inside the axes, one scale for words."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.cluster import hierarchy

from feelscope.explain.structure import figures
from feelscope.explain.structure.as_thesis import feature_outliers, mean_picture, single_words
from feelscope.explain.structure.relations import relate
from feelscope.explain.structure.top_words import WordMeans
from feelscope.post import Post, Prediction

EMOTIONS = ("joy", "anger")


class Planted:
    """A model that knows two words, and whose vectors are numbers in the text."""

    emotions = EMOTIONS

    def __init__(self):
        self.asked = []

    def stream(self, posts):
        for post in posts:
            self.asked.append(post)
            joy = {"sun": 0.9, "war": 0.2}.get(post.text, 0.5)
            yield Prediction(post.id, "joy", {"joy": joy, "anger": 1 - joy}, ("text",))

    def stream_vectors(self, posts):
        for post in posts:
            vectors = {"text": np.array([float(word) for word in post.text.split()], np.float32)} if post.text else {}
            if post.image:
                vectors["image"] = np.array([float(post.image.decode())], np.float32)
            yield Prediction(post.id, None, {}, ()), vectors


def picture(level: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), (level, 0, 100)).save(file, "png")
    return file.getvalue()


def test_logits_are_correlated_and_joined_by_wards_linkage_of_the_rows():
    random = np.random.default_rng(0)
    logits = random.normal(size=(500, 4)) @ random.normal(size=(4, 4))
    raised = np.exp(logits)
    found = relate(raised / raised.sum(axis=1, keepdims=True), ("a", "b", "c", "d"), "logits", "ward")
    centred = logits - logits.mean(axis=1, keepdims=True)
    assert found.correlation == pytest.approx(np.corrcoef(centred.T), abs=1e-4)
    assert found.linkage == pytest.approx(hierarchy.linkage(found.correlation, "ward", optimal_ordering=True))
    usual = relate(raised / raised.sum(axis=1, keepdims=True), ("a", "b", "c", "d"))
    assert usual.linkage[-1, 2] != pytest.approx(found.linkage[-1, 2]) and (usual.scale, usual.joined_by) == (
        "probability",
        "average",
    )


def test_the_mean_picture_is_that_of_all_that_can_be_read():
    posts = [Post("1", image=picture(10)), Post("2", image=picture(31)), Post("3", image=b"torn"), Post("4", "words")]
    with Image.open(io.BytesIO(mean_picture(posts) or b"")) as mean:
        assert {*np.asarray(mean).reshape(-1, 3)[:, 0].tolist()} == {20} and np.asarray(mean)[5, 5, 2] == 100
    assert mean_picture([Post("4", "words")]) is None


def test_each_word_is_asked_alone_beside_the_picture():
    model = Planted()
    rows, mean = single_words([("the", 9), ("sun", 5), ("war", 2)], b"mean", model, EMOTIONS, 2)
    assert [(post.text, post.image) for post in model.asked] == [("the", b"mean"), ("sun", b"mean"), ("war", b"mean")]
    best = [(row["emotion"], row["rank"], row["word"], row["posts"]) for row in rows]
    assert best == [("joy", 1, "sun", 5), ("joy", 2, "the", 9), ("anger", 1, "war", 2), ("anger", 2, "the", 9)]
    assert mean == pytest.approx([1.6 / 3, 1.4 / 3]) and rows[0]["surely"] == pytest.approx(0.9 - 1.6 / 3)
    words = WordMeans(2)
    for said in ("the sun", "the war", "a sun", "the"):
        words.add(said.split(), np.array([0.5, 0.5]))
    assert words.most_frequent(3) == [("the", 3), ("sun", 2), ("a", 1)]
    assert single_words([], None, model, EMOTIONS, 2)[0] == []


def test_outliers_are_far_from_the_mean_in_the_features_that_a_post_has():
    posts = [Post("1", "0 0", image=b"1"), Post("2", "0 3", image=b"3"), Post("3", "6 0"), Post("4")]
    means = np.array([2.0, 1.0, 2.0])
    expected = {
        0: np.linalg.norm(np.array([0, 0, 1]) - means),
        1: np.linalg.norm(np.array([0, 3, 3]) - means),
        2: np.linalg.norm(np.array([6, 0]) - means[:2]),
        3: 0.0,
    }
    found = feature_outliers(posts, Planted(), 4)
    assert [row for row, _ in found] == sorted(expected, key=lambda row: -expected[row])
    assert dict(found) == pytest.approx(expected)
    assert len(feature_outliers(posts, Planted(), 2)) == 2


@pytest.mark.parametrize("seed", range(4))
def test_names_lie_inside_the_axes_and_stress_warns(seed):
    random = np.random.default_rng(seed)
    names = tuple(f"{'very ' * int(random.integers(4))}long {number}" for number in range(6))
    found = relate(random.dirichlet(np.full(6, 0.3), 200), names)
    for figure, axes in (
        (drawn := figures.emotion_map(found)[0], drawn.axes[0]),
        (drawn := figures.components(found, 0)[0], drawn.axes[2]),
    ):
        figure.canvas.draw()
        box = axes.get_window_extent()
        texts = [text for text in axes.texts if text.get_text()]
        assert {text.get_text() for text in texts} == {*names}
        for text in texts:
            inner = text.get_window_extent()
            assert box.x0 < inner.x0 and inner.x1 < box.x1 and box.y0 < inner.y0 and inner.y1 < box.y1
    title = figures.emotion_map(found)[0].axes[0].get_title(loc="left")
    assert ("above 0.2" in title) == (found.stress > 0.2)


def test_words_of_all_emotions_are_on_one_scale():
    rows = [
        {"emotion": "joy", "rank": 1, "word": "sun", "posts": 9, "mean": 0.9, "surely": 0.1},
        {"emotion": "anger", "rank": 1, "word": "war", "posts": 9, "mean": 0.03, "surely": 0.01},
    ]
    figure, _ = figures.top_words(rows, EMOTIONS, np.array([0.3, 0.01]))
    limits = {panel.get_xlim() for panel in figure.axes}
    assert len(limits) == 1 and limits.pop() == pytest.approx((0, 0.927))
    assert "for the word alone" in figures.top_words(rows, EMOTIONS, np.ones(2), alone=True)[0].get_supxlabel()
