"""SECRET: the loss by hand, the mixture by hand, and a training whose label space is chosen, saved and read again."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_family import EMOTIONS, corpus, posts, recipe
from torch.nn import functional as F

from feelscope.errors import ConfigError
from feelscope.models.label_space import LabelSpace, mixture
from feelscope.objectives.settings import SecretSettings
from feelscope.progress import silent
from feelscope.train import selection
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.fit import fit_classifier, refit

NAMES = ("text", "image")
LABELS = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], np.float32)


def made(model="early", secret=None, **changes):
    chosen = recipe(model, secret=secret or SecretSettings(0.5), **changes)
    data = replace(corpus(*NAMES, training=posts(96, names=NAMES)), label_vectors=LABELS)
    return chosen, data


@pytest.mark.parametrize("model", ["early", "gated", "joint", "deep_sentiment"])
def test_the_loss_is_the_labels_and_the_distance_to_the_own_labels_vector(model):
    chosen, data = made(model, fusion__dropout=0.0)
    task = ClassifierTask(chosen, data, 0)
    batch = next(task.batches(0, 0))
    (loss,) = task.losses(batch)
    network, space = task.network, task.network.label_space
    vectors = network.vectors(batch.posts.inputs)
    logits = network.fusion(vectors, batch.posts.present)
    place = space.place(network.features(vectors, batch.posts.present))
    expected = F.cross_entropy(logits, batch.posts.labels).item()
    for row, label in enumerate(batch.posts.labels.tolist()):
        expected += 0.5 * float(((place[row] - torch.from_numpy(LABELS[label])) ** 2).sum().detach()) / 8
    assert loss.item() == pytest.approx(expected, abs=1e-5)


def test_the_mixture_by_hand():
    logits, others = torch.tensor([[1.0, 3.0]]).log(), torch.tensor([[4.0, 1.0]]).log()
    expected = torch.tensor([[0.75 * 0.25 + 0.25 * 0.8, 0.75 * 0.75 + 0.25 * 0.2]])
    torch.testing.assert_close(mixture(logits, others, 0.25).exp(), expected.float())
    torch.testing.assert_close(mixture(logits, others, 0.0).exp(), logits.softmax(dim=1))


def test_a_space_answers_with_the_nearest_label():
    space = LabelSpace(2, torch.from_numpy(LABELS))
    torch.nn.init.eye_(space.place.weight)
    torch.nn.init.zeros_(space.place.bias)
    space.share.fill_(1.0)
    features = torch.tensor([[0.9, 0.1], [0.1, 0.7], [-3.0, 1.0]])
    assert space(torch.zeros(3, 3), features).argmax(dim=1).tolist() == [0, 1, 2]
    assert space.distances(features)[0].tolist() == pytest.approx([0.02, 1.62, 3.62], abs=1e-5)


class Told(torch.nn.Module):
    """A fusion whose own answer is wrong, and whose features are the label's vector."""

    def __init__(self, good: bool):
        super().__init__()
        self.good, self.head = good, torch.nn.Linear(2, 3)

    def features(self, vectors, present):
        labels = vectors["text"].argmax(dim=1)
        return torch.from_numpy(LABELS)[labels if self.good else (labels + 1) % 3]

    def forward(self, vectors, present):
        labels = vectors["text"].argmax(dim=1)
        return F.one_hot((labels + 1) % 3 if self.good else labels, 3) * 4.0


@pytest.mark.parametrize(("good", "share"), [(True, 1.0), (False, 0.0)])
def test_what_answers_better_on_the_validation_split_counts(good, share):
    chosen, data = made()
    task = ClassifierTask(chosen, data, 0)
    network = task.network
    network.fusion = Told(good)
    network.label_space = LabelSpace(2, torch.from_numpy(LABELS))
    torch.nn.init.eye_(network.label_space.place.weight)
    torch.nn.init.zeros_(network.label_space.place.bias)
    split = posts(30, names=NAMES, missing=False)
    selection.weigh_label_space(network, split)
    assert float(network.label_space.share) == share
    assert (selection.answer(network, split).argmax(dim=1) == split.labels).all()


def test_a_training_learns_both_spaces_and_a_refit_keeps_how_they_are_weighed(tmp_path):
    chosen, data = made(steps__epochs=6, choices__refit=True)
    fitted = fit_classifier(chosen, data, None, progress=silent)
    space = fitted.network.label_space
    test = posts(60, seed=9, names=NAMES, missing=False)
    places = space.distances(fitted.network.features(fitted.network.vectors(test.inputs), test.present))
    assert (places.argmin(dim=1) == test.labels).float().mean() > 0.9
    space.share.fill_(0.3)
    space.softness.fill_(0.2)
    again = refit(chosen, fitted, data, tmp_path, resume=False, progress=silent)
    assert again.network.label_space is not space
    assert float(again.network.label_space.share) == pytest.approx(0.3)
    assert float(again.network.label_space.softness) == pytest.approx(0.2)


def test_a_weight_of_zero_leaves_the_network_as_it_was():
    states = []
    for secret in (None, SecretSettings(0.0)):
        chosen = recipe("early", steps__epochs=2, secret=secret)
        data = corpus(*NAMES, training=posts(48, names=NAMES))
        task = ClassifierTask(chosen, replace(data, label_vectors=LABELS if secret else None), 0)
        from feelscope.train import loop

        loop.fit(task, chosen.steps, seed=0, patience=9, folder=None, resume=False, progress=silent)
        states.append(task.network.fusion.state_dict())
    torch.testing.assert_close(*states)


def test_what_it_does_not_go_with_is_refused():
    with pytest.raises(ConfigError, match="secret: late fusion has no features"):
        recipe("late", secret=SecretSettings())
    with pytest.raises(ConfigError, match="subclasses have no words"):
        made(data__subclass="of_what")
    with pytest.raises(ConfigError, match="weight: expected 0 or more"):
        SecretSettings(-1.0)
    assert len(LABELS) == len(EMOTIONS)
