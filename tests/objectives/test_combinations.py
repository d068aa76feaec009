import math

import pytest
import torch
from small_training import TRUNK_SHAPE, towers

from feelscope.models.towers import TensorBatch
from feelscope.objectives.every_half import every_half_loss

# What each post has: t text, i image, b a borrowed image.
POSTS = ("ti", "t", "i", "tb", "ti")
# Of three posts each: what a teacher said, if it was asked; and of three emotions, with two parts for the first, which.
TAUGHT = ((0.5, 0.3, 0.2), (0.0, 0.0, 0.0), (0.1, 0.2, 0.7))
PARTS, EMOTION_OF = (1, -1, 3), (0, 0, 1, 2)


def batch(posts=POSTS, taught=True):
    draw = torch.Generator().manual_seed(0)
    pictured = [at for at, post in enumerate(posts) if post != "t"]
    return TensorBatch(
        ids=torch.tensor([[1, 10 + at, 2] for at in range(len(posts))]),
        mask=torch.ones(len(posts), 3, dtype=torch.long),
        trunk=torch.randn(len(pictured), *TRUNK_SHAPE, generator=draw),
        pictured=torch.tensor(pictured, dtype=torch.long),
        has_text=torch.tensor([float("t" in post) for post in posts]),
        has_image=torch.tensor([float(post != "t") for post in posts]),
        borrowed=torch.tensor([float("b" in post) for post in posts]),
        labels=torch.tensor([at % 3 for at in range(len(posts))]),
        parts=torch.tensor([PARTS[at % 3] for at in range(len(posts))]),
        taught=torch.tensor([TAUGHT[at % 3] for at in range(len(posts))]) if taught else torch.zeros(len(posts), 0),
    )


def loss(model, given, text_weight, image_weight, smoothing, teacher=0.0):
    return every_half_loss(
        model.every_way(given, half_precision=False),
        given.labels,
        parts=given.parts,
        sums=model.parts,
        taught=given.taught,
        complete=given.has_text * given.has_image,
        borrowed=given.borrowed,
        text_weight=text_weight,
        image_weight=image_weight,
        label_smoothing=smoothing,
        teacher_share=teacher,
    )


def probabilities(outputs):
    peak = max(outputs)
    total = sum(math.exp(output - peak) for output in outputs)
    return [math.exp(output - peak) / total for output in outputs]


def cross_entropy(found, wanted):
    return -sum(weight * math.log(share) for weight, share in zip(wanted, found, strict=True))


def smoothed(at, among, smoothing):
    return [smoothing / among + (1 - smoothing if at == other else 0) for other in range(among)]


def way_loss(outputs, label, part, smoothing, taught, teacher, emotion_of):
    found = probabilities(outputs)
    sums = [0.0] * 3
    for emotion, share in zip(emotion_of or range(3), found, strict=True):
        sums[emotion] += share
    if emotion_of and part >= 0:
        labelled = cross_entropy(found, smoothed(part, len(found), smoothing))
    else:
        labelled = cross_entropy(sums, smoothed(label, 3, smoothing))
    return (1 - teacher) * labelled + teacher * cross_entropy(sums, taught) if any(taught) else labelled


def plain_loss(model, given, posts, text_weight, image_weight, smoothing, teacher, emotion_of):
    """One post at a time, one way at a time."""
    texts, images = model.vectors(given, half_precision=False)
    losses = []
    for at, post in enumerate(posts):
        ways = [("t" in post, post != "t", 1.0)]
        if len(post) == 2:
            ways.append((True, False, text_weight))
            if "b" not in post:
                ways.append((False, True, image_weight))
        sums = [0.0, 0.0]
        for has_text, has_image, weight in ways:
            present = {"text": torch.tensor([float(has_text)]), "image": torch.tensor([float(has_image)])}
            logits = model.fusion({"text": texts[at : at + 1], "image": images[at : at + 1]}, present)[0].tolist()
            label, taught = given.labels[at].item(), given.taught[at].tolist()
            part = given.parts[at].item()
            heard = 0.0 if has_text and has_image else teacher  # of one half alone
            sums[0] += weight * way_loss(logits, label, part, smoothing, taught, heard, emotion_of)
            sums[1] += weight
        losses.append(sums[0] / sums[1])
    return sum(losses) / len(losses)


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.0, 0.0), (0.3, 0.0), (0.0, 2.0)])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("posts", [POSTS, ("t",), ("i", "t"), ("tb", "tb")])
@pytest.mark.parametrize("teacher", [None, 0.0, 0.4])
@pytest.mark.parametrize("emotion_of", [(), EMOTION_OF], ids=["emotions", "parts"])
def test_it_is_what_a_plain_loop_gives(weights, smoothing, posts, teacher, emotion_of):
    model, given = towers(emotion_of=emotion_of).eval(), batch(posts, taught=teacher is not None)
    found = loss(model, given, *weights, smoothing, teacher or 0.0)
    assert found.shape == ()
    expected = plain_loss(model, given, posts, *weights, smoothing, teacher or 0.0, emotion_of)
    assert found.item() == pytest.approx(expected, abs=1e-5)


def gradient(posts, text_weight, image_weight):
    model, given = towers().eval(), batch(posts)
    loss(model, given, text_weight, image_weight, 0.0).backward()
    return model


def test_a_lent_picture_alone_is_never_asked_for_the_label():
    asked, not_asked = (gradient(("tb", "tb"), 0.5, weight) for weight in (0.0, 5.0))
    for one, other in zip(asked.parameters(), not_asked.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_both_encoders_learn_from_a_complete_post():
    model = gradient(("ti",), 0.5, 0.5)
    assert model.image_top[0].weight.grad.abs().sum() > 0
    assert model.text.bert.embeddings.word_embeddings.weight.grad.abs().sum() > 0
