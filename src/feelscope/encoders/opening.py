"""A recipe's modalities to their encoders, and posts to tensors by them."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from feelscope.encoders.builtin_networks import BuiltinPictures, BuiltinSentences
from feelscope.encoders.encoded_posts import EncodedPosts, encoded_posts
from feelscope.encoders.encoder import Encoder, Resources
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.inception_encoder import InceptionEncoder
from feelscope.encoders.ngram_encoder import NGramEncoder
from feelscope.encoders.picture_encoder import PictureEncoder
from feelscope.encoders.picture_networks import HubPictures, Lite0Pictures
from feelscope.encoders.sentence_encoder import SentenceEncoder
from feelscope.encoders.sentence_networks import HubSentences, MiniLMSentences
from feelscope.encoders.settings import ImageSettings, TextSettings
from feelscope.encoders.tuned_lite0 import TunedLite0
from feelscope.encoders.tuned_minilm import TunedMiniLM
from feelscope.encoders.wide_resnet_encoder import WideResNetEncoder
from feelscope.encoders.word_encoder import WordEncoder
from feelscope.errors import ConfigError
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.web.hub import PREFIX


def open_text(settings: TextSettings, posts: Sequence[Post], resources: Resources, *, sparse: bool) -> Encoder:
    """The encoder of words.

    Args:
        posts: Of the training and no others: their words learn, and their n-grams are known.
        sparse: Whether the training can take gradients that name only the words of a batch.

    Raises:
        ConfigError, WordsError, TableError, ModelError, MissingExtra: One line that says what to do.
    """
    given = resources.weights
    weights = None if given is not None and given.is_file() else given  # a file is Inception's
    if settings.encoder == "words":
        if resources.words is None:
            raise ConfigError("this recipe reads words by their vectors; give a file of them with --words FILE")
        return WordEncoder(resources.words, posts, settings, sparse=sparse)
    if settings.encoder == "tfidf":
        return NGramEncoder(posts, settings)
    if settings.encoder == "builtin":
        return SentenceEncoder(BuiltinSentences(settings.tokens), settings, resources.cache)
    if settings.training == "tuned":
        return TunedMiniLM(settings, weights)
    if settings.encoder.startswith(PREFIX):
        return SentenceEncoder(HubSentences(settings.encoder, settings.tokens), settings, resources.cache)
    return SentenceEncoder(MiniLMSentences(settings.tokens, weights), settings, resources.cache)


def open_image(settings: ImageSettings, resources: Resources, *, seed: int, transformed: bool = False) -> Encoder:
    """The encoder of pictures.

    Args:
        seed: Decides the weights of a new network.
        transformed: Whether an objective learns from transformed views.

    Raises:
        ConfigError, ModelError, MissingExtra: One line that says what to do.
    """
    if settings.encoder == "inception":
        return InceptionEncoder(resources.weights, settings, resources.cache, seed)
    if settings.encoder == "wide-resnet":
        return WideResNetEncoder(settings, resources.cache, seed)
    if settings.encoder.startswith(PREFIX):
        return PictureEncoder(HubPictures(settings.encoder), settings, resources.cache)
    if settings.encoder == "builtin":
        return PictureEncoder(BuiltinPictures(), settings, resources.cache)
    if settings.training == "tuned":
        return TunedLite0(settings, resources.weights, resources.cache, transformed=transformed)
    return PictureEncoder(Lite0Pictures(resources.weights), settings, resources.cache)


def encode(
    posts: Sequence[Post],
    labels: Sequence[int],
    encoders: Mapping[str, Encoder],
    *,
    progress: Progress,
    refuse: Refuse,
    subclasses: Sequence[int] | None = None,
    taught: Sequence[Sequence[float]] | None = None,
    tables: Sequence[int] | None = None,
    hard: np.ndarray | None = None,
) -> EncodedPosts:
    """Encode posts; frozen encoders' vectors come from the feature cache where it has them.

    Args:
        labels, subclasses, taught, tables, hard: Of each post, as `EncodedPosts` has them.
        refuse: Called with the position of a post whose picture cannot be read, and why.
    """
    encoded = {name: encoder.encode(posts, progress, refuse) for name, encoder in encoders.items()}
    return encoded_posts(
        {name: inputs for name, (inputs, _) in encoded.items()},
        {name: present for name, (_, present) in encoded.items()},
        torch.tensor(labels, dtype=torch.long),
        subclasses=None if subclasses is None else torch.tensor(subclasses, dtype=torch.long),
        taught=None if taught is None else torch.tensor(taught).reshape(len(posts), -1 if taught else 0),
        tables=None if tables is None else torch.tensor(tables, dtype=torch.long),
        hard=None if hard is None else torch.from_numpy(hard.astype(np.float32)),
    )
