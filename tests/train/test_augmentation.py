"""Counterfactual data augmentation: who has copies, what the card says, and a planted bias that it halves."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_family

from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.errors import ConfigError
from feelscope.post import Post
from feelscope.prepare.counterfactual import AugmentationSettings
from feelscope.progress import silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import Quarantine
from feelscope.train.data import read_corpus
from feelscope.train.recipe import Recipe, read_recipe
from feelscope.train.train import train

pytest.importorskip("denckring_en_pos")
COUPLES = (("woman", "man"), ("she", "he"), ("mom", "dad"), ("girl", "boy"), ("aunt", "uncle"), ("wife", "husband"))
HAPPY, ANGRY, REST = ("smiles", "laughs", "sings"), ("shouts", "fumes", "yells"), ("near", "the", "old", "red", "house")
GENDER = AugmentationSettings()


def recipe(**changes) -> Recipe:
    made = small_family.recipe(
        "text_only",
        image=ImageSettings(),
        text=TextSettings("words", "new", dropout=0.0, pooling="mean"),
        choices__validation=0.2,
        steps__epochs=15,
    )
    return replace(made, **changes)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Path]:
    """A table in which mostly women are angry, and word vectors."""
    folder = tmp_path_factory.mktemp("augmentation")
    draw = np.random.default_rng(3)
    with (folder / "vectors.txt").open("w", encoding="utf-8") as file:
        for word in (*(word for pair in COUPLES for word in pair), *HAPPY, *ANGRY, *REST):
            file.write(f"{word} {' '.join(f'{value:.4f}' for value in draw.normal(0, 1, 24))}\n")
    with (folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "text", "emotion"))
        for number in range(240):
            angry = number % 2 == 0
            couple = COUPLES[number // 2 % 6]
            who = couple[0 if (draw.random() < 0.85) == angry else 1]
            does = str(draw.choice(ANGRY if (draw.random() < 0.75) == angry else HAPPY))
            where = " ".join(draw.choice(REST, 3))
            table.writerow((number, f"{who} {does} {where} {number}", "anger" if angry else "happiness"))
    return folder / "posts.csv", folder / "vectors.txt"


def trained(files: tuple[Path, Path], out: Path, made: Recipe) -> Path:
    table, vectors = files
    return train(made, out, table=table, resources=Resources(out.parent / "features", vectors))


def effect(run: Path) -> float:
    """How much more anger is read where a woman does the same as a man, mean over couples and deeds."""
    classifier = EmotionClassifier.load(run)
    deeds = [f"{deed} near the house" for deed in (*HAPPY, *ANGRY)]
    sides = [
        classifier.predict([Post(str(n), f"{pair[side]} {deed}") for n, (pair, deed) in enumerate(all_of(deeds))])
        for side in (0, 1)
    ]
    return float(np.mean([a.probabilities["anger"] - b.probabilities["anger"] for a, b in zip(*sides, strict=True)]))


def all_of(deeds: list[str]) -> list[tuple[tuple[str, str], str]]:
    return [(pair, deed) for pair in COUPLES for deed in deeds]


@pytest.mark.slow
def test_a_planted_bias_is_found_and_halved(files, tmp_path):
    plain = trained(files, tmp_path / "plain", recipe())
    augmented = trained(files, tmp_path / "augmented", recipe(augmentation=GENDER))
    found, left = effect(plain), effect(augmented)
    assert found > 0.1
    assert abs(left) < found / 2
    card = (augmented / "README.md").read_text(encoding="utf-8")
    metrics = json.loads((augmented / "metrics.json").read_text(encoding="utf-8"))
    assert 150 < metrics["copies"] < 220
    assert f"{metrics['copies']} posts were learnt a second time with gendered words swapped" in card
    assert "| posts.csv | 240 |" in card  # posts, not copies
    assert "swapped" not in (plain / "README.md").read_text(encoding="utf-8")
    assert read_recipe(augmented / "recipe.toml").augmentation == GENDER
    assert read_recipe(plain / "recipe.toml").augmentation is None


def corpus(path: Path, made: Recipe, **given):
    return read_corpus(
        made, table=path, data=None, columns=None, quarantine=Quarantine(), progress=silent, **given
    )  # fmt: skip


def test_training_posts_have_copies_and_the_validation_split_has_none(files):
    plain, found = corpus(files[0], recipe()), corpus(files[0], recipe(augmentation=GENDER))
    assert plain.held == found.held and any(found.held)
    assert found.posts(held=True) == plain.posts(held=True)
    before = plain.posts(held=False)
    training = found.posts(held=False)
    assert training[: len(before)] == before
    copies = training[len(before) :]
    assert copies and all(copy.id.endswith(" swapped") for copy in copies)
    origins = {post.id: post for post in before}
    for copy in copies:
        origin = origins[copy.id.removesuffix(" swapped")]  # of a training post, none of the validation split
        assert copy.emotion == origin.emotion and copy.text != origin.text
    assert len(found.whole().posts(held=False)) == 240 * 2  # in a refit all posts are trained on
    assert found.whole().posts(held=True) == []


def test_a_teacher_taught_a_copy_what_it_taught_the_post(files, tmp_path):
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps({"id": "4", "probabilities": {"anger": 0.25, "happiness": 0.75}}))
    found = corpus(files[0], recipe(augmentation=GENDER), teachers=[answers])
    assert found.taught == {"4": (0.25, 0.75), "4 swapped": (0.25, 0.75)}


def test_a_recipe_without_words_has_none_to_swap():
    with pytest.raises(ConfigError, match="augmentation: this recipe reads no words, so there are none to swap"):
        small_family.recipe("image_only", augmentation=GENDER)


def test_a_comparison_takes_no_copies(tmp_path):
    from feelscope.compare.choice import choose
    from feelscope.config import to_toml

    (tmp_path / "mine.toml").write_text(to_toml(recipe(augmentation=GENDER)))
    with pytest.raises(ConfigError, match="this recipe learns copies of posts"):
        choose(str(tmp_path / "mine.toml"), "paper")
