"""Train a model of the family: a posts table in, a model folder with its scores, figures and card out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feelscope.errors import ConfigError, PictureError, TableError
from feelscope.family.fit import Fitted, fit
from feelscope.family.inputs import Input, encode, open_inputs
from feelscope.family.save import save
from feelscope.family.signals import Signals
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.progress import Progress
from feelscope.table import PostsTable, Quarantine
from feelscope.train import report as training_report
from feelscope.train import run_folder
from feelscope.train.corpus import SourcePosts, check_labels, order_emotions, read_source
from feelscope.train.fusion_recipe import FusionRecipe
from feelscope.train.recipe import Source


@dataclass(frozen=True, slots=True)
class Material:
    """What models of one choice of modalities are trained on; several recipes may share it.

    Args:
        emotions: In the order of the labels.
        inputs: The modalities.
        training: The posts that are trained on, and `tuning` those kept apart.
        training_posts, tuning_posts: The same as posts.
    """

    emotions: tuple[str, ...]
    inputs: dict[str, Input]
    training: Signals
    tuning: Signals
    training_posts: list[Post]
    tuning_posts: list[Post]


def train(
    recipe: FusionRecipe,
    out: Path,
    *,
    table: Path | None,
    dev: Path | None = None,
    words: Path | None = None,
    columns: Mapping[str, str] | None = None,
    weights: Path | None = None,
    cache: Path | None = None,
    progress: Progress,
) -> Path:
    """Train a model and save it.

    Args:
        recipe: What to train and how.
        out: The model's folder; must be new or empty.
        table: Labelled posts.
        dev: Labelled posts that are opened once, at the end, for the scores.
        words: A file of word vectors, for a recipe that reads words by them.
        columns: Standard names to the table's names, as for `PostsTable`.
        weights: A folder with the encoders' published weights; None looks in installed packages, then on the hub.
        cache: Where frozen encoders' vectors are kept; None is `features/` beside `out`.
        progress: Called with stage, done, total and a detail.

    Returns:
        `out`, which `EmotionClassifier.load` opens.

    Raises:
        TableError, ConfigError, ModelError, WordsError: One line that says what to do.
    """
    run_folder.check_is_free(out)
    if recipe.aggregate == "rnn":  # ONNX's exporter would fix the length of texts
        raise ConfigError("aggregate: a model with 'rnn' can be compared but not saved; take 'lstm', which is better")
    if table is None:
        raise ConfigError("this recipe needs a posts table: feelscope train TABLE --recipe ... --out ...")
    labelled = PostsTable(dev, columns, need=("emotion",)) if dev else None  # a fault of it must not show at the end
    with run_folder.kept_unless_empty(out), Quarantine(out / run_folder.QUARANTINE) as quarantine:
        progress("reading posts", 0, 0, "")
        source = read_table(table, recipe, columns, quarantine)
        if labelled:
            check_labels(labelled, order_emotions([source], recipe.emotions))
        material = prepare(
            source,
            recipe,
            words=words,
            weights=weights,
            cache=cache or out.parent / "features",
            quarantine=quarantine,
            progress=progress,
        )
        fitted = fit(recipe, material.inputs, len(material.emotions), material.training, material.tuning, progress)
        progress("saving the model", 0, 0, "")
        save(out, fitted, material.inputs, material.emotions, material.training_posts)
        scored = {"dev": list(labelled)} if labelled else {}
        trained = _trained(recipe, source, material, fitted)
        training_report.write(out, recipe, trained, dev=scored, progress=progress)
    return out


def read_table(
    table: Path, recipe: FusionRecipe, columns: Mapping[str, str] | None, quarantine: Quarantine
) -> SourcePosts:
    """The labelled posts of a table, with the columns that the recipe's further modalities are read from."""
    source = Source(table=str(table), name=table.name, licence="as its owner says")
    return read_source(
        table,
        source,
        recipe.emotions,
        columns=columns,
        quarantine=quarantine,
        other_columns=bool(recipe.modalities),
    )


def prepare(
    source: SourcePosts,
    recipe: FusionRecipe,
    *,
    words: Path | None,
    weights: Path | None,
    cache: Path,
    quarantine: Quarantine,
    progress: Progress,
) -> Material:
    """Keep the tuning part apart, open the modalities on the rest, and encode both."""
    emotions = order_emotions([source], recipe.emotions)
    index = {name: position for position, name in enumerate(emotions)}
    apart = validation_split(source.posts, recipe.tuning) if recipe.tuning else [False] * len(source.posts)
    training = [post for post, held in zip(source.posts, apart, strict=True) if not held]
    tuning = [post for post, held in zip(source.posts, apart, strict=True) if held]
    inputs = open_inputs(recipe, training, words=words, weights=weights, cache=cache)

    def signals(posts: Sequence[Post]) -> Signals:
        def refuse(row: int, error: PictureError) -> None:
            reason = "picture not used in training"
            quarantine.add(posts[row].id, posts[row].row, reason, detail=str(error), table=source.source.table)

        return encode(posts, [index[str(post.emotion)] for post in posts], inputs, progress=progress, refuse=refuse)

    encoded = signals(training)
    for name, present in encoded.present.items():
        if not present.any():
            raise TableError(
                f"{source.source.table}: no post has any {name} that can be read, and the recipe reads {name}; {_MEND}"
            )
    return Material(emotions, inputs, encoded, signals(tuning), training, tuning)


_MEND = "name its column with --columns, or give another table or recipe"


def _trained(recipe: FusionRecipe, source: SourcePosts, material: Material, fitted: Fitted) -> training_report.Trained:
    return training_report.Trained(
        weights=fitted.network.state_dict(),
        emotions=material.emotions,
        sources=[source],
        temperature=fitted.temperature,
        history=fitted.history,
        held=material.tuning_posts,
        how=_how(recipe),
        arguments="TABLE --words FILE" if recipe.text == "words" else "TABLE",
    )


def _how(recipe: FusionRecipe) -> str:
    """The model in a few sentences."""
    reads = [_READS.get(name, name) for name in (recipe.text, recipe.image, *recipe.modalities) if name]
    return f"{_FUSES[recipe.model]}, of {', '.join(reads)}. {_SOURCES.get(recipe.model, _SOURCE)}"


_SOURCE = 'After Duong, Lebret and Aberer 2017, "Multimodal Classification for Analysing Social Media".'
_SOURCES = {"deep_sentiment": 'After Hu 2017, "Deep Sentiment Analysis on Tumblr".'}
_READS = {
    "words": "word vectors that were learnt elsewhere",
    "minilm": "sentence vectors of MiniLM (6 layers, width 384), in 8-bit integers",
    "lite0": "picture vectors of EfficientNet-Lite0, in 8-bit integers",
    "inception": "128 picture features of Inception v1, which learnt too",
}
_FUSES = {
    "text_only": "A linear classifier of the words alone",
    "image_only": "A linear classifier of the picture alone",
    "late": "Late fusion, the product of a linear classifier for each modality",
    "early": "Early fusion, the vectors side by side",
    "joint": "Joint fusion, the vectors pooled in one space",
    "common_space": "Common space fusion, the vectors pooled in a space where those of one post are close",
    "gated": "Gated fusion, the vectors mixed by a learnt gate",
    "deep_sentiment": "Deep Sentiment, features of words and picture side by side through a dense layer",
}
