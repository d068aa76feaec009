"""What every fusion model has to keep. A new one goes into TWO, and into THREE if it takes any modalities."""

import pytest
import torch

from feelscope.models.common_space import CommonSpaceFusion
from feelscope.models.deep_sentiment import DeepSentiment
from feelscope.models.early import EarlyFusion
from feelscope.models.gated import GatedFusion
from feelscope.models.image_only import image_only
from feelscope.models.joint import JointFusion
from feelscope.models.late import LateFusion
from feelscope.models.single import SingleModality
from feelscope.models.text_only import text_only

WIDTHS = {"text": 12, "image": 20}
MORE = {**WIDTHS, "tags": 5}
EMOTIONS, HIDDEN = 5, 8


def late(widths):
    return LateFusion({name: SingleModality(name, width, EMOTIONS) for name, width in widths.items()})


THREE = {
    "late": late,
    "early": lambda widths: EarlyFusion(widths, EMOTIONS, HIDDEN),
    "early, gelu": lambda widths: EarlyFusion(widths, EMOTIONS, HIDDEN, "gelu"),
    "joint, max": lambda widths: JointFusion(widths, EMOTIONS, HIDDEN),
    "joint, mean": lambda widths: JointFusion(widths, EMOTIONS, HIDDEN, "mean"),
    "common space": lambda widths: CommonSpaceFusion(widths, EMOTIONS, HIDDEN),
}
TWO = THREE | {
    "gated": lambda widths: GatedFusion(*widths.values(), EMOTIONS, HIDDEN, 0.1),
    "deep sentiment": lambda widths: DeepSentiment(*widths.values(), EMOTIONS, 32, 6, HIDDEN),
}
ONE = {
    "text": lambda widths: text_only(widths["text"], EMOTIONS),
    "image": lambda widths: image_only(widths["image"], EMOTIONS),
}
CASES = {
    **{f"{name} of one": (make, WIDTHS, (name,)) for name, make in ONE.items()},
    **{f"{name} of two": (make, WIDTHS, tuple(WIDTHS)) for name, make in TWO.items()},
    **{f"{name} of three": (make, MORE, tuple(MORE)) for name, make in THREE.items()},
}


@pytest.fixture(params=CASES)
def case(request):
    """A way to make the model, the widths it is given, and the modalities it uses."""
    make, widths, used = CASES[request.param]

    def seeded(seed=0):
        torch.manual_seed(seed)
        return make(widths)

    return seeded, widths, used


def inputs(widths, posts=4, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return {name: torch.randn(posts, width, generator=draw) for name, width in widths.items()}


def presence(widths, *rows):
    """(B,) by modality; a row names what its post has."""
    return {name: torch.tensor([float(name in row) for row in rows]) for name in widths}


def combinations(widths):
    """Everything, each modality alone, each missing, and nothing."""
    return [tuple(widths), *[(name,) for name in widths], *[tuple({*widths} - {name}) for name in widths], ()]


@pytest.mark.parametrize("posts", [1, 4])
def test_shape_whatever_is_missing(case, posts):
    make, widths, _ = case
    for names in combinations(widths):
        logits = make()(inputs(widths, posts), presence(widths, *[names] * posts))
        assert logits.shape == (posts, EMOTIONS)
        assert torch.isfinite(logits).all()


def test_gradients_reach_every_modality_that_is_there_and_every_weight(case):
    make, widths, used = case
    rows = [tuple(widths), *[(name,) for name in widths]]
    given = {name: vectors.requires_grad_() for name, vectors in inputs(widths, len(rows)).items()}
    model = make().train()
    weights = torch.arange(EMOTIONS, dtype=torch.float32)  # of a sum of all logits, late's weights would cancel
    (model(given, presence(widths, *rows)).square() * weights).sum().backward()
    for name in used:
        reached = given[name].grad.abs().sum(dim=1).gt(0).tolist()
        assert reached == [name in row for row in rows]
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_what_a_missing_modality_holds_does_not_matter(case):
    make, widths, _ = case
    model, given = make().eval(), inputs(widths)
    for name in widths:
        there = presence(widths, *[tuple({*widths} - {name})] * 4)
        for nonsense in (1e6, -7.0):
            changed = {**given, name: torch.full_like(given[name], nonsense)}
            assert torch.equal(model(changed, there), model(given, there))


def test_a_modality_that_is_there_does_matter_and_others_do_not(case):
    make, widths, used = case
    model, given, other = make().eval(), inputs(widths), inputs(widths, seed=1)
    there = presence(widths, *[tuple(widths)] * 4)
    for name in widths:
        same = torch.allclose(model({**given, name: other[name]}, there), model(given, there), atol=1e-4)
        assert same == (name not in used)


def rows(values, index):
    """Some posts, by modality."""
    return {name: value[index] for name, value in values.items()}


def test_posts_do_not_depend_on_each_other(case):
    make, widths, _ = case
    model, given = make().eval(), inputs(widths)
    there = presence(widths, *combinations(widths)[:4])
    together = model(given, there)
    for row in range(4):
        alone = model(rows(given, [row]), rows(there, [row]))
        torch.testing.assert_close(together[[row]], alone)
    order = [2, 0, 3, 1]
    torch.testing.assert_close(model(rows(given, order), rows(there, order)), together[order])


def test_saved_is_loaded(case, tmp_path):
    from safetensors.torch import load_file, save_file

    make, widths, _ = case
    model, other = make().eval(), make(seed=1).eval()
    given = (inputs(widths), presence(widths, *combinations(widths)[:4]))
    assert not torch.equal(model(*given), other(*given))
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    other.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert torch.equal(model(*given), other(*given))


def test_the_order_of_what_is_given_does_not_matter(case):
    make, widths, _ = case
    model, given, there = make().eval(), inputs(widths), presence(widths, *[tuple(widths)] * 4)
    assert torch.equal(model(dict(reversed(given.items())), there), model(given, there))
