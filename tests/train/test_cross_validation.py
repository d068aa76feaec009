"""Scores by folds: what a fold's model may see, what is found, how it goes on after a stop, and what is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_comparison import write_posts
from small_family import Stopped, stop_at
from typer.testing import CliRunner

import feelscope
from feelscope.cli import app
from feelscope.config import to_toml
from feelscope.errors import ConfigError, FeelscopeError, ModelError, TableError
from feelscope.metrics.folds import over_folds
from feelscope.post import Post
from feelscope.prepare.counterfactual import AugmentationSettings
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train import checkpoint
from feelscope.train.cross_validation import FoldAnswers, check_folds
from feelscope.train.data import Corpus, SourcePosts
from feelscope.train.fold_corpus import folds_of, without_fold
from feelscope.train.fold_scores import THIS, fold_scores, pooled, pooled_name, terminal_lines
from feelscope.train.plain_classifiers import LINEAR_SVM, PRIOR, plain_answers
from feelscope.train.recipe import Source, change, read_recipe
from feelscope.train.train import train

RECIPE = change(read_recipe("tfidf/text_only"), epochs=4)
RECIPE = replace(RECIPE, text=replace(RECIPE.text, width=4), steps=replace(RECIPE.steps, learning_rate=0.03))
FOLDS = 3


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    write_posts(folder / "posts.csv")
    return folder


@pytest.fixture(scope="module")
def printed(place: Path) -> str:
    """What the command prints that makes `run`."""
    (place / "own.toml").write_text(to_toml(RECIPE))
    ran = typed(place / "posts.csv", "--recipe", place / "own.toml", "--folds", FOLDS, "--out", place / "run")
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.fixture(scope="module")
def run(place: Path, printed: str) -> Path:
    return place / "run"


def typed(*arguments: object):
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


def metrics(run: Path) -> dict:
    return json.loads((run / "metrics.json").read_text())


def test_every_post_is_scored_once_and_the_model_learnt_from_all(run: Path) -> None:
    found = metrics(run)
    (name,) = found["scores"]
    assert name == pooled_name(FOLDS)
    assert found["scores"][name]["both"]["posts"] == 90 == sum(found["folds"]["posts"])
    assert np.sum(found["scores"][name]["both"]["confusion"]["matrix"]) == 90
    assert found["trained_on"] == {"text": 90} and found["folds"]["count"] == FOLDS
    assert {*found["folds"]["models"]} == {THIS, PRIOR, LINEAR_SVM}
    ours = found["folds"]["models"][THIS]["both"]["macro_f1"]
    assert len(ours["by_fold"]) == FOLDS and ours["mean"] == pytest.approx(np.mean(ours["by_fold"]))
    assert ours["mean"] > found["folds"]["models"][PRIOR]["both"]["macro_f1"]["mean"] + 0.3
    assert EmotionClassifier.load(run).predict([Post("1", "a grave and tears")])[0].emotion == "sadness"
    assert not (run / "folds").exists()


def test_the_card_says_that_its_scores_come_from_folds(run: Path) -> None:
    card = (run / "README.md").read_text()
    assert "The scores come from 3 folds of about 30 posts" in card
    assert "| posts.csv | 90 | scores by 3 folds, then choosing on 10% of it, then training on all |" in card
    assert re.search(
        rf"^\| {THIS} \| as they are \| macro-F1 \| 0\.\d+ \| 0\.\d+ \| 0\.\d+ to [01]\.\d+ \|$", card, re.M
    )
    assert re.search(rf"^- Macro-F1 less that of {PRIOR}: \+0\.\d+ \(", card, re.M)
    assert "validation split, on which the epoch was chosen" not in card
    assert " --folds 3 " in card


def test_the_command_prints_means_and_the_confusion(printed: str) -> None:
    assert "over 3 folds: mean, deviation, 95% interval of the mean" in printed
    line = r"^  this model, as they are +macro-F1 +0\.\d{3}  0\.\d{3}  0\.\d{3} to [01]\.\d{3}$"
    assert re.search(line, printed, re.M)
    assert re.search(r"^  sadness +\d+ +\d+ +\d+$", printed, re.M)


# What a fold's model may see


def corpus(posts: list[Post], emotions=("joy", "fear"), held=None, **more) -> Corpus:
    return Corpus(emotions, [SourcePosts(Source("a.csv", "A", "ours"), posts, 0)], held or [False] * len(posts), **more)


SUNNY = [Post(f"s{number}", f"sunny {number} and {number * 37}", emotion="joy") for number in range(6)]
DARK = [Post(f"d{number}", f"dark {number * 41} or {number + 50}", emotion="fear") for number in range(6)]


def test_a_fold_sees_nothing_of_what_it_scores() -> None:
    posts = [*SUNNY, *DARK]
    held = [number in (1, 7) for number in range(12)]
    copies = tuple((replace(post, id=f"{post.id} old"),) for post in posts)
    bare = (("b.csv", Post("u0", posts[0].text.lower())), ("b.csv", Post("u1", "something else")))
    whole = corpus(posts, held=held, copies=copies, unlabelled=bare)
    made = replace(RECIPE, augmentation=AugmentationSettings("", made=("typos:1",)))
    scored = [number in (0, 1, 6) for number in range(12)]
    seen = without_fold(whole, made, scored)
    kept = {post.id for post, mark in zip(posts, scored, strict=True) if not mark}
    assert {post.id for post in seen.sources[0].posts} == kept
    assert [post.id for post in seen.posts(held=True)] == ["d1"], "the posts of the validation split that it may see"
    copied = [copy.id.split()[0] for copies in seen.copies for copy in copies]
    assert copied and {*copied} <= kept and not any("old" in copy.id for some in seen.copies for copy in some)
    assert [post.id for _, post in seen.unlabelled] == ["u1"], "without the near-duplicate of a post that is scored"


def test_a_table_that_a_fold_has_all_of_is_left_out() -> None:
    two = replace(corpus(SUNNY), sources=[*corpus(SUNNY[:5]).sources, *corpus(SUNNY[5:]).sources])
    assert len(without_fold(two, RECIPE, [False] * 5 + [True]).sources) == 1


def test_authors_and_near_duplicates_stay_together() -> None:
    posts = [replace(post, author=f"author {number % 10}") for number, post in enumerate([*SUNNY, *DARK])]
    found = folds_of(corpus([*posts, replace(posts[3], id="again", author="")]), RECIPE, 3)
    assert found[0] == found[10] and found[1] == found[11] and found[12] == found[3]


# What is found


def test_scores_are_those_of_the_answers() -> None:
    posts = [*SUNNY[:3], *DARK[:3]]
    table = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]], np.float32)
    answers = [
        FoldAnswers(np.array([0, 1, 3]), {"both": table}, {PRIOR: np.array([0, 0, 0])}),
        FoldAnswers(
            np.array([2, 4, 5]), {"both": table}, {PRIOR: np.array([1, 1, 1]), LINEAR_SVM: np.array([0, 1, 1])}
        ),
    ]
    found = fold_scores(corpus(posts), answers)
    assert found["posts"] == [3, 3] and {*found["models"]} == {THIS, PRIOR}, "no baseline of some folds alone"
    first = (2 / 3 + 2 / 3) / 2  # joy, fear, fear of joy, joy, fear
    assert found["models"][THIS]["both"]["macro_f1"]["by_fold"] == pytest.approx([first, 1.0])
    assert found["models"][THIS]["both"]["accuracy"]["by_fold"] == pytest.approx([2 / 3, 1.0])
    ahead = found["models"][PRIOR]["macro_f1_ahead"]
    assert ahead["by_fold"] == pytest.approx([first - 0.4, 1.0 - 0.4])
    assert ahead["interval"] == pytest.approx(over_folds(ahead["by_fold"], least=-1.0).interval)
    together = pooled(corpus(posts), answers, "mine", 0)
    assert together["both"]["confusion"]["matrix"] == [[2, 1], [0, 3]]
    lines = [*terminal_lines(found, together["both"])]
    assert lines[0] == "over 2 folds: mean, deviation, 95% interval of the mean"
    assert lines[-3:] == ["        joy  fear", "  joy     2     1", "  fear    0     3"]
    assert any(line.startswith("Macro-F1 less that of prior: +0.433 (") for line in lines)


def test_baselines_learn_from_the_training_posts_alone() -> None:
    said = plain_answers([*SUNNY, *DARK[:4]], [0] * 6 + [1] * 4, [DARK[5], SUNNY[0], Post("no words", "zzz")])
    assert said[PRIOR].tolist() == [0, 0, 0]
    assert said[LINEAR_SVM].tolist() == [1, 0, 0]
    assert {*plain_answers([Post("1", "one"), Post("2", "")], [0, 1], SUNNY)} == {PRIOR}, "no two posts share a word"


# Stopping and resuming


def test_a_stopped_training_goes_on_with_the_fold_that_is_not_done(run: Path, place: Path) -> None:
    out, table = place / "stopped" / "run", place / "posts.csv"
    for stage, resume in (("training, fold 2 of 3", False), ("training on all posts", True)):
        with pytest.raises(Stopped):
            train(RECIPE, out, table=table, folds=FOLDS, resume=resume, progress=stop_at(stage, 3))
        assert (out / checkpoint.FOLDS / "fold-1.npz").is_file()
    refused(out, table, ModelError, "began with folds; give the same --folds", resume=True)
    refused(out, table, ModelError, "another number of folds; give the same ones", folds=2, resume=True)
    refused(out, table, ModelError, "something is there already", folds=FOLDS)
    stages: list[str] = []
    train(RECIPE, out, table=table, folds=FOLDS, resume=True, progress=lambda stage, *_: stages.append(stage))
    assert not any("fold" in stage for stage in stages), "finished folds are read"
    assert metrics(out) == metrics(run)
    assert (out / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()
    assert {file.name for file in out.iterdir()} == {file.name for file in run.iterdir()}


def test_stopped_between_two_folds_there_is_something_to_resume(place: Path, run: Path) -> None:
    out = place / "between"
    with pytest.raises(Stopped):
        train(RECIPE, out, table=place / "posts.csv", folds=FOLDS, progress=stop_at("reading n-grams, fold 2 of 3", 0))
    assert checkpoint.has_begun(out) and not [*out.rglob(checkpoint.FILE)]
    (out / checkpoint.FOLDS / "fold-1.npz").write_bytes(b"torn")
    refused(out, place / "posts.csv", ModelError, "fold-1.npz: .*; delete it, and go on", folds=FOLDS, resume=True)


def test_a_finished_run_of_other_folds_is_refused(run: Path, place: Path) -> None:
    assert train(RECIPE, run, table=place / "posts.csv", folds=FOLDS, resume=True) == run
    refused(run, place / "posts.csv", ModelError, "finished, with 3 folds; give a new folder", folds=4, resume=True)
    refused(run, place / "posts.csv", ModelError, "finished, with 3 folds; give a new folder", resume=True)


def test_folds_are_not_added_to_a_training_without(place: Path) -> None:
    out = place / "without"
    with pytest.raises(Stopped):
        train(RECIPE, out, table=place / "posts.csv", progress=stop_at("training", 3))
    refused(out, place / "posts.csv", ModelError, "began without folds; leave --folds out", folds=3, resume=True)


# What is refused


def refused(out: Path, table: Path, kind: type[FeelscopeError], said: str, **given) -> None:
    with pytest.raises(kind, match=said) as caught:
        train(RECIPE, out, table=table, **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("folds", [1, 0, -3, True, 2.5])
def test_fewer_than_two_folds_are_refused(folds, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"^folds: expected a whole number of 2 or more, found {folds}; 5 is usual$"):
        check_folds(folds, RECIPE, has_dev=False)


def test_folds_and_a_dev_table_are_refused(place: Path) -> None:
    said = "^folds: a dev table gives the scores already; leave one of the two out$"
    refused(place / "both", place / "posts.csv", ConfigError, said, folds=3, dev=place / "posts.csv")
    with pytest.raises(ConfigError, match=said):
        check_folds(3, read_recipe("builtin"), has_dev=False)


def test_more_folds_than_posts_of_the_rarest_emotion_are_refused() -> None:
    posts = [*SUNNY, *DARK[:3]]
    with pytest.raises(
        TableError, match=r"^a\.csv: 4 folds need 4 posts of each emotion, and fear has 3; give --folds 3"
    ):
        folds_of(corpus(posts), RECIPE, 4)
    assert {*folds_of(corpus(posts), RECIPE, 3)} == {0, 1, 2}
    with pytest.raises(TableError, match=r"^a\.csv: folds need at least 2 posts of each emotion, and fear has 1"):
        folds_of(corpus(posts[:7]), RECIPE, 2)
    half = [replace(post, text="just the same", emotion="fear") for post in DARK]
    with pytest.raises(TableError, match="all posts of fear are near-duplicates or of one author, so no fold could"):
        folds_of(corpus([*SUNNY, *half]), RECIPE, 2)
    alike = [replace(post, text=f"just the same {post.emotion}") for post in [*SUNNY, *DARK]]
    with pytest.raises(TableError, match="which leaves 2 groups for 3 folds; give fewer folds"):
        folds_of(corpus(alike), RECIPE, 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--folds", "1"], "folds: expected a whole number of 2 or more, found 1; 5 is usual"),
        (["--folds", "31"], "31 folds need 31 posts of each emotion, and fear has 30; give --folds 30 or fewer"),
        (["--folds", "3", "--dev", "posts.csv"], "folds: a dev table gives the scores already"),
    ],
)
def test_the_command_says_what_is_wrong_in_one_line(arguments, said, place: Path, monkeypatch) -> None:
    monkeypatch.chdir(place)
    ran = typed("posts.csv", "--recipe", "tfidf/text_only", "--out", "refused", *arguments)
    assert ran.exit_code == 1
    assert said in str(ran.exception) or said in ran.output
    assert not Path("refused").exists()


def test_a_bottleneck_is_not_trained_in_folds(place: Path) -> None:
    ran = typed(place / "posts.csv", "--recipe", "bottleneck", "--folds", 3, "--out", place / "refused")
    assert ran.exit_code == 2 and "a bottleneck is not trained in folds" in " ".join(ran.output.split())


def test_from_python(tmp_path: Path) -> None:
    frame = {"text": [post.text for post in (*SUNNY, *DARK)], "emotion": ["joy"] * 6 + ["fear"] * 6}
    options = {"recipe": "tfidf/text_only", "epochs": 1, "device": "cpu", "progress": False}
    with pytest.raises(ConfigError, match="folds: expected a whole number of 2 or more"):
        feelscope.train(frame, tmp_path / "python", folds=1, **options)
    model = feelscope.train(frame, tmp_path / "python", folds=2, **options)
    assert metrics(model.folder)["folds"]["posts"] == [6, 6]
