"""What a training is given beside its table: a teacher, tables and a dev table of the recipe's own, word vectors."""

import json
import random

import pytest
from small_family import EMOTIONS, changed
from small_runs import SAID, TUNED, WORDS, bad_table, go_by_words, refused, write_place
from small_runs import go_small as go
from small_weights import small_weights

from feelscope.encoders.encoder import Resources
from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable, open_writer
from feelscope.train.recipe import DataSettings, Source, read_recipe
from feelscope.train.train import train


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return write_place(tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="module")
def run(place):
    return go(place, place / "run")


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
    with small_weights():
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
