"""Which recipes a comparison takes, by which names."""

import pytest

from feelscope.compare.choice import SIX, choose
from feelscope.errors import ConfigError


def test_all_are_the_six_of_each_family():
    assert list(choose("all", "paper")) == [f"paper/{model}" for model in SIX]
    assert len(choose("all", "paper, strong")) == 12


def test_dropout_adds_the_fusions_that_see_whole_posts():
    chosen = choose("all", "strong", dropout=0.3)
    assert [name for name in chosen if "dropout" in name] == [
        f"strong/{model} + dropout" for model in ("early", "joint", "common_space")
    ]
    assert chosen["strong/joint"].modality_dropout == 0
    assert chosen["strong/joint + dropout"].modality_dropout == 0.3


def test_a_file_is_a_model_as_well(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('purpose = "A test."\nmodel = "text_only"\ntext = "minilm"\n')
    assert list(choose(f"joint,{file}", "strong", epochs=2)) == ["strong/joint", "mine"]
    assert choose(str(file), "strong", epochs=2)["mine"].epochs == 2


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


def test_a_recipe_of_another_kind_is_refused(tmp_path):
    (tmp_path / "other.toml").write_text('purpose = "Fine-tuned."\n')
    with pytest.raises(ConfigError, match="not of the fusion family"):
        choose(str(tmp_path / "other.toml"), "paper")


def test_an_encoder_that_learns_is_refused(tmp_path):
    (tmp_path / "mine.toml").write_text('purpose = "x"\nmodel = "image_only"\nimage = "inception"\n')
    with pytest.raises(ConfigError, match=r"mine\.toml: .*frozen encoders, and inception learns"):
        choose(str(tmp_path / "mine.toml"), "paper")
