"""Every setting of `[fusion]` that is out of range or not known is refused by its name; the others reach the model."""

import pytest

from feelscope.errors import ConfigError
from feelscope.models.network import FUSIONS, build_fusion
from feelscope.models.settings import MODELS, FusionSettings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"model": "join"}, "model: 'join' is not known; did you mean 'joint'?"),
        ({"activation": "tanh"}, "activation: 'tanh' is not known; known are none, relu, gelu"),
        ({"pooling": "sum"}, "pooling: 'sum' is not known; known are max, mean"),
        ({"hidden_size": 0}, "hidden_size: expected 1 to 8,192, found 0"),
        ({"text_features": 0}, "text_features: expected 1 to 8,192, found 0"),
        ({"image_features": -1}, "image_features: expected 1 to 8,192, found -1"),
        ({"dropout": 1.0}, "dropout: expected 0 or more and less than 1, found 1.0"),
        ({"learning_rate": -0.1}, "learning_rate: expected 0 or more, found -0.1"),
    ],
)
def test_what_is_out_of_range_or_not_known_is_refused_by_its_name(values, said):
    with pytest.raises(ConfigError) as caught:
        FusionSettings(**{"model": "joint"} | values)
    assert str(caught.value) == said


def test_what_is_at_the_ends_of_the_ranges_is_taken():
    narrow = FusionSettings("joint", hidden_size=1, text_features=1, image_features=1, dropout=0.0, learning_rate=0.0)
    assert (narrow.hidden_size, narrow.text_features, narrow.image_features) == (1, 1, 1)


def test_a_recipe_that_names_the_model_alone_takes_the_papers_values():
    assert FusionSettings("joint") == FusionSettings("joint", 100, "none", "max", 0.0, 2048, 128, 0.0)


def test_every_model_is_built_with_its_settings():
    assert set(FUSIONS) == set(MODELS)
    chosen = {"hidden_size": 7, "activation": "gelu", "pooling": "mean", "dropout": 0.3}
    built = {
        name: build_fusion(
            FusionSettings(name, **chosen, text_features=11, image_features=5), {"text": 4, "image": 6}, 3
        )
        for name in MODELS
    }
    assert {name: str(built[name].head[:2]) for name in ("early", "joint")} == {
        name: f"Sequential(\n  (0): Linear(in_features={width}, out_features=7, bias=True)\n"
        "  (1): GELU(approximate='none')\n)"
        for name, width in (("early", 10), ("joint", 4))
    }
    assert built["joint"].pool is built["common_space"].joint.pool
    assert built["joint"].pool.__name__ == "mean_of_present"
    assert (built["gated"].head[2].p, built["gated"].text[1].p, built["gated"].gate.out_features) == (0.3, 0.3, 7)
    deep = built["deep_sentiment"]
    assert (deep.text[0].out_features, deep.image.out_features, deep.head[0].out_features) == (11, 5, 7)
    alone = {
        name: build_fusion(FusionSettings(name), {"text": 4, "image": 6}, 3) for name in ("text_only", "image_only")
    }
    assert {name: model.head.in_features for name, model in alone.items()} == {"text_only": 4, "image_only": 6}
    assert all(not len(model.hidden) for model in alone.values()), "no hidden layer without an activation"
    assert {name: str(built[name].hidden) for name in alone} == {
        name: f"Sequential(\n  (0): Linear(in_features={width}, out_features=7, bias=True)\n"
        "  (1): GELU(approximate='none')\n)"
        for name, width in (("text_only", 4), ("image_only", 6))
    }
    assert {name: model.head.in_features for name, model in built["late"].models.items()} == {"text": 4, "image": 6}
