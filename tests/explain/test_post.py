"""Why this emotion: of a model one can work out, of the built-in model, and of a folder from elsewhere."""

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image
from small_model import write_small_model

from feelscope import EmotionClassifier
from feelscope.errors import ConfigError, FeelscopeError
from feelscope.explain.post import Settings, explain_post
from feelscope.explain.regions import COUNT, SIDE
from feelscope.post import Post, Prediction


class ByHand:
    """Fear by the words "spider" or "snake", either of which suffices, and by light in the first cell."""

    emotions = ("fear", "neutral")
    image_text = ""

    def __init__(self, post, light=False):
        self.post, self.asked = post, 0
        self.picture = np.zeros((16, 16, 3), np.uint8) if light else None
        if light:
            self.picture[:2, :2] = 255
        used = (*(["text"] if post.has_text else []), *(["image"] if light else []))
        self.prediction = self._prediction(used)

    def _prediction(self, used):
        if not used:
            return Prediction("1", None, {}, (), ("there is nothing to read in this post",))
        row = self._row(self.post.text if "text" in used else "", self.picture if "image" in used else None)
        return Prediction("1", "fear", dict(zip(self.emotions, row, strict=True)), used)

    def _row(self, text, picture):
        self.asked += 1
        fear = (
            0.1 + 0.6 * ("spider" in text or "snake" in text) + 0.2 * (picture is not None and picture[0, 0, 0] > 200)
        )
        return fear, 1 - fear

    def fits(self, post):
        return len(post.text) < 1000

    def of_modalities(self, combinations):
        return np.array(
            [
                self._row(self.post.text if "text" in names else "", self.picture if "image" in names else None)
                if names
                else (0.5, 0.5)
                for names in combinations
            ]
        )

    def of_words(self, posts):
        return np.array([self._row(post.text, self.picture) for post in posts])

    def of_pictures(self, pictures):
        return np.array([self._row(self.post.text, picture) for picture in pictures])


def by_word(post, explanation):
    return {getattr(post, word.field)[word.start : word.end]: word.weight for word in explanation.words}


class WithWords(ByHand):
    """The same; the last words of its text were read in its picture."""

    image_text = "a snake"


def test_words_that_were_read_in_the_picture_have_places_of_their_own():
    post = Post("1", "so dull\na snake", title="so dull")
    explanation = explain_post(WithWords(post))
    assert [(word.field, word.start, word.end) for word in explanation.words if word.field != "title"] == [
        ("text", 0, 2),
        ("text", 3, 7),
        ("image_text", 0, 1),
        ("image_text", 2, 7),
    ]
    assert explanation.image_text == "a snake"
    assert max(explanation.words, key=lambda word: word.weight).field == "image_text"
    assert not any(word.field == "image_text" for word in explain_post(ByHand(post)).words)


def test_two_words_that_each_suffice_share_what_one_at_a_time_does_not_see():
    post = Post("1", "a spider and a small snake came into our house late at night")
    found = by_word(post, explain_post(ByHand(post)))
    assert found["spider"] + found["snake"] == pytest.approx(0.6)
    assert sorted(found, key=found.get)[-2:] in (["spider", "snake"], ["snake", "spider"])
    alone = by_word(post, explain_post(ByHand(post), settings=Settings("occlusion")))
    assert set(alone.values()) == {0}


def test_a_word_and_a_region_that_decide_have_all_the_weight():
    post = Post("1", "the spider sat there and waited for something that never came")
    explanation = explain_post(ByHand(post, light=True))
    assert explanation.probability == pytest.approx(0.9)
    found = by_word(post, explanation)
    assert found.pop("spider") == pytest.approx(0.6)
    assert max(map(abs, found.values())) < 1e-9
    assert len(explanation.regions) == COUNT
    first, *others = explanation.regions
    assert (first.left, first.top, first.right, first.bottom) == (0, 0, 1 / SIDE, 1 / SIDE)
    assert first.weight == pytest.approx(0.2)
    assert max(abs(region.weight) for region in others) < 1e-9


def test_modalities_are_shapley_values_of_their_combinations():
    """By hand: text alone 0.7, picture alone 0.3, both 0.9, nothing 0.5."""
    explanation = explain_post(ByHand(Post("1", "a spider"), light=True))
    assert explanation.baseline == 0.5
    assert explanation.modalities["text"] == pytest.approx(((0.7 - 0.5) + (0.9 - 0.3)) / 2)
    assert explanation.modalities["image"] == pytest.approx(((0.3 - 0.5) + (0.9 - 0.7)) / 2)


@pytest.mark.parametrize(("light", "passes"), [*product([False, True], [40, 60, 200])])
def test_no_more_passes_than_allowed(light, passes):
    asked = ByHand(Post("1", "word " * 90 + "spider"), light)
    explanation = explain_post(asked, settings=Settings(passes=passes))
    assert asked.asked <= explanation.passes <= passes


def test_another_emotion_is_explained_by_any_of_its_names():
    post = Post("1", "a spider came")
    fear, other = explain_post(ByHand(post), "scared"), explain_post(ByHand(post), "Neutral")
    assert (fear.emotion, other.emotion) == ("fear", "neutral")
    assert by_word(post, other)["spider"] == pytest.approx(-by_word(post, fear)["spider"])


def test_what_the_model_does_not_read_is_said_and_not_asked():
    post = Post("1", "word " * 10_000)
    explanation = explain_post(ByHand(post))
    assert len(explanation.words) == 200
    assert explanation.warnings == ("9,800 of 10,000 words not looked at: the model does not read to their end",)


def test_nothing_to_read_an_unknown_emotion_and_odd_settings_are_one_line():
    with pytest.raises(FeelscopeError, match=r"^there is nothing to read in this post$"):
        explain_post(ByHand(Post("1", "")))
    with pytest.raises(ConfigError, match=r"^this model knows no emotion 'neutrl'; did you mean 'neutral'\?$"):
        explain_post(ByHand(Post("1", "a")), "neutrl")
    for wrong in ({"method": "magic"}, {"passes": 3}):
        with pytest.raises(ConfigError):
            Settings(**wrong)


# Real models


def picture(*colours, size=(40, 30)):
    file, image = io.BytesIO(), Image.new("RGB", size, colours[0])
    for place, colour in enumerate(colours[1:]):
        image.paste(colour, (0, 5 * place, 20, 5 * place + 5))
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def builtin():
    return EmotionClassifier.load(skip_pictures=1)


BOTH = Post("1", "we went home 🏠 and she was terrified of what he said", "Late", image=picture("navy", "red", "gold"))


def test_the_built_in_model_rests_on_the_word_of_fear_and_shares_sum(builtin):
    found = builtin.explain(BOTH, settings=Settings(passes=60))
    assert found.emotion == found.prediction.emotion == "fear"
    assert found.prediction == builtin.predict([BOTH])[0]
    assert sum(found.modalities.values()) == pytest.approx(found.probability - found.baseline, abs=1e-6)
    words = by_word(BOTH, found)
    assert max(words, key=words.get) == "terrified"
    without_words = builtin.predict([Post("1", image=BOTH.image)])[0].probabilities["fear"]
    assert sum(words.values()) == pytest.approx(found.probability - without_words, abs=1e-6)
    assert len(found.regions) == COUNT and found.passes <= 60


def test_an_explanation_does_not_depend_on_other_posts_nor_on_threads(builtin):
    settings = Settings(passes=40)
    first = builtin.explain(BOTH, settings=settings)
    builtin.explain(Post("2", "something else"), settings=settings)
    assert builtin.explain(BOTH, settings=settings) == first
    assert EmotionClassifier.load(workers=3, skip_pictures=1).explain(BOTH, settings=settings) == first


def test_a_picture_of_one_colour_is_said(tmp_path):
    classifier = EmotionClassifier.load(write_small_model(tmp_path / "made"))
    found = classifier.explain(Post("1", image=picture("teal", size=(16, 16))), settings=Settings(passes=40))
    assert found.regions == () and set(found.modalities) == {"image"}
    assert found.warnings == ("the picture has one colour, so that no region of it can be hidden",)


def test_what_a_model_does_not_read_is_said(words_run):
    classifier = EmotionClassifier.load(words_run)
    found = classifier.explain(Post("1", "grave tears", image=picture("red", "navy")), settings=Settings(passes=40))
    assert set(found.modalities) == {"text"} and found.regions == ()
    assert len(found.warnings) == 1 and "the image was not used" in found.warnings[0]
    with pytest.raises(FeelscopeError, match="there is nothing to read in this post"):
        classifier.explain(Post("1", image=picture("red", "navy")))


def test_a_model_from_elsewhere_is_explained_in_its_own_process(tmp_path):
    classifier = EmotionClassifier.load(write_small_model(tmp_path / "model"))
    post = Post("1", "so happy the day", image=picture("red", "navy"))
    found = classifier.explain(post)
    assert sum(found.modalities.values()) == pytest.approx(found.probability - found.baseline, abs=1e-6)
    whole = classifier.predict([post])[0].probabilities[found.emotion]
    assert found.probability == pytest.approx(whole, abs=1e-7)
    assert len(found.words) == 4 and len(found.regions) == COUNT
