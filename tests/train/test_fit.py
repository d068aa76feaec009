"""Which trainings make one model: once, a soup, late fusion, a refit; stopped and killed at any moment."""

import multiprocessing
import random
import signal
import time
from dataclasses import replace

import pytest
import small_family
import small_training
import torch
from small_family import WIDTHS, Stopped, Words, changed, recipe, stop_at
from small_training import RECIPE, corpus

from feelscope.encoders.settings import FurtherSettings
from feelscope.errors import ModelError, TableError
from feelscope.models.network import build_fusion
from feelscope.models.settings import MODELS, FusionSettings
from feelscope.objectives.common_space import distance
from feelscope.objectives.settings import CombinationSettings, CommonSpaceSettings, DropoutSettings
from feelscope.progress import silent
from feelscope.train import checkpoint, loop, selection
from feelscope.train.classifier_task import ClassifierTask, parameter_groups
from feelscope.train.fit import CHOOSING, average, check_resumed, fit_classifier, fit_once, refit, remove_checkpoints

READS = {"text_only": ("text",), "image_only": ("image",)}
SOUP = changed(RECIPE, choices__trainings=3)


def run(out, made=RECIPE, *, data=None, resume=False, progress=silent):
    out.mkdir(parents=True, exist_ok=True)
    return fit_classifier(made, data or corpus(), out, resume=resume, progress=progress)


def weights(fitted):
    return {name: value.clone() for name, value in fitted.network.state_dict().items()}


def assert_same(first, second):
    assert first.history == second.history
    assert first.temperature == second.temperature
    assert first.epochs == second.epochs
    other = second.network.state_dict()
    assert all(torch.equal(value, other[name]) for name, value in first.network.state_dict().items())


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole") / "run")


# One training with everything tuned


def test_it_learns_what_is_plain_to_see(tmp_path):
    history = run(tmp_path / "run", changed(RECIPE, steps__epochs=6), data=corpus(posts=240)).history
    losses = [epoch["train_loss"] for epoch in history]
    assert losses[-1] < 0.7 * losses[0]
    assert history[-1]["validation_loss"] < history[0]["validation_loss"]
    for combination in ("both", "text", "image"):
        assert max(epoch[f"validation_macro_f1 {combination}"] for epoch in history) > 0.9


def test_every_epoch_is_told_by_combination(uninterrupted):
    means = {f"validation_{score}" for score in ("loss", "accuracy", "macro_f1")}
    names = {f"{mean} {name}" for mean in means for name in ("both", "text", "image")}
    assert set(uninterrupted.history[0]) == {"epoch", "train_loss", "train_accuracy", *means, *names}
    assert [epoch["epoch"] for epoch in uninterrupted.history] == [1, 2, 3]


def test_one_seed_one_result(uninterrupted, tmp_path):
    torch.randn(7)  # what ran before does not count
    assert_same(run(tmp_path / "again"), uninterrupted)
    assert run(tmp_path / "other", replace(RECIPE, seed=1)).history != uninterrupted.history


@pytest.mark.parametrize("steps", [[1], [2], [3, 6, 11], [12]])  # of 4 an epoch
def test_interrupted_and_resumed_is_uninterrupted(uninterrupted, tmp_path, monkeypatch, steps):
    monkeypatch.setattr(loop, "_SECONDS_PER_CHECKPOINT", 0.0)
    for number, step in enumerate(steps):
        with pytest.raises(Stopped):
            run(tmp_path / "run", resume=number > 0, progress=stop_at("training", step))
        torch.randn(number + 1)
    assert_same(run(tmp_path / "run", resume=True), uninterrupted)


def test_a_finished_training_resumed_is_the_same_once_more(uninterrupted, tmp_path):
    run(tmp_path / "run")
    steps = []
    fitted = run(tmp_path / "run", resume=True, progress=lambda *now: steps.append(now))
    assert_same(fitted, uninterrupted)
    assert not steps, "nothing is trained again"


def test_a_checkpoint_is_not_continued_with_another_recipe_or_other_posts(tmp_path):
    short = changed(RECIPE, steps__epochs=1)
    run(tmp_path / "run", short)
    before = (tmp_path / "run" / checkpoint.FILE).read_bytes()
    for made, data in ((RECIPE, corpus()), (short, corpus(posts=64))):
        with pytest.raises(ModelError, match="belongs to another recipe or other posts"):
            run(tmp_path / "run", made, data=data, resume=True)
    assert (tmp_path / "run" / checkpoint.FILE).read_bytes() == before


def test_without_a_validation_split_the_last_average_and_the_recipes_temperature_are_kept(tmp_path):
    made = changed(RECIPE, steps__epochs=1, choices__temperature=1.7)
    fitted = run(tmp_path / "run", made, data=corpus(held=False))
    assert (fitted.temperature, fitted.epochs) == (1.7, {"": 1})
    assert set(fitted.history[0]) == {"epoch", "train_loss", "train_accuracy"}


def test_there_is_a_checkpoint_from_the_first_step_on(tmp_path):
    with pytest.raises(Stopped):
        run(tmp_path / "run", progress=stop_at("training", 1))
    assert checkpoint.find(tmp_path / "run")


def test_lower_layers_learn_slower_and_only_matrices_decay():
    task = ClassifierTask(RECIPE, corpus(), 0)
    groups = parameter_groups(RECIPE, task.network, task.objective)
    names = {id(parameter): name for name, parameter in task.network.named_parameters()}
    rates = {names[id(p)]: (group["lr"], group["weight_decay"]) for group in groups for p in group["params"]}
    assert set(rates) == {name for name, _ in task.network.named_parameters()}
    layer = "embedders.text.network.bert.encoder.layer.0.output.dense.weight"
    assert rates["embedders.text.network.bert.embeddings.word_embeddings.weight"][0] == pytest.approx(1e-3 * 0.85**6)
    assert rates[layer] == (pytest.approx(1e-3 * 0.85**5), 0.01)
    assert rates["embedders.image.top.0.weight"] == (1e-2, 0.01)
    assert rates["fusion.gate.bias"] == (1e-2, 0.0)
    assert rates["embedders.text.network.bert.embeddings.LayerNorm.weight"][1] == 0.0


@pytest.mark.slow
def test_killed_at_any_moment_and_resumed_is_uninterrupted(tmp_path):
    """`kill -9` while it trains and writes a checkpoint after every step, again and again, until it is done."""
    out, reference = tmp_path / "run", tmp_path / "reference"
    out.mkdir()
    reference.mkdir()
    processes = multiprocessing.get_context("forkserver")  # each begins with what takes seconds to import
    processes.set_forkserver_preload(["feelscope.train.fit", "transformers.models.bert.modeling_bert", "torch._dynamo"])
    draw = random.Random(0)
    killed = 0
    for _ in range(40):
        training = processes.Process(target=small_training.main, args=(out,))
        before = stamp(out)
        training.start()
        while training.is_alive() and stamp(out) == before:  # until it has written something new
            time.sleep(0.005)
        if killed < 5:
            time.sleep(draw.random() * 0.03)
            training.kill()
        training.join()
        if training.exitcode == 0:
            break
        assert training.exitcode == -signal.SIGKILL
        killed += 1
    assert killed >= 2
    whole = processes.Process(target=small_training.main, args=(reference,))
    whole.start()
    whole.join()
    assert (out / "done.json").read_text() == (reference / "done.json").read_text()


def stamp(out):
    try:
        return (out / checkpoint.FILE).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


# A soup and a refit


@pytest.fixture(scope="module")
def soup(tmp_path_factory):
    out = tmp_path_factory.mktemp("soup")
    return out, run(out, SOUP)


def test_the_mean_of_weights_by_value():
    networks = [ClassifierTask(RECIPE, corpus(), 0).network for _ in range(3)]
    for network, value in zip(networks, (1.0, 2.0, 6.0), strict=True):
        network.fusion.gate.weight.data.fill_(value)
    assert average(networks).fusion.gate.weight.unique().tolist() == [3.0]


def test_a_soup_is_the_mean_of_trainings_that_differ_in_their_draws_alone(soup):
    _, fitted = soup
    ends = [
        fit_once(SOUP, corpus(), None, draws=draws, resume=False, progress=silent).network.state_dict()
        for draws in (0, 1000, 2000)
    ]
    name = "fusion.gate.weight"
    assert not torch.equal(ends[0][name], ends[1][name])
    for name, value in fitted.network.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, sum(end[name] for end in ends) / 3)


def test_the_record_has_every_training_and_their_mean(soup):
    _, fitted = soup
    told = [record["network"] for record in fitted.history]
    assert told == ["training 1"] * 3 + ["training 2"] * 3 + ["training 3"] * 3 + ["their mean"]
    answers = selection.answer_combinations(fitted.network, corpus().validation)
    assert fitted.history[-1]["validation_macro_f1"] == selection.scores(answers)["validation_macro_f1"]
    assert fitted.temperature == selection.fit_temperature(answers)


@pytest.mark.parametrize(("best", "mean"), [((1, 1, 3), 2), ((3, 3, 2), 3), ((1, 2, 1), 1), ((2, 6, 6), 5)])
def test_a_soups_epochs_are_the_mean_of_its_trainings(best, mean, monkeypatch):
    """Known histories in the place of trainings: 5/3, 8/3, 4/3 and 14/3 epochs."""
    network = ClassifierTask(RECIPE, corpus(), 0).network

    def history(epochs):
        return [{"epoch": epoch + 1, "validation_macro_f1": 1 - abs(epoch + 1 - epochs) / 10} for epoch in range(6)]

    runs = iter(best)
    monkeypatch.setattr("feelscope.train.fit._run", lambda *given, **named: (network, history(next(runs))))
    assert fit_classifier(SOUP, corpus(), None, progress=silent).epochs == {"": mean}


def test_stopped_within_the_second_training_and_resumed_it_is_the_same(soup, tmp_path):
    with pytest.raises(Stopped):
        run(tmp_path, SOUP, progress=stop_at("training 2", 7))
    begun = []
    fitted = run(tmp_path, SOUP, resume=True, progress=lambda stage, *now: begun.append(stage))
    assert "training 1" not in begun, "it was done, and is read from its checkpoint"
    assert_same(fitted, soup[1])


def test_a_refit_trains_on_all_posts_for_as_many_epochs_as_were_right(uninterrupted, tmp_path):
    """Two epochs were right where the recipe has nine: the second training's steps, schedule and posts say so."""
    made = changed(RECIPE, steps__epochs=9)
    chosen = replace(uninterrupted, epochs={"": 2}, temperature=1.23)
    whole = corpus(held=False)
    told = []
    fitted = refit(made, chosen, whole, tmp_path, resume=False, progress=lambda *now: told.append(now[:3]))
    assert told == [("training on all posts", step, 8) for step in range(1, 9)]
    alone = run(tmp_path / "alone", changed(RECIPE, steps__epochs=2), data=whole)
    assert all(torch.equal(value, weights(alone)[name]) for name, value in weights(fitted).items())
    assert (fitted.temperature, fitted.history, fitted.on_all) == (1.23, uninterrupted.history, True)
    assert not uninterrupted.on_all


def test_each_training_of_a_refitted_soup_takes_as_many_epochs_as_were_right(uninterrupted, tmp_path):
    made = changed(RECIPE, steps__epochs=9, choices__trainings=2)
    chosen = replace(uninterrupted, epochs={"": 1})
    told = []
    refit(made, chosen, corpus(held=False), tmp_path, resume=False, progress=lambda *now: told.append(now[:3]))
    assert told == [(f"training {number} on all posts", step, 4) for number in (1, 2) for step in range(1, 5)]


def test_all_checkpoints_go_when_the_training_is_done(tmp_path):
    for name in ("", CHOOSING, "training-1", f"{CHOOSING}/late-text"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / checkpoint.FILE).write_text("x")
    (tmp_path / f"{checkpoint.FILE}.123.partial").write_text("killed while writing")
    (tmp_path / "metrics.json").write_text("{}")
    remove_checkpoints(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.json"]


def test_the_boards_of_all_trainings_stay_under_one_folder(tmp_path):
    for name in ("", CHOOSING, f"{CHOOSING}/late-text", "training-2"):
        (tmp_path / name / "tensorboard").mkdir(parents=True)
        (tmp_path / name / "tensorboard" / "events").write_text(name)
    remove_checkpoints(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["tensorboard"]
    left = {str(file.relative_to(tmp_path / "tensorboard")): file.read_text() for file in tmp_path.rglob("events")}
    assert left == {
        "events": "",
        "choosing/events": "choosing",
        "choosing-late-text/events": "choosing/late-text",
        "training-2/events": "training-2",
    }


# Every fusion


def go(model, *names, training=None, validation=None, words=None, **changes):
    names = names or READS.get(model, ("text", "image"))
    if set(names) - {"text", "image"}:
        changes["further"] = FurtherSettings(tuple(name for name in names if name not in ("text", "image")))
    data = small_family.corpus(*names, training=training, validation=validation, words=words)
    return fit_classifier(recipe(model, **changes), data, None, progress=silent)


def right(fitted, posts):
    return (selection.answer(fitted.network, posts).argmax(dim=1) == posts.labels).float().mean().item()


@pytest.mark.parametrize("model", MODELS)
def test_planted_emotions_are_learnt_whatever_a_post_has(model):
    fitted = go(model)
    names = READS.get(model, ("text", "image"))
    posts = small_family.posts(60, seed=7, names=names, missing=False)
    assert right(fitted, posts) == 1
    if len(names) > 1:
        for name in names:
            assert right(fitted, posts.without(name)) > 0.9, name
    assert 0.2 < fitted.temperature < 5
    assert not fitted.network.training


@pytest.mark.parametrize("model", ["late", "early", "joint", "common_space"])
def test_three_modalities_and_each_alone(model):
    dropout = {} if model == "late" else {"modality_dropout": DropoutSettings(0.5)}
    fitted = go(model, *WIDTHS, validation=nothing_held(tuple(WIDTHS)), **dropout)
    posts = small_family.posts(30, seed=7, missing=False)
    for name in WIDTHS:
        alone = posts
        for other in WIDTHS:
            alone = alone if other == name else alone.without(other)
        assert right(fitted, alone) > 0.8, name


@pytest.mark.parametrize("model", ["early", "joint", "gated", "deep_sentiment"])
def test_every_fusion_is_asked_for_every_combination_averaged_taught_and_refitted(model, tmp_path):
    """What only the tuned training could do once, of each fusion on frozen vectors."""
    names = ("text", "image")
    posts = small_family.posts(names=names)
    teacher = torch.nn.functional.one_hot(posts.labels, 3).float()
    made = recipe(
        model,
        combinations=CombinationSettings(),
        steps__ema_decay=0.9,
        steps__epochs=4,
        choices__trainings=2,
    )
    data = small_family.corpus(*names, training=replace(posts, taught=teacher))
    chosen = fit_classifier(made, data, None, progress=silent)
    fitted = refit(made, chosen, data, tmp_path, resume=False, progress=silent)
    fresh = small_family.posts(60, seed=7, names=names, missing=False)
    assert all(right(fitted, some) > 0.8 for some in (fresh, fresh.without("text"), fresh.without("image")))


@pytest.mark.parametrize("model", ["joint", "common_space", "late"])
def test_a_seed_gives_one_result_and_another_seed_another(model):
    given = {"words": Words(dropout=0.25), "steps__epochs": 3}
    if model != "late":
        given["modality_dropout"] = DropoutSettings(0.3)
    first, same = (go(model, **given) for _ in range(2))
    other = go(model, seed=1, **given)
    assert_same(first, same)
    assert first.history != other.history


def test_the_epoch_of_the_best_score_is_kept_and_patience_ends():
    held = small_family.posts(30, 1, names=("text", "image"))
    shuffled = torch.randperm(30, generator=torch.Generator().manual_seed(0))
    held = replace(held, labels=held.labels[shuffled])
    fitted = go("joint", validation=held, steps__epochs=40, choices__patience=3)
    scores = [epoch["validation_macro_f1"] for epoch in fitted.history]
    assert len(scores) == scores.index(max(scores)) + 1 + 3
    assert fitted.epochs == {"": scores.index(max(scores)) + 1}
    kept = selection.scores(selection.answer_combinations(fitted.network, held))
    assert kept["validation_macro_f1"] == pytest.approx(max(scores))


def test_late_is_the_two_trained_alone():
    posts = small_family.posts(30, 5, names=("text", "image"), missing=False)
    training, held = (small_family.posts(*some, names=("text", "image")) for some in ((96, 0), (30, 1)))
    alone = [
        go(model, training=training.only(name), validation=held.only(name))
        for model, name in (("text_only", "text"), ("image_only", "image"))
    ]
    both = go("late", training=training, validation=held)
    logits = [
        selection.answer(one.network, posts.only(name)) for one, name in zip(alone, ("text", "image"), strict=True)
    ]
    expected = sum(some.log_softmax(dim=1) for some in logits)
    torch.testing.assert_close(selection.answer(both.network, posts), expected)
    assert {epoch["network"] for epoch in both.history} == {"text", "image"}


def test_late_stopped_in_its_second_training_is_resumed(tmp_path):
    made = recipe("late", steps__epochs=3)
    data = small_family.corpus("text", "image")
    with pytest.raises(Stopped):
        run(tmp_path / "run", made, data=data, progress=stop_at("training on image", 5))
    told = []
    resumed = run(tmp_path / "run", made, data=data, resume=True, progress=lambda stage, *now: told.append(stage))
    assert "training on text" not in told
    assert_same(resumed, run(tmp_path / "whole", made, data=data))


def test_late_is_refitted_for_as_many_epochs_as_were_right_for_each_modality(tmp_path):
    """Three epochs for the text and one for the picture, where the recipe has nine."""
    data = small_family.corpus("text", "image", validation=nothing_held())
    chosen = replace(go("late", steps__epochs=1), epochs={"text": 3, "image": 1})
    told = []
    made = recipe("late", steps__epochs=9)
    fitted = refit(made, chosen, data, tmp_path, resume=False, progress=lambda *now: told.append((now[0], now[2])))
    steps = (
        ClassifierTask(made, data.only("text"), 0).steps_per_epoch,
        ClassifierTask(made, data.only("image"), 0).steps_per_epoch,
    )
    assert set(told) == {("training on text on all posts", 3 * steps[0]), ("training on image on all posts", steps[1])}
    for name, epochs in (("text", 3), ("image", 1)):
        alone = run(tmp_path / name, recipe("late", steps__epochs=epochs), data=data.only(name))
        expected = weights(alone)
        assert all(torch.equal(value, expected[key]) for key, value in weights(fitted).items() if key in expected)
        assert any(key in expected for key in weights(fitted))


@pytest.mark.parametrize(
    ("began", "refits", "said"),
    [
        (CHOOSING, False, "with posts to score; give the same --dev TABLE"),
        ("late-text", True, "without posts to score; leave --dev out"),
    ],
)
def test_a_training_is_resumed_with_posts_to_score_or_without_as_it_began(tmp_path, began, refits, said):
    check_resumed(tmp_path, refits=True)
    check_resumed(tmp_path, refits=False)
    (tmp_path / began).mkdir()
    (tmp_path / began / checkpoint.FILE).write_bytes(b"")
    check_resumed(tmp_path, refits=not refits)
    with pytest.raises(ModelError, match=f"this training began {said}, or train in a new folder"):
        check_resumed(tmp_path, refits=refits)


def test_a_classifier_of_late_does_not_see_posts_that_lack_its_modality():
    training = small_family.posts(names=("text", "image"))
    noise = torch.where(training.present["image"].unsqueeze(1) > 0.5, training.inputs["image"], torch.tensor(1e3))
    changed_posts = replace(training, inputs={**training.inputs, "image": noise})
    first, second = go("late", training=training), go("late", training=changed_posts)
    assert all(torch.equal(value, weights(second)[name]) for name, value in weights(first).items())


def nothing_held(names=("text", "image")):
    return small_family.posts(30, names=names).rows(torch.tensor([], dtype=torch.long))


def test_only_complete_posts_where_the_recipe_says_so():
    """The other posts' labels are changed, and nothing changes; all alone, they cannot be trained on."""
    training = small_family.posts(names=("text", "image"))
    whole = training.counts() == 2
    relabelled = replace(training, labels=torch.where(whole, training.labels, (training.labels + 1) % 3))
    given = {"steps__epochs": 2, "steps__complete_only": True}
    first, second = go("joint", training=training, **given), go("joint", training=relabelled, **given)
    # Not the accuracy of training posts, which are all looked at.
    ours, theirs, others = (
        [{name: value for name, value in epoch.items() if name != "train_accuracy"} for epoch in network.history]
        for network in (first, second, go("joint", training=training, steps__epochs=2))
    )
    assert ours == theirs and ours != others
    with pytest.raises(TableError, match="no post that is trained on has text and image; give another"):
        go("joint", training=training.rows((~whole).nonzero()[:, 0]), **given)


def test_the_second_task_reaches_the_words_through_pairs_and_negatives():
    posts = small_family.posts(names=("text", "image"), words=True, missing=False)
    settings = CommonSpaceSettings(main_weight=0.01)
    fitted = go("common_space", words=Words(), training=posts, validation=nothing_held(), common_space=settings)

    def how_much_nearer(space):
        common = space.in_common_space(fitted.network.vectors(posts.inputs))
        own = distance(common["image"], common["text"])  # (N,)
        other = distance(common["image"], common["text"].roll(1, 0))  # (N,), the next post has another emotion
        return (own / other).mean().item()

    torch.manual_seed(0)
    untrained = build_fusion(FusionSettings("common_space"), {"text": 5, "image": WIDTHS["image"]}, 3)
    assert how_much_nearer(fitted.network.fusion) < 0.5 < how_much_nearer(untrained)


@pytest.mark.parametrize(
    "changes",
    [
        {"steps__optimizer": "adamw", "steps__momentum": 0.0, "steps__learning_rate": 0.01},
        {"fusion__activation": "gelu"},
    ],
)
def test_other_settings_learn_too(changes):
    posts = small_family.posts(60, 7, names=("text", "image"), missing=False)
    assert right(go("joint", **changes), posts) > 0.95


def test_common_space_needs_posts_of_two_emotions_that_have_the_anchor():
    posts = small_family.posts(names=("text", "image"), missing=False)
    posts = replace(posts, present={**posts.present, "text": (posts.labels == 0).float()})
    with pytest.raises(TableError, match="the posts with text that are trained on have one emotion"):
        go("common_space", training=posts)


def test_one_post_is_a_batch_and_an_epoch():
    posts = small_family.posts(1, names=("text", "image"), missing=False)
    fitted = go("joint", training=posts, validation=posts, steps__epochs=2)
    assert selection.answer(fitted.network, posts).shape == (1, 3)


def test_words_learn_where_the_recipe_says_so_and_only_those_that_are_said():
    training = small_family.posts(names=("text",), words=True)
    training.inputs["text"][training.inputs["text"] == 9] = 8  # word 9 is never said
    held = small_family.posts(30, 1, names=("text",), words=True)
    before = Words().embedder().lookup.vectors.detach()

    def after(train):
        given = {"words": Words(train=train), "training": training, "validation": held, "steps__epochs": 2}
        return go("text_only", **given).network.embedders["text"].lookup.vectors.detach()

    assert torch.equal(after(False), before)
    assert (after(True) != before).any(dim=1).tolist() == [False, *[True] * 8, False]
