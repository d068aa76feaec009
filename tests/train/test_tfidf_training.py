"""A model of n-grams from a table to a saved model: it answers as its network does, without torch or scikit-learn."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_comparison import EMOTIONS, write_posts

from feelscope.encoders.ngram_tokenizer import open_tokenizer
from feelscope.errors import ConfigError
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable
from feelscope.train.rebuilding import RebuiltRun
from feelscope.train.recipe import change, read_recipe
from feelscope.train.train import train

PREDICT = """
import json, sys
from feelscope import EmotionClassifier
from feelscope.post import Post
found = EmotionClassifier.load(sys.argv[1]).predict([Post("1", sys.argv[2])])[0]
print(json.dumps([found.emotion, sorted({"torch", "sklearn", "scipy"} & {*sys.modules})]))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfidf")
    recipe = change(read_recipe("tfidf/text_only"), epochs=12)
    recipe = replace(recipe, text=replace(recipe.text, width=4), steps=replace(recipe.steps, learning_rate=0.03))
    return train(recipe, folder / "run", table=write_posts(folder / "posts.csv"))


def test_it_learns_and_answers_without_torch_or_scikit_learn(run, tmp_path):
    posts = list(PostsTable(write_posts(tmp_path / "dev.csv", 30, seed=1)))
    answers = EmotionClassifier.load(run).predict(posts)
    assert np.mean([answer.emotion == post.emotion for answer, post in zip(answers, posts, strict=True)]) > 0.9
    asked = subprocess.run(
        [sys.executable, "-c", PREDICT, str(run), "a grave in the dark, tears"],
        capture_output=True,
        check=True,
        text=True,
    )
    emotion, heavy = json.loads(asked.stdout)
    assert emotion in EMOTIONS and heavy == []


def test_the_saved_model_answers_as_its_network_does(run):
    from safetensors.torch import load_file

    classifier = EmotionClassifier.load(run)
    state = load_file(run / "model.safetensors")
    tokenizer = open_tokenizer(run / "tokenizer.json", 96, True)
    post = Post("1", "We went over the river, laugh!", title="Sunny morning")
    ids = torch.tensor([tokenizer(post).ids])
    words = len(tokenizer.ngrams.words)
    idf = state["embedders.text.idf"][ids]
    weights = torch.zeros_like(idf)
    for kind in (ids <= words, ids > words):
        weights += torch.where(kind, idf, 0.0) / torch.where(kind, idf, 0.0).norm()
    vector = (weights.unsqueeze(2) * state["embedders.text.vectors"][ids]).sum(dim=1)
    (_, vectors) = next(iter(classifier.stream_vectors([post])))
    assert vectors["text"] == pytest.approx(vector[0].numpy(), abs=1e-5)
    logits = vector @ state["fusion.head.weight"].T + state["fusion.head.bias"]
    assert classifier.predict([post])[0].emotion == classifier.emotions[int(logits.argmax())]


def test_texts_of_no_known_ngram_are_not_read(run):
    (unknown,) = EmotionClassifier.load(run).predict([Post("1", "ЖЖЖ")])
    assert unknown.emotion is None and "this model knows none of its words" in unknown.warnings[0]
    (long,) = EmotionClassifier.load(run).predict([Post("1", "sunny " * 97)])
    assert "only the first 96 tokens" in long.warnings[0]


def test_gradients_are_refused_in_one_line(run):
    with pytest.raises(ConfigError, match="a model of n-grams has no vector for a word alone"):
        RebuiltRun(run)
