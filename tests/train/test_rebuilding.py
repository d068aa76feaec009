"""A run's network from its files: it answers as the saved model, and says in one line what is wrong with a folder."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from feelscope.errors import FeelscopeError, ModelError
from feelscope.metrics.scaling import Scaling
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.calibration import Calibration, Calibrations
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train.rebuilding import RebuiltRun

PHOTOS = Path(__file__).parents[2] / "examples" / "images"
POSTS = [
    Post("1", "the sunny house", tags=("hap",), other={"tags": "#hap", "votes": "3"}),
    Post("2", "grave tears"),
    Post("3", "zzz then went dark", "scream"),
]


def answers(run, inputs):
    further = {name: torch.from_numpy(vector)[None] for name, vector in inputs.further.items()}
    return run.probabilities(inputs.ids, None, further)[0].tolist()


def test_it_answers_as_the_saved_model(words_run):
    run, classifier = RebuiltRun(words_run), EmotionClassifier.load(words_run)
    assert run.emotions == classifier.emotions
    rows = set()
    for post in POSTS:
        inputs, prediction = run.read(post)
        assert prediction == classifier.predict([post])[0]
        found = answers(run, inputs)
        assert found == pytest.approx([*prediction.probabilities.values()], abs=1e-4)
        rows.add(tuple(found))
    assert len(rows) == len(POSTS)


def test_on_photos_it_answers_as_the_saved_model(pictures_run):
    run, rows = RebuiltRun(pictures_run), set()
    for photo in sorted(PHOTOS.iterdir()):
        inputs, prediction = run.read(Post("1", image=photo))
        rgb = torch.from_numpy(inputs.rgb.astype(np.float32))[None]
        with torch.no_grad():
            found, scores = run.probabilities(None, rgb, {})[0], run.scores(None, rgb, {})[0]
        assert found.tolist() == pytest.approx([*prediction.probabilities.values()], abs=1e-3)
        assert int(scores.argmax()) == int(found.argmax())
        assert float(scores.exp().sum()) != pytest.approx(1), "scores are before the softmax"
        rows.add(tuple(found.tolist()))
    assert len(rows) == len([*PHOTOS.iterdir()])


def test_it_is_calibrated_as_the_saved_model(copied):
    labels = model_folder.read_labels(copied)
    confidence = tuple(np.linspace(0, 1, 101).tolist())
    scaling = Scaling(3.0, (2.0, -1.0, 0.5))
    found = Calibrations({"text": Calibration(60, scaling, confidence)})
    before = RebuiltRun(copied)
    model_folder.set_calibration(copied, found.to_json(labels.emotions))
    run = RebuiltRun(copied)
    post = Post("1", "grave tears")  # words alone
    inputs, prediction = run.read(post)
    assert answers(run, inputs) == pytest.approx([*prediction.probabilities.values()], abs=1e-4)
    assert answers(run, inputs) == pytest.approx(scaling(answers(before, inputs)).tolist(), abs=1e-5)


@pytest.fixture
def copied(words_run, tmp_path):
    return shutil.copytree(words_run, tmp_path / "run")


def change_weights(folder, change):
    state = load_file(folder / "model.safetensors")
    change(state)
    save_file(state, folder / "model.safetensors")


def change_metrics(folder, **changes):
    path = folder / "metrics.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


WRONG = {
    "no weights": (lambda run: (run / "model.safetensors").unlink(), "is missing"),
    "no recipe": (lambda run: (run / "recipe.toml").unlink(), "is missing"),
    "no safetensors": (lambda run: (run / "model.safetensors").write_bytes(b"x" * 100), "damaged"),
    "cut short": (
        lambda run: (run / "model.safetensors").write_bytes((run / "model.safetensors").read_bytes()[:-50]),
        "damaged",
    ),
    "no numbers": (
        lambda run: change_weights(run, lambda state: state["embedders.text.lookup.vectors"].fill_(float("nan"))),
        "no numbers",
    ),
    "no word vectors": (
        lambda run: change_weights(run, lambda state: state.pop("embedders.text.lookup.vectors")),
        "no matrix lookup.vectors",
    ),
    "narrower": (
        lambda run: change_weights(
            run, lambda state: state.update({name: state[name][:, :3].contiguous() for name in VECTORS})
        ),
        "size mismatch",
    ),
    "a temperature of 0": (lambda run: change_metrics(run, temperature=0), "temperature: expected 0.001"),
    "a temperature of words": (lambda run: change_metrics(run, temperature="hot"), "temperature: expected 0.001"),
    "subclasses that do not fit": (lambda run: change_metrics(run, subclasses=[[7, "a"]]), "do not fit 3 emotions"),
    "no pairs": (lambda run: change_metrics(run, subclasses=[1]), "no pairs"),
    "an altered label": (lambda run: (run / "labels.json").write_text("{}"), "altered"),
}
VECTORS = ("embedders.text.lookup.vectors", "embedders.text.lookup.rest")


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_folder_is_one_line(copied, what):
    change, said = WRONG[what]
    change(copied)
    with pytest.raises(FeelscopeError) as caught:
        RebuiltRun(copied)
    assert said in str(caught.value) and "\n" not in str(caught.value) and "train" in str(caught.value)


def test_the_built_in_model_has_no_torch_weights():
    with pytest.raises(ModelError, match=r"^gradients need a run's torch weights"):
        RebuiltRun(model_folder.BUILTIN)
