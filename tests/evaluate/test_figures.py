"""Figures are files with the rows behind them, drawn the same every time."""

import csv
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from feelscope.errors import FeelscopeError, MissingExtra
from feelscope.evaluate import figures

matplotlib = pytest.importorskip("matplotlib")

KEYS = ("epoch", "train_loss", "validation_loss", "train_accuracy", "validation_accuracy", "validation_macro_f1")
HISTORY = [
    dict(zip(KEYS, values, strict=True))
    for values in ((1, 1.5, 1.4, 0.55, 0.5, 0.4), (2, 0.9, 1.0, 0.8, 0.75, 0.7), (3, 0.5, 1.1, 0.95, 0.7, 0.6))
]


def scores(unread=0):
    """What an evaluation has of one combination of modalities: ten posts of joy, four of fear; $awe$ is known too."""
    return {
        "posts": 14,
        "macro_f1": 0.7,
        "ece": 0.08,
        "intervals": {"macro_f1": [0.6, 0.8], "ece": [0.02, 0.14]},
        "per_emotion": {
            "joy": {"precision": 1.0, "recall": 0.8, "f1": 0.6, "support": 10, "f1_interval": [0.5, 0.7]},
            "fear": {"precision": 1.0, "recall": 0.5, "f1": 0.8, "support": 4, "f1_interval": None},
        },
        "confusion": {
            "rows": ["joy", "fear"],
            "columns": ["joy", "fear", "$awe$"],
            "matrix": [[8, 1, 1 - unread], [0, 2, 2]],
            "unread": [unread, 0],
        },
        "reliability": [
            {"lower": 0.0, "upper": 0.5, "posts": 0, "confidence": None, "accuracy": None},
            {"lower": 0.5, "upper": 1.0, "posts": 14, "confidence": 0.8, "accuracy": 10 / 14},
        ],
    }


def texts(figure):
    return [one.get_text() for one in figure.findobj(matplotlib.text.Text) if one.get_text()]


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_save_all_writes_each_figure_three_times(tmp_path):
    files = figures.save_all(tmp_path / "figures", scores(), HISTORY)
    names = ("confusion", "f1_by_emotion", "learning_curve", "reliability")
    assert sorted(file.name for file in files) == sorted(f"{n}.{kind}" for n in names for kind in ("csv", "png", "svg"))
    assert sorted(files) == sorted((tmp_path / "figures").iterdir()), "no half-written file is left"
    for file in files:
        if file.suffix == ".png":
            assert file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        elif file.suffix == ".svg":
            assert ElementTree.parse(file).getroot().tag.endswith("svg")


def test_without_a_history_there_is_no_learning_curve(tmp_path):
    assert not [file for file in figures.save_all(tmp_path, scores()) if file.stem == "learning_curve"]


def test_a_figure_is_the_same_every_time(tmp_path):
    for folder in ("one", "two"):
        figures.save_all(tmp_path / folder, scores(unread=1), HISTORY)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_pictures_have_200_dots_an_inch(tmp_path):
    image = pytest.importorskip("PIL.Image")
    (png, _, _) = figures.save(*figures.learning_curve(HISTORY), tmp_path, "curve")
    with image.open(png) as picture:
        assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
        assert picture.width == pytest.approx(200 * figures.COLUMN, rel=0.1)


def test_the_rows_of_the_learning_curve(tmp_path):
    figure, rows = figures.learning_curve(HISTORY)
    assert rows == HISTORY
    assert "best 0.700 at epoch 2" in texts(figure)
    (*_, file) = figures.save(figure, rows, tmp_path, "curve")
    assert read_csv(file)[1] == {
        "epoch": "2",
        "train_loss": "0.9",
        "validation_loss": "1",
        "train_accuracy": "0.8",
        "validation_accuracy": "0.75",
        "validation_macro_f1": "0.7",
    }


def test_what_was_not_measured_is_left_out_of_the_curve(tmp_path):
    figure, rows = figures.learning_curve([{"epoch": 1, "train_loss": 1.0, "validation_macro_f1": None}])
    assert len(figure.axes) == 1
    (*_, file) = figures.save(figure, rows, tmp_path, "curve")
    assert read_csv(file) == [{**dict.fromkeys(KEYS, ""), "epoch": "1", "train_loss": "1"}]


def test_no_epoch_is_one_line():
    with pytest.raises(FeelscopeError, match="needs one epoch or more"):
        figures.learning_curve([])


def test_the_confusion_matrix_shows_shares_of_each_row():
    figure, rows = figures.confusion_matrix(scores())
    assert rows[0] == {"emotion": "joy", "answer": "joy", "posts": 8, "share": 0.8}
    assert len(rows) == 6
    assert np.asarray(figure.axes[0].images[0].get_array()).tolist() == [[0.8, 0.1, 0.1], [0, 0.5, 0.5]]
    shown = texts(figure)
    assert {"80", "50", "joy (10)", "fear (4)", "$awe$"} <= set(shown)


def test_posts_without_an_answer_have_their_own_column():
    _, rows = figures.confusion_matrix(scores(unread=1))
    assert {"emotion": "joy", "answer": "no answer", "posts": 1, "share": 0.1} in rows
    assert sum(row["posts"] for row in rows) == 14


def test_an_emotions_name_is_never_a_formula():
    figure, _ = figures.confusion_matrix(scores())
    name = next(one for one in figure.findobj(matplotlib.text.Text) if one.get_text() == "$awe$")
    assert not name.get_parse_math()


def test_the_reliability_diagram_names_its_error():
    figure, rows = figures.reliability_diagram(scores())
    assert "expected calibration error 0.080 (0.020–0.140)" in texts(figure)
    assert rows == scores()["reliability"]
    bars = figure.axes[0].patches
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in bars] == [(0.5, 0.5, 10 / 14)]


def test_no_answered_post_is_one_line():
    empty = scores() | {"reliability": scores()["reliability"][:1]}
    with pytest.raises(FeelscopeError, match="needs answered posts"):
        figures.reliability_diagram(empty)


def test_f1_by_emotion_has_the_best_on_top():
    figure, rows = figures.f1_by_emotion(scores())
    assert [row["emotion"] for row in rows] == ["fear", "joy"]
    assert rows[1] == {"emotion": "joy", "f1": 0.6, "low": 0.5, "high": 0.7, "posts": 10}
    bottom, top = figure.axes[0].get_ylim()
    assert bottom > top
    assert "macro-F1 0.700 (0.600–0.800)" in texts(figure)


def test_the_callers_matplotlib_stays_as_it_was(tmp_path):
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 33}):
        figure, _ = figures.f1_by_emotion(scores())
        assert figure.axes[0].get_yticklabels()[0].get_fontsize() == 8, "nor does it change ours"
        assert matplotlib.rcParams["font.size"] == 33
    assert dict(matplotlib.rcParams) == before


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r'^drawing needs matplotlib: pip install "feelscope\[train\]"$'):
        figures.learning_curve(HISTORY)


def points(axes):
    """The lines of a panel, as lists of x and of y."""
    return [(np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist()) for line in axes.lines]


def test_the_curves_go_through_what_was_measured():
    unscored = {"epoch": 4, "train_loss": 0.4, "train_accuracy": 0.99, "validation_loss": None}
    figure, _ = figures.learning_curve([*HISTORY, unscored])
    losses, accuracies, scored = figure.axes
    best = ([2, 2], [0, 1])
    assert points(losses) == [([1, 2, 3, 4], [1.5, 0.9, 0.5, 0.4]), ([1, 2, 3], [1.4, 1.0, 1.1]), best]
    assert points(accuracies) == [([1, 2, 3, 4], [0.55, 0.8, 0.95, 0.99]), ([1, 2, 3], [0.5, 0.75, 0.7]), best]
    assert points(scored) == [([1, 2, 3], [0.4, 0.7, 0.6]), ([2, 2], [0, 1])], "and a mark at the best epoch"
    assert scored.get_xlim() == (0.5, 4.5)


def test_shares_are_coloured_from_none_to_all_and_written_in_per_cent():
    many = scores()
    many["confusion"]["matrix"] = [[993, 4, 3], [0, 500, 500]]
    figure, _ = figures.confusion_matrix(many)
    assert figure.axes[0].images[0].get_clim() == (0, 1)
    cells = [one.get_text() for one in figure.axes[0].texts]
    assert cells == ["99", "50", "50"], "under half a per cent is not written"


def test_an_emotion_without_posts_has_shares_of_nothing():
    none = scores()
    none["confusion"]["matrix"][1] = [0, 0, 0]
    none["confusion"]["matrix"][0] = [1, 0, 0]
    _, rows = figures.confusion_matrix(none)
    assert [row["share"] for row in rows] == [1, 0, 0, 0, 0, 0]


def test_the_reliability_diagram_has_the_mean_confidences_the_diagonal_and_the_posts():
    binned = scores()
    binned["reliability"] = [
        {"lower": 0.25, "upper": 0.5, "posts": 4, "confidence": 0.4, "accuracy": 0.5},
        {"lower": 0.5, "upper": 0.75, "posts": 0, "confidence": None, "accuracy": None},
        {"lower": 0.75, "upper": 1.0, "posts": 10, "confidence": 0.9, "accuracy": 0.8},
    ]
    figure, _ = figures.reliability_diagram(binned)
    accuracy, posts = figure.axes
    assert points(accuracy) == [([0.4, 0.9], [0.5, 0.8]), ([0, 1], [0, 1])]
    assert (accuracy.get_xlim(), accuracy.get_ylim()) == ((0, 1), (0, 1))
    bars = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in posts.patches]
    assert bars == [(0.25, 0.25, 4), (0.75, 0.25, 10)]


def test_the_macro_f1_is_a_line_across_the_emotions():
    figure, _ = figures.f1_by_emotion(scores())
    assert ([0.7, 0.7], [0, 1]) in points(figure.axes[0])
    assert figure.axes[0].get_xlim() == (0, 1)


def test_each_modality_alone_is_beside_posts_as_they_are():
    found = {"both": scores() | {"macro_f1": 0.8}, "text": scores(), "image": None}
    figure, rows = figures.by_modality(found)
    assert [(row["modalities"], row["macro_f1"], row["low"]) for row in rows] == [
        ("as they are", 0.8, 0.6),
        ("text only", 0.7, 0.6),
    ]
    assert {"as they are (14)", "text only (14)"} <= set(texts(figure))
