"""A corpus as tensors: the recipe's modalities are opened on the training posts, and all posts encoded by them."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np
import torch

from feelscope import files
from feelscope.encoders.emoji_encoder import EmojiEncoder
from feelscope.encoders.emoji_vectors import by_known, by_names
from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.encoders.encoder import Encoder, Resources, TextEncoder
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.further.emoji import Emoji, words_of
from feelscope.encoders.further_encoder import FurtherEncoder
from feelscope.encoders.opening import encode, open_image, open_text
from feelscope.encoders.settings import PUBLISHED
from feelscope.encoders.without_emoji import WithoutEmoji
from feelscope.errors import ConfigError, ModelError, PictureError, TableError, WordsError
from feelscope.objectives.hard_negatives import hard_negatives
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.saved_model.builtin_sentences import BuiltinSentences
from feelscope.saved_model.sentence_vectors import sentence_vectors
from feelscope.table import Quarantine
from feelscope.table.unused_pictures import count_fault
from feelscope.train.data import Corpus
from feelscope.train.recipe import Recipe, Source
from feelscope.words.label_vectors import label_vectors, permuted
from feelscope.words.load import load


@dataclass(frozen=True, slots=True)
class EncodedCorpus:
    """What a classifier is trained on.

    Args:
        encoders: By modality.
        training, validation: The posts that are trained on, and those kept apart.
        emotions: K.
        emotion_of: Of each subclass, the emotion's index; empty where emotions have none.
        sources: How an epoch uses the posts of each table.
        label_vectors: float32 (K, D), of the emotions' words; None where the recipe does not ask for them.
        unlabelled: Posts that are learnt from without labels; None where no objective asks for them.
        made_of: Tells the posts and files apart from others that the tensors here may look like.
    """

    encoders: dict[str, Encoder]
    training: EncodedPosts
    validation: EncodedPosts
    emotions: int
    emotion_of: tuple[int, ...] = ()
    sources: tuple[Source, ...] = ()
    made_of: str = ""
    label_vectors: np.ndarray | None = None
    unlabelled: EncodedPosts | None = None

    def only(self, name: str) -> "EncodedCorpus":
        """The same posts, with one modality."""
        return EncodedCorpus(
            {name: self.encoders[name]},
            self.training.only(name),
            self.validation.only(name),
            self.emotions,
            self.emotion_of,
            self.sources,
            self.made_of,
            self.label_vectors,
            None if self.unlabelled is None else self.unlabelled.only(name),
        )

    def digest(self, recipe: Recipe) -> str:
        """Equal for equal recipes and posts, so that a checkpoint is not continued with others."""
        digest = hashlib.sha256(json.dumps([asdict(recipe), self.emotions, self.emotion_of, self.made_of]).encode())
        for posts in (self.training, self.validation, *([] if self.unlabelled is None else [self.unlabelled])):
            known = [posts.labels, posts.subclasses, posts.taught, posts.tables, posts.hard, *posts.present.values()]
            # Not rows of a feature cache (int32): they tell where the cache has a picture, not which picture it is.
            for value in (*known, *(value for value in posts.inputs.values() if value.dtype != torch.int32)):
                digest.update(value.numpy().tobytes())
        return digest.hexdigest()[:16]


def check_resources(recipes: Collection[Recipe], resources: Resources) -> None:
    """Refuse word vectors or published weights that do not exist, or that none of the recipes reads.

    Raises:
        ConfigError, ModelError, WordsError: One line that says what to do.
    """
    words, weights, emoji = resources.words, resources.weights, resources.emoji
    reads = "this recipe reads no" if len(recipes) == 1 else "none of these recipes reads"
    if words is None and any(recipe.secret for recipe in recipes):
        raise ConfigError("secret: the emotions' words need vectors; give some with --words FILE")
    if words is not None and all(recipe.text.encoder != "words" and not recipe.secret for recipe in recipes):
        raise ConfigError(f"--words {words}: {reads} word vectors; leave it out, or give another recipe")
    if words is not None and not words.is_file():
        raise WordsError(f"{words}: no such file; --words takes GloVe text, word2vec or .npz")
    if emoji is not None and all("emoji" not in recipe.further.names for recipe in recipes):
        raise ConfigError(f"--emoji-vectors {emoji}: {reads} emoji; leave it out, or give another recipe")
    if emoji is not None and not emoji.is_file():
        raise WordsError(f"{emoji}: no such file; --emoji-vectors takes emoji2vec, or other vectors of emoji")
    encoders = {encoder for recipe in recipes for encoder in (recipe.text.encoder, recipe.image.encoder)}
    if weights is not None and not encoders & PUBLISHED:
        raise ConfigError(f"--weights {weights}: {reads} published weights; leave it out")
    if weights is not None and not weights.exists():
        raise ModelError(f"{weights}: no such file or folder; --weights takes the folder of the published weights")
    if weights is not None and weights.is_file() and ("inception" not in encoders or "lite0" in encoders):
        raise ConfigError(f"--weights {weights}: only Inception takes a file; give the folder of the weights")


def open_encoders(recipe: Recipe, posts: Sequence[Post], resources: Resources) -> dict[str, Encoder]:
    """The encoders of a recipe's modalities, by name; arguments and errors are those of `open_encoder`."""
    return {name: open_encoder(recipe, name, posts, resources) for name in recipe.modalities}


def open_encoder(recipe: Recipe, name: str, posts: Sequence[Post], resources: Resources) -> Encoder:
    """The encoder of one of the recipe's modalities.

    Args:
        posts: Of the training and no others: their words learn, and further modalities are fitted on them.

    Raises:
        ConfigError, WordsError, TableError, ModelError, MissingExtra: One line that says what to do.
    """
    if name == "text":
        sparse = recipe.steps.takes_sparse_gradients
        if "emoji" not in recipe.further.names:
            return open_text(recipe.text, posts, resources, sparse=sparse)
        words = open_text(recipe.text, [words_of(post) for post in posts], resources, sparse=sparse)
        return WithoutEmoji(cast("TextEncoder", words))
    if name == "image":
        return open_image(recipe.image, resources, seed=recipe.seed, transformed=recipe.enaet is not None)
    if name == "emoji":
        return open_emoji(posts, resources)
    return FurtherEncoder(recipe.further.modalities[recipe.further.names.index(name)], posts)


def open_emoji(posts: Sequence[Post], resources: Resources) -> EmojiEncoder:
    """The encoder of emoji: all of Unicode, by their names as the built-in text network reads them, and by a file.

    Raises:
        TableError, WordsError: No post has an emoji, or the file has no vector of one.
    """
    modality = Emoji.fit(posts)
    encoder = BuiltinSentences()
    parts = [by_names(modality.emoji, lambda names: sentence_vectors(names, encoder, resources.cache, silent).numpy())]
    if resources.emoji is not None:
        known = load(resources.emoji)
        parts.append(by_known(modality.emoji, known))
        if not parts[-1]:
            raise WordsError(
                f"{resources.emoji}: none of its {len(known):,} words is an emoji; give vectors of emoji, such as "
                "emoji2vec"
            )
    return EmojiEncoder(modality, parts)


def encode_corpus(
    corpus: Corpus, recipe: Recipe, resources: Resources, *, quarantine: Quarantine | None, progress: Progress
) -> EncodedCorpus:
    """Open the recipe's modalities on the training posts, and encode these and the validation split.

    Args:
        quarantine: Where pictures that cannot be read are told; None where they were told before.

    Raises:
        ConfigError, WordsError, TableError, ModelError, MissingExtra: One line that says what to do.
    """
    learnt = [*corpus.posts(held=False), *(post for _, post in corpus.unlabelled)]
    encoders = open_encoders(recipe, learnt, resources)

    def refuse_of(rows: Sequence[tuple[str, Post]]) -> Refuse:
        def refuse(position: int, error: PictureError) -> None:
            table, post = rows[position]
            if quarantine is not None and post.row:  # not again for a copy
                quarantine.add(post.id, post.row, "picture not used in training", detail=str(error), table=table)
                count_fault(quarantine, str(error))

        return refuse

    def encoded(held: bool) -> EncodedPosts:
        rows = corpus.rows(held)
        posts = [post for _, post in rows]
        nothing = (0.0,) * len(corpus.emotions)
        labels = [corpus.emotions.index(str(post.emotion)) for post in posts]
        hard = None
        if recipe.dsreg and not held:
            hard = hard_negatives(posts, labels, corpus.emotions, recipe.dsreg, recipe.seed)
        return encode(
            posts,
            labels,
            encoders,
            progress=progress,
            refuse=refuse_of([(corpus.sources[number].source.table, post) for number, post in rows]),
            subclasses=[corpus.subclass(number, post) for number, post in rows],
            taught=None if corpus.taught is None else [corpus.taught.get(post.id, nothing) for post in posts],
            tables=[number for number, _ in rows],
            hard=hard,
        )

    training = encoded(held=False)
    _check_modalities(training, corpus, recipe)
    sources = tuple(entry.source for entry in corpus.sources)
    emotion_of = tuple(emotion for emotion, _ in corpus.subclasses)
    words = "" if resources.words is None else files.digest(resources.words)
    emoji = "" if resources.emoji is None else files.digest(resources.emoji)
    made_of = f"{corpus.digest(pictures=bool(recipe.image.encoder))} {words} {emoji}"
    held, known = encoded(held=True), seen_labels(recipe, open_labels(recipe, corpus.emotions, resources))
    unlabelled = None
    if bare := corpus.unlabelled:
        posts, nothing = [post for _, post in bare], [0] * len(bare)
        unlabelled = encode(posts, nothing, encoders, progress=progress, refuse=refuse_of(bare))
    return EncodedCorpus(
        encoders, training, held, len(corpus.emotions), emotion_of, sources, made_of, known, unlabelled
    )


def open_labels(recipe: Recipe, emotions: tuple[str, ...], resources: Resources) -> np.ndarray | None:
    """The vectors (K, D) of the emotions' words, none permuted; None where the recipe does not ask for them.

    Raises:
        WordsError: The file cannot be read, or has no word of an emotion.
    """
    if recipe.secret is None or resources.words is None:
        return None
    return label_vectors(emotions, load(resources.words))


def seen_labels(recipe: Recipe, known: np.ndarray | None) -> np.ndarray | None:
    """Those vectors as the recipe's training sees them: as a control, by its seed, each emotion with another's."""
    if recipe.secret is None or known is None:
        return None
    return permuted(known, recipe.seed) if recipe.secret.permute else known


def _check_modalities(training: EncodedPosts, corpus: Corpus, recipe: Recipe) -> None:
    """Refuse posts that lack a modality altogether, unless the recipe is made to answer without it."""
    missing = [name for name, present in training.present.items() if not present.any()]
    if missing and (recipe.combinations is None or len(missing) == len(training.present)):
        table, name = corpus.sources[0].source.table, " or ".join(missing)
        raise TableError(
            f"{table}: no post has any {name} that can be read, and the recipe reads {name}; name its column with "
            "--columns, or give another table or recipe"
        )
