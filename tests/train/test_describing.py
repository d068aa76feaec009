"""A card says what was built: over all recipes that come with Feelscope, and by the layers, not by names."""

import re

import pytest
from small_family import WORDS, recipe, write_vectors
from torch import nn

from feelscope.encoders.encoder import Encoder, Resources
from feelscope.encoders.settings import FurtherSettings, ImageSettings, TextSettings
from feelscope.models.network import build_network
from feelscope.post import Post
from feelscope.train.describing import describe
from feelscope.train.encoding import open_encoder
from feelscope.train.recipe import Recipe, names, read_recipe

POSTS = [
    Post(str(number), f"the sunny house, a laugh and then {'tears' if number % 2 else 'dark'}", tags=("one", "two"))
    for number in range(12)
]
RECIPES = {name: read_recipe(name) for name in names()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Builds a recipe's network, and describes it; encoders of equal settings are opened once."""
    folder = tmp_path_factory.mktemp("built")
    resources = Resources(folder / "features", write_vectors(folder / "vectors.txt"))
    opened: dict[object, Encoder] = {}

    def encoder_of(made: Recipe, name: str) -> Encoder:
        key = (name, getattr(made, name, made.further), made.steps.takes_sparse_gradients)
        if key not in opened:
            opened[key] = open_encoder(made, name, POSTS, resources)
        return opened[key]

    def build(made: Recipe, had=None):
        encoders = {name: encoder_of(made, name) for name in made.modalities}
        embedders = {name: encoder.embedder() for name, encoder in encoders.items()}
        widths = {name: encoder.width for name, encoder in encoders.items()}
        network = build_network(made.fusion, embedders, widths, 3)
        return network, describe(network, encoders, made.modalities if had is None else had)

    return build


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_says_its_encoders_and_its_fusion(name, built):
    made = RECIPES[name]
    network, said = built(made)
    parts = dict(re.findall(r"(Words|Pictures|Together|Answer): (.*?)\.(?= (?:Pictures|Together|Answer): |$)", said))
    for modality, called in (("text", "Words"), ("image", "Pictures")):
        assert (called in parts) is (modality in made.modalities)
        if called in parts:
            embedder = network.embedders[modality]
            learns = any(value.requires_grad for value in embedder.parameters())
            recurs = any(isinstance(module, nn.LSTM) for module in embedder.modules())
            assert ("frozen" in parts[called]) is (getattr(made, modality).training == "frozen")
            assert ("frozen" in parts[called]) <= (not learns)
            assert ("LSTM of" in parts[called]) is recurs
            assert ("MiniLM" in parts[called]) is (modality == "text" and made.text.encoder in ("minilm", "builtin"))
            assert ("tuned" in parts[called]) is (getattr(made, modality).training == "tuned")
    fused = parts.get("Together") or parts["Answer"]
    assert ("Together" in parts) is (len(made.modalities) > 1)
    widths = [module.out_features for module in network.fusion.modules() if isinstance(module, nn.Linear)]
    assert ("hidden layer" in fused) is (made.fusion.model not in ("late", "gated") and len(widths) > 1)
    if "hidden layer" in fused:
        assert f"a hidden layer of {made.fusion.hidden_size:,} (" in fused
    assert "linear classifier" not in said


LEARNT_FROM = 'Duong, Lebret and Aberer 2017, "Multimodal Classification for Analysing Social Media"'
GOLD = {
    "deep-sentiment-text": "Words: an LSTM of 512 units (after Hu 2017) over word vectors of width 6, which stayed as "
    f"their file has them. Answer: a linear layer (after {LEARNT_FROM}).",
    "deep-sentiment-mean": "Words: the mean of word vectors of width 6, which stayed as their file has them. Answer: a "
    f"hidden layer of 2,048 (ReLU) and a linear layer (after {LEARNT_FROM}).",
    "deep-sentiment": "Words: an LSTM of 512 units (after Hu 2017) over word vectors of width 6, which stayed as their "
    "file has them. Pictures: EfficientNet-Lite0 (width 1280), in 8-bit integers, frozen. Together: Deep Sentiment's "
    "fusion: 2,048 features of the words and 128 of the picture side by side, then a hidden layer of 1,024 (ReLU) and "
    'a linear layer, a missing modality as zeros (after Hu 2017, "Deep Sentiment Analysis on Tumblr").',
    "fusion": "Words: MiniLM (6 layers, width 384), tuned, all of it, in 8-bit integers. Pictures: EfficientNet-Lite0 "
    "(width 1280), tuned, its upper half, in 8-bit integers. Together: gated fusion: both projected to width 384 and "
    "mixed by a learnt gate, a missing modality replaced by a learnt vector, then GELU and a linear layer (after "
    'Arevalo et al. 2017, "Gated Multimodal Units").',
    "paper/joint": "Words: the maximum of word vectors of width 6, of which the 8 of the training posts learnt too. "
    "Pictures: EfficientNet-Lite0 (width 1280), in 8-bit integers, frozen. Together: joint fusion: the vectors in one "
    "space of width 6, their maximum component by component, then a hidden layer of 100 (linear) and a linear layer "
    f"(after {LEARNT_FROM}).",
}


@pytest.mark.parametrize("name", GOLD)
def test_these_say_just_this(name, built):
    assert built(RECIPES[name])[1] == GOLD[name]


def test_what_no_shipped_recipe_has(built):
    rnn = recipe("text_only", text=TextSettings("words", "new", pooling="rnn", hidden_size=7))
    assert "Words: a vanilla RNN of 7 units (after Hu 2017) over word vectors of width 6, of which" in built(rnn)[1]
    upper = recipe("text_only", text=TextSettings("minilm", "tuned", tune_from="4"))
    assert "MiniLM (6 layers, width 384), tuned from layer 5 on" in built(upper)[1]
    inception = recipe("image_only", image=ImageSettings("inception", "new"))
    assert "Pictures: Inception v1 (width 128), learnt from scratch." in built(inception)[1]
    wide = recipe("image_only", image=ImageSettings("wide-resnet", "new", channels=(4, 4, 8, 8), blocks=1))
    assert "a wide residual network (width 8) over 32 x 32 pixels, learnt from scratch" in built(wide)[1]
    tags = recipe("early", text=WORDS, image=ImageSettings(), further=FurtherSettings(("tags",)))
    assert "Tags: a vector of width 2." in built(tags)[1] and "side by side (8 numbers)" in built(tags)[1]


def test_a_modality_that_no_post_had_is_said(built):
    said = built(RECIPES["tfidf/early"], had=("text",))[1]
    assert "frozen; no post of the training had any. Together" in said and said.count("had any") == 1
