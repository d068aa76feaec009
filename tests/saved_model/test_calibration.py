"""calibration.json: what is written is read, what is foreign is refused, and the classifier answers by it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_model import EMOTIONS, LABELS, write_small_model

from feelscope.errors import ConfigError, ModelError
from feelscope.files import digest
from feelscope.metrics.scaling import AS_IT_IS, Scaling
from feelscope.post import Post, Prediction
from feelscope.saved_model.calibration import Abstention, Calibration, Calibrations, confidence_of, read
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.folder import CALIBRATION, read_labels, set_calibration

CONFIDENCE = tuple(np.linspace(0.3, 1.0, 101).tolist())
TEXT = Calibration(80, Scaling(2.0, (0.5, -0.5, 0.0)), CONFIDENCE)
BOTH = Calibration(90, Scaling(1.5), CONFIDENCE)
CALIBRATIONS = Calibrations({"text": TEXT, "text+image": BOTH})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_small_model(tmp_path_factory.mktemp("calibration") / "model")
    set_calibration(folder, CALIBRATIONS.to_json(EMOTIONS))
    return folder


def test_written_is_read(model: Path) -> None:
    assert read(model, read_labels(model)) == CALIBRATIONS


def test_a_model_without_one_answers_as_its_networks_do(tmp_path: Path) -> None:
    folder = write_small_model(tmp_path / "model")
    assert read(folder, read_labels(folder)) == Calibrations()
    row = np.array([0.2, 0.8])
    assert Calibrations().calibrated(row, ("text",)) is row


def test_each_combination_has_a_scaling_of_its_own() -> None:
    row = np.array([0.5, 0.3, 0.2])
    powers = row**0.5 * np.exp([0.5, -0.5, 0.0])
    assert CALIBRATIONS.calibrated(row, ("text",)) == pytest.approx(powers / powers.sum())
    powers = row ** (1 / 1.5)
    assert CALIBRATIONS.calibrated(row, ("text", "image")) == pytest.approx(powers / powers.sum())
    assert CALIBRATIONS.calibrated(row, ("image",)) is row


def test_the_classifier_answers_by_it(model: Path, tmp_path: Path) -> None:
    plain = EmotionClassifier.load(write_small_model(tmp_path / "plain"))
    calibrated = EmotionClassifier.load(model)
    posts = [Post("1", "so happy"), Post("2", "sad day")]
    for before, after in zip(plain.predict(posts), calibrated.predict(posts), strict=True):
        expected = TEXT.scaling(list(before.probabilities.values()))
        assert list(after.probabilities.values()) == pytest.approx(expected, abs=1e-6)
        assert after.emotion == EMOTIONS[int(expected.argmax())]


def test_a_copy_of_a_model_is_calibrated_too(model: Path, tmp_path: Path) -> None:
    EmotionClassifier.load(model).save(tmp_path / "copy")
    assert read(tmp_path / "copy", read_labels(tmp_path / "copy")) == CALIBRATIONS


def altered(folder: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """The line that a changed and signed calibration.json is refused with."""
    write_small_model(folder)
    content = CALIBRATIONS.to_json(EMOTIONS)
    change(content)
    set_calibration(folder, content)
    labels = read_labels(folder)
    with pytest.raises(ModelError) as caught:
        read(folder, labels)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 500 and CALIBRATION in message
    return message


def of_text(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content["combinations"]["text"].update(values)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (of_text(temperature=-1), "temperature: expected a number from 0.05 to 20, found -1"),
        (of_text(temperature=0), "temperature: expected"),
        (of_text(temperature=None), "temperature: expected"),
        (of_text(temperature=True), "temperature: expected"),
        (of_text(temperature=10**400), "temperature: expected"),
        (of_text(posts=0), "posts: expected"),
        (of_text(posts=2.5), "posts: expected"),
        (of_text(biases={**dict.fromkeys(EMOTIONS, 0), "joyy": 1}), "no emotion of this model is 'joyy'"),
        (of_text(biases={"fear": 1}), "there is none for 'happiness'"),
        (of_text(biases=dict.fromkeys(EMOTIONS, 1e6)), "biases: expected numbers from -50 to 50"),
        (of_text(biases=[1, 2, 3]), "biases: expected a number for each emotion"),
        (of_text(confidence=[0.5] * 100), "confidence: expected 101 numbers"),
        (of_text(confidence=[*CONFIDENCE[1:], 0.1]), "that never fall"),
        (of_text(confidence=[2.0] * 101), "from 0 to 1"),
        (of_text(confidence=None), "confidence: expected"),
        (lambda content: content["combinations"].update(smell=content["combinations"]["text"]), "found 'smell'"),
        (lambda content: content["combinations"].update({"image+text": {}}), "found 'image+text'"),
        (lambda content: content["combinations"].update(text=3), "text: expected an object"),
        (lambda content: content.update(combinations=[]), "combinations: expected an object"),
        (lambda content: content.clear(), "combinations: expected an object"),
    ],
)
def test_what_is_no_calibration_is_refused_in_one_line(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    assert expected in altered(tmp_path, change)


def test_nan_is_refused(tmp_path: Path) -> None:
    folder = write_small_model(tmp_path)
    set_calibration(folder, CALIBRATIONS.to_json(EMOTIONS))
    (folder / CALIBRATION).write_text((folder / CALIBRATION).read_text().replace("2.0", "NaN"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest[CALIBRATION] = digest(folder / CALIBRATION)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="temperature: expected"):
        read(folder, LABELS)


@pytest.mark.parametrize("listed", [True, False])
def test_an_altered_or_unlisted_file_is_refused(tmp_path: Path, listed: bool) -> None:
    folder = write_small_model(tmp_path)
    if listed:
        set_calibration(folder, CALIBRATIONS.to_json(EMOTIONS))
    (folder / CALIBRATION).write_text("{}")
    with pytest.raises(ModelError, match=r"calibration\.json: this file was altered"):
        EmotionClassifier.load(folder)


def test_a_link_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = write_small_model(tmp_path / "model")
    (tmp_path / "elsewhere").write_text("{}")
    (folder / CALIBRATION).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="a link to a file outside"):
        read_labels(folder)


def answer(confidence: float, *modalities: str) -> Prediction:
    other = (1 - confidence) / 2
    return Prediction("1", "fear", {"fear": confidence, "sadness": other, "happiness": other}, modalities)


def test_the_least_sure_share_is_refused_by_combination() -> None:
    tenth = Abstention(CALIBRATIONS, 0.1, Path("mine"))  # below 0.37
    assert tenth.of(answer(0.38, "text")) == (False, ())
    refused, (why,) = tenth.of(answer(0.36, "text"))
    assert refused and "fear has 36.0%, and the least sure 10% of the posts read from text have less than 37.0%" in why
    refused, (why,) = tenth.of(answer(0.34, "image"))
    assert not refused and "nothing of posts read from image" in why


def test_an_answer_of_the_least_sure_tenth_says_so_unless_it_is_refused() -> None:
    said = "not sure: fear has 36.0%; nine of ten posts read from text have 37.0% or more"
    assert CALIBRATIONS.doubt("fear", 0.36, ("text",)) == said
    assert CALIBRATIONS.doubt("fear", 0.38, ("text",)) == CALIBRATIONS.doubt("fear", 0.1, ("image",)) == ""
    doubted = replace(answer(0.36, "text"), warnings=("cut", said))
    refused, (cut, why) = Abstention(CALIBRATIONS, 0.1, Path("mine")).of(doubted)
    assert refused and cut == "cut" and why.startswith("not sure enough: ")
    assert Abstention(CALIBRATIONS, 0.01, Path("mine")).of(doubted) == (False, ("cut", said))


def test_about_the_share_that_is_asked_for_is_refused() -> None:
    table = np.random.default_rng(0).dirichlet(np.ones(3), 1000)
    calibrations = Calibrations({"text": Calibration(1000, AS_IT_IS, confidence_of(table))})
    for share in (0.05, 0.333, 0.8):
        refuses = Abstention(calibrations, share, Path("mine"))
        answers = [Prediction("1", "fear", dict(zip(EMOTIONS, row.tolist(), strict=True)), ("text",)) for row in table]
        refused = [refuses.of(each)[0] for each in answers]
        assert np.mean(refused) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("share", [0, 1, -0.1, 7, float("nan")])
def test_no_share_is_one_line(share: float) -> None:
    with pytest.raises(ConfigError, match="above 0 and below 1"):
        Abstention(CALIBRATIONS, share, Path("mine"))


def test_a_model_without_thresholds_says_how_to_get_them() -> None:
    with pytest.raises(ModelError, match="feelscope calibrate TABLE"):
        Abstention(Calibrations(), 0.1, Path("mine"))
