import math

import pytest
import torch
from small_training import TRUNK_SHAPE, towers

from feelscope.models.towers import TensorBatch
from feelscope.objectives.every_half import every_half_loss

# What each post has: t text, i image, b a borrowed image.
POSTS = ("ti", "t", "i", "tb", "ti")


def batch(posts=POSTS):
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
    )


def loss(model, given, text_weight, image_weight, smoothing):
    return every_half_loss(
        model.every_way(given, half_precision=False),
        given.labels,
        complete=given.has_text * given.has_image,
        borrowed=given.borrowed,
        text_weight=text_weight,
        image_weight=image_weight,
        label_smoothing=smoothing,
    )


def cross_entropy(logits, label, smoothing):
    peak = max(logits)
    total = peak + math.log(sum(math.exp(logit - peak) for logit in logits))
    share = [smoothing / len(logits) + (1 - smoothing if at == label else 0) for at in range(len(logits))]
    return sum(weight * (total - logit) for weight, logit in zip(share, logits, strict=True))


def plain_loss(model, given, posts, text_weight, image_weight, smoothing):
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
            sums[0] += weight * cross_entropy(logits, given.labels[at].item(), smoothing)
            sums[1] += weight
        losses.append(sums[0] / sums[1])
    return sum(losses) / len(losses)


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.0, 0.0), (0.3, 0.0), (0.0, 2.0)])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("posts", [POSTS, ("t",), ("i", "t"), ("tb", "tb")])
def test_it_is_what_a_plain_loop_gives(weights, smoothing, posts):
    model, given = towers().eval(), batch(posts)
    found = loss(model, given, *weights, smoothing)
    assert found.shape == ()
    expected = plain_loss(model, given, posts, *weights, smoothing)
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
