"""What each modality of a post is read by: from posts to tensors, to a reader that is trained, to a saved network."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from feelscope.errors import ConfigError, PictureError
from feelscope.family.further_input import FurtherInput
from feelscope.family.inception_input import InceptionInput, find_weights
from feelscope.family.picture_encoders import HubPictures, Lite0Pictures
from feelscope.family.picture_input import PictureInput
from feelscope.family.sentence_encoders import HubSentences, MiniLMSentences
from feelscope.family.sentence_input import SentenceInput
from feelscope.family.signals import Signals
from feelscope.family.word_input import WordInput
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.train.fusion_recipe import HUB, FusionRecipe

Refuse = Callable[[int, PictureError], None]


class Input(Protocol):
    """One modality of a recipe; its vectors are `width` wide."""

    @property
    def width(self) -> int:
        """Of the vectors that the reader gives."""

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """What the reader takes, of N posts: (N, D) or (N, T), and presence (N,).

        `refuse` is called with the position of a post whose picture cannot be read, and why.
        """

    def reader(self) -> nn.Module:
        """A new reader of what `encode` gives."""

    def write(self, folder: Path, reader: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write the modality's networks into a model folder; returns what is left to be done inside `fusion.onnx`.

        `posts` are those of the training, to scale integers by.
        """


def open_inputs(
    recipe: FusionRecipe,
    posts: Sequence[Post],
    *,
    words: Path | None,
    weights: Path | None,
    cache: Path,
) -> dict[str, Input]:
    """The recipe's modalities by name, in the order text, image, further ones.

    Args:
        posts: Of the training and no others: their words learn, and further modalities are fitted on them.
        words: The file of word vectors, for a recipe that reads words by them.
        weights: A folder with the encoders' published weights; None looks in installed packages, then on the hub. Of a
            recipe with `inception` also its file; None trains it from scratch.
        cache: Where frozen encoders' vectors are kept.

    Raises:
        ConfigError, WordsError, ModelError: One line that says what to do.
    """
    inputs: dict[str, Input] = {}
    of_inception = None
    if recipe.image == "inception" and weights is not None:
        of_inception, weights = find_weights(weights), weights if weights.is_dir() else None
    if (recipe.text == "words") != (words is not None):
        if words is None:
            raise ConfigError("this recipe reads words by their vectors; give a file of them with --words FILE")
        raise ConfigError(f"--words {words}: this recipe reads no word vectors; leave it out, or give another recipe")
    if words is not None:
        inputs["text"] = WordInput(words, posts, recipe)
    elif recipe.text:
        hub = recipe.text.startswith(HUB)
        sentences = HubSentences(recipe.text, recipe.tokens) if hub else MiniLMSentences(recipe.tokens, weights)
        inputs["text"] = SentenceInput(sentences, recipe, cache)
    if recipe.image == "inception":
        inputs["image"] = InceptionInput(of_inception, recipe, cache)
    elif recipe.image:
        pictures = HubPictures(recipe.image) if recipe.image.startswith(HUB) else Lite0Pictures(weights, cache)
        inputs["image"] = PictureInput(pictures, recipe, cache)
    for kind in recipe.modalities:
        inputs[kind.partition(":")[0]] = FurtherInput(kind, posts)
    return inputs


def encode(
    posts: Sequence[Post],
    labels: Sequence[int],
    inputs: Mapping[str, Input],
    *,
    progress: Progress,
    refuse: Refuse,
) -> Signals:
    """Encode posts; frozen encoders' vectors come from the cache where it has them.

    Args:
        labels: The emotion's index of each post.
        refuse: Called with the position of a post whose picture cannot be read, and why.
    """
    given = {name: one.encode(posts, progress, refuse) for name, one in inputs.items()}
    return Signals(
        {name: value for name, (value, _) in given.items()},
        {name: present for name, (_, present) in given.items()},
        torch.tensor(labels, dtype=torch.long),
    )
