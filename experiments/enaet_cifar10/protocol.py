"""What is fixed before the first score on the test part: parts, labels, network, methods and steps."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from feelscope.encoders.settings import ImageSettings
from feelscope.images.transformations import FAMILIES
from feelscope.models.settings import FusionSettings
from feelscope.objectives.settings import EnAETSettings
from feelscope.post import Post
from feelscope.train.recipe import ChoiceSettings, Recipe, StepSettings

SEED = 888  # the published one
VALIDATION = 1000  # pictures of the training part, by their digests; what is ours is chosen on them
NETWORK = ImageSettings("wide-resnet", "new", channels=(16, 16, 32, 64), blocks=1)  # WRN-10-1, for the budget; ours
STEPS = StepSettings(
    optimizer="adamw",
    learning_rate=0.002,  # published
    weight_decay=0.02,  # published: each step, weights lose 0.02 times the learning rate
    ema_decay=0.999,  # published; the average forgets its start faster, as in all trainings here
    batch_size=32,  # published 128
    epochs=10**6,
)
BETA = 75.0
METHODS = {
    "supervised": None,
    "mixmatch": EnAETSettings(families=(), mosaic=False, gamma=0.0, beta=BETA),
    "enaet": EnAETSettings(beta=BETA),
    **{
        f"without {family}": EnAETSettings(families=tuple(one for one in FAMILIES if one != family), beta=BETA)
        for family in FAMILIES
    },
}


@dataclass(frozen=True, slots=True)
class Run:
    """One training.

    Args:
        labels: How many training pictures keep their label.
        beta: Of the squared error to guesses; 0 takes the method's.
    """

    method: str
    labels: int
    steps: int
    beta: float = 0.0

    @property
    def name(self) -> str:
        """Equal for equal runs."""
        return f"{self.method}, {self.labels} labels, {self.steps} steps, beta {self.beta or 'as chosen'}"


SHORT, LONG = 60, 120  # steps of EnAET
SAME_TIME = {"supervised": 1500, "mixmatch": 470}  # steps in the processor time of LONG steps of EnAET
TUNING = tuple(Run(method, 250, SHORT, beta) for method in ("mixmatch", "enaet") for beta in (5.0, 75.0))
RUNS = (
    *(Run(method, labels, LONG) for labels in (250, 1000) for method in ("supervised", "mixmatch", "enaet")),
    *(Run(method, labels, steps) for labels in (250, 1000) for method, steps in SAME_TIME.items()),
    *(Run(method, 250, SHORT) for method in METHODS if method not in ("supervised", "mixmatch")),
)


def read(data: Path) -> dict[str, list[Post]]:
    """Pictures as posts: `train`, `validation` and `test`; the label is the post's emotion."""
    training, test = (_posts(data / f"{name}.parquet") for name in ("train", "dev"))
    order = sorted(range(len(training)), key=lambda place: hashlib.sha256(training[place].image).hexdigest())
    known = {post.image for post in test}
    kept = [training[place] for place in sorted(order[VALIDATION:]) if training[place].image not in known]
    return {"train": kept, "validation": [training[place] for place in order[:VALIDATION]], "test": test}


def _posts(file: Path) -> list[Post]:
    table = pq.read_table(file).to_pydict()
    return [
        Post(f"{file.stem} {number}", image=picture, emotion=label)
        for number, (label, picture) in enumerate(zip(table["label"], table["image"], strict=True))
    ]


def labelled(posts: list[Post], count: int) -> list[int]:
    """The places of as many posts of each label, `count` in all; published: drawn in a random order."""
    names = sorted({str(post.emotion) for post in posts})
    order = np.random.default_rng(SEED).permutation(len(posts))
    each = count // len(names)
    chosen = [[place for place in order if posts[place].emotion == name][:each] for name in names]
    if any(len(places) < each for places in chosen) or each * len(names) != count:
        raise SystemExit(f"{count} labels: expected a multiple of {len(names)}, at most as many as there are")
    return sorted(int(place) for places in chosen for place in places)


def recipe_of(run: Run) -> Recipe:
    """What is trained."""
    enaet = METHODS[run.method]
    if enaet is not None and run.beta:
        enaet = replace(enaet, beta=run.beta)
    return Recipe(
        "EnAET on CIFAR-10.",
        FusionSettings("image_only"),
        seed=SEED,
        image=NETWORK,
        steps=replace(STEPS, max_steps=run.steps),
        choices=ChoiceSettings(validation=0.0),
        enaet=enaet,
    )
