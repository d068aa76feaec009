"""Inception v1 learns beside other modalities: from scratch, or its upper rows from a file of weights."""

import numpy as np
import pytest
import torch
from PIL import Image
from small_family import EMOTIONS, SAID, WORDS, recipe, write_vectors
from small_inception import as_torch, published

from feelscope.encoders.encoder import Resources
from feelscope.encoders.inception import InceptionV1, scale_pixels
from feelscope.encoders.inception_encoder import InceptionEmbedder, InceptionEncoder, find_weights
from feelscope.encoders.opening import encode, open_image, open_text
from feelscope.encoders.settings import ImageSettings
from feelscope.errors import ConfigError, ModelError
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.export import export
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_classifier
from feelscope.train.selection import answer

NEW, TUNED = ImageSettings("inception", "new"), ImageSettings("inception", "tuned")


def never(position, error):
    raise AssertionError(f"{position}: {error}")


def draw(path, kind, number):
    """Stripes across, stripes down, or a chequered board, in any colours and at any place."""
    random = np.random.default_rng(number)
    y, x = np.mgrid[0:64, 0:64] // 8
    shift, colours = random.integers(0, 8, 2), random.permutation(np.array([[30, 30, 30], [220, 220, 220]]))
    pattern = ((x + shift[0]) * (kind != 1) + (y + shift[1]) * (kind != 0)) % 2
    Image.fromarray(colours[pattern].astype(np.uint8)).save(path)


def posts(folder, count, first=0):
    """Of five posts, one has no picture and one no words."""
    made = []
    for number in range(first, first + count):
        image = None if number % 5 == 3 else folder / f"{number}.png"
        if image:
            draw(image, number % 3, number)
        emotion = EMOTIONS[number % 3]
        text = "" if number % 5 == 4 else f"we saw the {SAID[emotion][number % 2]} x{number}"
        made.append(Post(str(number), text, image=image, emotion=emotion))
    return made


def encoded(some, encoders, refuse=never):
    labels = [EMOTIONS.index(post.emotion) for post in some]
    return encode(some, labels, encoders, progress=silent, refuse=refuse)


def write_weights(path):
    torch.save({name: torch.from_numpy(value.copy()) for name, value in as_torch(published(3)).items()}, path)


def probabilities(fitted, posts):
    return (answer(fitted.network, posts) / fitted.temperature).softmax(dim=1)


@pytest.mark.slow
def test_the_upper_rows_of_published_weights_learn_beside_the_words(tmp_path):
    write_weights(tmp_path / "googlenet.pth")
    chosen = recipe("joint", image=TUNED, fusion__hidden_size=16, steps__epochs=2)
    some = posts(tmp_path, 20)
    here = Resources(tmp_path / "cache", words=write_vectors(tmp_path / "vectors.txt"), weights=tmp_path)
    encoders = {
        "text": open_text(WORDS, some, here, sparse=False),
        "image": open_image(TUNED, here, seed=0),  # its file is found in the folder
    }
    corpus = EncodedCorpus(encoders, encoded(some[4:], encoders), encoded(some[:4], encoders), len(EMOTIONS))
    (cached,) = (tmp_path / "cache").glob("inception-*.f16")
    assert "below-5b" in cached.name
    before = encoders["image"].embedder().network.state_dict()
    fitted = fit_classifier(chosen, corpus, None, progress=silent)
    after = fitted.network.embedders["image"].network.state_dict()
    changed = {name.rpartition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed and all(name.startswith(("blocks.5b.", "last")) for name in changed)
    assert "last" in changed
    (tmp_path / "run").mkdir()
    export(tmp_path / "run", fitted.network, encoders, EMOTIONS, ("text", "image"), fitted.temperature, some)
    fresh = posts(tmp_path, 10, 100)
    expected = probabilities(fitted, encoded(fresh, encoders))
    predictions = EmotionClassifier.load(tmp_path / "run").predict(fresh)
    for post, row, prediction in zip(fresh, expected, predictions, strict=True):
        # What is kept on disk has half precision.
        assert list(prediction.probabilities.values()) == pytest.approx(row.tolist(), abs=2e-3), post
        has = {"text": post.has_text, "image": post.image is not None}
        assert prediction.modalities == tuple(name for name, there in has.items() if there)


@pytest.mark.slow
def test_from_scratch_all_rows_learn(tmp_path):
    some = [post for post in posts(tmp_path, 24) if post.image is not None][:18]
    some[3] = Post("broken", image=b"no picture", emotion="happiness")
    encoder = open_image(NEW, Resources(tmp_path / "cache"), seed=3)
    refused = []
    training = encoded(some, {"image": encoder}, lambda position, error: refused.append(position))
    assert refused == [3]
    assert [path.name for path in (tmp_path / "cache").glob("*.u8")] == ["inception-v1-pixels.u8"]
    adam = {"steps__optimizer": "adamw", "steps__momentum": 0.0, "steps__learning_rate": 1e-3}
    chosen = recipe("image_only", image=NEW, steps__epochs=3, steps__batch_size=9, **adam)
    corpus = EncodedCorpus({"image": encoder}, training, training.rows(torch.tensor([], dtype=torch.long)), 3)
    fitted = fit_classifier(chosen, corpus, None, progress=silent)
    losses = [record["train_loss"] for record in fitted.history]
    assert losses[-1] < losses[0] - 0.1
    before = dict(encoder.embedder().network.named_parameters())
    after = fitted.network.embedders["image"].network.named_parameters()
    assert [name for name, weights in after if torch.equal(before[name], weights)] == []
    (tmp_path / "run").mkdir()
    export(tmp_path / "run", fitted.network, {"image": encoder}, EMOTIONS, ("image",), fitted.temperature, some)
    (prediction,) = EmotionClassifier.load(tmp_path / "run").predict([Post("1", image=tmp_path / "1.png")])
    assert prediction.modalities == ("image",)


def test_vectors_are_the_networks_whether_pixels_or_activations_are_kept(tmp_path):
    write_weights(tmp_path / "googlenet.pth")
    draw(tmp_path / "1.png", 0, 1)
    some = [Post("1", image=tmp_path / "1.png", emotion="fear"), Post("2", "words", emotion="fear")]
    pixels = torch.from_numpy(scale_pixels(read_rgb(tmp_path / "1.png", 224)[None]))
    for settings, weights in ((NEW, None), (TUNED, tmp_path / "googlenet.pth")):
        encoder = InceptionEncoder(weights, settings, tmp_path / "cache", seed=3)
        inputs, present = encoder.encode(some, silent, never)
        assert (inputs.tolist(), present.tolist()) == ([[1], [0]], [1, 0])
        embedder = encoder.embedder().eval()
        with torch.inference_mode():
            vectors, expected = embedder(inputs), embedder.network(pixels)
        torch.testing.assert_close(vectors[:1], expected, atol=2e-3, rtol=1e-2)
        assert vectors[1].abs().sum() == 0
        assert expected.abs().sum() > 0


def test_the_seed_decides_the_new_weights_and_leaves_others_draws_alone(tmp_path):
    torch.manual_seed(7)
    drawn = torch.rand(1)
    torch.manual_seed(7)
    encoders = [InceptionEncoder(None, NEW, tmp_path, seed) for seed in (3, 3, 4)]
    assert torch.rand(1) == drawn
    first, same, other = (encoder.embedder().network.last.weight for encoder in encoders)
    assert torch.equal(first, same) and not torch.equal(first, other)


@pytest.mark.parametrize("training", [True, False])
def test_in_training_batch_norm_sees_all_pictures_of_the_step_together(training, monkeypatch):
    network, seen = InceptionV1(), []
    monkeypatch.setattr(
        network, "between", lambda inputs, first: seen.append(len(inputs)) or torch.ones(len(inputs), 128)
    )
    cached = np.zeros((70, 4, 2, 2), np.float16)
    embedder = InceptionEmbedder(network, "5b", lambda: cached, torch.nn.Identity()).train(training)
    vectors = embedder(torch.arange(71, dtype=torch.int32).unsqueeze(1))
    assert seen == ([70] if training else [32, 32, 6])
    assert vectors.sum(dim=1).tolist() == [0] + [128] * 70


def test_wrong_weights_are_one_line(tmp_path):
    (tmp_path / "googlenet.txt").write_text("no weights")
    for weights, said in (
        (tmp_path / "none.pth", "none.pth: no such file"),
        (tmp_path, "holds no weights of Inception v1"),
        (tmp_path / "googlenet.txt", "expected a file that ends in"),
    ):
        with pytest.raises(ModelError, match=said) as caught:
            open_image(TUNED, Resources(tmp_path / "cache", weights=weights), seed=0)
        assert "\n" not in str(caught.value)


def test_weights_that_are_missing_or_not_asked_for_are_one_line(tmp_path):
    with pytest.raises(ConfigError, match="give their file with --weights FILE, or write training = 'new'"):
        open_image(TUNED, Resources(tmp_path), seed=0)
    with pytest.raises(ConfigError, match=r"^--weights .*googlenet\.pth: this recipe trains Inception from scratch"):
        open_image(NEW, Resources(tmp_path, weights=tmp_path / "googlenet.pth"), seed=0)


def test_the_file_of_weights_is_found_in_a_folder(tmp_path):
    for name in ("Inception_v1.npz", "googlenet.txt", "other.pth"):
        (tmp_path / name).touch()
    assert find_weights(tmp_path) == tmp_path / "Inception_v1.npz"
    assert find_weights(tmp_path / "other.pth") == tmp_path / "other.pth"
