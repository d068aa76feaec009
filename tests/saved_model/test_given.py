"""A classifier takes what is in memory, gives probabilities and vectors of it, and goes from process to process."""

import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnx
import pandas
import pytest
from PIL import Image
from small_model import EMOTIONS, LABELS, WIDTH, alter_network, fusion_network, write_small_model

from feelscope import progress
from feelscope.errors import ConfigError, ModelError, PostsError
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.onnx_file import last_shared, with_output

ROOT = Path(__file__).parents[2]
CAKE = ROOT / "examples" / "images" / "cake.png"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_model(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def small(folder: Path) -> EmotionClassifier:
    return EmotionClassifier.load(folder, workers=1)


@pytest.fixture(scope="module")
def builtin() -> EmotionClassifier:
    return EmotionClassifier.load(workers=2)


# predict and predict_proba


def test_all_kinds_of_posts_have_one_answer(small: EmotionClassifier) -> None:
    texts = ["so happy", "the sad day", None]
    expected = small.predict([Post("1", "so happy"), Post("2", "the sad day"), Post("3")])
    assert small.predict(texts) == expected
    assert small.predict(pandas.Series(texts)) == expected
    assert small.predict(pandas.DataFrame({"Tweet": texts})) == expected
    assert small.predict({"said": texts}, columns={"text": "said"}) == expected
    assert small.predict(text for text in texts) == expected
    assert small.predict("so happy") == expected[:1]
    assert expected[2].emotion is None and expected[2].warnings == ("there is nothing to read in this post",)


def test_a_wrong_type_says_what_is_taken(small: EmotionClassifier) -> None:
    for call in (small.predict, small.predict_proba, small.embed):
        with pytest.raises(PostsError, match=r"^posts are a text, a picture, a Post or a dict, a list of these,"):
            call(3.5)


def test_a_picture_is_the_same_by_whatever_it_is_given(builtin: EmotionClassifier) -> None:
    image = Image.open(CAKE).convert("RGB")
    by_path, *others = builtin.predict([CAKE, CAKE.read_bytes(), image, np.asarray(image)])
    assert by_path.modalities == ("image",)
    assert all(other.probabilities == by_path.probabilities for other in others)


def test_probabilities_are_in_the_order_of_the_emotions(small: EmotionClassifier) -> None:
    found = small.predict_proba(["so happy", None])
    assert found.shape == (2, len(EMOTIONS)) and found.dtype == np.float64
    assert found[0].tolist() == [*small.predict("so happy")[0].probabilities.values()]
    assert np.isnan(found[1]).all()


def test_progress_is_told(small: EmotionClassifier) -> None:
    told: list[tuple[int, int]] = []
    small.predict(["a"] * 5, progress=lambda *count: told.append(count))
    assert told == [(number, 5) for number in range(1, 6)]
    told.clear()
    small.predict_proba(iter(["a", "b"]), progress=lambda *count: told.append(count))
    assert told == [(1, 0), (2, 0)]


class Terminal:
    def __init__(self) -> None:
        self.shown = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.shown += text

    def flush(self) -> None:
        pass


def test_a_terminal_shows_progress_of_what_takes_longer(
    small: EmotionClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    small.predict(["a"] * 5)
    assert terminal.shown == ""  # it took no time
    monkeypatch.setattr(progress.Watched, "AFTER", -1.0)
    small.predict(["a"] * 5, progress=False)
    assert terminal.shown == ""
    small.predict(["a"] * 5)
    assert "\rpredicting: 1 of 5" in terminal.shown
    assert terminal.shown.endswith("\r\x1b[K")  # and is gone at the end
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    terminal.shown = ""
    small.predict(["a"] * 5)
    assert terminal.shown == ""


def test_a_notebook_shows_progress_below_the_cell(small: EmotionClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import ModuleType, SimpleNamespace

    lines: list[str] = []
    handle = SimpleNamespace(update=lambda data, raw: lines.append(data["text/plain"]))
    shell = SimpleNamespace(kernel=object())
    package, display = ModuleType("IPython"), ModuleType("IPython.display")
    package.get_ipython = lambda: shell  # type: ignore[attr-defined]
    display.display = lambda *_, **__: handle  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(progress.Watched, "AFTER", -1.0)
    small.predict(["a"] * 5)
    assert lines[0].startswith("predicting: 1 of 5") and lines[-1] == ""


def test_it_says_what_it_is(small: EmotionClassifier) -> None:
    assert repr(small) == "EmotionClassifier('small': reads text and image; answers happiness, sadness, fear)"


# Vectors


def test_vectors_have_the_documented_widths(small: EmotionClassifier, builtin: EmotionClassifier) -> None:
    assert dict(small.widths) == {"text": WIDTH, "image": WIDTH, "fused": WIDTH}
    assert dict(builtin.widths) == {"text": 384, "image": 1280, "fused": 384}
    found = builtin.embed(["What a day!", CAKE, None])
    assert {name: array.shape for name, array in found.items()} == {
        "text": (3, 384),
        "image": (3, 1280),
        "fused": (3, 384),
    }
    assert found.ids == ("1", "2", "3")
    assert all(array.dtype == np.float32 for array in found.values())
    assert [np.isnan(found[name]).all(axis=1).tolist() for name in ("text", "image", "fused")] == [
        [False, True, True],
        [True, False, True],
        [False, False, True],
    ]
    assert not np.isnan(found["fused"][:2]).any()


def test_vectors_do_not_depend_on_the_posts_beside_them(small: EmotionClassifier) -> None:
    texts = ["so happy", "the sad day", "a day"] * 7
    together = small.embed(texts)
    for place, text in enumerate(texts[:3]):
        assert np.array_equal(small.embed(text)["text"][0], together["text"][place])
        assert np.array_equal(together["fused"][place], together["fused"][place + 3])
    assert small.embed([])["text"].shape == (0, WIDTH)


def test_the_fused_vector_is_what_the_last_layer_takes(small: EmotionClassifier, folder: Path) -> None:
    """Of the small model: the sum of both vectors, and its probabilities are a softmax of it times the weights."""
    given = [{"text": "so happy", "image": CAKE}, {"text": "the sad day"}]
    found = small.embed(given)
    assert np.allclose(found["fused"][0], found["text"][0] + found["image"][0], atol=1e-6)
    assert np.array_equal(found["fused"][1], found["text"][1])
    weights = onnx.numpy_helper.to_array(onnx.load(folder / "fusion.onnx").graph.initializer[0])
    scores = np.exp(found["fused"] @ weights)
    assert np.allclose(scores / scores.sum(axis=1, keepdims=True), small.predict_proba(given), atol=1e-6)


def test_a_model_whose_modalities_do_not_meet_has_no_fused_vector(tmp_path: Path) -> None:
    folder = write_small_model(tmp_path)

    def apart(made: onnx.ModelProto) -> None:
        """A product of two classifiers, as in late fusion: the sum of what each multiplies with its own weights."""
        graph = made.graph
        del graph.node[:]
        make = onnx.helper.make_node
        graph.node.extend(
            [
                make("Mul", ["text", "has_text"], ["words"]),
                make("Mul", ["image", "has_image"], ["picture"]),
                make("MatMul", ["words", "weights"], ["first"]),
                make("MatMul", ["picture", "weights"], ["second"]),
                make("Add", ["first", "second"], ["scores"]),
                make("Softmax", ["scores"], ["answer"], axis=1),
            ]
        )

    alter_network(folder, "fusion.onnx", apart)
    classifier = EmotionClassifier.load(folder, workers=1)
    assert classifier.widths["fused"] == 0
    found = classifier.embed(["so happy"])
    assert list(found) == ["text", "image"]
    with pytest.raises(ConfigError, match="no vectors of 'fused'"):
        found["fused"]


def test_a_further_output_is_found_and_written() -> None:
    network = fusion_network()
    content = network.SerializeToString()
    assert last_shared(content, ["text", "image"]) == "both"
    assert last_shared(content, ["text", "tags"]) is None
    long = "x" * 300  # a length of two bytes
    for name in ("both", long):
        again = onnx.load_from_string(with_output(content, name))
        assert [output.name for output in again.graph.output] == ["answer", name]
        del again.graph.output[1:]
        assert again == network


def test_embeddings_show_themselves_and_can_be_pickled(small: EmotionClassifier) -> None:
    found = small.embed(["so happy", "a day"])
    assert repr(found) == f"Embeddings(2 posts: text {WIDTH}, image {WIDTH}, fused {WIDTH})"
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 (its own)
    assert again.ids == found.ids and np.array_equal(again["text"], found["text"])


# From process to process


def ask(classifier: EmotionClassifier) -> list[float]:
    return [*classifier.predict("so happy")[0].probabilities.values()]


def test_it_is_pickled_by_its_folder_and_options(small: EmotionClassifier, folder: Path) -> None:
    content = pickle.dumps(small)
    assert len(content) < 1000 and b"onnx" not in content
    again = pickle.loads(content)  # noqa: S301 (its own)
    assert again.folder == small.folder and ask(again) == ask(small)


def test_options_and_calibration_go_with_it(builtin: EmotionClassifier) -> None:
    other = pickle.loads(pickle.dumps(EmotionClassifier.load(skip_pictures=0.5).uncalibrated()))  # noqa: S301
    assert other.skip_pictures == 1.0 and not other.calibration.by_combination
    other = pickle.loads(pickle.dumps(EmotionClassifier.load(workers=1, skip_pictures=0.5)))  # noqa: S301
    assert other.skip_pictures == 0.5 and other.calibration == builtin.calibration


def test_another_process_that_shares_nothing_answers_the_same(small: EmotionClassifier) -> None:
    code = "import pickle, sys; (one,) = pickle.load(sys.stdin.buffer).predict('so happy'); "
    code += "print(repr([*one.probabilities.values()]))"
    ran = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(small), capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stdout.decode().strip() == repr(ask(small))


def test_a_spawned_pool_takes_it(small: EmotionClassifier) -> None:
    with get_context("spawn").Pool(1) as pool:
        assert pool.map(small.predict_proba, [["so happy"]])[0].tolist() == [ask(small)]


def test_a_changed_or_missing_folder_is_told(tmp_path: Path) -> None:
    folder = write_small_model(tmp_path / "model")
    content = pickle.dumps(EmotionClassifier.load(folder, workers=1))

    shutil.rmtree(folder)
    write_small_model(folder, replace(LABELS, name="another"))
    with pytest.raises(ModelError, match="not the model that was pickled"):
        pickle.loads(content)  # noqa: S301 (its own)
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match="no model folder is there"):
        pickle.loads(content)  # noqa: S301 (its own)
