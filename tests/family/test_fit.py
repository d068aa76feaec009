"""The loop of the family: planted emotions are learnt, by the seed, and as the settings say."""

from dataclasses import replace

import pytest
import torch
from small_family import EMOTIONS, WIDTHS, Words, inputs, recipe, signals

from feelscope.errors import ModelError, TableError
from feelscope.family.answers import answer, answer_every_way, by_modality
from feelscope.family.fit import fit
from feelscope.family.network import FUSIONS, build_fusion
from feelscope.family.signals import Signals
from feelscope.objectives.common_space import distance
from feelscope.train.fusion_recipe import MODELS

READS = {"text_only": ("text",), "image_only": ("image",)}


def silent(stage, done, total, detail):
    assert 0 <= done <= total


def go(model, names=None, *, training=None, tuning=None, words=None, **changes):
    names = names or READS.get(model, ("text", "image"))
    given = {"names": names, "words": words is not None}
    return fit(
        recipe(model, **changes),
        inputs(*names, words=words),
        len(EMOTIONS),
        training or signals(**given),
        tuning if tuning is not None else signals(30, 1, **given),
        silent,
    )


def right(fitted, posts):
    return (answer(fitted.network, posts).argmax(dim=1) == posts.labels).float().mean().item()


def weights(fitted):
    return {name: value.clone() for name, value in fitted.network.state_dict().items()}


def nothing_kept_apart(names=("text", "image")):
    return signals(30, names=names).rows(torch.tensor([], dtype=torch.long))


def test_every_model_of_the_recipes_can_be_built():
    assert set(FUSIONS) == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_planted_emotions_are_learnt_of_all_ways_a_post_comes(model):
    fitted = go(model)
    names = READS.get(model, ("text", "image"))
    posts = signals(60, seed=7, names=names, missing=False)
    assert right(fitted, posts) == 1
    if len(names) > 1:
        for name in names:
            assert right(fitted, posts.without(name)) > 0.9, name
    assert 0.2 < fitted.temperature < 5
    assert not fitted.network.training


@pytest.mark.parametrize("model", ["late", "early", "joint", "common_space"])
def test_three_modalities(model):
    fitted = go(model, tuple(WIDTHS), modality_dropout=0.5)
    logits = by_modality(fitted.network, signals(30, seed=7, missing=False))
    assert set(logits) == {"both", *WIDTHS}
    labels = signals(30).labels
    assert all((one.argmax(dim=1) == labels).float().mean() > 0.8 for one in logits.values())


@pytest.mark.parametrize("model", ["joint", "common_space", "late"])
def test_a_seed_gives_one_result_and_another_seed_another(model):
    one, same = (go(model, words=Words(dropout=0.25), epochs=3, modality_dropout=0.3) for _ in range(2))
    other = go(model, words=Words(dropout=0.25), epochs=3, modality_dropout=0.3, seed=1)
    assert one.history == same.history
    assert all(torch.equal(value, weights(same)[name]) for name, value in weights(one).items())
    assert one.history != other.history


def test_the_epoch_of_the_best_score_on_the_tuning_part_is_kept_and_patience_ends():
    tuning = signals(30, 1, names=("text", "image"))
    tuning = Signals(tuning.inputs, tuning.present, tuning.labels[torch.randperm(30, generator=torch.Generator())])
    fitted = go("joint", tuning=tuning, epochs=40, patience=3)
    scores = [epoch["tuning_macro_f1"] for epoch in fitted.history]
    assert len(scores) == scores.index(max(scores)) + 1 + 3
    answers = answer_every_way(fitted.network, tuning)
    found = sum(entry.macro_f1() for entry in answers.values()) / len(answers)
    assert found == pytest.approx(max(scores))
    assert set(answers) == {"both", "text", "image"}


def test_without_a_tuning_part_the_last_epoch_and_the_recipes_temperature():
    fitted = go("joint", tuning=nothing_kept_apart(), epochs=2, temperature=1.7)
    assert [set(epoch) for epoch in fitted.history] == [{"epoch", "train_loss"}] * 2
    assert fitted.temperature == 1.7


def test_late_is_the_two_trained_alone():
    posts = signals(30, 5, names=("text", "image"), missing=False)
    both = go("late")
    training, tuning = signals(names=("text", "image")), signals(30, 1, names=("text", "image"))
    alone = [
        go(model, training=training.only(name), tuning=tuning.only(name))
        for model, name in (("text_only", "text"), ("image_only", "image"))
    ]
    expected = sum(answer(one.network, posts).log_softmax(dim=1) for one in alone)
    torch.testing.assert_close(answer(both.network, posts), expected)
    assert {epoch["part"] for epoch in both.history} == {"text", "image"}


def test_a_part_of_late_does_not_see_posts_that_lack_it():
    training = signals(names=("text", "image"))
    noise = torch.where(training.present["image"].unsqueeze(1) > 0.5, training.inputs["image"], torch.tensor(1e3))
    changed = replace(training, inputs={**training.inputs, "image": noise})
    one, other = go("late", training=training, epochs=2), go("late", training=changed, epochs=2)
    assert all(torch.equal(value, weights(other)[name]) for name, value in weights(one).items())


def test_complete_posts_only():
    """Posts with one half have another label each time; they are not looked at."""
    training = signals(names=("text", "image"))
    whole = training.counts() == 2
    labels = torch.where(whole, training.labels, (training.labels + 1) % 3)
    changed = replace(training, labels=labels)
    one = go("joint", training=training, epochs=2, complete_only=True)
    other = go("joint", training=changed, epochs=2, complete_only=True)
    assert one.history == other.history
    assert one.history != go("joint", training=training, epochs=2).history
    halves = training.rows((~whole).nonzero()[:, 0])
    with pytest.raises(TableError, match="no post that is trained on has text and image; give another"):
        go("joint", training=halves, complete_only=True)


def test_words_learn_where_the_recipe_says_so_and_only_those_that_are_said():
    training, tuning = (signals(count, names=("text", "image"), words=True) for count in (96, 30))
    training.inputs["text"][training.inputs["text"] == 9] = 8  # word 9 is never said
    given = {"training": training, "tuning": tuning, "epochs": 2}
    before = Words().reader().lookup.vectors
    still = go("joint", words=Words(train=False), **given)
    learnt = go("joint", words=Words(train=True), **given)
    assert torch.equal(still.network.readers["text"].lookup.vectors, before)
    changed = (learnt.network.readers["text"].lookup.vectors != before).any(dim=1).tolist()
    assert changed == [False, *[True] * 8, False]


def test_the_second_task_reaches_the_words_through_pairs_and_negatives():
    posts = signals(names=("text", "image"), words=True, missing=False)
    fitted = go("common_space", words=Words(), training=posts, main_weight=0.01, tuning=nothing_kept_apart())

    def how_much_nearer(space):
        common = space.in_common_space(fitted.network.vectors(posts.inputs))
        own = distance(common["image"], common["text"])  # (N,)
        other = distance(common["image"], common["text"].roll(1, 0))  # (N,), the next post has another emotion
        return (own / other).mean().item()

    torch.manual_seed(0)
    untrained = build_fusion(recipe("common_space"), {"text": Words.width, "image": WIDTHS["image"]}, len(EMOTIONS))
    assert how_much_nearer(fitted.network.fusion) < 0.5 < how_much_nearer(untrained)


def test_the_second_task_needs_words_of_two_emotions():
    posts = signals(names=("text", "image"))
    present = {**posts.present, "text": (posts.labels == 0).float()}
    with pytest.raises(
        TableError, match="posts with text that are trained on have one emotion, and common_space needs"
    ):
        go("common_space", training=replace(posts, present=present))


def test_a_loss_that_is_no_number_ends_the_training():
    with pytest.raises(ModelError, match=r"^the loss is (nan|inf) in epoch \d+: train again with a lower rate$"):
        go("joint", rate=1e12)


@pytest.mark.parametrize("changes", [{"optimizer": "adamw", "rate": 0.01}, {"normalise": True}, {"activation": "gelu"}])
def test_other_settings_learn_too(changes):
    assert right(go("joint", **changes), signals(60, 7, names=("text", "image"), missing=False)) > 0.95


def test_one_post_is_a_batch_and_an_epoch():
    posts = signals(1, names=("text", "image"), missing=False)
    fitted = go("joint", training=posts, tuning=posts, epochs=2)
    assert answer(fitted.network, posts).shape == (1, len(EMOTIONS))
