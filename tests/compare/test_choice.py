"""Which recipes a comparison takes, by which names."""

import pytest
from small_comparison import TAGGED

from feelscope.compare.choice import choose
from feelscope.errors import ConfigError
from feelscope.models.settings import FAMILY


def test_all_are_the_six_of_each_folder():
    assert list(choose("all", "paper")) == [f"paper/{model}" for model in FAMILY]
    assert len(choose("all", "paper, strong")) == 12


def test_dropout_adds_the_fusions_that_see_whole_posts():
    chosen = choose("all", "strong", dropout=0.3)
    assert [name for name in chosen if "dropout" in name] == [
        f"strong/{model} + dropout" for model in ("early", "joint", "common_space")
    ]
    assert chosen["strong/joint"].modality_dropout is None
    assert chosen["strong/joint + dropout"].modality_dropout.share == 0.3


def test_a_file_is_a_model_as_well(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(TAGGED)
    assert list(choose(f"joint,{file}", "strong", epochs=2)) == ["strong/joint", "mine"]
    mine = choose(str(file), "strong", epochs=2)["mine"]
    assert (mine.steps.epochs, mine.steps.learning_rate, mine.modalities) == (2, 0.05, ("text", "tags"))


@pytest.mark.parametrize(
    ("models", "recipes", "dropout", "said"),
    [
        ("jiont", "paper", 0.0, "'jiont' is not known; did you mean 'joint'"),
        ("all", "papper", 0.0, "'papper' is not known; did you mean 'paper'"),
        ("", "paper", 0.0, "nothing is named"),
        ("all", "paper", 1.5, "--dropout: expected a share from 0 to 1"),
    ],
)
def test_what_cannot_be_chosen_is_said(models, recipes, dropout, said):
    with pytest.raises(ConfigError, match=said):
        choose(models, recipes, dropout=dropout)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (
            '[image]\nencoder = "inception"\ntraining = "new"\n[fusion]\nmodel = "image_only"\n',
            "trains its encoder of pict",
        ),
        (TAGGED.partition("\n\n")[2] + '[data]\nsubclass = "desire"\n', "names tables or subclasses"),
        ('[image]\nencoder = "lite0"\n[fusion]\nmodel = "image_only"\n[bottleneck]\n', "trains a semantic bottleneck"),
        (TAGGED.partition("\n\n")[2] + "[choices]\nrefit = true\n", "asks for a refit"),
    ],
)
def test_a_recipe_that_asks_for_something_else_is_refused(recipe, said, tmp_path):
    (tmp_path / "mine.toml").write_text(f'purpose = "A test."\n{recipe}')
    with pytest.raises(ConfigError, match=rf"mine\.toml: this recipe {said}.*; change the recipe, or use it with fee"):
        choose(str(tmp_path / "mine.toml"), "paper")
