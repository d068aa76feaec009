from dataclasses import replace

import numpy as np
import pytest
import small_writer
import torch

from feelscope.errors import ConfigError, ModelError, PictureError
from feelscope.generate.writer import folder, writing
from feelscope.generate.writer.network import WritingNetwork
from feelscope.generate.writer.reading import LINE, words_of
from feelscope.generate.writer.sampling import SamplingSettings
from feelscope.generate.writer.task import new_network
from feelscope.generate.writer.verbatim import Verbatim
from feelscope.generate.writer.writing import PostWriter
from feelscope.text.vocabulary import MARKS, START

TOLD = {"happiness": "happy smiles smiling laugh cheerful dances", "sadness": "lonely weeps grieving cries tired"}


@pytest.fixture(scope="module")
def writer(run):
    return PostWriter.load(run)


def told(posts, emotion: str) -> float:
    """The share of posts with a word of an emotion."""
    return np.mean([bool({*words_of_text(post.text)} & {*TOLD[emotion].split()}) for post in posts])


def words_of_text(text: str) -> list[str]:
    return text.lower().replace(".", " ").replace("!", " ").split()


def test_numpy_gives_what_torch_gives(run) -> None:
    saved = folder.read(run)
    network = new_network(saved.settings, len(saved.vocabulary), len(saved.emotions), 1280).eval()
    network.load_state_dict({name: torch.from_numpy(value) for name, value in saved.weights.items()})
    own = WritingNetwork(saved.weights)
    pictures = np.random.default_rng(0).normal(size=(2, 1280)).astype(np.float32)
    words = np.array([[START, 7, 5, 9], [START, 6, 6, 8]])
    writing = own.begin(np.stack([own.condition(pictures[0], 2), own.condition(None, 1)]))
    found = np.stack([writing.next(words[:, step]) for step in range(4)], axis=1)  # (2, 4, V)
    with torch.no_grad():
        wanted = network(
            torch.from_numpy(pictures), torch.tensor([True, False]), torch.tensor([2, 1]), torch.from_numpy(words)
        )
    assert np.allclose(found.reshape(8, -1), wanted.numpy(), atol=1e-4)


def test_posts_are_of_the_emotion_that_is_asked_for(writer) -> None:
    for emotion, other in (("happiness", "sadness"), ("sadness", "happiness")):
        posts = writer.write(emotion, count=60)
        assert told(posts, emotion) > 0.7 > 0.2 > told(posts, other)


def test_emphasis_is_how_much_the_emotion_counts(run) -> None:
    saved = folder.read(run)
    vectors = saved.weights["emotions.weight"]
    weak = {**saved.weights, "emotions.weight": vectors.mean(axis=0) + 0.25 * (vectors - vectors.mean(axis=0))}
    writer = PostWriter(replace(saved, weights=weak))
    plain, strong = (
        told(writer.write("sadness", count=150, sampling=SamplingSettings(1.0, 1.0, emphasis)), "sadness")
        for emphasis in (0.0, 6.0)
    )
    assert strong > plain + 0.15


def test_without_emphasis_words_are_as_likely_as_they_were_learnt(run, monkeypatch) -> None:
    writer, seen = PostWriter.load(run), []
    monkeypatch.setattr(writing, "draw", lambda scores, chances, settings: seen.append(scores) or scores.argmax(axis=1))
    condition = writer.condition(None, "anger")
    writer.write_each([condition], sampling=SamplingSettings(emphasis=0.0, allow_verbatim=True))
    own = WritingNetwork(folder.read(run).weights)
    wanted = own.begin(condition[:1]).next(np.array([START]))
    drawn = np.isfinite(seen[0])
    assert np.allclose(seen[0][drawn], wanted[drawn], atol=1e-4)
    assert drawn.sum() >= drawn.size - 5


def test_an_emotion_goes_by_any_word_for_it(writer) -> None:
    assert writer.write("happy", count=2) == writer.write("happiness", count=2)


def test_posts_have_no_marks_and_read_well(writer) -> None:
    posts = writer.write("sadness", count=80, sampling=SamplingSettings(1.5, 1.0))
    text = "\n".join(post.text for post in posts)
    assert not any(mark in text for mark in MARKS)
    assert all(post.words[-1] != LINE and post.words.count(LINE) <= 1 for post in posts)
    assert all(line[0].isupper() or not line[0].isalpha() for line in text.split("\n"))
    assert " ." not in text and " !" not in text


def test_the_same_seed_writes_the_same_and_another_number_the_beginning(writer) -> None:
    first = writer.write("anger", count=5, seed=3)
    assert writer.write("anger", count=5, seed=3) == first
    assert writer.write("anger", count=2, seed=3) == first[:2]
    assert writer.write("anger", count=5, seed=4) != first


def test_a_first_word_is_given(writer) -> None:
    for post in writer.write("sadness", first="The grieving", count=10):
        assert post.text.startswith("The grieving")
    with pytest.raises(ConfigError, match=r"--first: this writer does not know 'smiless'; did you mean 'smiles'\?"):
        writer.write("sadness", first="smiless")
    with pytest.raises(ConfigError, match="--first: this writer does not know 'xylophones'; give a more common word"):
        writer.write("sadness", first="xylophones")
    with pytest.raises(ConfigError, match="a post has at most 16 words, found 20"):
        writer.write("sadness", first="a " * 20)


def test_an_unknown_emotion_is_one_line(writer) -> None:
    with pytest.raises(ConfigError, match=r"this writer knows no 'sadnes'; did you mean 'sadness'\?"):
        writer.write("sadnes")
    with pytest.raises(ConfigError, match="--emotion: name one of anger, happiness, sadness"):
        writer.write()


def test_the_guard_refuses_training_posts_unless_it_is_told_not_to(run, writer) -> None:
    guard = folder.read(run).guard
    careless = writer.write("sadness", count=60, sampling=SamplingSettings(0.5, 1.0, allow_verbatim=True))
    assert any(guard.repeats(post.text) for post in careless)
    careful = writer.write("sadness", count=60, sampling=SamplingSettings(0.5, 1.0))
    assert not any(guard.repeats(post.text) for post in careful)
    assert any(post.refused for post in careful)


def test_a_writer_that_can_only_repeat_says_so(run) -> None:
    saved = folder.read(run)

    class Everything(Verbatim):
        def repeats(self, text: str) -> bool:
            return True

    with pytest.raises(ModelError, match=r"each of 50 posts repeats 8 words .* or give --allow-verbatim"):
        PostWriter(replace(saved, guard=Everything(saved.guard.hashes))).write("anger")


def test_a_picture_changes_what_is_written(writer) -> None:
    blind = writer.write("anger", count=20)
    assert writer.write("anger", small_writer.picture("anger"), count=20) != blind


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "the file is empty"), (b"no picture", "expected a picture"), (None, "1 x 1 pixels, which shows nothing")],
)
def test_a_picture_that_shows_nothing_is_one_line(writer, tmp_path, content, said) -> None:
    import io

    from PIL import Image

    if content is None:
        file = io.BytesIO()
        Image.new("RGB", (1, 1)).save(file, "PNG")
        content = file.getvalue()
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PictureError, match=f"a.png: {said}"):
        writer.write("anger", tmp_path / "a.png")


def test_a_writer_of_another_image_network_is_refused(run) -> None:
    other = PostWriter(replace(folder.read(run), encoder="0" * 64))
    with pytest.raises(ModelError, match="knows pictures by the built-in model of another version"):
        other.write("anger", small_writer.picture("anger"))
    assert other.write("anger"), "without a picture it needs none"


def test_a_writer_of_characters_spells_words_of_its_one_emotion(spelling_run) -> None:
    writer = PostWriter.load(spelling_run)
    assert writer.emotions == ("sadness",)
    posts = writer.write(first="The g", count=20, sampling=SamplingSettings(0.5, allow_verbatim=True))
    assert all(post.text.startswith("The g") for post in posts)
    known = {word for post in small_writer.posts() for word in words_of(post)}
    spelled = [word.strip("!.") for post in posts for word in post.text.lower().split()]
    assert np.mean([word in known for word in spelled]) > 0.7
    with pytest.raises(ConfigError, match="--first: this writer does not know 'ü'"):
        writer.write(first="ü")
