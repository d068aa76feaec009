"""The writer that comes with the package."""

from pathlib import Path

import pytest

from feelscope.emotions import MSED
from feelscope.generate.writer.folder import FOLDER, read
from feelscope.generate.writer.verbatim import words
from feelscope.generate.writer.writing import PostWriter
from feelscope.saved_model.folder import BUILTIN
from feelscope.text.vocabulary import MARKS

EXAMPLES = Path(__file__).parents[3] / "examples" / "images"
MOST_BYTES = 45_000_000  # of all built-in files
# A few words that captions of an emotion have; ours.
TELLING = {
    "anger": "angry anger mad fight fighting arguing shouting furious frustrated yelling screaming furiously",
    "fear": "scared fear afraid frightened terrified horror screaming scary shocked nightmare fearful frightening",
    "sadness": "sad crying grief depressed lonely alone tears upset funeral unhappy sadness tired worried",
    "disgust": "disgust disgusted disgusting smell smelling nose bad dislike face holding stinky spider",
    "happiness": "happy smiling laughing fun cheerful smile joyful enjoying playing dancing celebrating friends",
}


@pytest.fixture(scope="module")
def writer() -> PostWriter:
    return PostWriter.load()


def test_it_knows_six_emotions_and_is_small(writer) -> None:
    assert {*writer.emotions} == {*MSED}
    assert sum(file.stat().st_size for file in BUILTIN.rglob("*") if file.is_file()) <= MOST_BYTES


@pytest.mark.parametrize("emotion", TELLING)
def test_its_posts_have_words_of_the_emotion_more_often_than_neutral_ones(writer, emotion) -> None:
    telling = {*TELLING[emotion].split()}

    def share(asked: str) -> float:
        return sum(bool(telling & {*words(post.text)}) for post in writer.write(asked, count=40)) / 40

    assert share(emotion) >= share("neutral") + 0.2


def test_it_repeats_no_training_post_and_writes_no_marks(writer) -> None:
    guard = read(FOLDER).guard
    posts = [post for emotion in writer.emotions for post in writer.write(emotion, count=20)]
    assert not any(guard.repeats(post.text) or any(mark in post.text for mark in MARKS) for post in posts)
    assert len({post.text for post in posts}) > 110


def test_a_picture_changes_what_it_writes(writer) -> None:
    given = [writer.write("happiness", EXAMPLES / name, count=3) for name in ("cake.png", "bus.png")]
    assert given[0] != given[1] != writer.write("happiness", count=3)


def test_its_card_says_what_it_learnt_from_and_what_for() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "MSED" in card
    assert "for research" in card
    assert "Kneser-Ney" in card
