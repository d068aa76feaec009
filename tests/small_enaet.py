"""A corpus of few labels and many posts without, whose pictures have eight views with planted targets."""

import copy
from dataclasses import replace

import numpy as np
import small_training
import torch
from torch import nn

from feelscope.encoders.trunk_views import PLAIN, TRANSFORMED
from feelscope.encoders.tuned_lite0 import TransformedLite0Embedder, draw_views
from feelscope.objectives.settings import EnAETSettings
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.recipe import Recipe

LABELLED = 24


class SmallPictures(small_training.SmallImage):
    """A top of one convolution over eight views of each picture, and targets that the views show.

    Of a transformed view, the target is added to the last channel: what a decoder can tell.
    """

    def __init__(self, trunks: np.ndarray):
        draw = np.random.default_rng(3)
        views = np.repeat(trunks[:, :1], TRANSFORMED.count, axis=1)
        views = views + draw.normal(0, 0.05, views.shape).astype(np.float16)
        self.targets = draw.normal(0, 0.1, (len(trunks), TRANSFORMED.targets)).astype(np.float16)
        shift = draw.choice([-1.0, 1.0], (len(trunks), 5)).astype(np.float16)
        views[:, PLAIN:-1, 3] += shift[:, :, None, None]
        ends = np.cumsum([8, 6, 5, 4, 4])
        self.targets[:, ends - 1] += shift
        super().__init__(views.astype(np.float16))

    def embedder(self) -> TransformedLite0Embedder:
        top = copy.deepcopy(self._top)
        targets = self.targets
        return TransformedLite0Embedder(
            top, small_training.IMAGE_WIDTH, lambda: self._trunks, nn.Identity(), lambda: targets
        )

    def augment(self, inputs, draws):
        return draw_views(inputs, PLAIN, self._trunks.shape[3:], 0.0, draws)


def corpus(posts: int = 120, labelled: int = LABELLED) -> EncodedCorpus:
    """The posts of `small_training`, most of which have lost their labels."""
    made = small_training.corpus(posts)
    pictures = SmallPictures(made.encoders["image"]._trunks)
    few = made.training.rows(torch.arange(labelled))
    others = made.training.rows(torch.arange(labelled, len(made.training)))
    others = replace(others, labels=torch.zeros_like(others.labels))
    encoders = {**made.encoders, "image": pictures}
    return replace(made, encoders=encoders, training=few, unlabelled=others, sources=())


def recipe(epochs: int = 12, **enaet) -> Recipe:
    """The small training's, with [enaet]."""
    made = small_training.RECIPE
    steps = replace(made.steps, epochs=epochs, label_smoothing=0.0)
    return replace(made, steps=steps, enaet=EnAETSettings(**{"beta": 1.0, **enaet}))
