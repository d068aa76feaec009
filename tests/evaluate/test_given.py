"""`feelscope.evaluate` is a package and a verb, whatever is imported first."""

import inspect
import subprocess
import sys
from pathlib import Path

import pandas
import pytest

import feelscope
from feelscope import EmotionClassifier, PostsTable
from feelscope.errors import PostsError, TableError

EXAMPLES = Path(__file__).parents[2] / "examples" / "posts.csv"
TEXTS, LABELS = ["I am so happy", "I miss you and cry", "I am so angry"], ["joy", "sadness", "anger"]


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load(workers=1)


def test_it_scores_a_table_and_what_is_in_memory(classifier: EmotionClassifier) -> None:
    by_name = feelscope.evaluate(str(EXAMPLES), classifier, resamples=0, progress=False)
    by_table = feelscope.evaluate(PostsTable(EXAMPLES), classifier, resamples=0)
    assert by_name.to_json() == by_table.to_json()
    assert by_name.posts == 12
    beside = feelscope.evaluate(TEXTS, classifier, labels=LABELS, resamples=0)
    frame = pandas.DataFrame({"Tweet": TEXTS, "mood": LABELS})
    within = feelscope.evaluate(frame, classifier, columns={"emotion": "mood"}, resamples=0)
    assert beside.to_json() == within.to_json()
    assert beside.both.accuracy == 1.0 and beside.mapped == {"joy": "happiness"}
    assert repr(beside) == beside.to_text()


def test_labels_belong_to_posts_in_memory(classifier: EmotionClassifier) -> None:
    with pytest.raises(PostsError, match="has its emotions in a column"):
        feelscope.evaluate(EXAMPLES, classifier, labels=LABELS)
    with pytest.raises(TableError, match="no emotion column"):
        feelscope.evaluate(TEXTS, classifier)


@pytest.mark.parametrize("verb", ["evaluate", "train"])
@pytest.mark.parametrize(
    "first",
    ["import feelscope", "import feelscope.{0}", "import feelscope.{0}.{0}", "from feelscope import {0} as verb"],
)
def test_a_verb_can_be_called_whatever_is_imported_first(verb: str, first: str) -> None:
    code = f"{first.format(verb)}; import feelscope; assert callable(feelscope.{verb}), 1; "
    code += f"from feelscope.{verb}.{verb} import {verb}; assert callable({verb}) and callable(feelscope.{verb})"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_help_says_how_it_is_called() -> None:
    assert list(inspect.signature(feelscope.evaluate).parameters)[:3] == ["posts", "model", "labels"]
    assert list(inspect.signature(feelscope.train).parameters)[:3] == ["posts", "out", "labels"]
