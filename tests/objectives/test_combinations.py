"""Labels, subclasses, a teacher and every combination of modalities against a plain loop, one post at a time."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from small_family import WIDTHS, encoders

from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.models.network import Network, build_fusion
from feelscope.models.settings import FusionSettings
from feelscope.models.subclasses import Subclasses
from feelscope.objectives.combinations import AllCombinations
from feelscope.objectives.distillation import Distillation
from feelscope.objectives.labels import LabelObjective
from feelscope.objectives.objective import Batch, Objective, Outputs
from feelscope.objectives.settings import CombinationSettings

# What each post has: t text, i image, b a borrowed image.
POSTS = ("ti", "t", "i", "tb", "ti")
# Of three posts each: what a teacher said, if it was asked; and of three emotions, with two subclasses of the first,
# which subclass is known.
TAUGHT = ((0.5, 0.3, 0.2), (0.0, 0.0, 0.0), (0.1, 0.2, 0.7))
SUBCLASSES, EMOTION_OF = (0, -1, 3), (0, 0, 1, 2)


def encoded(posts: Sequence[str], taught: bool) -> EncodedPosts:
    draw = torch.Generator().manual_seed(0)
    numbers = [number % 3 for number in range(len(posts))]
    made = encoded_posts(
        {name: torch.randn(len(posts), WIDTHS[name], generator=draw) for name in ("text", "image")},
        {"text": torch.tensor([float("t" in post) for post in posts]), "image": torch.zeros(len(posts))},
        torch.tensor(numbers),
        subclasses=torch.tensor([SUBCLASSES[number] for number in numbers]),
        taught=torch.tensor([TAUGHT[number] for number in numbers]) if taught else None,
    )
    made.present["image"].copy_(torch.tensor([float(post != "t") for post in posts]))
    made.borrowed.copy_(torch.tensor([float("b" in post) for post in posts]))
    return made


def network(emotion_of: tuple[int, ...] = ()) -> Network:
    torch.manual_seed(0)
    fusion = build_fusion(FusionSettings("gated", hidden_size=8), WIDTHS, len(emotion_of) or 3)
    embedders = {name: encoder.embedder() for name, encoder in encoders("text", "image").items()}
    return Network(embedders, fusion, Subclasses(emotion_of) if emotion_of else None).eval()


def loss(objective: Objective, network: Network, posts: EncodedPosts) -> torch.Tensor:
    outputs = Outputs(network, network.vectors(posts.inputs), posts.present)
    return objective.loss(outputs, Batch(posts, np.random.default_rng(0)))


def probabilities(logits: Sequence[float]) -> list[float]:
    total = sum(math.exp(logit - max(logits)) for logit in logits)
    return [math.exp(logit - max(logits)) / total for logit in logits]


def cross_entropy(answer: Sequence[float], wanted: Sequence[float]) -> float:
    return -sum(weight * math.log(share) for weight, share in zip(wanted, answer, strict=True))


def smoothed(label: int, among: int, smoothing: float) -> list[float]:
    return [smoothing / among + (1 - smoothing if label == other else 0) for other in range(among)]


def loss_by_hand(logits, label, subclass, smoothing, taught, share, emotion_of) -> float:
    """Of one post, in one combination of its modalities."""
    outputs = probabilities(logits)
    emotions = [0.0] * 3
    for emotion, probability in zip(emotion_of or range(3), outputs, strict=True):
        emotions[emotion] += probability
    if emotion_of and subclass >= 0:
        labelled = cross_entropy(outputs, smoothed(subclass, len(outputs), smoothing))
    else:
        labelled = cross_entropy(emotions, smoothed(label, 3, smoothing))
    return (1 - share) * labelled + share * cross_entropy(emotions, taught) if any(taught) else labelled


def mean_by_hand(network, posts, shown, text_weight, image_weight, smoothing, teacher, emotion_of) -> float:
    """One post at a time, one combination at a time."""
    losses = []
    for number, has in enumerate(shown):
        combinations = [("t" in has, has != "t", 1.0)]
        if len(has) == 2:
            combinations.append((True, False, text_weight))
            if "b" not in has:
                combinations.append((False, True, image_weight))
        total = weights = 0.0
        for has_text, has_image, weight in combinations:
            present = {"text": torch.tensor([float(has_text)]), "image": torch.tensor([float(has_image)])}
            vectors = {name: value[number : number + 1] for name, value in posts.inputs.items()}
            logits = network.fusion(vectors, present)[0].tolist()
            label, subclass = posts.labels[number].item(), posts.subclasses[number].item()
            taught = posts.taught[number].tolist()
            share = 0.0 if has_text and has_image else teacher  # a teacher is heard of one modality alone
            total += weight * loss_by_hand(logits, label, subclass, smoothing, taught, share, emotion_of)
            weights += weight
        losses.append(total / weights)
    return sum(losses) / len(losses)


def objective(weights: tuple[float, float] | None, smoothing: float, teacher: float | None) -> Objective:
    """As `build_objective` wraps them."""
    labels = LabelObjective(smoothing)
    inner = labels if teacher is None else Distillation(labels, teacher)
    return inner if weights is None else AllCombinations(inner, CombinationSettings(*weights))


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.0, 0.0), (0.3, 0.0), (0.0, 2.0)])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("shown", [POSTS, ("t",), ("i", "t"), ("tb", "tb")])
@pytest.mark.parametrize("teacher", [None, 0.0, 0.4, 1.0])
@pytest.mark.parametrize("emotion_of", [(), EMOTION_OF], ids=["emotions", "subclasses"])
def test_the_loss_is_what_a_plain_loop_gives(weights, smoothing, shown, teacher, emotion_of):
    trained, posts = network(emotion_of), encoded(shown, taught=teacher is not None)
    value = loss(objective(weights, smoothing, teacher), trained, posts)
    assert value.shape == ()
    expected = mean_by_hand(trained, posts, shown, *weights, smoothing, teacher or 0.0, emotion_of)
    assert value.item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("teacher", [None, 0.4])
@pytest.mark.parametrize("emotion_of", [(), EMOTION_OF], ids=["emotions", "subclasses"])
def test_without_combinations_each_post_is_asked_once(teacher, emotion_of):
    trained, posts = network(emotion_of), encoded(POSTS, taught=teacher is not None)
    expected = mean_by_hand(trained, posts, POSTS, 0.0, 0.0, 0.1, teacher or 0.0, emotion_of)
    assert loss(objective(None, 0.1, teacher), trained, posts).item() == pytest.approx(expected, abs=1e-5)


def test_a_teacher_is_heard_of_complete_posts_where_posts_are_shown_as_they_are():
    trained, posts = network(), encoded(("ti", "t", "i"), taught=True)
    value = loss(Distillation(LabelObjective(), 0.4, complete=True), trained, posts)
    logits = trained.fusion(posts.inputs, posts.present).tolist()
    by_post = [
        loss_by_hand(logits[number], posts.labels[number].item(), -1, 0.0, TAUGHT[number], 0.4, ())
        for number in range(3)
    ]
    assert value.item() == pytest.approx(sum(by_post) / 3, abs=1e-5)


def test_of_words_without_pictures_there_is_one_combination():
    fusion = build_fusion(FusionSettings("text_only"), WIDTHS, 3)
    words = Network({"text": encoders("text")["text"].embedder()}, fusion)
    posts = encoded(("t", "t"), taught=False).only("text")
    value = loss(objective((0.5, 0.5), 0.0, None), words, posts)
    rows = zip(words(posts.inputs, posts.present).tolist(), posts.labels.tolist(), strict=True)
    expected = [cross_entropy(probabilities(logits), smoothed(label, 3, 0.0)) for logits, label in rows]
    assert value.item() == pytest.approx(sum(expected) / 2, abs=1e-6)


def test_a_borrowed_picture_alone_is_never_asked_for_the_label():
    posts = encoded(("tb", "tb"), taught=False)
    for weight in (0.0, 5.0):
        trained = network()
        loss(objective((0.0, weight), 0.0, None), trained, posts).backward()
        # The vector learnt in place of missing words: no post is seen without its words.
        assert trained.fusion.absent.grad[0].abs().sum() == 0
    trained = network()
    loss(objective((0.0, 5.0), 0.0, None), trained, encoded(("ti", "ti"), taught=False)).backward()
    assert trained.fusion.absent.grad[0].abs().sum() > 0


def test_both_modalities_learn_from_a_complete_post():
    posts, trained = encoded(("ti",), taught=False), network()
    vectors = {name: value.clone().requires_grad_() for name, value in posts.inputs.items()}
    objective((0.5, 0.5), 0.0, None).loss(Outputs(trained, vectors, posts.present), Batch(posts, None)).backward()
    assert {name: bool(value.grad.abs().sum() > 0) for name, value in vectors.items()} == {"text": True, "image": True}
