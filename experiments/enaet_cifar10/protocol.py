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
BETA = 5.0  # published 75; ours, on the validation pictures
GAMMA = 0.1  # published 1; ours, on the validation pictures


def enaet(*families: str) -> EnAETSettings:
    """EnAET of some families, of which each step asks for one, with its weight raised; ours, for the budget."""
    return EnAETSettings(families=families, families_a_step=1, beta=BETA, gamma=GAMMA)


METHODS = {
    "supervised": None,
    "mixmatch": EnAETSettings(families=(), mosaic=False, gamma=0.0, beta=BETA),
    "enaet": enaet(*FAMILIES),
    **{f"without {family}": enaet(*(one for one in FAMILIES if one != family)) for family in FAMILIES},
}


@dataclass(frozen=True, slots=True)
class Run:
    """One training.

    Args:
        labels: How many training pictures keep their label.
        tried: Settings of `[enaet]` in place of the method's.
    """

    method: str
    labels: int
    steps: int
    tried: tuple[tuple[str, float | int], ...] = ()

    @property
    def name(self) -> str:
        """Equal for equal runs."""
        tried = [f"{name} {value:g}" for name, value in self.tried]
        return ", ".join((self.method, f"{self.labels} labels", f"{self.steps} steps", *tried))


SHORT, LONG = 40, 80  # steps of EnAET
LATER = 240  # steps of two runs that were added once the other scores were seen
SAME_TIME = {"mixmatch": 170, "supervised": 560}  # steps in the processor time of LONG steps of EnAET
TUNING = (
    Run("mixmatch", 250, 60, (("beta", 75.0),)),
    Run("mixmatch", 250, 60, (("beta", 5.0),)),
    Run("enaet", 250, 60, (("gamma", 1.0), ("families_a_step", 0))),
    Run("enaet", 250, 40, (("gamma", 0.0), ("families_a_step", 2))),
    Run("enaet", 250, 50, (("gamma", 0.1), ("families_a_step", 1))),
)
RUNS = (
    *(Run(method, 250, LONG) for method in ("supervised", "mixmatch", "enaet")),
    *(Run(method, 250, SHORT) for method in METHODS if method not in ("supervised", "mixmatch")),
    *(Run(method, 1000, LONG) for method in ("supervised", "mixmatch", "enaet")),
    *(Run(method, labels, steps) for labels in (250, 1000) for method, steps in SAME_TIME.items()),
    *(Run(method, 250, LATER) for method in ("enaet", "mixmatch")),
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
    asked = METHODS[run.method]
    if asked is not None:
        asked = replace(asked, **dict(run.tried))
    return Recipe(
        "EnAET on CIFAR-10.",
        FusionSettings("image_only"),
        seed=SEED,
        image=NETWORK,
        steps=replace(STEPS, max_steps=run.steps),
        choices=ChoiceSettings(validation=0.0),
        enaet=asked,
    )
