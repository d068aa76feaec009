"""A wide residual network learns from scratch beside other modalities, and predicts as it was trained."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from small_family import EMOTIONS, SAID, WORDS, recipe, write_vectors

from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import encode, open_image, open_text
from feelscope.encoders.settings import ImageSettings
from feelscope.encoders.transforming import Transforming
from feelscope.encoders.wide_resnet import WideResNet, scale_pixels
from feelscope.encoders.wide_resnet_encoder import PAD, WideResNetEmbedder, WideResNetEncoder, draw_places, view
from feelscope.images import read_rgb
from feelscope.images.transformations import transform
from feelscope.objectives.settings import EnAETSettings
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.export import export
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_classifier
from feelscope.train.selection import answer

SMALL = ImageSettings("wide-resnet", "new", channels=(8, 8, 16, 16), blocks=1)
RGB = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)


def never(position, error):
    raise AssertionError(f"{position}: {error}")


def drawn(kind: int, number: int) -> bytes:
    """Stripes across, stripes down, or a chequered board, in any colours and at any place."""
    random = np.random.default_rng(number)
    y, x = np.mgrid[0:64, 0:96] // 8
    shift, colours = random.integers(0, 8, 2), random.permutation(np.array([[30, 30, 30], [220, 220, 220]]))
    pattern = ((x + shift[0]) * (kind != 1) + (y + shift[1]) * (kind != 0)) % 2
    file = io.BytesIO()
    Image.fromarray(colours[pattern].astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def posts(count: int, first: int = 0) -> list[Post]:
    """Of five posts, one has no picture and one no words."""
    made = []
    for number in range(first, first + count):
        emotion = EMOTIONS[number % 3]
        image = None if number % 5 == 3 else drawn(number % 3, number)
        text = "" if number % 5 == 4 else f"we saw the {SAID[emotion][number % 2]} x{number}"
        made.append(Post(str(number), text, image=image, emotion=emotion))
    return made


def encoded(some, encoders, refuse=never):
    return encode(some, [EMOTIONS.index(one.emotion) for one in some], encoders, progress=silent, refuse=refuse)


def probabilities(fitted, some):
    return (answer(fitted.network, some) / fitted.temperature).softmax(dim=1)


@pytest.mark.slow
def test_it_learns_from_scratch_is_saved_and_predicts_as_it_was_trained(tmp_path):
    some = [post for post in posts(120) if post.image is not None]
    some[3] = Post("broken", image=b"no picture", emotion="happiness")
    encoder = open_image(SMALL, Resources(tmp_path / "cache"), seed=3)
    refused = []
    training = encoded(some, {"image": encoder}, lambda position, error: refused.append(position))
    assert refused == [3]
    assert [path.name for path in (tmp_path / "cache").glob("*.u8")] == ["pixels-v1-32.u8"]
    adam = {"steps__optimizer": "adamw", "steps__momentum": 0.0, "steps__learning_rate": 3e-3}
    chosen = recipe("image_only", image=SMALL, steps__epochs=8, steps__batch_size=16, **adam)
    corpus = EncodedCorpus({"image": encoder}, training, training.rows(torch.tensor([], dtype=torch.long)), 3)
    fitted = fit_classifier(chosen, corpus, None, progress=silent)
    before = dict(encoder.embedder().network.named_parameters())
    after = fitted.network.embedders["image"].network.named_parameters()
    assert [name for name, weights in after if torch.equal(before[name], weights)] == []
    (tmp_path / "run").mkdir()
    export(tmp_path / "run", fitted.network, {"image": encoder}, EMOTIONS, ("image",), fitted.temperature, some)
    fresh = [post for post in posts(60, 500) if post.image is not None]
    expected = probabilities(fitted, encoded(fresh, {"image": encoder}))
    predictions = EmotionClassifier.load(tmp_path / "run").predict(fresh)
    for row, prediction in zip(expected, predictions, strict=True):
        assert list(prediction.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-3)
        assert prediction.modalities == ("image",)
    right = [prediction.emotion == post.emotion for prediction, post in zip(predictions, fresh, strict=True)]
    assert np.mean(right) > 0.7, "chance is a third"


@pytest.mark.slow
def test_it_learns_beside_the_words_and_a_post_may_lack_either(tmp_path):
    some = posts(30)
    here = Resources(tmp_path / "cache", words=write_vectors(tmp_path / "vectors.txt"))
    encoders = {
        "text": open_text(WORDS, some, here, sparse=False),
        "image": open_image(SMALL, here, seed=0),
    }
    corpus = EncodedCorpus(encoders, encoded(some[6:], encoders), encoded(some[:6], encoders), len(EMOTIONS))
    chosen = recipe("joint", image=SMALL, fusion__hidden_size=16, steps__epochs=2)
    fitted = fit_classifier(chosen, corpus, None, progress=silent)
    (tmp_path / "run").mkdir()
    export(tmp_path / "run", fitted.network, encoders, EMOTIONS, ("text", "image"), fitted.temperature, some)
    fresh = posts(10, 100)
    expected = probabilities(fitted, encoded(fresh, encoders))
    predictions = EmotionClassifier.load(tmp_path / "run").predict(fresh)
    for post, row, prediction in zip(fresh, expected, predictions, strict=True):
        assert list(prediction.probabilities.values()) == pytest.approx(row.tolist(), abs=1e-3), post
        has = {"text": post.has_text, "image": post.image is not None}
        assert prediction.modalities == tuple(name for name, there in has.items() if there)


def test_vectors_are_the_networks_and_zeros_without_a_picture(tmp_path):
    some = [Post("1", image=drawn(0, 1), emotion="fear"), Post("2", "words", emotion="fear")]
    encoder = WideResNetEncoder(SMALL, tmp_path, seed=3)
    inputs, present = encoder.encode(some, silent, never)
    assert (inputs.tolist(), present.tolist()) == ([[1], [0]], [1, 0])
    embedder = encoder.embedder().eval()
    with torch.inference_mode():
        vectors = embedder(inputs)
        expected = embedder.network(scale_pixels(torch.from_numpy(read_rgb(drawn(0, 1), 32)[None])))
    assert vectors.shape == (2, encoder.width) == (2, 16)
    torch.testing.assert_close(vectors[:1], expected)
    assert vectors[1].abs().sum() == 0 < expected.abs().sum()


def test_views_are_mirrored_shifted_and_reflected_as_a_plain_loop_has_them():
    places = np.array([[0, 4, 4], [1, 4, 4], [0, 0, 8], [1, 7, 2], [0, 8, 0]])

    def reflected(place: int) -> int:
        return -place if place < 0 else 62 - place if place > 31 else place

    views = view(RGB, places, PAD)
    for number, (mirrored, top, left) in enumerate(places.tolist()):
        for row in range(32):
            for column in range(32):
                from_left = 31 - column if mirrored else column
                expected = RGB[number, reflected(row + top - 4), reflected(from_left + left - 4)]
                assert views[number, row, column].tolist() == expected.tolist()
    assert np.array_equal(views[0], RGB[0])


def test_a_step_sees_a_view_of_each_picture_and_answering_the_picture_itself(tmp_path):
    encoder = WideResNetEncoder(SMALL, tmp_path, seed=3)
    rows = torch.tensor([[number % 4] for number in range(2000)], dtype=torch.int32)
    places = encoder.augment(rows, np.random.default_rng(0))
    assert places.shape == (2000, 4) and places.dtype == torch.int32
    assert torch.equal(places[:, :1], rows)
    assert set(places[:, 1].tolist()) == {0, 1}
    assert set(places[:, 2].tolist()) == set(places[:, 3].tolist()) == set(range(9))
    assert torch.equal(places, encoder.augment(rows, np.random.default_rng(0)))
    embedder = WideResNetEmbedder(WideResNet(SMALL.channels, 1), 16, lambda: RGB, torch.nn.Identity())
    assert np.array_equal(embedder.seen(torch.tensor([[2], [1]])), RGB[[1, 0]])
    seen = embedder.seen(torch.tensor([[3, 1, 0, 8]], dtype=torch.int32))
    assert np.array_equal(seen, view(RGB[2:3], np.array([[1, 0, 8]]), PAD))


@pytest.mark.parametrize("training", [True, False])
def test_in_training_batch_norm_sees_all_pictures_of_the_step_together(training, monkeypatch):
    embedder = WideResNetEmbedder(WideResNet(SMALL.channels, 1), 16, lambda: np.repeat(RGB, 60, 0), torch.nn.Identity())
    seen: list[int] = []
    monkeypatch.setattr(
        embedder.network.upper, "forward", lambda maps: seen.append(len(maps)) or torch.ones(len(maps), 16)
    )
    vectors = embedder.train(training)(torch.arange(301, dtype=torch.int32).unsqueeze(1))
    assert seen == ([300] if training else [128, 128, 44])
    assert vectors.sum(dim=1).tolist() == [0] + [16] * 300


def test_the_seed_decides_the_first_weights_and_leaves_others_draws_alone(tmp_path):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    encoders = [WideResNetEncoder(SMALL, tmp_path, seed) for seed in (3, 3, 4)]
    assert torch.rand(1) == expected
    first, same, other = (next(encoder.embedder().network.parameters()) for encoder in encoders)
    assert torch.equal(first, same) and not torch.equal(first, other)


def test_transformations_can_teach_it_views_are_of_one_picture_and_targets_are_true():
    embedder = WideResNetEmbedder(WideResNet(SMALL.channels, 1), 16, lambda: RGB, torch.nn.Identity())
    assert isinstance(embedder, Transforming)
    rows = torch.tensor([[2], [5]], dtype=torch.int32)
    views = embedder.views(rows, ("colour", "affine"), np.random.default_rng(4), mosaic=True)
    draws = np.random.default_rng(4)
    first, second = (view(RGB[[1, 4]], draw_places(rows, draws)[:, 1:].numpy(), PAD) for _ in range(2))
    assert not np.array_equal(first, second)
    for seen, expected in zip(views.augmented, (first, second), strict=True):
        torch.testing.assert_close(seen, scale_pixels(torch.from_numpy(expected)))
    assert list(views.transformed) == ["colour", "affine"]
    for family, (moved, targets) in views.transformed.items():
        for number in range(2):
            expected, target = transform(Image.fromarray(first[number]), family, draws)
            torch.testing.assert_close(moved[number], scale_pixels(torch.from_numpy(np.array(expected)[None]))[0])
            assert targets[number].tolist() == target.tolist()
    changed = (views.mosaic != views.augmented[0]).any(dim=1).sum(dim=(1, 2))  # (2,)
    assert all(0 < count <= 64 for count in changed.tolist())
    assert embedder.views(rows, (), draws, mosaic=False).mosaic is None
    maps = embedder.maps(views.augmented[0])
    assert embedder.pooled(maps).shape == embedder.reader()(maps).shape == (2, embedder.reader_width) == (2, 16)
    parts = embedder.eval().pooled(embedder.maps(embedder.opened(rows)))
    torch.testing.assert_close(embedder(rows), parts)


def test_posts_without_labels_teach_every_weight_and_the_decoders(tmp_path):
    encoder = open_image(SMALL, Resources(tmp_path), seed=3)
    some = [Post(str(number), image=drawn(number % 3, number), emotion=EMOTIONS[number % 3]) for number in range(24)]
    known, unlabelled = (encoded(posts, {"image": encoder}) for posts in (some[:6], some[6:]))
    nothing = known.rows(torch.tensor([], dtype=torch.long))
    corpus = EncodedCorpus({"image": encoder}, known, nothing, 3, unlabelled=unlabelled)
    asked = EnAETSettings(families=("affine", "colour"), rise=0.0, warm_up=0.0)
    task = ClassifierTask(recipe("image_only", image=SMALL, enaet=asked), corpus, 0)
    before = {name: weights.clone() for module in task.modules.values() for name, weights in module.named_parameters()}
    (optimizer,) = task.optimizers()
    for batch in task.batches(0, 0):
        (loss,) = task.losses(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    after = {name: weights for module in task.modules.values() for name, weights in module.named_parameters()}
    assert [name for name, weights in after.items() if torch.equal(before[name], weights)] == []
    assert {name.split(".")[1] for name in after if name.startswith("decoders.")} == {"affine", "colour"}
