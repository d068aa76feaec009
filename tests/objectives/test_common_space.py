"""Equations 13 and 14 against a plain double loop, on vectors a person can draw."""

import math

import numpy as np
import pytest
import torch
from small_family import WIDTHS, encoders, posts
from torch.nn import functional as F

from feelscope.errors import TableError
from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.network import Network
from feelscope.objectives.common_space import CommonSpace, OtherEmotions, distance, pair_loss
from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.modality_dropout import ModalityDropout
from feelscope.objectives.objective import Batch, Outputs
from feelscope.objectives.settings import CommonSpaceSettings

# Points of a plane: three posts, their pictures and words, and two words of other emotions for each.
IMAGES = [[0.0, 0.0], [1.0, 0.0], [3.0, 4.0]]
TEXTS = [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
NEGATIVES = [[[3.0, 4.0], [0.0, -1.0]], [[1.0, 2.0], [1.0, 0.0]], [[3.0, 4.0], [6.0, 8.0]]]


def by_hand(images, texts, negatives, complete):
    """Equation 13 as it is printed."""

    def d(one, other):
        return math.sqrt(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))

    losses = []
    for image, text, others, there in zip(images, texts, negatives, complete, strict=True):
        if there:
            total = 0.0
            for other in others:
                near, far = math.exp(-d(image, text)), math.exp(-d(image, other))
                total -= math.log(near / (near + far))
            losses.append(total)
    return sum(losses) / len(losses) if losses else 0.0


@pytest.mark.parametrize("complete", [(1, 1, 1), (1, 0, 1), (0, 0, 1), (0, 0, 0)])
def test_the_loss_is_the_equation(complete):
    points = [torch.tensor(coordinates) for coordinates in (IMAGES, TEXTS, NEGATIVES)]
    loss = pair_loss(*points, torch.tensor(complete, dtype=torch.float32))
    assert loss.item() == pytest.approx(by_hand(IMAGES, TEXTS, NEGATIVES, complete), abs=1e-5)


def test_known_values():
    """A pair at distance 0 with a negative at 0 is a coin toss; far negatives cost nothing."""
    here = torch.zeros(1, 2)
    assert pair_loss(here, here, torch.zeros(1, 1, 2), torch.ones(1)).item() == pytest.approx(math.log(2), abs=1e-4)
    assert pair_loss(here, here, torch.full((1, 3, 2), 50.0), torch.ones(1)).item() == pytest.approx(0, abs=1e-6)
    assert distance(torch.tensor([3.0, 0]), torch.tensor([0.0, 4])).item() == pytest.approx(5)


def test_far_vectors_give_numbers_and_so_do_equal_ones():
    far, here = torch.full((1, 2), 1e4, requires_grad=True), torch.zeros(1, 2, requires_grad=True)
    loss = pair_loss(far, here, torch.zeros(1, 1, 2), torch.ones(1)) + pair_loss(here, here, far[None], torch.ones(1))
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(far.grad).all() and torch.isfinite(here.grad).all()


def test_a_step_down_brings_a_pair_together_and_pushes_the_negative_away():
    image, text, negative = (torch.tensor([point], requires_grad=True) for point in ([0.0, 0], [2.0, 0], [0.0, 3]))
    pair_loss(image, text, negative[None], torch.ones(1)).backward()
    after = [point.detach() - 0.1 * point.grad for point in (image, text, negative)]
    assert distance(after[0], after[1]) < distance(image, text)
    assert distance(after[0], after[2]) > distance(image, negative)


def test_gradients_of_the_second_task_reach_the_words_and_the_picture():
    torch.manual_seed(0)
    model = CommonSpaceFusion({"text": 4, "image": 6}, 3, 5)
    text, image, others = torch.randn(2, 4), torch.randn(2, 6), torch.randn(2, 3, 4)
    for vectors in (text, image, others):
        vectors.requires_grad_()
    common = model.in_common_space({"text": text, "image": image})
    pair_loss(common["image"], common["text"], others, torch.tensor([1.0, 0.0])).backward()
    for vectors in (text, image, others):
        reached = vectors.grad.flatten(1).abs().sum(dim=1)
        assert reached[0] > 0 and reached[1] == 0, "the second post is not complete"
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.joint.project.parameters())
    assert all(parameter.grad is None for parameter in model.joint.head.parameters())


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_objective_is_equation_14_over_whole_posts_whatever_the_classification_drops(share):
    some, names = posts(18), ("text", "image", "tags")
    some.borrowed[9:12] = 1
    assert (some.counts()[9:12] == 3).all(), "but for the lender, they would make pairs"
    torch.manual_seed(0)
    embedders = {name: encoder.embedder() for name, encoder in encoders().items()}
    network = Network(embedders, CommonSpaceFusion(WIDTHS, 3, 5))
    outputs = Outputs(network, network.vectors(some.inputs), some.present)
    classification = ModalityDropout(LabelObjective(), share)
    objective = CommonSpace(classification, CommonSpaceSettings(negatives=2, main_weight=3.0), some, "text")
    loss = objective.loss(outputs, Batch(some, np.random.default_rng(5)))

    draws = np.random.default_rng(5)
    main = classification.loss(outputs, Batch(some, draws)).item()
    worded = some.present["text"].nonzero()[:, 0].numpy()
    drawn = OtherEmotions(some.labels[worded].numpy(), worded).draw(some.labels.numpy(), 2, draws)
    common = {name: vectors.tolist() for name, vectors in network.fusion.in_common_space(outputs.vectors).items()}
    negatives = some.inputs["text"][torch.from_numpy(drawn)].tolist()
    complete = {name: (some.present["text"] * some.present[name]).tolist() for name in names}
    complete["image"] = [own * (1 - borrowed) for own, borrowed in zip(complete["image"], some.borrowed, strict=True)]
    pairs = sum(by_hand(common[name], common["text"], negatives, complete[name]) for name in names[1:])
    assert loss.item() == pytest.approx(3 * main + pairs, abs=1e-4)
    if not share:
        assert main == pytest.approx(F.cross_entropy(outputs.logits(), some.labels).item(), abs=1e-6)


def test_posts_of_one_emotion_are_told_in_one_line():
    alike = posts(30).rows(torch.arange(0, 30, 3))
    with pytest.raises(TableError, match=r"^the posts with text that are trained on have one emotion, and") as caught:
        CommonSpace(LabelObjective(), CommonSpaceSettings(), alike, "text")
    assert "\n" not in str(caught.value)


# Negatives

LABELS = np.array([0, 0, 1, 2, 1, 0])
POSTS = np.array([10, 11, 12, 13, 14, 15])


def test_negatives_are_posts_of_other_emotions_all_of_them_in_time():
    others = OtherEmotions(LABELS, POSTS)
    label_of = dict(zip(POSTS.tolist(), LABELS.tolist(), strict=True))
    random = np.random.default_rng(0)
    asked = np.array([0, 1, 2] * 40)
    drawn = others.draw(asked, 4, random)
    assert drawn.shape == (120, 4)
    for label in range(3):
        seen = set(drawn[asked == label].reshape(-1).tolist())
        assert seen == {post for post in POSTS.tolist() if label_of[post] != label}


def test_negatives_are_drawn_again_and_a_seed_draws_the_same():
    others = OtherEmotions(LABELS, POSTS)
    random = np.random.default_rng(0)
    first, second = (others.draw(LABELS, 4, random) for _ in range(2))
    assert not np.array_equal(first, second)
    assert np.array_equal(others.draw(LABELS, 4, np.random.default_rng(0)), first)


def test_an_emotion_without_words_of_its_own_takes_any():
    drawn = OtherEmotions(LABELS, POSTS).draw(np.array([7]), 50, np.random.default_rng(0))
    assert set(drawn.reshape(-1).tolist()) == set(POSTS.tolist())


@pytest.mark.parametrize("labels", [[], [1, 1, 1]])
def test_negatives_need_two_emotions(labels):
    with pytest.raises(ValueError, match="two emotions"):
        OtherEmotions(np.array(labels, dtype=int), np.arange(len(labels)))
