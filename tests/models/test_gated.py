"""What gated fusion does beside what every model has to keep (`test_family.py`)."""

import math

import torch

from feelscope.models.gated import GatedFusion

TEXT, IMAGE, EMOTIONS, WIDTH = 12, 20, 5, 8


def model(dropout=0.0):
    torch.manual_seed(0)
    return GatedFusion(TEXT, IMAGE, EMOTIONS, WIDTH, dropout).eval()


def inputs(posts=4, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return {"text": torch.randn(posts, TEXT, generator=draw), "image": torch.randn(posts, IMAGE, generator=draw)}


def presence(*rows):
    """(B,) by modality, of rows such as "ti", "t", "i", ""."""
    return {name: torch.tensor([float(name[0] in row) for row in rows]) for name in ("text", "image")}


def test_a_missing_modality_is_not_zero_and_has_a_vector_of_its_own():
    gated, given = model(), inputs(1)
    answers = {has: gated(given, presence(has)) for has in ("ti", "t", "i", "")}
    answers["zero"] = gated({**given, "image": torch.zeros_like(given["image"])}, presence("ti"))
    assert len({tuple(logits[0].tolist()) for logits in answers.values()}) == 5
    text, absent = gated.text(given["text"]), gated.absent[1:]
    gate = torch.sigmoid(gated.gate(torch.cat([text, absent], dim=1)))
    torch.testing.assert_close(answers["t"], gated.head(gate * text + (1 - gate) * absent))


def test_its_parameters_have_the_names_that_saved_models_have():
    names = {name.split(".")[0] for name, _ in model().named_parameters()}
    assert names == {"text", "image", "absent", "gate", "head"}


def test_the_gate_mixes_as_the_equation_says():
    gated, given = model(), inputs(1)
    t, i = gated.text(given["text"])[0].tolist(), gated.image(given["image"])[0].tolist()
    mixed = []
    for feature in range(WIDTH):
        weights, bias = gated.gate.weight[feature].tolist(), gated.gate.bias[feature].item()
        inner = bias + sum(weight * value for weight, value in zip(weights, t + i, strict=True))
        gate = 1 / (1 + math.exp(-inner))
        mixed.append(gate * t[feature] + (1 - gate) * i[feature])
    torch.testing.assert_close(gated(given, presence("ti")), gated.head(torch.tensor([mixed])))
