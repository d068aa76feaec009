"""Emoji as a modality beside words and picture: trained, saved, asked without torch, scored, explained."""

import csv
import json
import random
from dataclasses import replace

import pytest
import small_family
import torch
from PIL import Image
from small_family import EMOTIONS, recipe, write_vectors

from feelscope.encoders.encoder import Resources
from feelscope.encoders.further import emoji as emoji_modality
from feelscope.encoders.settings import FurtherSettings
from feelscope.errors import ConfigError, FeelscopeError, TableError, WordsError
from feelscope.evaluate.evaluate import evaluate, variants
from feelscope.explain.gradients import explain
from feelscope.objectives.settings import DropoutSettings
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable
from feelscope.train.rebuilding import RebuiltRun
from feelscope.train.train import train

SHOWN = {"happiness": ("😂", "🎉", "🥳"), "sadness": ("😭", "💔", "😿"), "fear": ("😱", "👻", "🧟")}
# Fewer than Unicode has, as their names are read one by one; the last three are in no post that is trained on.
KNOWN = [*(one for some in SHOWN.values() for one in some), "🇩🇪", "🇫🇷", "👍", "😨", "😹", "😢"]
COLOURS = {"happiness": "gold", "sadness": "slategray", "fear": "black"}
RECIPE = recipe(
    "joint",
    image=small_family.ImageSettings(),
    further=FurtherSettings(("emoji",)),
    modality_dropout=DropoutSettings(0.5),
    choices__validation=0.2,
    steps__epochs=8,
    seed=1,
)


def write_table(path, count, *, pictures=False):
    """Posts whose emotion one modality tells: a third of them the words, a third the emoji, and both the rest."""
    draws = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "title", "text", "image", "emotion"))
        for number in range(count):
            emotion, kind = EMOTIONS[number % 3], number // 3 % 3
            words = draws.sample(small_family.FILLERS, 3) + ([draws.choice(small_family.SAID[emotion])] * (kind != 1))
            emoji = draws.sample(SHOWN[emotion], draws.choice((1, 2))) if kind else []
            title = f"look {''.join(emoji)}" if number % 2 else ""
            text = " ".join(words if number % 2 else [*words, *emoji]) if number % 2 or kind != 1 else " ".join(emoji)
            name = ""
            if pictures and number % 4:
                name = f"{number}.png"
                Image.new("RGB", (40, 40), COLOURS[emotion]).save(path.parent / name)
            table.writerow((f"post {number}", title, text, name, emotion))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("emoji")
    write_table(folder / "posts.csv", 90)
    write_vectors(folder / "vectors.txt")
    words = ["😨 " + "1 0 0 0", "😭 0 1 0 0", "😂 0 0 1 0", "word 0 0 0 1"]
    (folder / "emoji.txt").write_text("\n".join(words) + "\n")
    return folder


@pytest.fixture(scope="module")
def few():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emoji_modality, "all_emoji", lambda: KNOWN)
        yield


def go(place, out, made=RECIPE, **given):
    resources = Resources(place / "features", place / "vectors.txt", emoji=given.pop("emoji", None))
    return train(made, out, **({"table": place / "posts.csv", "resources": resources} | given))


@pytest.fixture(scope="module")
def run(place, few):
    return go(place, place / "run", emoji=place / "emoji.txt")


def test_emoji_answer_alone_and_unseen_ones_are_known(run):
    classifier = EmotionClassifier.load(run)
    assert classifier.modalities == ("text", "emoji")
    for text, emotion, used in (
        ("😂", "happiness", ("emoji",)),
        ("😱👻", "fear", ("emoji",)),
        ("we saw tears", "sadness", ("text",)),
        ("the grave 😭", "sadness", ("text", "emoji")),
    ):
        found = classifier.predict([Post("1", text)])[0]
        assert (found.emotion, found.modalities) == (emotion, used), text
    assert classifier.predict([Post("1", "😹")])[0].modalities == ("emoji",), "though no training post had it"
    nothing = classifier.predict([Post("1", "🦷")])[0]
    assert nothing.emotion is None, "one without a vector is not read, and no word either"


def test_the_words_are_read_without_emoji_in_training_and_in_use(run, monkeypatch):
    seen = []
    classifier = EmotionClassifier.load(run)
    encode = classifier._reader.encode_all
    monkeypatch.setattr(classifier._reader, "encode_all", lambda asked: seen.extend(asked) or encode(asked))
    classifier.predict([Post("1", "we ❤️ 1️⃣ saw 🇩🇪", title="the 👍🏽 house")])
    assert [texts for texts, _ in seen] == [["the house", "we saw"]]
    counts = json.loads((run / "metrics.json").read_text())["trained_on"]
    assert counts["emoji"] > 5, "posts of emoji alone, which would have names for words"


def test_words_stay_in_place_where_they_are_explained(run):
    classifier, text = EmotionClassifier.load(run), "the 👍🏽 tears 😭"
    found = classifier.explain(Post("1", text))
    assert [text[word.start : word.end] for word in found.words] == ["the", "tears"]
    assert set(found.modalities) == {"text", "emoji"}


def test_the_rebuilt_run_answers_like_the_saved_one_and_its_gradients_reach_emoji(run):
    pytest.importorskip("captum")
    rebuilt = RebuiltRun(run)
    post = Post("1", "we saw 😭 the 🎉 tears")
    inputs, prediction = rebuilt.read(post)
    further = {name: torch.from_numpy(vector)[None] for name, vector in inputs.further.items()}
    found = rebuilt.probabilities(inputs.ids, None, further)[0].tolist()
    assert found == pytest.approx([prediction.probabilities[one] for one in rebuilt.emotions], abs=1e-4)
    explained = explain(rebuilt, post)
    assert set(explained.modalities) == {"text", "emoji"}
    assert sum(explained.modalities.values()) == pytest.approx(explained.probability - explained.baseline, abs=0.01)
    assert abs(explained.modalities["emoji"]) > 1e-4
    assert [word for word in explained.words if post.text[word.start : word.end] == "tears"]


def test_the_order_of_emoji_does_not_count_and_the_rest_of_a_long_row_is_left(run):
    classifier = EmotionClassifier.load(run)
    first, second = classifier.predict([Post("1", "house 😂😭"), Post("2", "house 😭 😂😂")])
    assert first.probabilities == pytest.approx(second.probabilities, abs=1e-6)


def test_evaluation_hides_each_modality(run, place):
    found = evaluate(EmotionClassifier.load(run), PostsTable(place / "posts.csv"), resamples=0)
    scored = found.by_combination()
    assert set(scored) == {"both", "text", "emoji", "text+emoji"}
    assert (scored["both"].posts, scored["text"].posts, scored["emoji"].posts) == (90, 75, 60)
    assert scored["both"].accuracy > 0.95
    assert scored["emoji"].accuracy > 0.7 and scored["text"].accuracy < 0.9, "words say it in two thirds of the posts"
    assert "emoji only" in found.to_text() and found.to_json()["text+emoji"]["posts"] == 45


def test_variants_are_the_combinations_of_what_a_post_has():
    post = Post("a", "tears 😭", title="look 👻", image=b"x", emotion="fear")
    found = [((one.title, one.text, one.image is not None), keys) for one, keys in variants(post, emoji=True)]
    assert found == [
        (("look 👻", "tears 😭", True), ("both", "text+image+emoji")),
        (("look", "tears", False), ("text",)),
        (("", "", True), ("image",)),
        (("", "👻 😭", False), ("emoji",)),
        (("look", "tears", True), ("text+image",)),
        (("look 👻", "tears 😭", False), ("text+emoji",)),
        (("", "👻 😭", True), ("image+emoji",)),
    ]
    assert [keys for _, keys in variants(Post("a", "😭"), emoji=True)] == [("both", "emoji")]


def test_the_card_says_what_posts_had(run):
    card = (run / "README.md").read_text()
    counts = json.loads((run / "metrics.json").read_text())["trained_on"]
    assert set(counts) == {"text", "emoji", "text+emoji"} and 60 < sum(counts.values()) < 90
    had = f"text {counts['text']}, emoji {counts['emoji']}, text and emoji {counts['text+emoji']}"
    assert f"Posts that it was trained on, by what they had: {had}." in card
    assert " --emoji-vectors " in card and "| – | vectors of emoji | licence not stated |" in card


def test_the_vectors_travel_in_the_networks(run):
    from safetensors.torch import load_file

    labels = json.loads((run / "labels.json").read_text())
    (kind,) = labels["further"]
    assert kind["kind"] == "emoji" and kind["emoji"][: len(KNOWN)] == KNOWN and kind["most"] == 12
    table = load_file(run / "model.safetensors")["embedders.emoji.table"]
    assert table.shape[0] == len(kind["emoji"]) + 1 and not table[0].any() and table[1:].any(dim=1).all()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["late", "early", "common_space"])
def test_every_fusion_of_any_modalities_takes_emoji(model, place, few, tmp_path):
    dropout = None if model == "late" else RECIPE.modality_dropout  # it never sees two modalities at once
    made = replace(RECIPE, fusion=replace(RECIPE.fusion, model=model), modality_dropout=dropout)
    out = go(place, tmp_path / "run", made)
    assert EmotionClassifier.load(out).predict([Post("1", "😱👻")])[0].emotion == "fear"
    inputs, prediction = RebuiltRun(out).read(Post("1", "tears 😭"))
    further = {name: torch.from_numpy(vector)[None] for name, vector in inputs.further.items()}
    again = RebuiltRun(out).probabilities(inputs.ids, None, further)[0].tolist()
    assert again == pytest.approx(list(prediction.probabilities.values()), abs=1e-4)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"emoji": "gone.txt"}, WordsError, "gone.txt: no such file; --emoji-vectors takes emoji2vec"),
        ({"emoji": "vectors.txt"}, WordsError, "words is an emoji; give vectors of emoji, such as emoji2vec"),
        (
            {"emoji": "emoji.txt", "made": replace(RECIPE, further=FurtherSettings(("tags",)), modality_dropout=None)},
            ConfigError,
            "this recipe reads no emoji; leave it out, or give another recipe",
        ),
        ({"table": "plain.csv"}, TableError, "no training post has an emoji in title or text; leave the modality"),
    ],
)
def test_what_cannot_be_is_refused(given, error, said, place, few, tmp_path):
    (place / "plain.csv").write_text("id,text,emotion\n1,we saw,fear\n2,the house,sadness\n3,a b,fear\n4,c d,sadness\n")
    given = {name: place / value if isinstance(value, str) else value for name, value in given.items()}
    with pytest.raises(FeelscopeError) as raised:
        go(place, tmp_path / "run", **given)
    assert isinstance(raised.value, error) and said in str(raised.value) and "\n" not in str(raised.value)
