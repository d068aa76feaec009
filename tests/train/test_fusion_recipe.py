from dataclasses import replace

import pytest

from feelscope.errors import ConfigError
from feelscope.train.fusion_recipe import FusionRecipe
from feelscope.train.recipe import read_recipe

RECIPE = FusionRecipe("A test.", "joint", text="words", image="lite0")
PAPER = {
    "aggregate": "max",
    "train_words": True,
    "text_dropout": 0.25,
    "image_dropout": 0.0,
    "hidden": 100,
    "activation": "none",
    "pooling": "max",
    "negatives": 4,
    "main_weight": 3.0,
    "optimizer": "sgd",
    "rate": 0.01,
}


@pytest.mark.parametrize("model", ["text_only", "image_only", "late", "early", "joint", "common_space"])
def test_the_paper_recipes_have_the_papers_settings(model):
    recipe = read_recipe(f"paper/{model}")
    assert {name: getattr(recipe, name) for name in PAPER} == PAPER
    assert recipe.text == ("" if model == "image_only" else "words")
    assert recipe.image == ("" if model == "text_only" else "lite0")
    assert recipe.modality_dropout == 0 and not recipe.complete_only


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "jiont"}, "model: 'jiont' is not known; did you mean 'joint'?"),
        ({"text": "minlm"}, "text: 'minlm' is not known; did you mean 'minilm'?"),
        ({"image": "vgg"}, "image: 'vgg' is not known; known are lite0"),
        ({"aggregate": "sum"}, "aggregate: 'sum' is not known; known are max, mean"),
        ({"pooling": ""}, "pooling: '' is not known; known are max, mean"),
        ({"optimizer": "adam"}, "optimizer: 'adam' is not known; did you mean 'adamw'?"),
        ({"model": "text_only"}, "model: text_only reads text and nothing else, found text, image"),
        ({"model": "image_only", "image": ""}, "model: image_only reads image and nothing else, found text"),
        ({"model": "gated", "modalities": ("tags",)}, "model: gated reads text and image and nothing else, found"),
        ({"text": ""}, "model: joint fuses two modalities or more, found image"),
        ({"text": "", "image": ""}, "model: joint fuses two modalities or more, found none"),
        ({"modalities": ("numbers:a", "numbers:b")}, "modalities: expected each kind once, found numbers:a, numbers:b"),
        ({"hidden": 0}, "hidden: expected 1 or more, found 0"),
        ({"main_weight": 0.0}, "main_weight: expected more than 0, found 0.0"),
        ({"momentum": 1.0}, "momentum: expected 0 or more and less than 1, found 1.0"),
        ({"modality_dropout": 1.1}, "modality_dropout: expected 0 to 1, found 1.1"),
        ({"emotions": ("joy",)}, "emotions: expected two different names or more, or none, found ('joy',)"),
    ],
)
def test_what_would_fail_later_is_refused_by_name(changes, said):
    with pytest.raises(ConfigError) as caught:
        replace(RECIPE, **changes)
    assert str(caught.value).startswith(said)


def test_the_file_and_the_setting_are_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('purpose = "Mine."\nmodel = "joint"\ntext = "words"\nimage = "lite0"\nhiden = 5\n')
    with pytest.raises(ConfigError, match=r"mine\.toml: 'hiden' is not a setting; did you mean 'hidden'\?$"):
        read_recipe(path)
    path.write_text('purpose = "Mine."\nmodel = "late"\ntext = "words"\n')
    with pytest.raises(ConfigError, match=r"mine\.toml: model: late fuses two modalities or more, found text$"):
        read_recipe(path)


def test_two_further_modalities_are_enough():
    assert replace(RECIPE, text="", image="", modalities=("tags", "emoji")).modalities == ("tags", "emoji")
