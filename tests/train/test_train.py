"""A training from a table to a model that every command opens: everything tuned, or word vectors and tags."""

import csv
import json
import random
import re
from dataclasses import replace

import pytest
import small_family
import torch
from PIL import Image, ImageDraw
from small_family import EMOTIONS, Stopped, changed, recipe, stop_at, write_vectors
from typer.testing import CliRunner

from feelscope.config import read_toml
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import encode
from feelscope.encoders.settings import FurtherSettings
from feelscope.errors import ConfigError, FeelscopeError, ModelError, TableError
from feelscope.evaluate.evaluate import evaluate
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable, open_writer
from feelscope.train import checkpoint
from feelscope.train.classifier_task import build_network
from feelscope.train.data import read_corpus
from feelscope.train.encoding import encode_corpus
from feelscope.train.recipe import DataSettings, Recipe, Source, read_recipe
from feelscope.train.selection import answer
from feelscope.train.train import train

TUNED = changed(
    read_recipe("fusion"),
    purpose="Read the emotion of the posts of a test.",
    steps__epochs=1,
    steps__batch_size=8,
    text__tokens=24,
    choices__validation=0.2,
    choices__refit=False,
)
WORDS = recipe(
    "joint",
    image=small_family.ImageSettings(),
    further=FurtherSettings(("tags", "numbers:votes")),
    choices__validation=0.2,
    steps__epochs=6,
)
SAID = {
    "happiness": "we laughed and danced all evening, what a lovely party in the garden",
    "sadness": "she cried at the grave of her old dog and could not stop missing it",
    "fear": "footsteps behind me in the dark tunnel, I was shaking and ran for my life",
}
COLOURS = {"happiness": "gold", "sadness": "slategray", "fear": "black"}


def draw_picture(path, emotion, seed):
    place = random.Random(seed)
    image = Image.new("RGB", (90, 60), COLOURS[emotion])
    x, y = place.randrange(10, 60), place.randrange(5, 30)
    ImageDraw.Draw(image).ellipse((x, y, x + 20, y + 20), fill=("white", "red", "teal")[seed % 3])
    image.save(path)


def write_table(folder, name, count, first=0):
    """Posts of three emotions; of four, two have words and picture, one each alone."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "text", "image", "emotion", "where"))
        for number in range(first, first + count):
            emotion = EMOTIONS[number % 3]
            words = SAID[emotion].split()
            random.Random(number).shuffle(words)
            text = "" if number % 4 == 3 else f"{' '.join(words[:7])} {number}"
            image = "" if number % 4 == 2 else f"{number}.png"
            if image:
                draw_picture(folder / image, emotion, number)
            where = "" if number % 5 == 0 else ("inside", "outside")[number % 2]
            table.writerow((f"post {number}", text, image, emotion, where))
    return folder / name


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with 40 posts to train on, one of them with a broken picture, and a dev table that shares two."""
    folder = tmp_path_factory.mktemp("training")
    write_table(folder, "posts.csv", 40)
    (folder / "5.png").write_bytes(b"no picture")
    write_table(folder, "dev.csv", 12, first=38)
    (folder / "words").mkdir()
    small_family.write_table(folder / "words" / "posts.csv", 60)
    small_family.write_table(folder / "words" / "dev.csv", 18, first=60)
    write_vectors(folder / "words" / "vectors.txt")
    return folder


def go(place, out, made=TUNED, **given):
    return train(made, out, **({"table": place / "posts.csv", "resources": Resources(place / "features")} | given))


def go_by_words(place, out, made=WORDS, **given):
    folder = place / "words"
    resources = Resources(folder / "features", folder / "vectors.txt")
    return train(made, out, **({"table": folder / "posts.csv", "resources": resources} | given))


@pytest.fixture(scope="module")
def run(place):
    stages = []

    def progress(stage, done, total, detail):
        stages.append(stage)
        assert done <= total

    assert go(place, place / "run", dev=place / "dev.csv", progress=progress) == place / "run"
    assert {"reading posts", "reading pictures", "training", "saving the model", "scoring"} <= set(stages)
    return place / "run"


@pytest.fixture(scope="module")
def worded(place):
    return go_by_words(place, place / "worded", dev=place / "words" / "dev.csv")


# What a run holds


@pytest.mark.slow
def test_all_files_of_a_run_are_there(run, worded):
    common = {
        *("labels.json", "manifest.json", "metrics.json", "README.md", "recipe.toml", "model.safetensors"),
        *("text.onnx", "fusion.onnx", "tokenizer.json", "figures", "tensorboard"),
    }
    assert {file.name for file in run.iterdir()} == common | {"image.onnx", "quarantine.jsonl"}, "and no checkpoint"
    assert {file.name for file in worded.iterdir()} == common, "and none of pictures"
    for name in ("confusion", "reliability", "f1_by_emotion", "learning_curve", "by_modality"):
        for ending in ("png", "svg", "csv"):
            assert (run / "figures" / f"{name}.{ending}").stat().st_size > 50
    Image.open(run / "figures" / "confusion.png").verify()
    assert list((run / "tensorboard").iterdir())


@pytest.mark.slow
def test_the_run_is_a_model_that_answers(run, place):
    classifier = EmotionClassifier.load(run)
    assert classifier.name == "run"
    assert set(classifier.emotions) == set(EMOTIONS)
    posts = [Post("1", SAID["fear"], image=place / "0.png"), Post("2", SAID["fear"]), Post("3", image=place / "0.png")]
    both, text, image = classifier.predict(posts)
    assert [one.modalities for one in (both, text, image)] == [("text", "image"), ("text",), ("image",)]
    assert sum(both.probabilities.values()) == pytest.approx(1)


def trained_network(run, made, place, **given):
    """The network of a run, from its kept weights, with its corpus."""
    from safetensors.torch import load_file

    given = {"table": place / "posts.csv", "data": None, "columns": None} | given
    resources = given.pop("resources", Resources(place / "features"))
    corpus = read_corpus(made, quarantine=None, progress=silent, **given)
    encoded = encode_corpus(corpus, made, resources, quarantine=None, progress=silent)
    network = build_network(made, encoded)
    network.load_state_dict(load_file(run / "model.safetensors"))
    return network.eval(), encoded, json.loads((run / "metrics.json").read_text())["temperature"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "subclasses", "deep"])
def test_the_saved_fusion_is_the_trained_one(name, place, request):
    import onnxruntime

    made = {"run": TUNED, "subclasses": changed(TUNED, data__subclass="where"), "deep": deep()}[name]
    out = request.getfixturevalue("run") if name == "run" else go(place, place / name, made)
    network, _, temperature = trained_network(out, made, place)
    draw = torch.Generator().manual_seed(0)
    vectors = {"text": torch.randn(1, 384, generator=draw), "image": torch.randn(1, 1280, generator=draw)}
    present = {"text": torch.ones(1), "image": torch.ones(1)}
    with torch.inference_mode():
        expected = (network.emotions(network.fusion(vectors, present)) / temperature).softmax(dim=1)
    inputs = {name: value.numpy() for name, value in vectors.items()}
    inputs |= {f"has_{name}": value.numpy() for name, value in present.items()}
    (saved,) = onnxruntime.InferenceSession(str(out / "fusion.onnx")).run(None, inputs)
    assert saved[0].tolist() == pytest.approx(expected[0].tolist(), abs=1e-5)
    assert len(saved[0]) == 3, "subclasses are learnt and not asked for"
    posts = [Post("1", SAID["fear"], image=place / "0.png"), Post("2", SAID["fear"]), Post("3", image=place / "0.png")]
    answers = EmotionClassifier.load(out).predict(posts)
    assert [one.modalities for one in answers] == [("text", "image"), ("text",), ("image",)]


def deep():
    return changed(TUNED, fusion__model="deep_sentiment", fusion__hidden_size=64)


@pytest.mark.slow
def test_a_model_of_words_answers_as_the_torch_network_does(worded, place):
    folder = place / "words"
    resources = Resources(folder / "features", folder / "vectors.txt")
    network, encoded, temperature = trained_network(worded, WORDS, folder, resources=resources)
    posts = [
        *PostsTable(folder / "dev.csv"),
        Post("text", "laugh"),
        Post("tags", "zzz", tags=("fea",)),
        Post("numbers", "zzz", other={"votes": 11}),
        Post("rare", "rareb, rareb! house"),
    ]
    some = encode(posts, [0] * len(posts), encoded.encoders, progress=silent, refuse=silent)
    expected = (answer(network, some) / temperature).softmax(dim=1)
    predictions = EmotionClassifier.load(worded).predict(posts)
    for row, (post, probabilities, prediction) in enumerate(zip(posts, expected, predictions, strict=True)):
        there = tuple(name for name in some.present if some.present[name][row])
        assert prediction.modalities == there
        if there:
            assert list(prediction.probabilities.values()) == pytest.approx(probabilities.tolist(), abs=1e-5), post.id


@pytest.mark.slow
def test_planted_emotions_of_posts_it_has_not_seen(worded, place):
    scores = evaluate(EmotionClassifier.load(worded), PostsTable(place / "words" / "dev.csv"))
    assert scores.both.macro_f1 > 0.95
    kept = json.loads((worded / "metrics.json").read_text())["scores"]["dev, all posts"]["both"]["macro_f1"]
    assert kept == pytest.approx(scores.both.macro_f1)


@pytest.mark.slow
def test_what_cannot_be_read_of_a_post_is_said(worded):
    classifier = EmotionClassifier.load(worded)
    (unknown,) = classifier.predict([Post("1", "qwertz uiop", other={"votes": "11"})])
    assert unknown.modalities == ("numbers",)
    assert unknown.warnings == ("the text was not used: this model knows none of its words",)
    (nothing,) = classifier.predict([Post("1", "qwertz", image=b"x")])
    assert nothing.emotion is None
    assert "the image was not used: this model was trained without any" in nothing.warnings
    (infinite,) = classifier.predict([Post("1", "laugh", other={"votes": "inf"})])
    assert infinite.modalities == ("text",)
    assert infinite.warnings[0].startswith("numbers: not used, post '1', column 'votes'")


@pytest.mark.slow
def test_scores_are_of_all_of_dev_and_of_dev_without_what_is_in_the_training_data(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert list(metrics["scores"]) == [
        "dev, without the 2 posts that also appear in the training data",
        "dev, all posts",
    ]
    apart, everything = (entry["both"]["posts"] for entry in metrics["scores"].values())
    assert (apart, everything) == (10, 12)
    assert metrics["posts"] == [{"table": "posts.csv", "labelled": 40, "without_emotion": 0}]
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == [1]
    assert metrics["emotions"] == json.loads((run / "labels.json").read_text())["emotions"]


@pytest.mark.slow
def test_the_card_and_the_recipe_say_how_it_was_made(run, worded, place):
    card = (run / "README.md").read_text()
    assert card.startswith("# run\n")
    assert TUNED.purpose in card
    assert "Together: gated fusion" in card
    assert f"feelscope train {place / 'posts.csv'} --recipe {run / 'recipe.toml'} --dev {place / 'dev.csv'}" in card
    assert "(figures/confusion.png)" in card
    assert read_toml(run / "recipe.toml", Recipe) == TUNED
    labels = json.loads((worded / "labels.json").read_text())
    assert labels["modalities"] == ["text", "tags", "numbers"]
    assert [one["kind"] for one in labels["further"]] == ["tags", "numbers"]
    card = (worded / "README.md").read_text()
    assert "Together: joint fusion" in card
    assert f" --words {place / 'words' / 'vectors.txt'}" in card
    assert re.search(
        r"^\| vectors\.txt \(SHA-256 \w{16}\.\.\.\) \| – \| vectors of words \| licence not stated \|$", card, re.M
    )


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_is_told_and_its_words_are_used(run):
    (row,) = [json.loads(line) for line in (run / "quarantine.jsonl").read_text().splitlines()]
    assert row["id"] == "post 5"
    assert row["reason"].startswith("picture not used in training: ")
    assert "5.png" in row["reason"]
    assert row["table"].endswith("posts.csv")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_files(worded, place):
    again = go_by_words(place, place / "again" / "worded", dev=place / "words" / "dev.csv")
    for name in ("model.safetensors", "text.onnx", "fusion.onnx", "tokenizer.json", "labels.json", "recipe.toml"):
        assert (again / name).read_bytes() == (worded / name).read_bytes(), name
    other = go_by_words(place, place / "other", replace(WORDS, seed=1))
    assert (other / "model.safetensors").read_bytes() != (worded / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_model_whose_tags_do_not_fit_is_refused(worded, tmp_path):
    import hashlib
    import shutil

    shutil.copytree(worded, tmp_path / "torn")
    file, manifest = tmp_path / "torn" / "labels.json", tmp_path / "torn" / "manifest.json"
    labels, digests = json.loads(file.read_text()), json.loads(manifest.read_text())
    for further, said in (
        (
            [{**labels["further"][0], "tags": ["one"]}, labels["further"][1]],
            "fusion.onnx does not fit the tags of labels.json; train or copy it again",
        ),
        (labels["further"][:1], "its kinds are not those of the modalities"),
        ([{"kind": "smell"}, {"kind": "tags"}], r"its kinds are not those of the modalities, found \['smell'"),
    ):
        file.write_text(json.dumps({**labels, "further": further}))
        digests["labels.json"] = hashlib.sha256(file.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(digests))
        with pytest.raises(FeelscopeError, match=said) as caught:
            EmotionClassifier.load(tmp_path / "torn")
        assert "\n" not in str(caught.value)


# Stopping and resuming


@pytest.mark.slow
def test_a_finished_run_is_not_trained_over(run, place):
    before = (run / "manifest.json").read_bytes()
    refused(place, run, ModelError, "something is there already; give a new folder, or --resume")
    other = replace(TUNED, seed=1)
    refused(place, run, ModelError, "the training is finished, and of another recipe", made=other, resume=True)
    left = run / "choosing" / checkpoint.FILE  # by a kill while checkpoints were removed
    left.parent.mkdir()
    left.write_bytes(b"of a training that is done")
    assert go(place, run, resume=True) == run
    assert not left.parent.exists()
    assert (run / "manifest.json").read_bytes() == before
    assert model_folder.read_labels(run).name == "run"


@pytest.mark.slow
def test_stopped_then_resumed_without_a_dev_table(place, run):
    out = place / "stopped"
    with pytest.raises(Stopped):
        go(place, out, progress=stop_at("training", 2))
    with pytest.raises(ModelError, match="manifest"):
        EmotionClassifier.load(out)
    message = refused(place, out, ModelError, "belongs to another recipe", made=replace(TUNED, seed=1), resume=True)
    assert str(out / checkpoint.FILE) in message
    go(place, out, resume=True)
    (name,) = json.loads((out / "metrics.json").read_text())["scores"]
    assert name.startswith("validation split"), "without a dev table"
    whole, resumed = (json.loads((folder / "metrics.json").read_text()) for folder in (run, out))
    assert resumed["epochs"] == whole["epochs"]
    assert resumed["temperature"] == whole["temperature"]
    assert not (out / checkpoint.FILE).exists()
    assert (out / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()
    assert (out / "text.onnx").read_bytes() == (run / "text.onnx").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["joint", "late", "common_space"])
def test_a_training_on_word_vectors_is_resumed_too(model, place):
    """Of every recipe of the family: stopped in the second epoch, in late fusion's second training, and again."""
    objective = {"common_space": read_recipe("paper/common_space").common_space} if model == "common_space" else {}
    made = changed(WORDS, fusion__model=model, steps__epochs=2, **objective)
    stage = "training on numbers" if model == "late" else "training"
    whole = go_by_words(place, place / f"{model} whole", made)
    out = place / f"{model} stopped"
    for step, resume in ((8, False), (10, True)):
        with pytest.raises(Stopped):
            go_by_words(place, out, made, progress=stop_at(stage, step), resume=resume)
    go_by_words(place, out, made, resume=True)
    assert (out / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert {file.name for file in out.iterdir()} == {file.name for file in whole.iterdir()}


def test_other_words_under_the_same_ids_or_other_vectors_are_not_resumed(tmp_path):
    (tmp_path / "words").mkdir()
    small_family.write_table(tmp_path / "words" / "posts.csv", 60)
    write_vectors(tmp_path / "words" / "vectors.txt")
    out, table, vectors = tmp_path / "out", tmp_path / "words" / "posts.csv", tmp_path / "words" / "vectors.txt"
    with pytest.raises(Stopped):
        go_by_words(tmp_path, out, progress=stop_at("training", 8))
    for file, pattern, other in ((table, " house", " then"), (vectors, r"(?m)^house \S+", "house 0.5")):
        whole = file.read_text()
        file.write_text(re.sub(pattern, other, whole))
        assert file.read_text() != whole
        refused(tmp_path, out, ModelError, "belongs to another recipe or other posts", how=go_by_words, resume=True)
        file.write_text(whole)


def test_a_second_training_of_the_same_folder_is_refused(tmp_path):
    (tmp_path / "words").mkdir()
    small_family.write_table(tmp_path / "words" / "posts.csv", 60)
    write_vectors(tmp_path / "words" / "vectors.txt")

    def progress(stage, done, total, detail):
        if stage == "training":
            for resume in (False, True):
                busy = "another process is writing it; wait"
                refused(tmp_path, tmp_path / "out", ModelError, busy, how=go_by_words, resume=resume)
            raise Stopped

    with pytest.raises(Stopped):
        go_by_words(tmp_path, tmp_path / "out", progress=progress)
    assert (tmp_path / "out" / checkpoint.FILE).exists() and not (tmp_path / "out" / ".lock").exists()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["training", "training on all posts"])
def test_with_a_dev_table_all_posts_are_trained_on_once_the_choices_are_made(place, run, stage):
    """Stopped in either of the two trainings, it goes on to what one without a stop gives."""
    made = changed(TUNED, choices__refit=True)
    out = place / f"refit after {stage}"
    with pytest.raises(Stopped):
        go(place, out, made, dev=place / "dev.csv", progress=stop_at(stage, 2))
    go(place, out, made, dev=place / "dev.csv", resume=True)
    once, twice = (json.loads((folder / "metrics.json").read_text()) for folder in (run, out))
    assert twice["epochs"] == once["epochs"]
    assert twice["temperature"] == once["temperature"]
    assert (out / "model.safetensors").read_bytes() != (run / "model.safetensors").read_bytes()
    assert {file.name for file in out.iterdir()} == {file.name for file in run.iterdir()}
    assert "choosing on 20% of it, then training on all" in (out / "README.md").read_text()
    other = place / "refit, no stop"
    if not other.exists():
        go(place, other, made, dev=place / "dev.csv")
    assert (out / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_refit_on_word_vectors_knows_the_words_of_all_posts(place):
    made = changed(WORDS, choices__refit=True, choices__trainings=2, steps__epochs=2)
    out = go_by_words(place, place / "refit of words", made, dev=place / "words" / "dev.csv")
    assert "choosing on 20% of it, then training on all" in (out / "README.md").read_text()
    assert EmotionClassifier.load(out).predict([Post("1", "laugh")])[0].modalities == ("text",)


@pytest.mark.slow
def test_stopped_before_the_first_step_it_can_be_trained_again(place):
    out = place / "early"
    for _ in range(2):  # the second time over what the first has left
        with pytest.raises(Stopped):
            go(place, out, progress=stop_at("encoding words", 0))
    assert {file.name for file in out.glob("*")} <= {"quarantine.jsonl"}


# Teachers, tables of a recipe's own, word vectors in their order


@pytest.mark.slow
def test_a_teacher_is_learnt_from(place, run):
    """One that takes every post for fear is believed a little, and not at all at a share of zero."""
    answers = [{"id": f"post {number}", "probabilities": {"fear": 1.0}} for number in range(40)]
    (place / "teacher.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    teachers = [place / "teacher.jsonl"]
    taught = go(place, place / "taught", changed(TUNED, distillation__share=1.0), teachers=teachers)
    deaf = go(place, place / "deaf", changed(TUNED, distillation__share=0.0), teachers=teachers)
    post = Post("1", SAID["happiness"])
    fear = [EmotionClassifier.load(folder).predict([post])[0].probabilities["fear"] for folder in (taught, deaf, run)]
    assert fear[0] > fear[1] + 0.05
    assert fear[1] == pytest.approx(fear[2], abs=1e-3)
    card = (place / "taught/README.md").read_text()
    assert "Of 40 posts, one modality alone learnt 100% from a teacher's answer" in card
    assert f" --teacher {place / 'teacher.jsonl'}" in card
    assert "teacher" not in (run / "README.md").read_text()


def test_the_card_says_that_whole_posts_were_taught_where_posts_are_shown_as_they_are(place, tmp_path):
    ids = [post.id for post in PostsTable(place / "words" / "posts.csv")]
    answers = [{"id": id, "probabilities": {"fear": 1.0}} for id in ids]
    (tmp_path / "teacher.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    taught = changed(WORDS, steps__epochs=1, distillation__share=0.4)
    go_by_words(place, tmp_path / "taught", taught, teachers=[tmp_path / "teacher.jsonl"])
    card = (tmp_path / "taught" / "README.md").read_text()
    assert f"Of {len(ids)} posts, the whole post learnt 40% from a teacher's answer, the rest from the label." in card


def test_a_teacher_of_other_posts_is_said(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    (tmp_path / "teacher.jsonl").write_text('{"id": "other", "probabilities": {"joy": 1}}\n')
    said = "its ids are none of the posts to train on"
    refused(tmp_path, tmp_path / "out", TableError, said, table=table, teachers=[tmp_path / "teacher.jsonl"])
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_recipe_with_tables_of_its_own_is_scored_on_its_dev_table(place):
    source = Source(table="posts.csv", name="Drawn posts", licence="ours", dev="dev.csv")
    data = DataSettings(emotions=(*EMOTIONS, "anger"), tables=(source,))
    made = changed(TUNED, data=data, choices__validation=0.0)
    out = train(made, place / "named", data=place, resources=Resources(place / "features"))
    scores = json.loads((out / "metrics.json").read_text())["scores"]
    assert [name.partition(",")[0] for name in scores] == ["dev.csv", "dev.csv"]
    assert scores["dev.csv, all posts"]["posts"] == 12
    assert scores["dev.csv, all posts"]["emotions"] == [*EMOTIONS, "anger"]


@pytest.mark.slow
def test_a_table_of_words_alone_trains_a_model_of_words_where_the_recipe_asks_for_each_modality(tmp_path, place):
    with open_writer(tmp_path / "words.csv") as writer:
        for number in range(24):
            emotion = EMOTIONS[number % 3]
            writer.write({"id": str(number), "text": f"{SAID[emotion]} {number}", "emotion": emotion})
    out = go(place, tmp_path / "out", table=tmp_path / "words.csv")
    assert json.loads((out / "labels.json").read_text())["modalities"] == ["text"]


ORDERED = ("good", "bad", "not", "the", "day", "was", "and", "so")  # "not" turns the word after it round


@pytest.mark.slow
def test_the_lstm_learns_the_order_of_words_and_the_saved_model_is_the_trained_one(tmp_path):
    lines = [f"{word} {' '.join('1' if at == row else '0' for at in range(8))}" for row, word in enumerate(ORDERED)]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n")
    draw = random.Random(0)
    with open_writer(tmp_path / "posts.csv") as writer:
        for number in range(240):
            word, turned = ("good", "bad")[number % 2], number // 2 % 2
            filler = draw.sample(("the", "day", "was", "and", "so"), 3)
            text = " ".join([*filler, *(["not"] if turned else []), word, f"x{number}y"])
            happy = (word == "good") != bool(turned)
            writer.write({"id": str(number), "text": text, "emotion": "happiness" if happy else "sadness"})
    made = changed(
        read_recipe("deep-sentiment-text"),
        text__hidden_size=16,
        text__tokens=20,
        steps__max_steps=150,
        steps__batch_size=32,
        steps__lr_halving_steps=100,
        choices__patience=1000,
    )
    resources = Resources(tmp_path / "features", tmp_path / "vectors.txt")
    out = train(made, tmp_path / "run", table=tmp_path / "posts.csv", resources=resources)
    classifier = EmotionClassifier.load(out)
    texts = {"the day was good": "happiness", "the day was not good": "sadness", "so not bad": "happiness"}
    assert [one.emotion for one in classifier.predict([Post(text, text) for text in texts])] == list(texts.values())
    (unknown,) = classifier.predict([Post("1", "zzz qqq")])
    assert unknown.emotion is None


# Bad input


def refused(place, out, kind, said, how=go, **given):
    with pytest.raises(FeelscopeError) as caught:
        how(place, out, **given)
    assert type(caught.value) is kind
    message = str(caught.value)
    assert re.search(said, message), message
    assert "\n" not in message
    return message


def bad_table(folder, content):
    path = folder / "bad.csv"
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("id,text\n1,hello\n", TableError, r"bad\.csv.*emotion"),
        ("", TableError, r"bad\.csv"),
        ("id,text,emotion\n", TableError, r"bad\.csv"),
        ("id,text,emotion\n1,,joy\n2,hello,\n", TableError, r"bad\.csv: none of its rows is a labelled post"),
    ],
    ids=["no emotion", "empty", "no rows", "only bad rows"],
)
def test_a_table_to_train_on_that_is_none(tmp_path, content, kind, said):
    refused(tmp_path, tmp_path / "out", kind, said, table=bad_table(tmp_path, content))
    left = {file.name for file in (tmp_path / "out").glob("*")}
    assert left <= {"quarantine.jsonl"}


@pytest.mark.parametrize(("most", "said"), [(0.05, "2 of 4 rows cannot be read"), (0.5, "none of its rows is")])
def test_too_many_broken_rows_are_not_trained_without(tmp_path, most, said):
    table = bad_table(tmp_path, "id,text,emotion\n1,,joy\n2,few\n3,few\n4,,joy\n")
    refused(tmp_path, tmp_path / "out", TableError, said, table=table, most_broken=most)


def test_after_a_bad_table_the_same_folder_is_taken(tmp_path):
    bad = bad_table(tmp_path, "id,text,emotion\n1,,joy\n")
    for _ in range(2):
        refused(tmp_path, tmp_path / "out", TableError, "none of its rows", table=bad)
    assert len((tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()) == 1, "of this run, not of both"


def test_nothing_is_left_where_nothing_was_made(tmp_path):
    refused(tmp_path, tmp_path / "out", TableError, "no such file", table=tmp_path / "none.csv")
    refused(tmp_path, tmp_path / "out", ModelError, "there is no checkpoint to resume from", resume=True)
    refused(tmp_path, tmp_path / "out", TableError, "no such file", dev=tmp_path / "none.csv")
    refused(tmp_path, tmp_path / "out", TableError, "emotion", dev=bad_table(tmp_path, "id,text\n1,hello\n"))
    refused(tmp_path, tmp_path / "out", ConfigError, "this recipe needs a posts table", table=None)
    own = replace(TUNED, data=DataSettings(tables=(Source("a.csv", "A", "free"),)))
    refused(tmp_path, tmp_path / "out", ConfigError, "give --data and no table", made=own, data=tmp_path)
    refused(tmp_path, tmp_path / "out", ConfigError, "with --data DIR", made=own, table=None)
    refused(tmp_path, tmp_path / "out", ConfigError, r"a\.csv: this table", made=own, table=None, data=tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"bad.csv"}


def test_a_folder_with_other_things_or_a_file_is_not_written_to(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    refused(tmp_path, tmp_path / "out", ModelError, "something is there already")
    refused(tmp_path, tmp_path / "out" / "thesis.txt", ModelError, "is a file; name a folder")
    refused(tmp_path, tmp_path / "out" / "thesis.txt" / "run", ModelError, "cannot be made")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_labels_that_the_recipe_does_not_know(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,wistful\n2,hi,smug\n")
    known = replace(TUNED, data=DataSettings(emotions=("joy", "fear")))
    refused(tmp_path, tmp_path / "out", TableError, "none of its labels is among joy, fear", made=known, table=table)
    (tmp_path / "bad.csv").rename(tmp_path / "own.csv")
    own = replace(TUNED, data=DataSettings(tables=(Source("own.csv", "A", "free", map="goemotion"),)))
    said = "no map of labels is named 'goemotion'; did you mean 'goemotions'"
    refused(tmp_path, tmp_path / "out", ConfigError, said, made=own, table=None, data=tmp_path)
    assert not (tmp_path / "out").exists()


def test_one_emotion_alone_cannot_be_trained(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,joy\n")
    refused(tmp_path, tmp_path / "out", TableError, "every post has the emotion 'joy'", table=table)
    assert not (tmp_path / "out").exists()


def test_a_dev_label_that_is_not_trained_on_is_said_before_the_training(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    (tmp_path / "dev.csv").write_text("id,text,emotion\n1,hello,happy\n2,hi,smug\n")
    said = r"dev\.csv: the label 'smug' is not trained on, known are fear, joy"
    refused(tmp_path, tmp_path / "out", TableError, said, table=table, dev=tmp_path / "dev.csv")
    assert not (tmp_path / "out").exists()


def test_a_data_folder_is_for_recipes_with_tables_of_their_own(tmp_path):
    table = bad_table(tmp_path, "id,text,emotion\n1,hello,joy\n2,hi,fear\n")
    refused(tmp_path, tmp_path / "out", ConfigError, "leave --data out", table=table, data=tmp_path)
    own = replace(TUNED, data=DataSettings(tables=(Source(table.name, "A", "free"),)))
    columns = {"text": "words"}
    said = "this recipe names the columns of its own tables; leave --columns out"
    refused(tmp_path, tmp_path / "out", ConfigError, said, made=own, table=None, data=tmp_path, columns=columns)
    assert not (tmp_path / "out").exists()


def test_a_modality_that_the_table_lacks(place, tmp_path):
    resources = Resources(tmp_path / "kept")
    said = r"posts\.csv: no post has any image that can be read, and the recipe reads image; name its column"
    pictures = recipe("image_only")
    refused(place, tmp_path / "out", TableError, said, go_by_words, made=pictures, resources=resources)
    said = r"no training post has a column 'ups'"
    ups = replace(WORDS, further=FurtherSettings(("numbers:ups",)))
    refused(place, tmp_path / "out", TableError, said, go_by_words, made=ups)
    refused(place, tmp_path / "out", ConfigError, "with --words FILE", go_by_words, resources=resources)
    assert not (tmp_path / "out").exists()


def test_what_is_known_before_the_training_is_said_before_it(place, tmp_path):
    words = Resources(tmp_path / "kept", place / "words" / "vectors.txt")
    said = r"--words .*vectors\.txt: this recipe reads no word vectors; leave it out, or give another recipe"
    refused(place, tmp_path / "out", ConfigError, said, resources=words)
    given = Resources(tmp_path / "kept", place / "words" / "vectors.txt", tmp_path)
    said = r"--weights .*: this recipe reads no published weights; leave it out"
    refused(place, tmp_path / "out", ConfigError, said, go_by_words, resources=given)
    weights = tmp_path / "minilm.onnx"
    weights.write_bytes(b"")
    gone = Resources(tmp_path / "kept", None, tmp_path / "gone")
    said = r"gone: no such file or folder; --weights takes the folder of the published weights"
    refused(place, tmp_path / "out", ModelError, said, resources=gone)
    said = r"--weights .*minilm\.onnx: only Inception takes a file; give the folder of the weights"
    refused(place, tmp_path / "out", ConfigError, said, resources=Resources(tmp_path / "kept", None, weights))
    assert not (tmp_path / "out").exists()


def test_an_unknown_or_an_older_recipe_on_the_command_line(tmp_path):
    from feelscope.cli import app

    table = str(write_table(tmp_path / "data", "posts.csv", 3))
    (tmp_path / "old.toml").write_text('purpose = "Mine."\nmodel = "joint"\n')
    for name, said in (
        ("fusoin", "no recipe is named 'fusoin'; did you mean 'fusion'?"),
        ("paper/jiont", "no recipe is named 'paper/jiont'; did you mean 'paper/joint'?"),
        (str(tmp_path / "old.toml"), "model is now [fusion] model"),
    ):
        result = CliRunner().invoke(app, ["train", table, "--recipe", name, "--out", str(tmp_path / "out")])
        assert isinstance(result.exception, ConfigError)
        assert said in str(result.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_gradients_explain_words_and_pixels_of_a_tuned_run(run, place, monkeypatch):
    from feelscope.explain import gradients
    from feelscope.explain.integral import integrate
    from feelscope.train.rebuilding import RebuiltRun

    monkeypatch.setattr(gradients, "integrate", lambda *given: integrate(*given, steps=(32,)))
    post = Post("1", SAID["fear"], image=place / "0.png")
    found = gradients.explain(RebuiltRun(run), post)
    served = EmotionClassifier.load(run).predict([post])[0]
    assert found.prediction == served
    assert found.probability == pytest.approx(served.probabilities[found.emotion], abs=0.1), "in 8-bit integers"
    assert len(found.regions) == 64 and any(region.weight for region in found.regions)
    assert " ".join(post.text[word.start : word.end] for word in found.words) == SAID["fear"].replace(",", " ,")
    change = found.probability - found.baseline
    gap = abs(sum(found.modalities.values()) - change)
    assert gap <= 0.05 * max(abs(change), 0.02) or any("the weights sum to" in one for one in found.warnings)
