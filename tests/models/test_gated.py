"""What gated fusion does beside what every model has to keep (`test_family.py`)."""

import math

import numpy as np
import pytest
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


def test_vectors_are_normed_before_the_gate_and_their_mix_goes_through_gelu_and_a_norm():
    gated, given = model(), inputs(1)
    for norm in (gated.text[0], gated.image[0], gated.head[1]):
        torch.nn.init.normal_(norm.weight)
        torch.nn.init.normal_(norm.bias)
    w = {name: value.detach().double().numpy() for name, value in gated.named_parameters()}

    def layer(name, x):
        return w[f"{name}.weight"] @ x + w[f"{name}.bias"]

    def normed(name, x):
        return w[f"{name}.weight"] * (x - x.mean()) / np.sqrt(x.var() + 1e-5) + w[f"{name}.bias"]

    t, i = (layer(f"{name}.2", normed(f"{name}.0", given[name][0].double().numpy())) for name in ("text", "image"))
    gate = 1 / (1 + np.exp(-layer("gate", np.concatenate([t, i]))))
    mixed = gate * t + (1 - gate) * i
    bent = mixed * [(1 + math.erf(value / math.sqrt(2))) / 2 for value in mixed]
    expected = layer("head.3", normed("head.1", bent))
    assert gated(given, presence("ti"))[0].detach().numpy() == pytest.approx(expected, abs=1e-5)


def test_a_training_step_drops_a_share_of_what_each_projection_and_the_last_layer_take():
    gated, taken = model(dropout=0.25).train(), []
    for layer in (gated.text[2], gated.image[2], gated.head[3]):
        layer.register_forward_pre_hook(lambda _, given: taken.append((given[0] == 0).float().mean().item()))
    gated(inputs(2000), presence(*["ti"] * 2000))
    assert taken == pytest.approx([0.25] * 3, abs=0.02)


def test_the_stand_ins_start_small():
    assert GatedFusion(TEXT, IMAGE, EMOTIONS, 4096, 0.0).absent.std(dim=1).tolist() == pytest.approx(
        [0.02] * 2, rel=0.06
    )


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
