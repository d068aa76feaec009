import copy
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import small_bottleneck
import torch
from PIL import Image

from feelscope.bottleneck.bottleneck_text import BottleneckText
from feelscope.bottleneck.reading import Bottleneck
from feelscope.bottleneck.train import train_bottleneck
from feelscope.config import to_toml
from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError, FeelscopeError, ModelError, PictureError, TableError
from feelscope.files import digest, write_json
from feelscope.train.recipe import read_recipe
from feelscope.train.train import train


def png(size, colour=(220, 30, 30)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def test_texts_of_new_pictures_say_what_they_show_and_decide_it(bottleneck):
    pictures = small_bottleneck.pictures(40, seed=7)
    texts = bottleneck.texts(pictures.vectors)
    answers = bottleneck.probabilities(texts).argmax(axis=1)
    assert (answers == pictures.labels.numpy()).mean() > 0.9
    others = [texts[(row + 1) % 40] for row in range(40)]
    assert (bottleneck.probabilities(others).argmax(axis=1) == pictures.labels.numpy()).mean() < 0.7


def test_an_edited_answer_moves_the_emotion(bottleneck):
    pictures = small_bottleneck.pictures(40, seed=8)
    moved = 0
    for text in bottleneck.texts(pictures.vectors):
        text = text.partition("\n")[1] + text.partition("\n")[2]  # without the caption, which says the emotion too
        before = bottleneck.decide(text)
        assert sum(before.values()) == pytest.approx(1, abs=1e-5)
        for question, answer in BottleneckText.parse(text).answers.items():
            assert f"{question} {answer}" in text
            other = "yes" if answer != "yes" else "no"
            after = bottleneck.decide(text.replace(f"{question} {answer}", f"{question} {other}"))
            assert after != before
            moved += max(after, key=after.get) != max(before, key=before.get)
    assert moved > 0


def test_only_the_text_decides_and_it_is_the_same_as_in_training(parts, bottleneck):
    pictures = small_bottleneck.pictures(20, seed=9)
    texts = bottleneck.texts(pictures.vectors)
    words = torch.from_numpy(parts.words.presence([BottleneckText.parse(text).caption.split() for text in texts]))
    with torch.no_grad():
        logits = parts.network(pictures.vectors, words).decision
    expected = (logits / parts.temperature).softmax(dim=1).numpy()
    assert np.allclose(bottleneck.probabilities(texts), expected, atol=1e-5)
    blind = copy.deepcopy(parts)
    with torch.no_grad():  # heads and captioner gone: the same texts are decided alike
        blind.network.heads.heads.weight.fill_(float("nan"))
        blind.captioner.first.weight.fill_(float("nan"))
    assert np.array_equal(Bottleneck(blind).probabilities(texts), bottleneck.probabilities(texts))


def test_plug_ins_are_asked_and_what_they_say_in_other_words_is_told(parts):
    class Captioner:
        def caption(self, picture):
            return "a sad woman"

    class Quiz:
        def answer(self, picture, questions):
            return ["yes", *["maybe?"] * (len(questions) - 1)]

    reading = Bottleneck(parts, Captioner(), Quiz()).explain(png((20, 20)))
    assert reading.text.caption == "a sad woman"
    assert list(reading.text.answers.values()) == ["yes", *["maybe"] * (len(parts.asked) - 1)]
    assert reading.warnings == (
        f"{len(parts.asked) - 1} answers in other words than those that were learnt: not counted",
    )
    assert reading.to_json()["text"] == str(reading.text)


def test_a_saved_bottleneck_reads_pictures_and_has_what_it_says(run):
    opened = Bottleneck.load(run)
    for row, emotion in ((0, "anger"), (1, "sadness"), (2, "happiness")):
        reading = opened.explain(run.parent / f"{row}.png")
        assert reading.emotion == emotion
        assert reading.probabilities == opened.decide(str(reading.text))
        assert tuple(reading.text.answers) == opened.questions
    metrics = json.loads((run / "metrics.json").read_text())
    assert set(metrics["validation"]) == {"before_refining", "after_refining"}
    card = (run / "README.md").read_text()
    assert "## Limits" in card
    asked = json.loads((run / "bottleneck.json").read_text())["asked"]
    assert len(asked) == 6
    assert f"these 6 words: {', '.join(asked)}." in card
    ((name, scores),) = metrics["bottleneck"].items()
    assert f"| {name} | {scores['posts']} | {scores['accuracy']:.3f} | {scores['macro_f1']:.3f} (" in card
    assert not list(run.rglob("checkpoint*"))


def test_threads_get_the_text_of_their_own_picture(run):
    pictures = [run.parent / f"{row % 3}.png" for row in range(60)]
    alone = [str(Bottleneck.load(run).read(picture)) for picture in pictures[:3]]
    assert len(set(alone)) == 3
    opened = Bottleneck.load(run)
    with ThreadPoolExecutor(3) as threads:
        assert [str(text) for text in threads.map(opened.read, pictures)] == alone * 20


def test_a_rewritten_file_is_read_anew_and_a_picture_is_encoded_once(run, tmp_path, monkeypatch):
    opened, encoded, vector = Bottleneck.load(run), [], Bottleneck.vector
    monkeypatch.setattr(Bottleneck, "vector", lambda self, picture: encoded.append(picture) or vector(self, picture))
    path, emotions = tmp_path / "picture.png", []
    for row in range(2):
        path.write_bytes((run.parent / f"{row}.png").read_bytes())
        emotions.append(opened.explain(path).emotion)
    assert emotions == ["anger", "sadness"]
    assert encoded == [path, path]


def test_the_same_seed_gives_the_same_bottleneck_and_a_finished_run_is_left(run, tmp_path):
    again = small_bottleneck.train_run(tmp_path)
    assert digest(again / "bottleneck.safetensors") == digest(run / "bottleneck.safetensors")
    recipe = small_bottleneck.recipe(run.parent)
    assert train_bottleneck(recipe, run, table=run.parent / "posts.csv", resume=True) == run


def test_dev_labels_by_another_name_of_an_emotion_are_scored(tmp_path):
    table = small_bottleneck.write_posts(tmp_path)
    dev = tmp_path / "dev.csv"
    dev.write_text(table.read_text().replace(",happiness", ", Joy"))
    scores = json.loads((small_bottleneck.train_run(tmp_path, dev=dev) / "metrics.json").read_text())["bottleneck"]
    assert scores["dev, all posts"]["posts"] == 60
    assert scores["dev, all posts"]["accuracy"] > 0.9


def test_a_stopped_training_is_resumed(run, tmp_path):
    table = small_bottleneck.write_posts(tmp_path)
    recipe = small_bottleneck.recipe(tmp_path)

    class Stop(Exception):
        pass

    def stop(stage, done, total, detail):
        if stage == "answering" and done == 5:
            raise Stop

    options = {"table": table, "resources": Resources(tmp_path / "features")}
    with pytest.raises(Stop):
        train_bottleneck(recipe, tmp_path / "run", progress=stop, **options)
    assert not (tmp_path / "run" / "manifest.json").exists()
    with pytest.raises(ModelError, match="something is there already"):
        train_bottleneck(recipe, tmp_path / "run", **options)
    other = replace(recipe, bottleneck=replace(recipe.bottleneck, text_dropout=0.5))
    with pytest.raises(ModelError, match="the checkpoint belongs to another recipe or other posts"):
        train_bottleneck(other, tmp_path / "run", resume=True, **options)
    train_bottleneck(recipe, tmp_path / "run", resume=True, **options)
    assert digest(tmp_path / "run" / "bottleneck.safetensors") == digest(run / "bottleneck.safetensors")


def test_pictures_that_show_nothing_or_cannot_be_read(run):
    opened = Bottleneck.load(run)
    with pytest.raises(PictureError, match="1 x 1 pixels show nothing to describe"):
        opened.explain(png((1, 1)))
    with pytest.raises(PictureError):
        opened.explain(run.parent / "none.png")
    with pytest.raises(PictureError):
        opened.explain(b"no picture")


def test_a_text_of_another_form_is_refused(bottleneck):
    with pytest.raises(FeelscopeError, match="line 2"):
        bottleneck.decide("a dog\nand a cat")


def copy_run(run, folder):
    for file in run.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def sign(folder):
    """Make the manifest fit, as one who changes a folder on purpose would."""
    names = ("bottleneck.json", "bottleneck.safetensors")
    write_json(folder / "manifest.json", {name: digest(folder / name) for name in names})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("emotions", ["one"]),
        ("emotions", ["a", "a"]),
        ("width", 0),
        ("width", 10**9),
        ("temperature", "warm"),
        ("temperature", float("1e999")),
        ("vocabulary", ["a", 3]),
        ("asked", [f"w{n}" for n in range(65)]),
        ("asked", ["one", "two"]),
        ("words", None),
        ("encoder", "pickle"),
        ("name", "\x1b[2J"),
        ("settings", {"questions": 10**6}),
        ("settings", {"caption_size": 10**9}),
    ],
)
def test_a_foreign_folder_is_checked(run, tmp_path, key, value):
    folder = copy_run(run, tmp_path)
    values = json.loads((folder / "bottleneck.json").read_text())
    values[key] = value if not isinstance(value, dict) else values["settings"] | value
    (folder / "bottleneck.json").write_text(json.dumps(values))
    with pytest.raises(ModelError, match="was altered"):
        Bottleneck.load(folder)
    sign(folder)
    with pytest.raises(ModelError) as caught:
        Bottleneck.load(folder)
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("damage", ["missing", "cut", "nan", "other"])
def test_damaged_weights_are_refused(run, tmp_path, damage):
    from safetensors.torch import load_file, save_file

    folder = copy_run(run, tmp_path)
    path = folder / "bottleneck.safetensors"
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        weights = load_file(path)
        name = sorted(weights)[0]
        weights[name if damage == "nan" else "more"] = torch.full_like(weights[name], float("nan"))
        save_file(weights, path)
    if damage != "missing":
        sign(folder)
    with pytest.raises(ModelError, match=r"bottleneck\.safetensors: "):
        Bottleneck.load(folder)


@pytest.mark.parametrize("name", ["bottleneck.json", "bottleneck.safetensors"])
def test_a_link_out_of_the_folder_is_called_so(run, tmp_path, name):
    folder = tmp_path / "copy"
    folder.mkdir()
    copy_run(run, folder)
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    with pytest.raises(ModelError, match=rf"{name}: this is a link to a file outside the bottleneck's folder; copy"):
        Bottleneck.load(folder)


def test_what_is_no_bottleneck_is_told_how_to_be_made(tmp_path):
    with pytest.raises(ModelError, match="--recipe bottleneck --out RUN"):
        Bottleneck.load(tmp_path)


def test_another_encoder_than_in_training_is_refused(run, tmp_path):
    folder = copy_run(run, tmp_path)
    values = json.loads((folder / "bottleneck.json").read_text())
    write_json(folder / "bottleneck.json", values | {"identity": "another"})
    sign(folder)
    opened = Bottleneck.load(folder)
    for _ in range(2):  # the second time as well
        with pytest.raises(ModelError, match="not those that the bottleneck was trained with"):
            opened.explain(run.parent / "0.png")


def test_posts_that_teach_nothing_are_refused(run, tmp_path):
    recipe = small_bottleneck.recipe(run.parent)
    rows = [f"{row},,../{row}.png,{small_bottleneck.EMOTIONS[row % 3]}" for row in range(6)]
    table = run.parent / "no_words.csv"
    table.write_text("id,text,image,emotion\n" + "\n".join(row.replace("../", "") for row in rows) + "\n")
    with pytest.raises(TableError, match="no post has both a picture and words about it"):
        train_bottleneck(recipe, tmp_path / "run", table=table, resources=Resources(tmp_path / "features"))
    assert not (tmp_path / "run" / "manifest.json").exists()


def test_the_recipe_of_a_bottleneck(tmp_path):
    recipe = read_recipe("bottleneck")
    assert recipe.bottleneck.questions == 64
    path = tmp_path / "again.toml"
    path.write_text(to_toml(recipe), encoding="utf-8")
    assert read_recipe(path) == recipe
    with pytest.raises(ConfigError, match="train_bottleneck"):
        train(recipe, tmp_path / "run", table=tmp_path / "posts.csv")
    for old, new, said in (
        ('training = "frozen"', 'training = "tuned"', "frozen encoder"),
        ("refit = false", "refit = true", "no refit"),
        ("questions = 64", "questions = 65", "0 to 64"),
    ):
        assert old in to_toml(recipe)
        path.write_text(to_toml(recipe).replace(old, new), encoding="utf-8")
        with pytest.raises(ConfigError, match=said):
            read_recipe(path)
