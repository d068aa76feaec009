"""Train: posts in, a model folder with its scores, figures and card out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from feelscope.encoders import efficientnet_lite0
from feelscope.encoders.minilm import MiniLM
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.trunk_cache import TrunkFeatures
from feelscope.encoders.weights import find
from feelscope.errors import ConfigError
from feelscope.models.towers import Towers
from feelscope.post import Post
from feelscope.progress import Progress, silent
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.export import export
from feelscope.table import PostsTable, Quarantine
from feelscope.train import refit as refitting
from feelscope.train import report as training_report
from feelscope.train import run_folder, soup
from feelscope.train.corpus import Corpus, SourcePosts, build, check_labels, read_source
from feelscope.train.fit import Fitted, build_towers
from feelscope.train.recipe import Recipe, Source, find_tables

_PICTURES_FOR_SCALES = 100  # of the image network's 8-bit activations
_HOW = (
    "MiniLM (6 layers, width 384) reads title and text, EfficientNet-Lite0 the picture; {fused}. "
    "Both encoders compute in 8-bit integers."
)
_FUSED = {
    "gated": "both are projected to width {width} and mixed by a learnt gate, a missing half by a learnt vector",
    "deep_sentiment": "2048 features of the words and 128 of the picture go through a dense layer of 1024, a missing "
    "half as zeros (after Hu 2017)",
}
_TAUGHT = " Of {posts:,} posts, one half alone learnt {share:.0%} from a teacher's answer, the rest from the label."
_SOUP = " The weights are the mean of {trainings} trainings that differ in their draws (Wortsman et al. 2022)."


def train(
    recipe: Recipe,
    out: Path,
    *,
    table: Path | None = None,
    dev: Path | None = None,
    data: Path | None = None,
    columns: Mapping[str, str] | None = None,
    teachers: Sequence[Path] = (),
    resume: bool = False,
    weights: Path | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Path:
    """Train a model and save it.

    Args:
        recipe: What to train and how.
        out: The model's folder; must be new or empty, or hold the checkpoint to resume.
        table: Labelled posts, for a recipe that names no tables itself.
        dev: Labelled posts that are opened once, at the end, for the scores.
        data: The folder that holds the tables a recipe names.
        columns: Standard names to the table's names, as for `PostsTable`.
        teachers: Predictions for posts of the tables, as `feelscope predict` writes them, to learn from as well.
        resume: Go on from the checkpoint in `out`.
        weights: A folder with the encoders' published weights; None looks in installed packages, then on the hub.
        cache: Where pictures' trunk outputs are kept; None is `features/` beside `out`.
        progress: Called with stage, done, total and a detail.

    Returns:
        `out`, which `EmotionClassifier.load` opens.

    Raises:
        TableError, ConfigError, ModelError: One line that says what to do.
    """
    if resume:
        refitting.find(out)
    else:
        run_folder.check_is_free(out)
    labelled = PostsTable(dev, columns, need=("emotion",)) if dev else None  # a fault of it must not show at the end
    with run_folder.kept_unless_empty(out), Quarantine(out / run_folder.QUARANTINE) as quarantine:
        progress("reading posts", 0, 0, "")
        sources = _read(recipe, table, data, columns, quarantine)
        image = efficientnet_lite0.EfficientNetLite0.pretrained(weights)
        features = TrunkFeatures(cache or out.parent / "features", image)
        tokenizer_file = find("minilm-tokenizer", weights)
        tokenizer = Tokenizer(tokenizer_file, recipe.tokens)
        corpus = build(
            sources, recipe, tokenizer, features, quarantine=quarantine, progress=progress, teachers=teachers
        )
        if labelled:
            check_labels(labelled, corpus.emotions)
        scored = {"dev": list(labelled)} if labelled else {}
        scored |= _read_dev(recipe, data, corpus.emotions, quarantine)
        emotion_of = [emotion for emotion, _ in corpus.parts]

        def towers() -> Towers:
            return build_towers(len(corpus.emotions), recipe, image, MiniLM.pretrained(weights), emotion_of)

        if recipe.refit and scored and any(corpus.tuning):
            fitted = refitting.refit(towers, corpus, recipe, out, resume=resume, progress=progress)
        else:  # without other posts, the tuning part gives the scores
            fitted = soup.fit_soup(towers, corpus, recipe, out, resume=resume, progress=progress)
        progress("saving the model", 0, 0, "")
        size = efficientnet_lite0.SIZE
        labels = model_folder.Labels(
            out.resolve().name, corpus.emotions, recipe.tokens, size, modalities=corpus.modalities
        )
        pictures = corpus.some_pictures(_PICTURES_FOR_SCALES, size)
        model_folder.write(
            out,
            labels,
            tokenizer_file,
            lambda folder: export(fitted.towers, image.trunk, fitted.temperature, pictures, folder),
        )
        training_report.write(out, recipe, _trained(recipe, corpus, fitted), dev=scored, progress=progress)
        refitting.remove(out)
    return out


def _trained(recipe: Recipe, corpus: Corpus, fitted: Fitted) -> training_report.Trained:
    return training_report.Trained(
        weights=fitted.towers.state_dict(),
        emotions=corpus.emotions,
        sources=corpus.sources,
        temperature=fitted.temperature,
        history=fitted.history,
        held=corpus.held,
        on_all=fitted.on_all,
        parts=corpus.parts,
        how=_how(recipe, corpus.taught),
        arguments=("--data DIR" if recipe.data else "TABLE") + " --teacher FILE" * bool(corpus.taught),
    )


def _how(recipe: Recipe, taught: int) -> str:
    how = _HOW.format(fused=_FUSED[recipe.fusion].format(width=recipe.width))
    if taught:
        how += _TAUGHT.format(posts=taught, share=recipe.teacher_share)
    if recipe.trainings > 1:
        how += _SOUP.format(trainings=recipe.trainings)
    return how


def _read_dev(
    recipe: Recipe, data: Path | None, known: tuple[str, ...], quarantine: Quarantine
) -> dict[str, list[Post]]:
    """The dev tables that a recipe names itself, by their names."""
    named = [source for source in recipe.data if source.dev]
    return {
        source.dev: read_source(Path(str(data)) / source.dev, source, known, quarantine=quarantine).posts
        for source in named
    }


def _read(
    recipe: Recipe, table: Path | None, data: Path | None, columns: Mapping[str, str] | None, quarantine: Quarantine
) -> list[SourcePosts]:
    if recipe.data and table is not None:
        raise ConfigError("this recipe names its own tables; give --data and no table, or another recipe")
    if recipe.data and recipe.finer:
        raise ConfigError("this recipe names its own tables, and the column `finer` beside each; leave it out here")
    if recipe.data and data is None:
        raise ConfigError("this recipe names its own tables; say where they are with --data DIR (docs/data.md)")
    if recipe.data:
        paths = find_tables(recipe.data, Path(str(data)))
        return [
            read_source(path, source, recipe.emotions, quarantine=quarantine)
            for path, source in zip(paths, recipe.data, strict=True)
        ]
    if data is not None:
        raise ConfigError("this recipe names no tables of its own; give the TABLE and leave --data out")
    if table is None:
        raise ConfigError("this recipe needs a posts table: feelscope train TABLE --recipe ... --out ...")
    source = Source(table=str(table), name=table.name, licence="as its owner says", finer=recipe.finer)
    return [read_source(table, source, recipe.emotions, columns=columns, quarantine=quarantine)]
