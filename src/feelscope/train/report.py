"""What a training leaves beside its networks: weights, recipe, scores, figures and a model card."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feelscope.config import to_toml
from feelscope.evaluate import figures
from feelscope.evaluate.evaluate import evaluate
from feelscope.files import write_bytes, write_json, write_text
from feelscope.post import Post
from feelscope.progress import Progress
from feelscope.saved_model import card
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.train import fold_scores, run_folder
from feelscope.train.cross_validation import FoldAnswers
from feelscope.train.data import Corpus, SourcePosts, without_overlap
from feelscope.train.fit import Fitted
from feelscope.train.recipe import Recipe, Source
from feelscope.words.origin import Origin

NOT_FOR = (
    "Deciding about a person: it reads what a post shows, not what its author feels.",
    "Diagnosis, hiring, policing, or any use in which one wrong answer harms someone.",
)
LIMITS = (
    "English words only; other languages are read as pieces of words it does not know.",
    "Irony, quotes and slang that postdates the data are often misread.",
    "It has learnt its data's habits: who is pictured with which emotion is one of them.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What only the training itself knows of the run.

    Args:
        built: What the network is, in sentences; see `describing`.
        command: That makes the run again.
        vectors: The files of vectors that were read: what they were used for, and where they are from.
        folds: Answers of a cross-validation, of each fold; empty without one.
    """

    built: str
    command: str
    vectors: Mapping[str, Origin] = field(default_factory=dict)
    folds: Sequence[FoldAnswers] = ()


def write(
    out: Path,
    recipe: Recipe,
    corpus: Corpus,
    fitted: Fitted,
    dev: Mapping[str, list[Post]],
    had: Mapping[str, int],
    told: Told,
    *,
    progress: Progress,
) -> None:
    """Write model.safetensors, recipe.toml, metrics.json, figures/ and README.md.

    Args:
        dev: Labelled posts that were not trained on, by name; they are scored here and nowhere else.
        had: How many posts that were trained on had words, picture and emoji, by combination.
    """
    from safetensors.torch import save

    weights = {name: value.contiguous() for name, value in fitted.network.state_dict().items()}
    write_bytes(out / run_folder.WEIGHTS, save(weights))
    write_text(out / run_folder.RECIPE, to_toml(recipe))
    classifier = EmotionClassifier.load(out)
    read = [*corpus.sources, SourcePosts(Source("", "", ""), [post for _, post in corpus.unlabelled], 0)]
    folds = fold_scores.fold_scores(corpus, told.folds) if told.folds else None
    if folds is None:
        scored = _dev_posts(dev, read) if dev else _own_posts(corpus)
        scores = {name: _score(classifier, posts, name, progress) for name, posts in scored.items() if posts}
    else:
        name = fold_scores.pooled_name(folds["count"])
        scores = {name: fold_scores.pooled(corpus, told.folds, classifier.name, recipe.seed)}
    metrics = {
        "emotions": corpus.emotions,
        "seed": recipe.seed,
        "subclasses": corpus.subclasses,
        "temperature": fitted.temperature,
        "calibration": {
            name: {"posts": one.posts, "temperature": one.scaling.temperature}
            for name, one in fitted.calibration.by_combination.items()
        },
        "posts": [
            {"table": entry.source.name, "labelled": len(entry.posts), "without_emotion": entry.dropped}
            for entry in corpus.sources
        ],
        "data": corpus.digest(pictures=bool(recipe.image.encoder)),  # SHA-256 of all rows that were read
        "unlabelled": len(corpus.unlabelled),
        "trained_on": dict(had),
        "copies": len(_copies(corpus, fitted)),
        "epochs": fitted.history,
        **({} if folds is None else {"folds": folds}),
        "scores": scores,
    }
    write_json(out / "metrics.json", metrics)
    # The epochs of several networks have no common curve.
    history = [] if any("network" in epoch for epoch in fitted.history) else fitted.history
    first = next(iter(scores.values()))
    figures.save_all(out / "figures", first["both"], history)
    if first["text"] and first["image"]:
        figures.save(*figures.by_modality(first), out / "figures", "by_modality")
    card.write_card(out, _card(out, recipe, corpus, fitted, scores, had, told, folds))


def _dev_posts(dev: Mapping[str, list[Post]], sources: Sequence[SourcePosts]) -> dict[str, list[Post]]:
    scored = {}
    for name, posts in dev.items():
        apart = without_overlap(posts, sources)
        if len(apart) < len(posts):
            twice = len(posts) - len(apart)
            scored[f"{name}, without the {twice} posts that also appear in the training data"] = apart
        scored[f"{name}, all posts"] = posts
    return scored


def _own_posts(corpus: Corpus) -> dict[str, list[Post]]:
    """Without a dev table: the validation split, or, of a table too small for one, the training posts."""
    if held := corpus.posts(held=True):
        return {"validation split, on which the epoch was chosen: a little too high": held}
    posts = [post for entry in corpus.sources for post in entry.posts]
    return {"the training posts themselves: far too high": posts}


def _score(classifier: EmotionClassifier, posts: Iterable[Post], name: str, progress: Progress) -> dict[str, Any]:
    return evaluate(classifier, posts, progress=lambda done, total: progress("scoring", done, total, name)).to_json()


def _card(
    out: Path,
    recipe: Recipe,
    corpus: Corpus,
    fitted: Fitted,
    scores: dict[str, Any],
    had: Mapping[str, int],
    told: Told,
    folds: Mapping[str, Any] | None = None,
) -> card.Card:
    share, held = f"{recipe.choices.validation:.0%}", any(corpus.held)
    used_for = f"training, {share} of it kept apart for choosing" if held else "training"
    if fitted.on_all:
        used_for = f"choosing on {share} of it, then training on all"
    if folds is not None:
        used_for = f"scores by {folds['count']} folds, then {used_for}"
    return card.Card(
        name=out.resolve().name,
        purpose=recipe.purpose,
        not_for=NOT_FOR,
        emotions=corpus.emotions,
        how=_describe(told.built, recipe, corpus, len(_copies(corpus, fitted))),
        modalities=recipe.modalities,
        licence="As the data's licences below allow.",
        data=[
            card.DataSet(
                name=entry.source.name, posts=len(entry.posts), licence=entry.source.licence, used_for=used_for
            )
            for entry in corpus.sources
        ]
        + _unlabelled(corpus)
        + [
            card.DataSet(name=str(one), posts=None, licence=one.licence, used_for=use)
            for use, one in told.vectors.items()
        ],
        scores=scores,
        calibration=f"One temperature, {fitted.temperature:.3g}, "
        + ("fitted on the validation split." if held or fitted.on_all else "set by the recipe.")
        + _by_combination(fitted),
        seeds=[recipe.seed],
        command=told.command,
        limits=(*LIMITS, *_of_combinations(had)),
        score_blocks=[] if folds is None else fold_scores.card_blocks(folds),
    )


def _unlabelled(corpus: Corpus) -> list[card.DataSet]:
    """The posts that were learnt from without labels, by their tables."""
    counts = Counter(Path(table).name for table, _ in corpus.unlabelled)
    return [
        card.DataSet(name=name, posts=count, licence="as its owner says", used_for="training, without labels")
        for name, count in counts.items()
    ]


def _of_combinations(had: Mapping[str, int]) -> list[str]:
    """What posts it was trained on, where emoji are a modality: hardly any set has all three."""
    if "emoji" not in had:
        return []
    counts = ", ".join(f"{name.replace('+', ' and ')} {count:,}" for name, count in had.items())
    sentence = f"Posts that it was trained on, by what they had: {counts}."
    if never := [name.replace("+", " and ") for name, count in had.items() if not count]:
        sentence += f" How well it reads posts with {', or with '.join(never)} is not known: it has seen none."
    return [sentence]


def _by_combination(fitted: Fitted) -> str:
    """What each combination of modalities needed beyond the one temperature."""
    fits = [
        f"{name.replace('+', ' and ')} {one.scaling.temperature:.3g}"
        for name, one in fitted.calibration.by_combination.items()
    ]
    return f" On top of it, by what a post was read from: {', '.join(fits)} (1 where none helps)." if fits else ""


def _copies(corpus: Corpus, fitted: Fitted) -> list[Post]:
    """The counterfactual copies that were learnt."""
    held = [False] * len(corpus.held) if fitted.on_all else corpus.held
    return [copy for copies, mark in zip(corpus.copies, held, strict=False) if not mark for copy in copies]


def _describe(built: str, recipe: Recipe, corpus: Corpus, copies: int) -> str:
    """What the network is, and what else was learnt from."""
    sentences = [built]
    if corpus.taught:
        taught = sum(post.id in corpus.taught for entry in corpus.sources for post in entry.posts)
        learner = "the whole post" if recipe.shows_whole_posts_only else "one modality alone"
        sentences.append(
            f"Of {taught:,} posts, {learner} learnt {recipe.distillation.share:.0%} from a teacher's answer, "
            "the rest from the label."
        )
    if recipe.augmentation:
        sentences.append(
            f"{copies:,} posts were learnt a second time with {recipe.augmentation.what} (counterfactual data "
            "augmentation, Lu et al. 2018)."
        )
    if corpus.unlabelled:
        sentences.append(
            f"{len(corpus.unlabelled):,} posts without labels taught it too, by guesses of their emotion"
            + (" and by transformations of their pictures" if recipe.enaet and recipe.enaet.families else "")
            + " (EnAET)."
        )
    if recipe.choices.trainings > 1:
        sentences.append(
            f"The weights are the mean of {recipe.choices.trainings} trainings that differ in their draws "
            "(Wortsman et al. 2022)."
        )
    return " ".join(sentences)
