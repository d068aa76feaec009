"""What all runs share: posts, draws of labels, vectors and trunk outputs, and the recipes."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.fx.experimental.optimization import fuse

from feelscope.encoders.efficientnet_lite0 import WIDTH, EfficientNetLite0
from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.encoders.encoder import Encoder, Resources
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.opening import open_image, open_text
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.trunk_cache import TrunkCache
from feelscope.encoders.trunk_views import PLAIN, TRANSFORMED, TrunkViews
from feelscope.encoders.tuned_lite0 import TransformedLite0Embedder, draw_views
from feelscope.images import read_rgb
from feelscope.models.settings import FusionSettings
from feelscope.objectives.settings import CombinationSettings, EnAETSettings
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.progress import silent
from feelscope.table import PostsTable
from feelscope.train.data import SourcePosts, without_overlap
from feelscope.train.recipe import Recipe, Source, StepSettings

SHARES = (0.05, 0.2)
DRAWS = (1, 2, 3, 4, 5)
TRANSFORMED_PICTURES = 1200  # pictures that posts without labels may show, of the posts in a drawn order
ORDER_SEED = 2026
TEXT_DROPOUT, IMAGE_DROPOUT = 0.1, 0.8
MIRRORED = TrunkViews("mirrored-", PLAIN, PLAIN, 0, lambda picture: (_mirrored(picture), np.zeros(0, np.float32)))


def _mirrored(picture: Path | bytes) -> np.ndarray:
    whole = read_rgb(picture, 224)
    return np.stack([whole, whole[:, ::-1]])


class Half(nn.Module):
    """A trunk in bfloat16, three times as fast on one core."""

    def __init__(self, trunk: nn.Module):
        super().__init__()
        self.trunk = fuse(trunk.eval()).bfloat16().to(memory_format=torch.channels_last)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.trunk(pixels.bfloat16()).float()


def trunks(folder: Path, views: TrunkViews) -> TrunkCache:
    """A trunk cache whose trunk runs in bfloat16."""
    encoder = EfficientNetLite0.pretrained(None)
    cache = TrunkCache(folder, encoder, views)
    cache._trunk = Half(encoder.trunk)
    return cache


@dataclass(frozen=True)
class Posts:
    """MSED's posts and what is drawn of them.

    Args:
        train: All posts of train.csv.
        dev: Those of dev.csv whose words and picture are not in train.csv.
        order: A drawn order of the posts of train.
    """

    train: list[Post]
    dev: list[Post]
    emotions: tuple[str, ...]
    order: np.ndarray

    @classmethod
    def read(cls, data: Path) -> "Posts":
        """From DATA/msed."""
        train, dev = (list(PostsTable(data / "msed" / f"{name}.csv")) for name in ("train", "dev"))
        apart = without_overlap(dev, [SourcePosts(Source("", "", ""), train, 0)])
        emotions = tuple(sorted({str(post.emotion) for post in train}))
        order = np.random.default_rng(ORDER_SEED).permutation(len(train))
        return cls(train, apart, emotions, order)

    def labelled(self, draw: int, share: float, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The posts of train with a label in a draw, and the others; those of 5% are among those of 20%.

        Args:
            among: Posts to draw from and to have without labels; None is all.
        """
        among = np.arange(len(self.train)) if among is None else among
        mixed = np.random.default_rng(draw).permutation(among)
        count = round(share * len(self.train))
        return mixed[:count], mixed[count:]

    def to_be_shown(self) -> list[int]:
        """Posts whose pictures are shown without a label, by their transformed views."""
        return self.order[:TRANSFORMED_PICTURES].tolist()

    def to_be_labelled(self) -> list[int]:
        """Posts that some draw gives a label, and that are not among those."""
        drawn = {int(post) for draw in DRAWS for post in self.labelled(draw, max(SHARES))[0]}
        return sorted(drawn - set(self.to_be_shown()))

    def validation(self) -> np.ndarray:
        """Posts of train on which everything was chosen: a fifth, whole groups of near-duplicates at a time."""
        return np.flatnonzero(validation_split(self.train, 0.2))


class Vectors:
    """Vectors of words and pictures by the published encoders, and rows of trunk outputs.

    Rows of trunk outputs count through both caches: first the pictures with eight views, then those with two.
    """

    def __init__(self, posts: Posts, cache: Path):
        resources, every = Resources(cache / "features"), [*posts.train, *posts.dev]
        text = open_text(TextSettings("minilm"), posts.train, resources, sparse=False)
        image = open_image(ImageSettings("lite0"), resources, seed=0)
        self.text, self.has_text = text.encode(every, silent, _refuse)
        self.image, self.has_image = image.encode(every, silent, _refuse)
        self.labels = torch.tensor([posts.emotions.index(str(post.emotion)) for post in every])
        self.eight, self.two = (trunks(cache / "trunks", views) for views in (TRANSFORMED, MIRRORED))
        first, count = len(self.eight.array()), len(posts.train)
        self.rows = torch.zeros(len(every), 1, dtype=torch.int32)
        self.shown = torch.zeros(len(every))
        for number in posts.to_be_shown():
            row = self.eight._cache.known(every[number].image) if every[number].image else None
            if row is not None:
                self.rows[number, 0], self.shown[number] = row + 1, 1
        for number in [*posts.to_be_labelled(), *range(count, len(every))]:
            row = self.two._cache.known(every[number].image) if every[number].image else None
            if row is not None:
                self.rows[number, 0] = first + row + 1
        self.top = EfficientNetLite0.pretrained(None).top

    def of(self, index: np.ndarray, names: tuple[str, ...], *, tuned: bool, unlabelled: bool = False) -> EncodedPosts:
        """Posts with some modalities.

        Args:
            tuned: Whether pictures are rows of trunk outputs, or vectors.
            unlabelled: Only the transformed pictures are shown then, and labels are 0.
        """
        chosen = torch.from_numpy(np.asarray(index))
        inputs = {"text": self.text[chosen], "image": (self.rows if tuned else self.image)[chosen]}
        has_image = self.has_image[chosen]
        if tuned:
            has_image = (self.rows[chosen, 0] > 0).float()
        if tuned and unlabelled:
            has_image = self.shown[chosen]
        present = {"text": self.has_text[chosen], "image": has_image}
        labels = torch.zeros(len(chosen), dtype=torch.long) if unlabelled else self.labels[chosen]
        return encoded_posts({name: inputs[name] for name in names}, {name: present[name] for name in names}, labels)

    def open(self) -> "Both":
        """Both caches as one array."""
        return Both(self.eight.array(), self.two.array(), self.eight.targets())


class Both:
    """Rows of two caches, one after the other."""

    def __init__(self, eight: np.ndarray, two: np.ndarray, targets: np.ndarray):
        self.eight, self.two, self.targets = eight, two, np.array(targets)

    def __getitem__(self, key: tuple[int, int]) -> np.ndarray:
        row, view = key
        first = len(self.eight)
        return self.eight[row, view] if row < first else self.two[row - first, view]


class Fixed(Encoder):
    """Vectors that are there already."""

    def __init__(self, width: int, dropout: float):
        self.width, self._dropout = width, dropout

    def embedder(self) -> nn.Module:
        return FixedVectors(self.width, normalise=True, dropout=self._dropout)

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        return inputs


class Tuned(Encoder):
    """Lite0's upper half over trunk outputs that are there already."""

    width = WIDTH

    def __init__(self, vectors: Vectors, dropout: float):
        self._vectors, self._both, self._dropout = vectors, vectors.open(), dropout

    def embedder(self) -> nn.Module:
        both = self._both
        after = FixedVectors(WIDTH, normalise=True, dropout=self._dropout)
        return TransformedLite0Embedder(self._vectors.top, WIDTH, lambda: both, after, lambda: both.targets)

    def augment(self, inputs: torch.Tensor, draws: np.random.Generator) -> torch.Tensor:
        return draw_views(inputs, PLAIN, (14, 14), 0.0, draws)


def recipe(names: tuple[str, ...], steps: int, *, tuned: bool, enaet: EnAETSettings | None) -> Recipe:
    """What is trained, in one of its two parts.

    Args:
        tuned: Whether the encoder of pictures learns.
    """
    alone = {("text",): "text_only", ("image",): "image_only"}
    return Recipe(
        "The MSED experiment of EnAET.",
        FusionSettings(alone.get(names, "gated"), hidden_size=128, dropout=0.1),
        text=TextSettings("minilm") if "text" in names else TextSettings(),
        image=ImageSettings("lite0", "tuned" if tuned else "frozen", learning_rate=2e-5 if tuned else 0.0)
        if "image" in names
        else ImageSettings(),
        steps=StepSettings(
            optimizer="adamw",
            learning_rate=1e-4 if tuned else 1e-3,
            schedule="linear",
            warm_up=0.08,
            beta2=0.98,
            weight_decay=0.02,
            max_grad_norm=1.0,
            batch_size=16,
            epochs=10**5,
            max_steps=steps,
            ema_decay=0.98,
        ),
        combinations=CombinationSettings() if len(names) > 1 else None,
        enaet=enaet,
    )


MIXMATCH = EnAETSettings(families=(), gamma=0.0, mosaic=False, beta=10.0, warm_up=0.3, unlabelled=2)
ENAET = replace(
    EnAETSettings(),
    families_a_step=1,
    mosaic=False,
    beta=10.0,
    warm_up=0.0,
    rise=0.1,
    mix="vectors",
    unlabelled=2,
    pictures=2,
)


def _refuse(position: int, error: Exception) -> None:
    raise error
