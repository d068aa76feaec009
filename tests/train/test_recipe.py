import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from feelscope import emotions
from feelscope.config import build, to_toml
from feelscope.errors import ConfigError
from feelscope.train.fusion_recipe import MODELS, FusionRecipe
from feelscope.train.recipe import FOLDER, Recipe, Source, find_tables, names, read_recipe


def test_there_are_recipes_and_each_file_has_a_name():
    assert {"builtin", "fusion"} <= set(names())
    family = set(MODELS) - {"gated", "deep_sentiment"}
    for folder in ("paper", "strong"):
        assert {f"{folder}/{model}" for model in family} <= set(names())
        assert {read_recipe(f"{folder}/{model}").model for model in family} == family
    assert len(names()) == len([path for path in FOLDER.rglob("*") if path.suffix == ".toml"])


@pytest.mark.parametrize("name", names())
def test_a_committed_recipe_loads_and_names_what_exists(name):
    recipe = read_recipe(name)
    assert recipe == read_recipe(FOLDER / f"{name}.toml")
    assert recipe.purpose.endswith(".")
    if isinstance(recipe, FusionRecipe):
        return
    for source in recipe.data:
        assert source.map in ("", *emotions.MAPS), source
        assert source.licence
        assert source.name
        assert not Path(source.table).is_absolute()
        assert 0 <= source.balance <= 1
        assert 0 <= source.borrow_picture <= 1
        assert source.posts_per_epoch or not source.balance, "balance acts on drawn posts only"
        if source.map and recipe.emotions:
            assert set(emotions.MAPS[source.map].values()) <= set(recipe.emotions)


@pytest.mark.parametrize("name", names())
def test_a_recipe_saved_beside_a_model_is_the_same_recipe(name):
    recipe = read_recipe(name)
    assert build(tomllib.loads(to_toml(recipe)), type(recipe), name) == recipe


def test_the_builtin_recipe_answers_with_the_seven():
    assert read_recipe("builtin").emotions == emotions.SEVEN


def test_a_wrong_name_gets_a_close_match():
    with pytest.raises(ConfigError, match=r"^no recipe is named 'fusoin'; did you mean 'fusion'\?$"):
        read_recipe("fusoin")
    with pytest.raises(ConfigError, match=r"did you mean 'paper/joint'\?$"):
        read_recipe("paper/jiont")
    with pytest.raises(ConfigError, match=r"known are .*builtin.*fusion"):
        read_recipe("zzz")
    with pytest.raises(ConfigError, match=r"none\.toml: there is no such file"):
        read_recipe("none.toml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("purpose", " "),
        ("epochs", 0),
        ("batch", 0),
        ("patience", 0),
        ("tokens", 1),
        ("tokens", 513),
        ("dropout", 1.0),
        ("tuning", 1.0),
        ("average", 1.0),
        ("warm_up", 1.5),
        ("text_rate", -1e-4),
        ("clip", 0.0),
        ("temperature", 0.0),
        ("emotions", ("joy",)),
        ("emotions", ("joy", "joy")),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=f"^{name}: expected .*, found "):
        replace(Recipe("A test."), **{name: value})


def test_the_file_is_named_with_the_value(tmp_path):
    (tmp_path / "mine.toml").write_text('purpose = "Mine."\nepochs = 0\n')
    with pytest.raises(ConfigError, match=r"mine\.toml: epochs: expected 1 or more, found 0$"):
        read_recipe(tmp_path / "mine.toml")


def test_every_setting_has_a_default_but_the_purpose():
    assert [field.name for field in fields(Recipe) if getattr(Recipe("A test."), field.name) == "A test."] == [
        "purpose"
    ]


def test_tables_are_found_below_the_folder_or_named_as_missing(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "train.csv").write_text("id\n")
    sources = [Source("a/train.csv", "A", "free"), Source("b/train.csv", "B", "free")]
    assert find_tables(sources[:1], tmp_path) == [tmp_path / "a" / "train.csv"]
    with pytest.raises(ConfigError, match=r"b/train\.csv: this table of the recipe is missing"):
        find_tables(sources, tmp_path)


def test_a_dev_table_is_missed_before_the_training(tmp_path):
    (tmp_path / "train.csv").touch()
    source = Source(table="train.csv", name="A set", licence="ours", dev="dev.csv")
    with pytest.raises(ConfigError, match=r"dev\.csv: this table of the recipe is missing"):
        find_tables([source], tmp_path)
