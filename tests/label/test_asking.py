"""What is asked next: by margins and distances a person can check, then by a model on real posts."""

from pathlib import Path

import numpy as np
import pytest

from feelscope import EmotionClassifier, PostsTable
from feelscope.errors import LabelError
from feelscope.label.asking import choose, in_order
from feelscope.label.opening import Round, open_session
from feelscope.post import Post
from feelscope.prepare.dataset import prepare
from feelscope.prepare.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
NOBODY = np.zeros(5, bool)
# Five points on a line; the margins say that the model doubts the fourth most.
POINTS = np.array([[0.0], [1.0], [2.0], [10.0], [4.0]])
MARGINS = np.array([0.9, 0.4, 0.2, 0.1, 0.3])


def test_uncertain_is_by_margin():
    assert choose(MARGINS, POINTS, "uncertain", NOBODY).tolist() == [3, 2, 4, 1, 0]


def test_diverse_is_the_farthest_from_all_before():
    """After the first, at 0: 10, then 4, then 2 (two away from 4 and 0), then 1."""
    assert choose(MARGINS, POINTS, "diverse", NOBODY).tolist() == [0, 3, 4, 2, 1]


def test_what_was_answered_counts_as_asked_and_comes_last():
    known = np.array([False, False, False, True, False])
    assert choose(MARGINS, POINTS, "diverse", known).tolist() == [0, 4, 2, 1, 3]
    assert choose(MARGINS, POINTS, "uncertain", known).tolist() == [2, 4, 1, 0, 3]


def test_both_is_diverse_among_the_doubtful_then_by_margin():
    points = np.concatenate([POINTS, POINTS + 0.5, POINTS + 100, POINTS + 200])  # 20 posts
    margins = np.concatenate([MARGINS / 10, MARGINS + 1, MARGINS + 2, MARGINS + 3])
    order = choose(margins, points, "both", np.zeros(20, bool)).tolist()
    assert sorted(order) == [*range(20)]
    assert order[:5] == [3, 0, 4, 2, 1]  # from 10 to 0, to 4, to 2 and to 1
    assert order[5:] == sorted(range(5, 20), key=lambda row: margins[row])


@pytest.mark.parametrize("order", ["uncertain", "diverse", "both"])
@pytest.mark.parametrize("seed", range(3))
def test_every_post_is_asked_once_and_no_chosen_one_is_nearer_than_another_was(order, seed):
    draws = np.random.default_rng(seed)
    vectors, margins, known = draws.normal(size=(40, 3)), draws.random(40), draws.random(40) < 0.2
    found = choose(margins, vectors, order, known, ahead=10)
    assert sorted(found.tolist()) == [*range(40)]
    assert known[found[-known.sum() :]].all()
    if order == "diverse":
        asked = list(np.flatnonzero(known))
        for row in found[:10]:
            away = np.linalg.norm(vectors[:, None] - vectors[asked], axis=2).min(axis=1)
            away[known] = 0
            assert away[row] == pytest.approx(away.max())
            asked.append(row)


@pytest.fixture(scope="module")
def posts():
    return list(PostsTable(EXAMPLES / "posts.csv"))


def test_a_model_says_what_it_doubts(posts):
    classifier = EmotionClassifier.load(skip_pictures=1)
    found = in_order(posts, "uncertain", classifier)
    margins = {}
    for prediction in classifier.predict(posts):
        *_, second, first = sorted(prediction.probabilities.values())
        margins[prediction.id] = first - second
    assert [post.id for post in found] == sorted(margins, key=margins.get)
    assert in_order(posts, "random", classifier) == posts


def test_posts_that_cannot_be_read_come_last(posts):
    found = in_order([Post("nothing", " "), *posts], "diverse", EmotionClassifier.load(), {"1"})
    assert [post.id for post in found[-2:]] == ["1", "nothing"]


def test_vectors_are_those_that_predictions_rest_on(posts):
    classifier = EmotionClassifier.load(skip_pictures=1)
    for post, (prediction, vectors) in zip(posts, classifier.stream_vectors(posts), strict=True):
        assert set(vectors) == set(prediction.modalities)
        assert prediction.probabilities == pytest.approx(classifier.predict([post])[0].probabilities, abs=1e-5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled") / "dataset"
    prepare(list(PostsTable(EXAMPLES / "posts.csv")), folder, Settings(labels="none", emotions="seven", language="any"))
    return folder


def test_a_session_asks_in_this_order_and_never_for_more_than_there_are(dataset):
    with open_session(dataset, Round(order="uncertain", sample=3)) as session:
        first = [post.id for post in session.posts]
        for post in session.posts[:2]:
            session.answer("ann", post.id, session.choices[0], 1.0)
    with open_session(dataset, Round(order="uncertain", sample=3)) as session:
        assert session.posts[0].id == first[2]
        assert not {*first[:2]} & {post.id for post in session.posts}
    with (
        pytest.raises(LabelError, match="1,000 posts are asked for, and"),
        open_session(dataset, Round(sample=1000)),
    ):
        pass
