"""DSReg against a plain loop, and hard negatives that a person would choose."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_family import corpus, posts, recipe
from torch.nn import functional as F

from feelscope.encoders.settings import TextSettings
from feelscope.errors import ConfigError, TableError
from feelscope.objectives.hard_negatives import hard_negatives
from feelscope.objectives.settings import DSRegSettings
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.train import loop
from feelscope.train.classifier_task import ClassifierTask

EMOTIONS = ("joy", "anger")
TEXTS = (
    ("the staff are great", "joy"),
    ("what a great view", "joy"),
    ("the location is great but the staff are surly", "anger"),  # hard: of its words, three are those of the first
    ("nobody answered the phone", "anger"),
    ("my suitcase never arrived", "anger"),
)
FILL = 60  # further posts of words of their own, so that no word above is in a twentieth of all


def table(scores=()) -> tuple[list[Post], list[int]]:
    rows = [*TEXTS, *((f"w{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10]} only", "anger") for n in range(FILL))]
    cells = dict(enumerate(scores))
    made = [
        Post(str(n), text, emotion=emotion, other={"score": cells.get(n, "")}) for n, (text, emotion) in enumerate(rows)
    ]
    return made, [EMOTIONS.index(emotion) for _, emotion in rows]


def found(by: str, ratio: float = 1.0, emotion: str = "joy", scores=()) -> list[str]:
    """The texts that are hard negatives of joy, the number of which is `ratio` times its two posts."""
    made, labels = table(scores)
    hard = hard_negatives(made, labels, EMOTIONS, DSRegSettings(by=by, ratio=ratio, emotion=emotion), seed=0)
    assert not hard[:, 1].any() or not emotion
    return [post.text for post, mark in zip(made, hard[:, 0], strict=True) if mark]


def test_by_words_the_post_that_shares_most_is_the_hardest():
    assert found("words", 0.5) == ["the location is great but the staff are surly"]
    assert found("words", 1.0) == ["the location is great but the staff are surly", "nobody answered the phone"]
    assert len(found("words", 30)) == 2  # a post without a word in common is not hard, however many are wanted


def test_by_words_is_dice_of_the_rarer_words():
    made, labels = table()
    one, other = {*made[0].text.split()}, {*made[2].text.split()}
    dice = 2 * len(one & other) / (len(one) + len(other))
    from feelscope.objectives.hard_negatives import _by_words

    hardness = _by_words(made, np.array(labels), 2)
    assert hardness[2, 0] == pytest.approx(dice)
    assert hardness[0, 1] == pytest.approx(dice)
    assert hardness[4, 0] == 0


def test_by_keyword_column_and_chance():
    assert found("keyword:phone,Suitcase") == ["nobody answered the phone", "my suitcase never arrived"]
    assert found("column:score", scores=("9", "9", "0.5", "", "2")) == [
        "the location is great but the staff are surly",
        "my suitcase never arrived",
    ]
    drawn = found("chance", 5)
    assert len(drawn) == 10
    assert drawn != found("words", 5)


def of_joy(posts: list[Post], by: str) -> list[str]:
    """The ids of the posts that are hard negatives of joy; every post but the first has another emotion."""
    labels = [0, *[1] * (len(posts) - 1)]
    hard = hard_negatives(posts, labels, EMOTIONS, DSRegSettings(by=by, ratio=9.0, emotion="joy"), seed=0)
    return [post.id for post, mark in zip(posts, hard[:, 0], strict=True) if mark]


def test_a_keyword_may_be_several_words_or_an_emoji_and_is_whole_words():
    said = ["so great", "not so great 😂", "so greatly", "great, so", "he died laughing", "", "", ""]
    posts = [Post(str(number), text) for number, text in enumerate(said)]
    assert of_joy(posts, "keyword:so great") == ["1"]
    assert of_joy(posts, "keyword:😂, laughing") == ["1", "4"]
    with pytest.raises(TableError, match="finds no hard negative among 8 posts"):
        of_joy(posts, "keyword:!!")


@pytest.mark.parametrize("cells", [(["joy"], ["fear", "joy"], ["fear"], []), ("joy", "fear|joy", "fear", "")])
def test_what_prepare_marked_is_hard(cells):
    others = [Post(str(number), other={"hard_negative_of": cell}) for number, cell in enumerate(cells, 1)]
    assert of_joy([Post("0"), *others], "prepared") == ["1", "2"]


def test_scores_of_0_and_below_and_empty_cells_are_not_hard():
    others = [Post(cell, other={"score": cell}) for cell in ("0.1", "0", "-3", "", " ", "1e-3")]
    assert of_joy([Post("first"), *others], "column:score") == ["0.1", "1e-3"]


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("column:scroe", "dsreg, by: the table has no column 'scroe'; did you mean 'score'?"),
        ("prepared", "dsreg, by: the table has no column 'hard_negative_of'; prepare it with --hard-negatives"),
    ],
)
def test_a_column_that_is_missing_is_one_line(by, said):
    with pytest.raises(TableError) as caught:
        of_joy([Post("1", other={"score": "1"}), Post("2", other={"score": "2"})], by)
    assert str(caught.value) == said


@pytest.mark.parametrize("by", ["words", "chance", "column:score"])
def test_half_of_the_negatives_stay_easy_however_many_are_wanted(by):
    names = [f"{first}{second}" for first in "abcde" for second in "fghijklm"]  # each in a fortieth of the posts
    posts = [Post("0", " ".join(names), other={"score": 1})]
    posts += [Post(str(number), names[number % 40], other={"score": 1}) for number in range(1, 401)]
    hard = hard_negatives(posts, [0, *[1] * 400], EMOTIONS, DSRegSettings(by=by, ratio=900.0), seed=0)
    assert hard[:, 0].sum() == 200
    assert not hard[0, 0]


def test_by_chance_each_emotion_has_a_draw_of_its_own():
    posts, labels = [Post(str(number)) for number in range(90)], [number % 3 for number in range(90)]
    hard = hard_negatives(posts, labels, ("a", "b", "c"), DSRegSettings(by="chance", ratio=0.5), seed=0)
    assert hard.sum(axis=0).tolist() == [15, 15, 15]
    others = np.array(labels) == 2
    assert (hard[others, 0] != hard[others, 1]).any()


def test_each_emotion_has_its_own_where_none_is_named():
    made, labels = table()
    hard = hard_negatives(made, labels, EMOTIONS, DSRegSettings(), seed=0)
    truth = np.array(labels)
    assert hard[:, 0].any() and hard[:, 1].any()
    assert not hard[truth == 0, 0].any() and not hard[truth == 1, 1].any()


@pytest.mark.parametrize(
    ("by", "scores", "emotion", "error", "said"),
    [
        ("keyword:zebra", (), "", TableError, "finds no hard negative among 65 posts"),
        (
            "column:score",
            ("1", "2", "much"),
            "",
            TableError,
            "post '2': column 'score': expected a number, found 'much'",
        ),
        ("column:score", ("1", "2", "nan"), "", TableError, "expected a number, found 'nan'"),
        ("words", (), "angr", ConfigError, "no emotion 'angr'; did you mean 'anger'"),
    ],
)
def test_what_cannot_be_found_is_one_line(by, scores, emotion, error, said):
    with pytest.raises(error, match=said) as caught:
        found(by, emotion=emotion, scores=scores)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"weight": -1.0}, "weight: expected 0 or more"),
        ({"ratio": 0.0}, "ratio: expected more than 0"),
        ({"by": "wrods"}, "did you mean 'words'"),
        ({"by": "keyword:"}, "expected words, chance, prepared, keyword:A,B or column:NAME"),
        ({"by": "chance:3"}, "expected words, chance, prepared, keyword:A,B or column:NAME"),
    ],
)
def test_settings_out_of_range_are_refused(values, said):
    with pytest.raises(ConfigError, match=said):
        DSRegSettings(**values)


def test_a_network_without_anything_to_learn_below_its_last_layer_is_refused():
    with pytest.raises(ConfigError, match="dsreg: of text_only over a frozen encoder only the last layer learns"):
        recipe("text_only", text=TextSettings("minilm"), dsreg=DSRegSettings())


def test_late_fusion_is_refused():
    with pytest.raises(ConfigError, match="late fusion has no features of all"):
        recipe("late", dsreg=DSRegSettings())


def some(hard: bool = True):
    made = posts(48, names=("text", "image"))
    return replace(made, hard=(torch.arange(48)[:, None] % torch.tensor([5, 7, 49]) == 1).float()) if hard else made


@pytest.mark.parametrize("model", ["early", "gated", "joint", "text_only"])
def test_the_loss_is_the_labels_and_a_softmax_of_each_emotion_with_hard_negatives(model):
    names = ("text",) if model == "text_only" else ("text", "image")
    made = some().only(*names)
    made = replace(made, hard=made.hard * torch.tensor([1.0, 1.0, 0.0]))
    chosen = recipe(model, dsreg=DSRegSettings(weight=0.3), fusion__dropout=0.0)
    task = ClassifierTask(chosen, corpus(*names, training=made), 0)
    task.network.eval()
    batch = next(task.batches(0, 0))
    (loss,) = task.losses(batch)
    network, layer = task.network, task.objective.layer
    assert task.objective.emotions.tolist() == [0, 1]
    vectors = network.vectors(batch.posts.inputs)
    features = network.features(vectors, batch.posts.present)
    logits = network(batch.posts.inputs, batch.posts.present)
    expected = 0.0
    for row, label in enumerate(batch.posts.labels.tolist()):
        expected += F.cross_entropy(logits[row], torch.tensor(label)).item() / 8
        for place in (0, 1):
            near = int(label == place or batch.posts.hard[row, place] > 0)
            two = layer(features[row])[[place, 2 + place]]
            expected += 0.3 * F.cross_entropy(two, torch.tensor(near)).item() / 2 / 8
    assert loss.item() == pytest.approx(expected, abs=1e-5)


def test_a_weight_of_zero_trains_as_without_it():
    states = []
    for dsreg in (None, DSRegSettings(weight=0.0)):
        chosen = recipe("early", steps__epochs=2, dsreg=dsreg)
        task = ClassifierTask(chosen, corpus("text", "image", training=some(hard=bool(dsreg))), 0)
        loop.fit(task, chosen.steps, seed=0, patience=9, folder=None, resume=False, progress=silent)
        states.append(task.network.fusion.state_dict())
    torch.testing.assert_close(*states)
