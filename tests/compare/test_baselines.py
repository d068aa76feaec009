"""Baselines: guessing worked out, features of known posts, and classifiers that find what is planted."""

import io

import numpy as np
import pytest
from PIL import Image

from feelscope.compare import baselines
from feelscope.post import Post
from feelscope.words.word_vectors import WordVectors


def picture(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "png")
    return file.getvalue()


def test_guessing_is_right_as_often_as_drawing_by_the_prior() -> None:
    training, dev = np.array([0] * 6 + [1] * 3 + [2]), np.array([0, 0, 1, 2])
    prior = baselines.guess(training, 3)
    assert prior == pytest.approx([0.6, 0.3, 0.1])
    assert baselines.guessing_accuracy(prior, dev) == pytest.approx((0.6 + 0.6 + 0.3 + 0.1) / 4)
    assert baselines.guessing_accuracy(prior, training) == pytest.approx((prior**2).sum())


def test_features_of_pictures_and_words() -> None:
    vectors = WordVectors(("good", "day"), np.array([[1, 0], [0, 3]], np.float32))
    posts = [
        Post("1", "Good day, stranger!", image=picture((255, 0, 51))),
        Post("2", "zzz"),
        Post("3", "day", image=b"torn"),
    ]
    assert baselines.mean_words(posts, vectors).tolist() == [[0.5, 1.5], [0, 0], [0, 3]]
    found = baselines.pixels(posts)
    assert found.shape == (3, 768)
    assert found[0].reshape(-1, 3)[7] == pytest.approx([1, 0, 0.2])
    assert (found[1:] == 0.5).all()


@pytest.mark.parametrize("kind", baselines.KINDS)
def test_a_baseline_finds_what_is_planted(kind: str) -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 300)
    features = random.normal(size=(300, 10)).astype(np.float32)
    features[np.arange(300), labels] += 3
    probabilities = baselines.fit(kind, features[:200], labels[:200], seed=0)(features[200:])
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(100))
    assert (probabilities.argmax(axis=1) == labels[200:]).mean() > 0.8


def test_softmax_regression_is_of_standardised_features_with_a_strong_prior() -> None:
    random = np.random.default_rng(0)
    labels, features = random.integers(0, 3, 60), random.normal(3, 2, size=(60, 4))
    features[np.arange(60), labels] += 2
    found = baselines.fit("softmax regression", features, labels, seed=0)(features)
    z = (features - features.mean(axis=0)) / features.std(axis=0)
    # At the least of the loss plus |w|^2 / (2 C), the slope of the loss is -w / C; w up to a constant is in the logits.
    slope = z.T @ (found - np.eye(3)[labels])
    logits = np.log(found)
    weights = np.linalg.lstsq(np.column_stack([np.ones(60), z]), logits - logits.mean(axis=1, keepdims=True))[0][1:]
    assert slope == pytest.approx(-weights / 0.1, abs=0.02)


def test_a_random_forest_has_300_trees_of_leaves_of_two_posts_or_more() -> None:
    from sklearn.tree import DecisionTreeClassifier

    random = np.random.default_rng(0)
    labels, features = random.integers(0, 3, 40), random.normal(size=(40, 4))
    found = baselines.fit("random forest", features, labels, seed=5)(features)
    draw, trees = np.random.RandomState(5), []
    for seed in [draw.randint(np.iinfo(np.int32).max) for _ in range(300)]:
        drawn = np.bincount(np.random.RandomState(seed).randint(0, 40, 40), minlength=40)
        tree = DecisionTreeClassifier(min_samples_leaf=2, max_features="sqrt", random_state=seed)
        trees.append(tree.fit(features, labels, sample_weight=drawn).predict_proba(features))
    assert found == pytest.approx(np.mean(trees, axis=0))
