"""Integrated gradients of a trained run: they sum up, find the word that decides, and agree with leaving out."""

import json
import shutil

import numpy as np
import pytest
import torch
from small_family import SAID
from torch import nn

from feelscope.errors import ConfigError, FeelscopeError
from feelscope.explain import gradients, regions
from feelscope.explain.gradients import Inputs, explain
from feelscope.explain.integral import integrate
from feelscope.post import Post, Prediction
from feelscope.saved_model.classifier import EmotionClassifier, Settings
from feelscope.text.place import Place
from feelscope.train.rebuilding import RebuiltRun


@pytest.fixture(scope="module")
def run(words_run):
    return RebuiltRun(words_run)


def said(post, word):
    return getattr(post, word.field)[word.start : word.end]


def test_weights_sum_to_the_change_and_modalities_to_their_parts(run):
    post = Post("1", "the house, sunny then dark!", tags=("hap",), other={"votes": 3})
    found = explain(run, post)
    assert {*found.modalities} == {*found.prediction.modalities} >= {"text", "numbers"}
    change = found.probability - found.baseline
    assert abs(change) > 0.05
    assert sum(found.modalities.values()) == pytest.approx(change, abs=0.05 * abs(change))
    assert sum(word.weight for word in found.words) == pytest.approx(found.modalities["text"], abs=1e-6)
    assert found.regions == () and found.warnings == found.prediction.warnings
    assert found.probability == pytest.approx(found.prediction.probabilities[found.emotion], abs=1e-4)


@pytest.mark.parametrize("emotion", SAID)
def test_the_word_that_decides_weighs_most_and_as_leaving_it_out_says(run, words_run, emotion):
    classifier = EmotionClassifier.load(words_run)
    for word in SAID[emotion]:
        post = Post("1", f"the house {word} then went")
        found = explain(run, post, emotion)
        first = max(found.words, key=lambda one: one.weight)
        assert said(post, first) == word
        without = classifier.explain(post, emotion, Settings("occlusion")).words
        left_out = {(one.start, one.end): one.weight for one in without}
        compared = [one for one in found.words if abs(left_out.get((one.start, one.end), 0)) > 0.02]
        assert compared, "something must have been compared"
        for one in compared:
            assert one.weight * left_out[one.start, one.end] > 0, said(post, one)


def test_a_word_of_another_emotion_speaks_against(run):
    post = Post("1", "sunny grave")
    weights = {said(post, word): word.weight for word in explain(run, post, "sadness").words}
    assert weights["grave"] > 0.05 > 0 > weights["sunny"]


def test_nothing_to_read_and_unknown_emotions_are_one_line(run):
    with pytest.raises(FeelscopeError, match="there is nothing to read"):
        explain(run, Post("1"))
    with pytest.raises(ConfigError, match="did you mean 'sadness'"):
        explain(run, Post("1", "sunny"), "sadnes")


def test_a_saved_model_that_answers_otherwise_is_told(words_run, tmp_path):
    shutil.copytree(words_run, tmp_path / "run")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    (tmp_path / "run" / "metrics.json").write_text(json.dumps(metrics | {"temperature": 20.0}))
    found = explain(RebuiltRun(tmp_path / "run"), Post("1", "sunny grave"))
    assert any("the network in floats" in warning for warning in found.warnings)


class Toy:
    """Words 1 to 9 of vectors that say their number, and the redness of the picture's upper left quarter."""

    emotions = ("joy", "anger")

    def __init__(self, inputs, jump=1.0):
        self.lookup = nn.Embedding(10, 2)
        with torch.no_grad():
            self.lookup.weight.copy_(torch.arange(20.0).reshape(10, 2) / 20)
        self._inputs, self._jump = inputs, jump

    def read(self, post):
        used = tuple(
            name for name, there in (("text", self._inputs.ids), ("image", self._inputs.rgb)) if there is not None
        )
        with torch.no_grad():
            rgb = None if self._inputs.rgb is None else torch.from_numpy(self._inputs.rgb).float()[None]
            row = self.probabilities(self._inputs.ids, rgb, {})[0].tolist()
        return self._inputs, Prediction(post.id, "joy", dict(zip(self.emotions, row, strict=True)), used)

    def probabilities(self, ids, rgb, further):
        score = torch.zeros(1)
        if ids is not None:
            score = score + self.lookup(ids).sum(dim=(1, 2))
        if rgb is not None:
            score = score + (rgb[:, :8, :8, 0].mean(dim=(1, 2)) - 128) / 64
        joy = torch.sigmoid(score * self._jump)
        return torch.stack([joy, 1 - joy], dim=1)


def places(*spans):
    return [None if span is None else Place("text", *span) for span in spans]


def test_tokens_become_words_and_what_is_between_them_counts():
    text = "so sunny!!? (day) 😀"
    tokens = places(None, (0, 2), (3, 6), (6, 8), (8, 9), (9, 11), (12, 13), (13, 16), (16, 17), (18, 19), None)
    inputs = Inputs(ids=torch.tensor([[9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]]), places=tokens)
    found = explain(Toy(inputs), Post("1", text))
    assert [text[word.start : word.end] for word in found.words] == ["so", "sunny", "!!?", "(", "day", ")", "😀"]
    assert sum(word.weight for word in found.words) == pytest.approx(found.modalities["text"])
    assert sum(found.modalities.values()) == pytest.approx(found.probability - found.baseline, abs=1e-3)


def test_marks_stay_in_the_blank_post_and_weigh_nothing():
    inputs = Inputs(ids=torch.tensor([[9, 1, 9]]), places=places(None, (0, 2), None))
    toy = Toy(inputs)
    found = explain(toy, Post("1", "so"))
    marks = float(toy.lookup.weight[9].detach().sum()) * 2
    assert found.baseline == pytest.approx(1 / (1 + np.exp(-marks)), abs=1e-5)
    assert len(found.words) == 1 and found.words[0].weight == pytest.approx(
        found.probability - found.baseline, abs=1e-4
    )


def test_regions_are_the_cells_whose_pixels_move_the_answer():
    rgb = np.zeros((16, 16, 3), np.uint8)
    rgb[:4, :4, 0] = 250  # red where it is looked at
    rgb[12:, 12:, 0] = 250  # red where it is not
    found = explain(Toy(Inputs(rgb=rgb)), Post("1", image=b"x"))
    assert len(found.regions) == regions.COUNT and found.words == ()
    weights = np.array([region.weight for region in found.regions]).reshape(regions.SIDE, regions.SIDE)
    assert (weights[:2, :2] > 0).all(), "redder than the mean"
    assert (weights[2:4, 2:4] < 0).all(), "less red than the mean"
    assert not weights[4:].any() and not weights[:, 4:].any(), "not looked at"
    assert weights.sum() == pytest.approx(found.probability - found.baseline, abs=1e-3)


def test_weights_that_do_not_sum_up_are_told(monkeypatch):
    monkeypatch.setattr(gradients, "integrate", lambda *given: integrate(*given, steps=(2,)))
    inputs = Inputs(ids=torch.tensor([[1]]), places=places((0, 2)))
    found = explain(Toy(inputs, jump=500.0), Post("1", "so"))
    assert any("the weights sum to" in warning for warning in found.warnings)
