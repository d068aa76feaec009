"""A corpus as tensors: the recipe's modalities are opened on the training posts, and all posts encoded by them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch

from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.encoders.encoder import Encoder, Resources
from feelscope.encoders.further_encoder import FurtherEncoder
from feelscope.encoders.opening import encode, open_image, open_text
from feelscope.encoders.settings import PUBLISHED
from feelscope.errors import ConfigError, PictureError, TableError
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.table import Quarantine
from feelscope.train.data import Corpus
from feelscope.train.recipe import Recipe, Source


@dataclass(frozen=True, slots=True)
class EncodedCorpus:
    """What a classifier is trained on.

    Args:
        encoders: By modality.
        training, validation: The posts that are trained on, and those kept apart.
        emotions: K.
        emotion_of: Of each subclass, the emotion's index; empty where emotions have none.
        sources: How an epoch uses the posts of each table.
    """

    encoders: dict[str, Encoder]
    training: EncodedPosts
    validation: EncodedPosts
    emotions: int
    emotion_of: tuple[int, ...] = ()
    sources: tuple[Source, ...] = ()

    def only(self, name: str) -> "EncodedCorpus":
        """The same posts, with one modality."""
        return EncodedCorpus(
            {name: self.encoders[name]},
            self.training.only(name),
            self.validation.only(name),
            self.emotions,
            self.emotion_of,
            self.sources,
        )

    def digest(self, recipe: Recipe) -> str:
        """Equal for equal recipes and posts, so that a checkpoint is not continued with others."""
        digest = hashlib.sha256(json.dumps([asdict(recipe), self.emotions, self.emotion_of]).encode())
        for posts in (self.training, self.validation):
            known = [posts.labels, posts.subclasses, posts.taught, posts.tables, *posts.present.values()]
            # Not rows of a feature cache (int32): they tell where the cache has a picture, not which picture it is.
            for value in (*known, *(value for value in posts.inputs.values() if value.dtype != torch.int32)):
                digest.update(value.numpy().tobytes())
        return digest.hexdigest()[:16]


def open_encoders(recipe: Recipe, posts: Sequence[Post], resources: Resources) -> dict[str, Encoder]:
    """The recipe's modalities by name, in the order text, image, further ones.

    Args:
        posts: Of the training and no others: their words learn, and further modalities are fitted on them.

    Raises:
        ConfigError, WordsError, TableError, ModelError, MissingExtra: One line that says what to do.
    """
    if resources.words is not None and recipe.text.encoder != "words":
        raise ConfigError(
            f"--words {resources.words}: this recipe reads no word vectors; leave it out, or give another recipe"
        )
    if resources.weights is not None and not {recipe.text.encoder, recipe.image.encoder} & PUBLISHED:
        raise ConfigError(f"--weights {resources.weights}: this recipe reads no published weights; leave it out")
    if resources.weights is not None and resources.weights.is_file() and recipe.image.encoder != "inception":
        raise ConfigError(f"--weights {resources.weights}: only Inception takes a file; give the folder of the weights")
    encoders: dict[str, Encoder] = {}
    if recipe.text.encoder:
        encoders["text"] = open_text(recipe.text, posts, resources, sparse=recipe.steps.takes_sparse_gradients)
    if recipe.image.encoder:
        encoders["image"] = open_image(recipe.image, resources, seed=recipe.seed)
    for kind, name in zip(recipe.further.modalities, recipe.further.names, strict=True):
        encoders[name] = FurtherEncoder(kind, posts)
    return encoders


def encode_corpus(
    corpus: Corpus, recipe: Recipe, resources: Resources, *, quarantine: Quarantine | None, progress: Progress
) -> EncodedCorpus:
    """Open the recipe's modalities on the training posts, and encode these and the validation split.

    Args:
        quarantine: Where pictures that cannot be read are told; None where they were told before.

    Raises:
        ConfigError, WordsError, TableError, ModelError, MissingExtra: One line that says what to do.
    """
    encoders = open_encoders(recipe, corpus.posts(held=False), resources)

    def encoded(held: bool) -> EncodedPosts:
        rows = corpus.rows(held)
        posts = [post for _, post in rows]

        def refuse(position: int, error: PictureError) -> None:
            number, post = rows[position]
            if quarantine is not None:
                table = corpus.sources[number].source.table
                quarantine.add(post.id, post.row, "picture not used in training", detail=str(error), table=table)

        nothing = (0.0,) * len(corpus.emotions)
        return encode(
            posts,
            [corpus.emotions.index(str(post.emotion)) for post in posts],
            encoders,
            progress=progress,
            refuse=refuse,
            subclasses=[corpus.subclass(number, post) for number, post in rows],
            taught=None if corpus.taught is None else [corpus.taught.get(post.id, nothing) for post in posts],
            tables=[number for number, _ in rows],
        )

    training = encoded(held=False)
    _check_modalities(training, corpus, recipe)
    sources = tuple(entry.source for entry in corpus.sources)
    emotion_of = tuple(emotion for emotion, _ in corpus.subclasses)
    return EncodedCorpus(encoders, training, encoded(held=True), len(corpus.emotions), emotion_of, sources)


def _check_modalities(training: EncodedPosts, corpus: Corpus, recipe: Recipe) -> None:
    """Refuse posts that lack a modality altogether, unless the recipe is made to answer without it."""
    missing = [name for name, present in training.present.items() if not present.any()]
    if missing and (recipe.combinations is None or len(missing) == len(training.present)):
        table, name = corpus.sources[0].source.table, " or ".join(missing)
        raise TableError(
            f"{table}: no post has any {name} that can be read, and the recipe reads {name}; name its column with "
            "--columns, or give another table or recipe"
        )
