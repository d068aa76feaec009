"""EnAET: the whole loss of a step against a slow plain loop, and what it teaches."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import small_enaet
import small_family
import small_training
import torch
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.encoders.settings import ImageSettings
from feelscope.encoders.trunk_views import PLAIN
from feelscope.images.transformations import FAMILIES, TARGETS
from feelscope.objectives.enaet import EnAET
from feelscope.objectives.mixmatch import Mixing
from feelscope.objectives.objective import Batch
from feelscope.objectives.settings import EnAETSettings
from feelscope.progress import silent
from feelscope.train import loop
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_classifier

SEED, PROGRESS = 11, 0.05
WITHOUT_COMBINATIONS = {"combinations": None}


def step(recipe, seed: int = SEED, progress: float = PROGRESS):
    """A task, in the mode of answering so that nothing drops out, and one batch of it."""
    task = ClassifierTask(recipe, small_enaet.corpus(), 0)
    batch = next(task.batches(0, 0))
    for module in task.modules.values():
        module.eval()
    return task, lambda: replace(batch, draws=np.random.default_rng(seed), progress=progress)


class Slow:
    """The same loss, post by post, by the network's own forward of one post and view."""

    def __init__(self, task, batch: Batch, settings: EnAETSettings):
        self.task, self.batch, self.settings, self.network = task, batch, settings, task.network
        self.embedder = self.network.embedders["image"]
        self.draws = batch.draws

    def trunk(self, row: int, view: int) -> torch.Tensor:
        return torch.from_numpy(self.embedder._trunks()[row, view].astype(np.float32))

    def image(self, trunk: torch.Tensor) -> torch.Tensor:
        return self.embedder.top(trunk.unsqueeze(0)).mean(dim=(2, 3))[0]

    def posts(self):
        """Of labelled posts, then each view of the others: text vector, trunk output, presence, target."""
        found = []
        both = [(self.batch.posts, [None]), (self.batch.unlabelled, [0, 1, *([7] if self.settings.mosaic else [])])]
        for posts, views in both:
            for view in views:
                for number in range(len(posts)):
                    ids = posts.inputs["text"][number : number + 1]
                    row = posts.inputs["image"][number]
                    seen = int(row[1]) if view is None else view
                    trunk = self.trunk(int(row[0]) - 1, seen) if row[0] else torch.zeros(small_training.TRUNK_SHAPE)
                    there = {name: float(value[number]) for name, value in posts.present.items()}
                    vector = self.network.embedders["text"](ids)[0]
                    found.append([vector, trunk, there])
        return found

    def answer(self, text, image, there) -> torch.Tensor:
        vectors = {"text": text.unsqueeze(0), "image": image.unsqueeze(0)}
        present = {name: torch.tensor([value]) for name, value in there.items()}
        return self.network.emotions(self.network.fused(vectors, present))[0]

    def vector(self, trunk, there) -> torch.Tensor:
        return self.image(trunk) if there["image"] else torch.zeros(small_training.IMAGE_WIDTH)

    def guesses(self, posts):
        count = len(self.batch.unlabelled)
        views = (len(posts) - len(self.batch.posts)) // count
        found = []
        for number in range(count):
            said = []
            for view in range(views):
                text, trunk, there = posts[len(self.batch.posts) + view * count + number]
                said.append(self.answer(text, self.vector(trunk, there), there).softmax(dim=0))
            mean = sum(said) / views
            power = mean ** (1 / self.settings.temperature)
            found.append((power / power.sum()).detach())
        return found, views

    def mixed(self):
        posts = self.posts()
        guesses, views = self.guesses(posts)
        targets = [F.one_hot(label, 3).float() for label in self.batch.posts.labels] + guesses * views
        present = {name: torch.tensor([there[name] for _, _, there in posts]) for name in ("text", "image")}
        mixing = Mixing.draw(present, self.settings.alpha, self.draws)
        by_post = []
        for number, partner in enumerate(mixing.partner.tolist()):
            (text, trunk, there), (other_text, other_trunk, other) = posts[number], posts[partner]
            l, any_shared = mixing.own, False  # noqa: E741
            if there["text"] and other["text"]:
                text, any_shared = l * text + (1 - l) * other_text, True
            image = self.vector(trunk, there)
            if there["image"] and other["image"]:
                any_shared = True
                if self.settings.mix == "vectors":
                    image = l * image + (1 - l) * self.vector(other_trunk, other)
                else:
                    image = self.image(l * trunk + (1 - l) * other_trunk)
            target = l * targets[number] + (1 - l) * targets[partner] if any_shared else targets[number]
            by_post.append((self.answer(text, image, there), target))
        return posts, guesses, by_post

    def loss(self, families) -> torch.Tensor:
        settings = self.settings
        posts, guesses, by_post = self.mixed()
        count, others = len(self.batch.posts), len(self.batch.unlabelled)
        labelled = [-(target * answer.log_softmax(dim=0)).sum() for answer, target in by_post[:count]]
        guessed = [((answer.softmax(dim=0) - target) ** 2).mean() for answer, target in by_post[count:]]
        rise = min(1, PROGRESS / settings.warm_up)
        total = sum(labelled) / count + settings.beta * rise * sum(guessed) / len(guessed)
        shown = [number for number in range(others) if posts[count + number][2]["image"]]
        rows = [int(self.batch.unlabelled.inputs["image"][number, 0]) - 1 for number in shown]
        divergences = []
        for family in families:
            view = PLAIN + FAMILIES.index(family)
            end = sum(TARGETS[name] for name in FAMILIES[: FAMILIES.index(family) + 1])
            errors, apart = [], []
            for number, row in zip(shown, rows, strict=True):
                plain, moved = (self.embedder.top(self.trunk(row, one).unsqueeze(0)) for one in (0, view))
                told = self.task.objective.decoders[family](plain, moved)[0]
                target = self.embedder._targets()[row, end - TARGETS[family] : end].astype(np.float32)
                errors += [(one - wanted) ** 2 for one, wanted in zip(told, target.tolist(), strict=True)]
                apart.append(self.divergence(posts[count + number], guesses[number], self.trunk(row, view)))
            weight = settings.weight(family) * len(settings.families) / len(families)
            total = total + weight * min(1, PROGRESS / settings.rise) * sum(errors) / len(errors)
            divergences.append(sum(apart) / len(apart))
        if settings.mosaic:
            apart = [
                self.divergence(posts[count + number], guesses[number], self.trunk(row, 7))
                for number, row in zip(shown, rows, strict=True)
            ]
            divergences.append(sum(apart) / len(apart))
        return total + settings.gamma * sum(divergences) / max(1, len(divergences))

    def divergence(self, post, guess, trunk) -> torch.Tensor:
        said = self.answer(post[0], self.image(trunk), post[2]).log_softmax(dim=0)
        return sum(q * (q.log() - p) for q, p in zip(guess, said, strict=True) if q > 0)


@pytest.mark.parametrize("mix", ["inputs", "vectors"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"families": ("affine", "colour"), "mosaic": False, "gamma": 0.4},
        {"families": (), "gamma": 2.0},
        {"families": (), "gamma": 0.0, "mosaic": False, "unlabelled": 2},
        {"gamma": 0.0, "beta": 0.0, "projective": 2.0},
    ],
)
def test_the_loss_of_a_step_is_that_of_a_plain_loop(mix, changes):
    recipe = replace(small_enaet.recipe(mix=mix, warm_up=0.2, **changes), **WITHOUT_COMBINATIONS)
    task, batch = step(recipe)
    found = task.objective.loss_of_step(task.network, batch())
    expected = Slow(task, batch(), recipe.enaet).loss(recipe.enaet.families)
    assert found.item() == pytest.approx(expected.item(), rel=2e-4)
    gradient = torch.autograd.grad(found, task.network.embedders["image"].top[0].weight)[0]
    slow = torch.autograd.grad(expected, task.network.embedders["image"].top[0].weight)[0]
    torch.testing.assert_close(gradient, slow, rtol=1e-2, atol=1e-4)


def test_families_that_a_step_leaves_out_are_made_up_for_by_the_others():
    recipe = replace(small_enaet.recipe(families_a_step=2, gamma=0.0, mosaic=False), **WITHOUT_COMBINATIONS)
    task, batch = step(recipe)
    found = task.objective.loss_of_step(task.network, batch())
    draws = np.random.default_rng(SEED)
    picked = tuple(FAMILIES[number] for number in sorted(draws.choice(5, 2, replace=False)))
    slow = Slow(task, replace(batch(), draws=draws), recipe.enaet)
    assert found.item() == pytest.approx(slow.loss(picked).item(), rel=2e-4)


def test_each_family_has_a_decoder_and_one_left_out_has_none():
    recipe = small_enaet.recipe(families=("projective", "similarity"))
    decoders = ClassifierTask(recipe, small_enaet.corpus(), 0).objective.decoders
    assert {name: decoder.tell.out_features for name, decoder in decoders.items()} == {"projective": 8, "similarity": 5}
    first, second = (decoder.reader[0].weight for decoder in decoders.values())
    assert not torch.equal(first, second), "each has a reader of its own"


def test_every_combination_is_asked_where_the_recipe_has_combinations():
    recipe = small_enaet.recipe(families=(), gamma=0.0, mosaic=False, beta=0.0)
    task, batch = step(recipe)
    whole, one = task.objective.loss_of_step(task.network, batch()), batch()
    alone = EnAET(recipe.enaet, task.network)
    assert whole.item() != pytest.approx(alone.loss_of_step(task.network, one).item(), rel=1e-3)


def test_nothing_drops_out_of_a_guess(monkeypatch):
    recipe = small_enaet.recipe()
    task, batch = step(replace(recipe, fusion=replace(recipe.fusion, dropout=0.9)))
    task.network.train()
    made, guess = [], EnAET._guess
    monkeypatch.setattr(EnAET, "_guess", lambda *given: made.append(guess(*given)) or made[-1])
    losses = []
    for seed in range(2):
        torch.manual_seed(seed)
        losses.append(task.objective.loss_of_step(task.network, batch()).item())
    assert torch.equal(*made)
    assert losses[0] != pytest.approx(losses[1], rel=1e-4), "and elsewhere it does"
    assert all(module.training for module in task.network.fusion.modules())


@pytest.mark.parametrize("mix", ["inputs", "vectors"])
def test_no_more_pictures_are_shown_than_the_settings_say(monkeypatch, mix):
    task, batch = step(small_enaet.recipe(pictures=2, unlabelled=3, mix=mix))
    top, seen = task.network.embedders["image"].top, []
    top.register_forward_hook(lambda module, given, made: seen.append(len(given[0])))
    assert task.objective.loss_of_step(task.network, batch()).isfinite()
    views, labelled = 3, int(batch().posts.present["image"].sum().clamp(max=2))
    assert labelled == 2
    if mix == "inputs":
        assert seen == [views * 2, views * 2 + labelled, 2 * (1 + 5 + 1)], "for guesses, mixed, and transformed"
    else:
        assert seen == [views * 2, labelled, 2 * 5], "without labels, with labels, and transformed"


def test_posts_without_pictures_or_words_are_guessed_from_what_they_have():
    recipe = small_enaet.recipe()
    task, batch = step(recipe)
    one = batch()
    bare = replace(one.unlabelled, present={**one.unlabelled.present, "image": torch.zeros(len(one.unlabelled))})
    some = bare.rows(bare.counts().nonzero()[:, 0])
    loss = task.objective.loss_of_step(task.network, replace(one, unlabelled=some))
    assert loss.isfinite()
    loss.backward()
    assert task.network.embedders["text"].network is not None


@pytest.mark.parametrize("mix", ["inputs", "vectors"])
def test_the_encoder_learns_from_posts_without_labels_and_decoders_learn_to_tell(mix):
    recipe = small_enaet.recipe(mix=mix, rise=0.0, colour=1.0)
    task = ClassifierTask(recipe, small_enaet.corpus(), 0)
    before, start = copy.deepcopy(task.network.embedders["image"].top.state_dict()), _told(task)
    loop.fit(task, recipe.steps, seed=0, patience=99, folder=None, progress=silent)
    after = task.network.embedders["image"].top.state_dict()
    assert not torch.equal(before["0.weight"], after["0.weight"])
    assert _told(task) < 0.7 * start


def _told(task) -> float:
    """The decoders' squared error over all pictures without labels."""
    embedder, posts = task.network.embedders["image"].eval(), task._batches._unlabelled
    rows = posts.inputs["image"][posts.present["image"] > 0]
    task.objective.eval()
    with torch.no_grad():
        views = embedder.views(rows, FAMILIES, np.random.default_rng(0), mosaic=False)
        plain = embedder.maps(views.augmented[0])
        errors = [
            F.mse_loss(task.objective.decoders[family](plain, embedder.maps(moved)), targets)
            for family, (moved, targets) in views.transformed.items()
        ]
    return float(sum(errors))


def test_posts_without_labels_move_the_boundary_to_where_there_are_few():
    """Two clouds, left and right; of four posts with labels, height tells the emotion as well as the side does."""
    draw = torch.Generator().manual_seed(0)
    sides = torch.arange(200) % 2
    spread = torch.randn(200, 2, generator=draw) * torch.tensor([0.5, 3.0])
    clouds = torch.stack([4.0 * sides - 2, torch.zeros(200)], dim=1) + spread
    few = torch.tensor([[2.0, 1.0], [2.0, 2.0], [-2.0, -1.0], [-2.0, -2.0]])

    def said(values, labels):
        return encoded_posts({"text": values}, {"text": torch.ones(len(values))}, labels)

    right = {}
    for beta in (0.0, 10.0):
        settings = EnAETSettings(families=(), gamma=0.0, mosaic=False, beta=beta, unlabelled=8)
        recipe = small_family.recipe("text_only", image=ImageSettings(), enaet=settings, steps__epochs=60)
        data = EncodedCorpus(
            {"text": small_family.Fixed(2)},
            said(few, torch.tensor([1, 1, 0, 0])),
            said(few[:0], torch.zeros(0, dtype=torch.long)),
            2,
            unlabelled=said(clouds, torch.zeros(200, dtype=torch.long)),
        )
        network = fit_classifier(recipe, data, None, progress=silent).network
        answers = network({"text": clouds}, {"text": torch.ones(200)}).argmax(dim=1)
        right[beta] = float((answers == sides).float().mean())
    assert right[0.0] < 0.93
    assert right[10.0] > 0.97


def test_a_training_that_was_interrupted_ends_as_if_it_had_not_been(tmp_path):
    recipe, data = small_enaet.recipe(4), small_enaet.corpus()
    whole = fit_classifier(recipe, data, tmp_path / "whole", progress=silent)
    stopped = tmp_path / "stopped"

    class Stopped(Exception):
        pass

    def stop(stage, done, total, detail):
        if done == 7:
            raise Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "_SECONDS_PER_CHECKPOINT", 0.0)
        with pytest.raises(Stopped):
            fit_classifier(recipe, data, stopped, progress=stop)
        again = fit_classifier(recipe, data, stopped, resume=True, progress=silent)
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name
