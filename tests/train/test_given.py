"""`feelscope.train` takes what a program has, and chooses the recipe where none is named."""

from pathlib import Path

import pandas
import pytest

import feelscope
from feelscope.errors import PostsError
from feelscope.post import Post
from feelscope.train.choosing import FEW, MANY, choose_recipe


def posts(words: int, pictures: int, both: int = 0) -> list[Post]:
    made = [Post("w", "a")] * words + [Post("p", image=b"x")] * pictures + [Post("b", "a", image=b"x")] * both
    return [*made]


@pytest.mark.parametrize(
    ("given", "recipe"),
    [
        (posts(MANY - 1, 0), "strong/text_only"),
        (posts(MANY, 0), "tfidf/text_only"),
        (posts(FEW - 1, 0), "few/text_only"),
        (posts(FEW, 0), "strong/text_only"),
        (posts(50, 0, 50), "few/early"),
        (posts(100, 0, 100), "strong/early"),
        (posts(MANY, 0, MANY), "fusion"),
        (posts(1000, 10, 10), "strong/text_only"),  # too few pictures to learn from
        (posts(1000, 0, 51), "strong/text_only"),
        (posts(1000, 0, 53), "strong/early"),
        (posts(0, FEW), "strong/image_only"),
        (posts(0, 50), "few/image_only"),
        (posts(0, 5), "few/image_only"),
        (posts(0, MANY), "strong/image_only"),
        (posts(5, 0), "few/text_only"),
    ],
)
def test_the_recipe_goes_by_what_posts_have(given: list[Post], recipe: str) -> None:
    name, why = choose_recipe(given)
    assert name == recipe
    assert why.startswith(f"{len(given):,} posts")
    assert f"{MANY:,}" in why or f"under {FEW}" in why or "picture" in why


def test_a_model_of_posts_in_memory(tmp_path: Path) -> None:
    said = {"joy": "sunny laugh", "fear": "scream dark", "anger": "kick howl"}
    frame = pandas.DataFrame(
        [{"Tweet": f"{words} {n}", "mood": emotion} for n in range(12) for emotion, words in said.items()]
    )
    told: list[str] = []
    options = {"columns": {"emotion": "mood"}, "recipe": "tfidf/text_only", "epochs": 6, "device": "cpu"}
    model = feelscope.train(frame, tmp_path / "run", progress=lambda stage, *_: told.append(stage), **options)
    assert model.folder == tmp_path / "run" and {*model.emotions} == {*said}
    assert [one.emotion for one in model.predict(["sunny laugh", "scream dark"])] == ["joy", "fear"]
    assert "the posts in memory" in (tmp_path / "run" / "README.md").read_text()
    assert "saving the model" in told


def test_a_table_by_its_name_has_its_own_labels(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("text,emotion\na,joy\n")
    with pytest.raises(PostsError, match="has its emotions in a column"):
        feelscope.train(str(tmp_path / "posts.csv"), tmp_path / "run", labels=["joy"])
    with pytest.raises(PostsError, match="expected a label for each of 2 posts, found 1"):
        feelscope.train(["a", "b"], tmp_path / "run", labels=["joy"])
    assert not (tmp_path / "run").exists()
