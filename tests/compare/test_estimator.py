"""Estimators of scikit-learn as rows: which a file may name, what they read, and how they answer."""

import csv

import numpy as np
import pytest
from PIL import Image
from scipy.sparse import issparse
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from small_comparison import write_posts, write_vectors

from feelscope.compare.choice import choose, choose_estimators
from feelscope.compare.compare import compare
from feelscope.compare.estimator import Estimator, read_estimator
from feelscope.compare.features import read_features
from feelscope.encoders.encoder import Resources
from feelscope.encoders.ngrams import ngrams_of
from feelscope.errors import ConfigError, ModelError, TableError
from feelscope.post import Post
from feelscope.progress import silent

SVM = """
features = ["tfidf"]

[[estimator]]
class = "sklearn.svm.LinearSVC"
C = 0.5
"""


@pytest.fixture
def given(tmp_path):
    """Arguments of a comparison of estimators alone."""
    return {
        "recipes": {},
        "estimators": {"svm": Estimator(LinearSVC(C=0.5))},
        "out": tmp_path / "run",
        "table": write_posts(tmp_path / "posts.csv"),
        "dev": write_posts(tmp_path / "dev.csv", 30, seed=1),
        "seeds": range(2),
        "processes": 1,
        "progress": silent,
    }


def scores(given):
    with (given["out"] / "scores.csv").open(encoding="utf-8", newline="") as file:
        return {(row["model"], row["combination"]): row for row in csv.DictReader(file) if row["scored"] == "all"}


def write_coloured(folder, name: str, count: int, seed: int):
    """A table whose pictures' colour says the emotion and whose words say nothing; every fourth post has no picture."""
    draw = np.random.default_rng(seed)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "text", "image", "emotion"))
        for number in range(count):
            kind = int(draw.integers(3))
            file = f"{name}-{number}.png" if number % 4 else ""
            if file:
                colour = [40, 40, 40]
                colour[kind] = int(draw.integers(150, 250))
                Image.new("RGB", (20, 20), tuple(colour)).save(folder / file)
            writer.writerow((f"{name}{number}", f"the street {draw.integers(9)}", file, ("joy", "fear", "anger")[kind]))
    return folder / f"{name}.csv"


def test_a_file_names_the_steps_of_a_pipeline(tmp_path):
    (tmp_path / "mine.toml").write_text(
        SVM.replace("[[estimator]]", '[[estimator]]\nclass = "sklearn.preprocessing.MaxAbsScaler"\n\n[[estimator]]', 1)
    )
    read = read_estimator(tmp_path / "mine.toml")
    assert [type(step).__name__ for _, step in read.model.steps] == ["MaxAbsScaler", "LinearSVC"]
    assert read.model[-1].C == 0.5 and read.features == ("tfidf",) and read.modalities == ("text",)
    assert list(choose_estimators(f"joint,{tmp_path / 'mine.toml'}")) == ["mine"]
    assert list(choose(f"joint,{tmp_path / 'mine.toml'},baselines", "paper")) == ["paper/joint"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sklearn.svm.LinearSVC", "os.system", "'os.system' is no estimator of scikit-learn"),
        ("sklearn.svm.LinearSVC", "sklearn.dummy.DumyClassifier", "did you mean 'sklearn.dummy.DummyClassifier'"),
        ("sklearn.svm.LinearSVC", "sklearn.datasets.load_files", "is no estimator of scikit-learn"),
        ("C = 0.5", "c = 0.5", "'c' is not a parameter; did you mean 'C'"),
        ('svm.LinearSVC"', 'cluster.FeatureAgglomeration"\nmemory = "x"', "'memory' is not a parameter"),
        ('["tfidf"]', '["tf-idf"]', "features: 'tf-idf' is not known; did you mean 'tfidf'"),
        ('["tfidf"]', "[]", "features: expected some of pixels, mean_words, tfidf"),
        ("features", "feature", "'feature' is not a setting; did you mean 'features'"),
        ("[[estimator]]", "[estimator]", r"expected a table \[\[estimator\]\] for each step"),
        ('"sklearn.svm.LinearSVC"', "5", "5 is no estimator of scikit-learn"),
    ],
)
def test_a_file_may_name_nothing_but_scikit_learn(old, new, said, tmp_path):
    (tmp_path / "mine.toml").write_text(SVM.replace(old, new))
    with pytest.raises(ConfigError, match=rf"mine\.toml: .*{said}"):
        read_estimator(tmp_path / "mine.toml")


def test_features_of_ngrams_are_those_of_scikit_learn():
    texts = ["So good, so good!", "good grief!", "the good dog", "a dog"]
    posts = {"training": [Post(str(number), text) for number, text in enumerate(texts)], "scored": [Post("x", "")]}
    found = read_features("tfidf", posts, None, silent)["training"].values
    assert issparse(found)
    parts = []
    for kind in (0, 1):  # words and pairs, then characters
        grams = [ngrams_of([text], 96)[0][kind] for text in texts]
        counts = {gram: sum(gram in own for own in grams) for own in grams for gram in own}
        known = sorted(gram for gram, count in counts.items() if count > 1)
        table = np.array([[float(gram in own) for gram in known] for own in grams])
        parts.append(TfidfTransformer().fit_transform(table).toarray())
    assert np.sort(found.toarray(), axis=1)[:, -12:] == pytest.approx(
        np.sort(np.concatenate(parts, axis=1), axis=1)[:, -12:], abs=1e-6
    )
    assert (found.multiply(found)).sum() == pytest.approx(2 * len(texts), rel=1e-5)  # each part of length 1


def test_every_row_is_scored_as_recipes_are(given):
    given["estimators"] |= {
        "prior": Estimator(DummyClassifier(strategy="prior"), ()),
        "bayes": Estimator(make_pipeline(FunctionTransformer(_dense), GaussianNB())),
    }
    text = compare(**given, rates=(0.0, 0.5)).read_text(encoding="utf-8")
    rows = scores(given)
    assert {key[1] for key in rows if key[0] == "svm"} == {"both", "text"}
    assert {key[1] for key in rows if key[0] == "prior"} == {"both", "text"}  # no post has a picture
    assert (
        float(rows["svm", "both"]["accuracy"]) > 0.9 > float(rows["prior", "both"]["accuracy"]) == pytest.approx(1 / 3)
    )
    assert rows["svm", "both"]["epochs"] == "" and "| svm |" in text
    before = {file.name: file.stat().st_mtime_ns for file in (given["out"] / "trainings").iterdir()}
    compare(**given, rates=(0.0, 0.5))
    assert before == {file.name: file.stat().st_mtime_ns for file in (given["out"] / "trainings").iterdir()}
    with pytest.raises(ModelError, match="made from other settings"):
        compare(**given | {"estimators": {"svm": Estimator(LinearSVC(C=0.1))}}, rates=(0.0, 0.5))


def _dense(matrix):
    return matrix.toarray()


def test_baselines_that_have_nothing_to_read_are_left_out_and_told(given, tmp_path):
    given["estimators"] = choose_estimators("baselines")
    text = compare(**given).read_text(encoding="utf-8")
    assert {key[0] for key in scores(given)} == {"prior", "TF-IDF, linear SVM"}
    assert "Without a row: pixels, random forest, as no post has a picture." in text
    assert "Without a row: mean word vectors, random forest, as it reads word vectors, and none were given" in text
    given |= {"out": tmp_path / "more", "resources": Resources(tmp_path, write_vectors(tmp_path / "vectors.txt"))}
    compare(**given)
    assert "mean word vectors, random forest" in {key[0] for key in scores(given)}


def test_pictures_alone_and_posts_without_one(given, tmp_path):
    given |= {"table": write_coloured(tmp_path, "a", 60, 0), "dev": write_coloured(tmp_path, "b", 40, 1)}
    given["estimators"] = {
        "pixels": Estimator(LogisticRegression(), ("pixels",)),
        "both": Estimator(LogisticRegression(C=10), ("pixels", "tfidf")),
        "prior": Estimator(DummyClassifier(strategy="prior"), ()),
    }
    compare(**given, rates=(0.0, 1.0))
    rows = scores(given)
    assert {key for key in rows if key[0] == "pixels"} == {("pixels", "both"), ("pixels", "image")}
    assert float(rows["pixels", "image"]["accuracy"]) > 0.9
    assert float(rows["pixels", "both"]["accuracy"]) < 0.8  # a quarter has nothing it reads, which counts as wrong
    assert float(rows["both", "image"]["accuracy"]) > 0.9 > float(rows["both", "text"]["accuracy"])
    assert float(rows["prior", "both"]["accuracy"]) == float(rows["prior", "text"]["accuracy"])
    with (given["out"] / "missing.csv").open(encoding="utf-8", newline="") as file:
        lost = {
            (row["model"], row["loses"], float(row["rate"])): float(row["accuracy"]) for row in csv.DictReader(file)
        }
    assert lost["pixels", "image", 1.0] == 0 < lost["pixels", "image", 0.0] == lost["pixels", "text", 1.0]


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (Estimator(LinearSVC(C=-1.0)), "svm: scikit-learn refuses it .*'C' parameter"),
        (Estimator(GaussianNB()), "svm: scikit-learn refuses it .*[Ss]parse"),
        (Estimator(LinearSVC(), ("mean_words",)), "svm: it reads mean word vectors; give a file of them with --words"),
    ],
)
def test_what_cannot_be_trained_is_said(estimator, said, given):
    with pytest.raises(ConfigError, match=said):
        compare(**given | {"estimators": {"svm": estimator}})


def test_posts_without_what_is_asked_for(given):
    with pytest.raises(TableError, match="has anything of 'pixels'"):
        compare(**given | {"estimators": {"mine": Estimator(LogisticRegression(), ("pixels",))}})


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (SVM.replace('["tfidf"]', '[["tfidf"]]'), r"features: \['tfidf'\] is not known"),
        (
            SVM.replace('"sklearn.svm.LinearSVC"', '["sklearn.svm.LinearSVC"]'),
            r"class: \['sklearn.svm.LinearSVC'\] is no",
        ),
    ],
)
def test_a_list_where_a_name_belongs_is_said(file, fault, tmp_path):
    (tmp_path / "mine.toml").write_text(file)
    with pytest.raises(ConfigError, match=fault):
        read_estimator(tmp_path / "mine.toml")


def test_no_estimator_takes_the_row_of_another(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "svm.toml").write_text(SVM)
    with pytest.raises(ConfigError, match="two are called svm; give each file a name of its own"):
        choose_estimators(f"{tmp_path / 'a' / 'svm.toml'},{tmp_path / 'b' / 'svm.toml'}")
    (tmp_path / "prior.toml").write_text(SVM)
    with pytest.raises(ConfigError, match="two are called prior"):
        choose_estimators(f"baselines,{tmp_path / 'prior.toml'}")
