import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from small_family import changed, recipe

from feelscope import emotions
from feelscope.config import build, to_toml
from feelscope.encoders.settings import FurtherSettings, ImageSettings
from feelscope.errors import ConfigError
from feelscope.models.settings import FAMILY, FusionSettings
from feelscope.objectives.settings import (
    CombinationSettings,
    CommonSpaceSettings,
    DropoutSettings,
    DSRegSettings,
    EnAETSettings,
)
from feelscope.train.old_names import NOW
from feelscope.train.recipe import FOLDER, DataSettings, Recipe, Source, change, find_tables, names, read_recipe

RECIPE = recipe("joint")


def test_there_are_recipes_and_each_file_has_a_name():
    assert {"builtin", "fusion"} <= set(names())
    for folder in ("paper", "strong"):
        assert {read_recipe(f"{folder}/{model}").fusion.model for model in FAMILY} == set(FAMILY)
    assert len(names()) == len([path for path in FOLDER.rglob("*") if path.suffix == ".toml"])


@pytest.mark.parametrize("name", names())
def test_a_committed_recipe_loads_and_names_what_exists(name):
    committed = read_recipe(name)
    assert committed == read_recipe(FOLDER / f"{name}.toml")
    assert committed.purpose.endswith(".")
    for source in committed.data.tables:
        assert source.map in ("", *emotions.MAPS), source
        assert source.licence
        assert source.name
        assert not Path(source.table).is_absolute()
        assert 0 <= source.balance <= 1
        assert 0 <= source.borrow_picture <= 1
        assert source.posts_per_epoch or not source.balance, "balance acts on drawn posts only"
        if source.map and committed.data.emotions:
            assert set(emotions.MAPS[source.map].values()) <= set(committed.data.emotions)


@pytest.mark.parametrize("name", names())
def test_a_recipe_saved_beside_a_model_is_the_same_recipe(name):
    committed = read_recipe(name)
    assert build(tomllib.loads(to_toml(committed)), Recipe, name) == committed


def test_the_builtin_recipe_answers_with_the_seven():
    assert read_recipe("builtin").data.emotions == emotions.SEVEN


@pytest.mark.parametrize("model", FAMILY)
def test_the_paper_recipes_have_the_papers_settings(model):
    paper = read_recipe(f"paper/{model}")
    assert (paper.text.pooling, paper.text.train_words, paper.text.dropout) == ("max", True, 0.25)
    assert (paper.image.dropout, paper.fusion.hidden_size, paper.fusion.activation) == (0.0, 100, "none")
    assert (paper.fusion.pooling, paper.steps.optimizer, paper.steps.learning_rate) == ("max", "sgd", 0.01)
    assert paper.text.encoder == ("" if model == "image_only" else "words")
    assert paper.image.encoder == ("" if model == "text_only" else "lite0")
    assert paper.common_space == (CommonSpaceSettings(4, 3.0) if model == "common_space" else None)
    assert paper.modality_dropout is None
    assert not paper.steps.complete_only


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
    ("setting", "value", "said"),
    [
        ("purpose", " ", "purpose: expected a sentence for the model card, found ' '"),
        ("seed", -1, "seed: expected 0 to 1,000,000,000, found -1"),
        ("seed", 10**10, "seed: expected 0 to 1,000,000,000, found 10000000000"),
        ("steps__optimizer", "adam", "optimizer: 'adam' is not known; did you mean 'adamw'?"),
        ("steps__schedule", "cosine", "schedule: 'cosine' is not known; known are constant, linear"),
        ("steps__warm_up", 0.1, "warm_up: belongs to schedule = 'linear', found 'constant'"),
        ("steps__epochs", 10**6 + 1, "epochs: expected 1 to 1,000,000, found 1000001"),
        ("steps__batch_size", 10**12, "batch_size: expected 1 to 100,000, found 1000000000000"),
        ("steps__max_steps", 10**13, "max_steps: expected 0 to 1,000,000,000,000, found"),
        ("text__hidden_size", 10**12, "hidden_size: expected 1 to 8,192, found 1000000000000"),
        ("text__vocabulary", 10**8, "vocabulary: expected 1 to 10,000,000, found 100000000"),
        ("fusion__hidden_size", 8193, "hidden_size: expected 1 to 8,192, found 8193"),
        ("choices__temperature", 1e-300, "temperature: expected 0.001 to 1,000, found 1e-300"),
        ("data__emotions", ("joy", "a\nb"), "emotions: expected names of at most 200 printable characters"),
        ("steps__epochs", 0, "epochs: expected 1 to 1,000,000, found 0"),
        ("steps__batch_size", 0, "batch_size: expected 1 to 100,000, found 0"),
        ("steps__learning_rate", 0.0, "learning_rate: expected more than 0, found 0.0"),
        ("steps__momentum", 1.0, "momentum: expected 0 or more and less than 1, found 1.0"),
        ("steps__ema_decay", 1.0, "ema_decay: expected 0 or more and less than 1, found 1.0"),
        ("steps__max_grad_norm", -1.0, "max_grad_norm: expected 0 or more, found -1.0"),
        ("choices__patience", 0, "patience: expected 1 to 1,000,000, found 0"),
        ("choices__skip_pictures", 1.5, "skip_pictures: expected 0 to 1, found 1.5"),
        ("choices__validation", 1.0, "validation: expected 0 or more and less than 1, found 1.0"),
        ("choices__temperature", 0.0, "temperature: expected 0.001 to 1,000, found 0.0"),
        ("choices__trainings", 0, "trainings: expected 1 to 1,000, found 0"),
        ("data__emotions", ("joy",), "emotions: expected two different names or more, or none, found ('joy',)"),
        ("data__emotions", ("joy", "joy"), "emotions: expected two different names or more, or none"),
        ("fusion__model", "jiont", "model: 'jiont' is not known; did you mean 'joint'?"),
        ("fusion__model", "text_only", "fusion, model: text_only reads text and nothing else, found text, image"),
        ("image", ImageSettings(), "fusion, model: joint fuses two modalities or more, found text"),
        ("combinations", CombinationSettings(), "combinations: asks for what modality_dropout draws"),
        ("common_space", CommonSpaceSettings(), "common_space: belongs to the fusion of that name, found joint"),
    ],
)
def test_what_would_fail_later_is_refused_by_name(setting, value, said):
    made = replace(RECIPE, modality_dropout=DropoutSettings(0.3)) if setting == "combinations" else RECIPE
    with pytest.raises(ConfigError) as caught:
        changed(made, **{setting: value})
    assert str(caught.value).startswith(said)


def test_the_two_modality_fusions_take_no_third():
    with pytest.raises(
        ConfigError, match="fusion, model: gated reads text and image and nothing else, found text, image, tags"
    ):
        changed(RECIPE, fusion__model="gated", further=FurtherSettings(("tags",)))


def test_two_further_modalities_are_enough():
    made = Recipe("A test.", FusionSettings("joint"), further=FurtherSettings(("tags", "numbers:a,b")))
    assert made.modalities == ("tags", "numbers")


@pytest.mark.parametrize(("setting", "value"), [("balance", -0.1), ("borrow_picture", 1.5), ("posts_per_epoch", -1)])
def test_what_is_asked_of_a_table_is_in_range(setting, value):
    with pytest.raises(ConfigError, match=f"^{setting}: expected 0 .*, found {value}$"):
        Source("a.csv", "A", "free", **{setting: value})


def test_what_belongs_elsewhere_is_refused():
    linear = changed(RECIPE, steps__schedule="linear")
    with pytest.raises(ConfigError, match="lr_halving_steps: belongs to schedule = 'constant', found 'linear'"):
        changed(linear, steps__lr_halving_steps=5)
    with pytest.raises(ConfigError, match="momentum: belongs to optimizer = 'sgd', found 'adamw'"):
        changed(RECIPE, steps__momentum=0.9, steps__optimizer="adamw")
    for made in (recipe("late"), recipe("text_only")):
        with pytest.raises(ConfigError, match=f"modality_dropout: {made.fusion.model} never sees two modalities"):
            replace(made, modality_dropout=DropoutSettings(0.3))
    with pytest.raises(ConfigError, match="modalities: 'tag' is not known; did you mean 'tags'"):
        FurtherSettings(("tag",))


def test_a_recipe_with_tables_has_the_subclass_column_beside_each():
    with pytest.raises(ConfigError, match="this recipe names its own tables, and the column beside each"):
        DataSettings(subclass="where", tables=(Source("a.csv", "A", "free"),))


def test_the_file_the_table_and_the_setting_are_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'purpose = "Mine."\n[fusion]\nmodel = "text_only"\n[text]\nencoder = "minilm"\n[steps]\nepochs = 0\n'
    )
    with pytest.raises(ConfigError, match=r"mine\.toml, steps: epochs: expected 1 to 1,000,000, found 0$"):
        read_recipe(path)
    path.write_text('purpose = "Mine."\n[fusion]\nmodel = "text_only"\nhiden_size = 5\n')
    with pytest.raises(
        ConfigError, match=r"mine\.toml, fusion: 'hiden_size' is not a setting; did you mean 'hidden_size'\?$"
    ):
        read_recipe(path)
    path.write_text('purpose = "Mine."\n')
    with pytest.raises(ConfigError, match=r"mine\.toml: the setting 'fusion' is missing$"):
        read_recipe(path)


def test_an_older_recipe_is_refused_with_the_names_of_now(tmp_path):
    path = tmp_path / "old.toml"
    path.write_text('purpose = "Mine."\nmodel = "joint"\ntext = "words"\nhidden = 5\n')
    said = "model is now [fusion] model, text is now [text] encoder, hidden is now [fusion] hidden_size"
    with pytest.raises(ConfigError) as caught:
        read_recipe(path)
    assert str(caught.value) == (
        f"{path}: this recipe is of an older version: {said}; `feelscope docs train` shows a whole recipe"
    )
    path.write_text('purpose = "Mine."\nfusion = "gated"\n[[data]]\ntable = "a.csv"\n')
    with pytest.raises(ConfigError, match=r"fusion is now \[fusion\] model, data is now \[\[data\.tables\]\]"):
        read_recipe(path)


@pytest.mark.parametrize("old", NOW)
def test_every_name_of_now_is_a_setting(old):
    """Checked against a whole recipe, so that no advice is out of date."""
    tables = tomllib.loads(to_toml(read_recipe("builtin")))
    optional = {"common_space": {"negatives", "main_weight"}, "modality_dropout": {"share"}}
    for part in NOW[old].split(" and "):
        table, _, setting = part.partition("] ")
        table = table.strip("[]")
        if table == "data.tables":
            assert tables["data"]["tables"]
        else:
            assert setting in {*tables.get(table, {}), *optional.get(table, ())}, part


def test_the_command_lines_changes():
    made = change(RECIPE, seed=3, epochs=2, subclass="where")
    assert (made.seed, made.steps.epochs, made.data.subclass) == (3, 2, "where")
    assert change(RECIPE) == RECIPE


def test_tables_are_found_below_the_folder_or_named_as_missing(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "train.csv").write_text("id\n")
    sources = [Source("a/train.csv", "A", "free"), Source("b/train.csv", "B", "free")]
    assert find_tables(sources[:1], tmp_path) == [tmp_path / "a" / "train.csv"]
    with pytest.raises(ConfigError, match=r"b/train\.csv: this table of the recipe is missing"):
        find_tables(sources, tmp_path)
    dev = Source(table="a/train.csv", name="A set", licence="ours", dev="dev.csv")
    with pytest.raises(ConfigError, match=r"dev\.csv: this table of the recipe is missing"):
        find_tables([dev], tmp_path)


@pytest.mark.parametrize(
    ("table", "setting", "value"),
    [
        ("steps", "complete_only", True),
        ("choices", "temperature", 2.0),
        ("image", "normalise", True),
        ("image", "dropout", 0.1),
        ("image", "learning_rate", 0.1),
        ("distillation", "share", 0.1),
        ("data.tables", "dev", "dev.csv"),
        ("data.tables", "subclass", "desire"),
        ("data.tables", "posts_per_epoch", 10),
        ("data.tables", "balance", 0.5),
        ("data.tables", "borrow_picture", 0.5),
    ],
)
def test_a_bottleneck_refuses_what_it_would_not_heed(table, setting, value):
    made = read_recipe("bottleneck")
    assert replace(made, data=DataSettings(tables=(Source("a.csv", "A", "free"),))).bottleneck
    said = rf"^bottleneck: it does not heed {setting} of \[+{table}\]+; leave it out$"
    with pytest.raises(ConfigError, match=said):
        if table == "data.tables":
            replace(made, data=DataSettings(tables=(Source("a.csv", "A", "free", **{setting: value}),)))
        else:
            changed(made, **{f"{table}__{setting}": value})


PICTURES = {"image": ImageSettings("lite0", "tuned")}


@pytest.mark.parametrize(
    ("model", "changes", "said"),
    [
        ("early", {}, "enaet: transformations teach the encoder of pictures, and frozen lite0 cannot learn from them"),
        (
            "early",
            {},
            "write encoder = 'lite0' with training = 'tuned' or encoder = 'wide-resnet' with training = 'new'",
        ),
        ("early", {}, "in [image], or families = [] and gamma = 0 in [enaet] for MixMatch alone"),
        ("early", {"image": ImageSettings("inception", "new")}, "enaet: transformations teach the encoder of pictures"),
        ("text_only", {"image": ImageSettings()}, "enaet: it transforms pictures, and this recipe reads none"),
        ("late", PICTURES, "enaet: late fusion never reads a whole post to guess from; give another fusion"),
        ("common_space", PICTURES, "enaet: the second task of common_space needs labels of all posts"),
        ("early", {**PICTURES, "dsreg": DSRegSettings()}, "enaet: it does not go together with [dsreg]"),
        ("early", {**PICTURES, "data__subclass": "desire"}, "enaet: guesses are of emotions; leave subclass out"),
    ],
)
def test_enaet_refuses_what_it_would_teach_nothing(model, changes, said):
    with pytest.raises(ConfigError) as caught:
        recipe(model, enaet=EnAETSettings(), **changes)
    assert said in str(caught.value)


def test_mixmatch_alone_takes_any_encoder():
    alone = EnAETSettings(families=(), gamma=0.0)
    assert recipe("early", enaet=alone).image.training == "frozen"
    assert recipe("text_only", image=ImageSettings(), enaet=alone).enaet == alone
    assert build(tomllib.loads(to_toml(recipe("early", enaet=alone))), Recipe, "here").enaet == alone


def test_pictures_are_left_out_by_models_of_words_and_pictures_alone():
    words = read_recipe("strong/text_only")
    with pytest.raises(ConfigError, match="skip_pictures: belongs to recipes of words and pictures, found text"):
        replace(words, choices=replace(words.choices, skip_pictures=0.8))
    both = read_recipe("fusion")
    assert replace(both, choices=replace(both.choices, skip_pictures=0.8)).choices.skip_pictures == 0.8
