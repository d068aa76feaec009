"""Calibrating on one's own posts: what is fitted, what is told of it, what is written, what is refused."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from small_model import EMOTIONS, LABELS, write_small_model

from feelscope.calibrate.calibrate import calibrate, save
from feelscope.errors import ModelError, TableError
from feelscope.metrics.scaling import AS_IT_IS, Scaling
from feelscope.post import Post, Prediction
from feelscope.saved_model import card
from feelscope.saved_model.calibration import Calibration, Calibrations, read
from feelscope.saved_model.folder import CALIBRATION, read_labels

QUANTILES = tuple(np.linspace(0, 1, 101).tolist())


class Sure:
    """Answers with the probabilities written in a post's text; those of the picture alone are always the same."""

    name, emotions, modalities = "sure", EMOTIONS, ("text", "image")

    def __init__(self, folder: Path = Path("model"), calibration: Calibrations | None = None):
        self.folder, self.calibration = folder, calibration or Calibrations()

    def uncalibrated(self) -> "Sure":
        return Sure(self.folder)

    def stream(self, posts: Iterable[Post]) -> Iterator[Prediction]:
        for post in posts:
            assert post.emotion is None, "the classifier saw a label"
            used = tuple(name for name, there in (("text", post.has_text), ("image", post.image is not None)) if there)
            row = np.array(json.loads(post.text) if post.text else [0.5, 0.3, 0.2])
            row = self.calibration.calibrated(row, used)
            yield Prediction(
                post.id, EMOTIONS[int(row.argmax())], dict(zip(EMOTIONS, map(float, row), strict=True)), used
            )


def overconfident(count: int, *, image: bool = False, seed: int = 0) -> list[Post]:
    """Posts whose labels are as probable as the square roots of the answers say: the right temperature is 2."""
    random = np.random.default_rng(seed)
    posts = []
    for number in range(count):
        row = random.dirichlet(np.ones(3) * 0.5) + 1e-4
        row /= row.sum()
        truth = row**0.5 / (row**0.5).sum()
        emotion = EMOTIONS[random.choice(3, p=truth)]
        posts.append(Post(str(number), json.dumps(row.tolist()), image=b"x" if image else None, emotion=emotion))
    return posts


def test_overconfidence_is_found_and_mended() -> None:
    found = calibrate(Sure(), overconfident(400))
    assert set(found.after) == {"text"}
    assert found.calibrations.by_combination["text"].scaling.temperature == pytest.approx(2, rel=0.25)
    assert found.before["text"].ece > 0.15
    assert found.after["text"].ece < 0.08
    assert found.after["text"].intervals["ece"][1] < found.before["text"].intervals["ece"][0]


def test_the_error_afterwards_is_of_posts_that_were_not_fitted() -> None:
    """Labels by chance: what is fitted to them looks right on them, and not on others."""
    random = np.random.default_rng(0)
    posts = [Post(str(number), "[0.34, 0.33, 0.33]", emotion=EMOTIONS[random.integers(3)]) for number in range(60)]
    found = calibrate(Sure(), posts)
    fitted = found.calibrations.by_combination["text"].scaling(np.full((60, 3), 1 / 3))
    on_fitted = abs(fitted.max() - max(np.bincount([EMOTIONS.index(post.emotion or "") for post in posts])) / 60)
    assert found.after["text"].ece > on_fitted


def test_each_combination_that_has_posts_enough_gets_its_own() -> None:
    found = calibrate(
        Sure(), [*overconfident(60, image=True), *(Post(f"p{n}", image=b"y", emotion="fear") for n in (1, 2))]
    )
    assert set(found.after) == {"text+image", "text", "image"}
    assert found.after["image"].posts == 62
    few = calibrate(Sure(), [*overconfident(60), *overconfident(9, image=True, seed=1)])
    assert (set(few.after), set(few.left_out)) == ({"text"}, {"text+image", "image"})
    assert "image: not calibrated, 9 posts of the 50 that it takes" in few.to_text()
    one = [*overconfident(60), *(Post(f"p{n}", image=b"y", emotion="fear") for n in range(60))]
    assert calibrate(Sure(), one).left_out == {"image": "every labelled post has the emotion 'fear'"}


def test_a_calibrated_model_is_fitted_from_its_networks_answers() -> None:
    """What is written is applied to what the networks answer, so it is fitted to that, however often."""
    old = Calibrations(
        {"text": Calibration(60, Scaling(0.5), QUANTILES), "image": Calibration(70, Scaling(3.0), QUANTILES)}
    )
    found = calibrate(Sure(calibration=old), overconfident(400))
    first = calibrate(Sure(), overconfident(400))
    assert found.calibrations.by_combination["text"] == first.calibrations.by_combination["text"]
    assert found.before["text"].ece > first.before["text"].ece, "of the model as it was: even surer"
    assert found.calibrations.by_combination["image"] == old.by_combination["image"]


def test_nothing_depends_on_the_order_of_labels_names() -> None:
    posts = [
        Post(post.id, post.text, emotion={"happiness": " JOY "}.get(post.emotion or "", post.emotion))
        for post in overconfident(60)
    ]
    assert calibrate(Sure(), posts).calibrations == calibrate(Sure(), overconfident(60)).calibrations


@pytest.mark.parametrize(
    ("posts", "error", "expected"),
    [
        (overconfident(49), TableError, "takes 50 labelled posts .* there are 49"),
        ([Post(str(n), "[0.5, 0.3, 0.2]", emotion="fear") for n in range(60)], TableError, "has the emotion 'fear'"),
        ([Post("1", "[1, 0, 0]")], TableError, "no post has a label"),
        ([Post("1", "[1, 0, 0]", emotion="hunger")], ModelError, "hunger"),
        ([Post(str(n), emotion=EMOTIONS[n % 2]) for n in range(60)], TableError, "there are 0"),
    ],
)
def test_what_cannot_be_calibrated_on_is_one_line(posts: list[Post], error: type[Exception], expected: str) -> None:
    with pytest.raises(error, match=expected) as caught:
        calibrate(Sure(), posts)
    assert "\n" not in str(caught.value)


def test_the_copy_has_it_and_its_card_says_so(tmp_path: Path) -> None:
    folder = write_small_model(tmp_path / "model")
    (folder / card.FILE).write_text("# small\n")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    classifier = Sure(folder)
    found = calibrate(classifier, overconfident(60))
    save(classifier, found, tmp_path / "mine", "60 posts of mine.csv")
    assert read(tmp_path / "mine", read_labels(tmp_path / "mine")) == found.calibrations
    text = (tmp_path / "mine" / card.FILE).read_text()
    assert text.startswith("# small\n") and "60 posts of mine.csv" in text and "temperature" in text
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert not (folder / CALIBRATION).exists()


def test_a_failed_copy_leaves_nothing(tmp_path: Path) -> None:
    classifier = Sure(tmp_path / "gone")
    found = calibrate(classifier, overconfident(60))
    with pytest.raises(ModelError):
        save(classifier, found, tmp_path / "mine", "nothing")
    assert not (tmp_path / "mine").exists()


def test_where_nothing_helps_that_is_said() -> None:
    certain = [Post(str(n), json.dumps(np.eye(3)[n % 3].tolist()), emotion=EMOTIONS[n % 3]) for n in range(60)]
    found = calibrate(Sure(), certain)
    assert found.calibrations.by_combination["text"].scaling == AS_IT_IS
    assert "none helps" in found.to_text()
    assert found.to_json()["scores"]["text"]["after"]["accuracy"] == 1
    assert LABELS.emotions == tuple(found.to_json()["combinations"]["text"]["biases"] or EMOTIONS)
