import json
from dataclasses import replace

import numpy as np
import pytest
import small_answers
import torch

from feelscope.emoji.answer import answering, folder
from feelscope.emoji.answer.answering import EmojiAnswers
from feelscope.emoji.answer.reading import questions
from feelscope.emoji.answer.train import WIDTH, arrays
from feelscope.encoders.emoji_vectors import by_known, by_names, by_posts, join
from feelscope.errors import ModelError, TableError
from feelscope.models.question_emoji import QuestionEmoji, SentenceTower
from feelscope.progress import silent
from feelscope.saved_model.sentence_vectors import sentence_vectors
from feelscope.table import PostsTable
from feelscope.text.emoji import all_emoji, name_of, plain
from feelscope.words.word_vectors import WordVectors


@pytest.fixture(scope="module")
def answers(run):
    return EmojiAnswers.load(run)


def test_a_text_is_answered(answers):
    for text, emoji in (("my flight was terrible", "😡"), ("I love you", "❤️"), ("a christmas tree", "🎄")):
        found = answers.answer(text, top=3)
        assert found.answers[0].emoji == emoji
        assert sum(one.score for one in found.answers) == pytest.approx(1)
        assert all(one.seen for one in found.answers)
        assert not found.warnings


def test_emoji_of_the_text_are_not_read(answers):
    assert answers.answer("I love you 🎄🎄🎄") == answers.answer("I love you")


def test_emoji_that_no_text_had_answer_when_asked(answers):
    assert len(answers.answer("I love you", top=10).answers) == 3
    many = answers.answer("I love you", top=50, unseen=True).answers
    assert len(many) == 50
    assert False in {one.seen for one in many}
    assert [one.score for one in many] == sorted((one.score for one in many), reverse=True)


@pytest.mark.parametrize("text", ["", "   \n\t ", "❤️ 🎄", "\ufe0f"])
def test_a_text_without_words(answers, text):
    with pytest.raises(ModelError, match="no words to answer"):
        answers.answer(text)


def test_ten_thousand_words(answers):
    found = answers.answer("I love you " * 3334)
    assert found.answers[0].emoji == "❤️"
    assert found.warnings == ("the text is long, and its end was not read",)


def test_without_torch_as_with_it(answers, tmp_path):
    torch.manual_seed(0)
    sentences = answers._sentences
    network = QuestionEmoji(SentenceTower(sentences.width, WIDTH, 0.2), 7, WIDTH).eval()
    emoji = torch.randn(len(answers._model.settings.emoji), 7)
    torch.nn.init.normal_(network.often.weight)
    mine = EmojiAnswers(replace(answers._model, arrays=arrays(network, emoji)), sentences)
    texts = ["I love you", "the tree"]
    read = sentence_vectors(texts, sentences, tmp_path, silent)
    with torch.no_grad():
        wanted = network(questions(texts, sentences=read), emoji).numpy()
    found = np.stack([mine.scores(one) for one in read.numpy()])
    assert found == pytest.approx(wanted, abs=1e-4)


def test_vectors_are_computed_once_and_a_text_without_words_has_zeros(answers, tmp_path, monkeypatch):
    first = sentence_vectors(["a b", "❤️", "c"], answers._sentences, tmp_path, silent)
    monkeypatch.setattr(answers._sentences, "vector", lambda tokens: 1 / 0)
    again = sentence_vectors(["c", "a b"], answers._sentences, tmp_path, silent)
    assert torch.equal(again, first[[2, 0]])
    assert first[0].any()
    assert not first[1].any()


def test_a_model_of_another_text_network(answers):
    other = replace(answers._model, settings=replace(answers._model.settings, encoder="1" * 64))
    with pytest.raises(ModelError, match="another version; train it again: feelscope emoji train-answers"):
        EmojiAnswers(other, answers._sentences)


def test_without_a_built_in_one_the_line_that_trains_one(monkeypatch, tmp_path):
    monkeypatch.setattr(answering, "FOLDER", tmp_path)  # as before one was trained
    with pytest.raises(ModelError, match=r"feelscope emoji train-answers posts\.csv --out runs/answer"):
        EmojiAnswers.load()


def test_what_a_training_leaves(run):
    assert {path.name for path in run.iterdir()} >= {"answer.json", "answer.npz", "manifest.json", "README.md"}
    assert not (run / "checkpoint.safetensors").exists()
    settings = folder.read(run).settings
    assert settings.texts[:3] == (16, 16, 16)
    assert set(settings.emoji[:3]) == {"😡", "❤", "🎄"}
    assert json.loads((run / "metrics.json").read_text())["emoji"] == 3
    assert "| 🎄 | 16 |" in (run / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["1,hello,purple"], "no post has words and, in its column 'emotion', one emoji"),
        (["1,hello,❤️", "2,you,❤"], "all 2 texts have ❤; give texts of two different emoji or more"),
    ],
)
def test_tables_that_nothing_can_be_learnt_from(tmp_path, rows, message):
    table = tmp_path / "posts.csv"
    table.write_text("\n".join(["id,text,emotion", *rows]), encoding="utf-8")
    from feelscope.emoji.answer.train import train_answers

    with pytest.raises((ModelError, TableError), match=message):
        train_answers(PostsTable(table), tmp_path / "run", cache=tmp_path / "features")


def test_one_seed_gives_one_model(run, tmp_path):
    again = folder.read(small_answers.train(tmp_path)).arrays
    assert all((again[name] == value).all() for name, value in folder.read(run).arrays.items())


# What emoji are known by


@pytest.mark.parametrize(
    ("emoji", "bare", "name"),
    [("❤️", "❤", "red heart"), ("❤", "❤", "red heart"), ("👍🏽", "👍", "thumbs up"), ("🇺🇸", "🇺🇸", "United States")],
)
def test_an_emoji_and_its_name(emoji, bare, name):
    assert plain(emoji) == bare
    assert name_of(bare) == name


@pytest.mark.parametrize("other", ["", "a", "❤❤", "love ❤"])
def test_what_is_no_emoji(other):
    assert plain(other) == ""


def test_all_emoji_are_there_once():
    emoji = all_emoji()
    assert len(emoji) == len(set(emoji)) > 1500
    assert {"❤", "🇺🇸", "👨‍👩‍👧"} <= {*emoji}


def test_parts_are_joined(answers):
    known = WordVectors(("❤️", "🎄"), np.array([[1, 2], [3, 6]], np.float32))
    emoji = ["🎄", "❤", "😡"]
    found = by_known(emoji, known)
    assert {one: value.tolist() for one, value in found.items()} == {"❤": [1, 2], "🎄": [3, 6]}
    encoder = answers._sentences
    names = by_names(emoji, lambda texts: np.stack([encoder.vector(encoder.tokens(text)) for text in texts]))
    assert [*names] == emoji
    joined = join(emoji, [found, names])
    assert joined.shape == (3, 2 + answers._sentences.width)
    assert joined[:, :2] == pytest.approx(np.array([[1, 1], [-1, -1], [0, 0]]) / 2**0.5)
    assert joined[:, 2:].mean(axis=0) == pytest.approx(np.zeros(answers._sentences.width), abs=1e-6)


def test_emoji_by_their_posts():
    texts = np.array([[1.0, 0], [3, 0], [0, 4]])
    found = by_posts(["a", "b", "c"], texts, np.array([0, 0, 2]))
    assert {one: value.round(3).tolist() for one, value in found.items()} == {
        "a": [0.667, -1.333],
        "c": [-1.333, 2.667],
    }


def test_the_built_in_one_is_small_and_answers():
    builtin = EmojiAnswers.load()
    assert sum(path.stat().st_size for path in folder.FOLDER.iterdir()) < 2_500_000
    found = builtin.answer("flight is awful")
    assert len(found.answers) == 5
    assert found.answers[0].emoji in {"😡", "🤮", "👎", "😒", "😨"}
    assert builtin.answer("merry christmas everyone").answers[0].emoji == "🎄"
