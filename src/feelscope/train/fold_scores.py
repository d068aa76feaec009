"""What a cross-validation found: scores by fold with their mean, beside baselines, and all answers in one table.

metrics.json   "folds": {"count", "posts", "models": {"this model": {"both": {"macro_f1": {"by_fold", "mean", ...}}}}}
               "scores": those of all answers together, as of any other set of posts
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from feelscope.evaluate.evaluation import Evaluation
from feelscope.metrics.folds import over_folds
from feelscope.metrics.intervals import RESAMPLES, with_interval
from feelscope.metrics.scores import accuracy, answer, count_answers, macro_f1, score, weighted_f1
from feelscope.post import COMBINATIONS, Post
from feelscope.saved_model.card import bullets, table
from feelscope.train.cross_validation import FoldAnswers
from feelscope.train.data import Corpus

THIS = "this model"
_SCORES = {"accuracy": accuracy, "macro_f1": macro_f1, "weighted_f1": weighted_f1}
_SHOWN = {"accuracy": "accuracy", "macro_f1": "macro-F1"}
_NO_ANSWER = "no answer"


def pooled_name(folds: int) -> str:
    """What the scores of all answers together are called."""
    return f"{folds} folds, each answered by a model that learnt from the others"


def fold_scores(corpus: Corpus, answers: Sequence[FoldAnswers]) -> dict[str, Any]:
    """The part `folds` of metrics.json.

    Args:
        answers: Of each fold. A baseline that not every fold has is left out.
    """
    posts = _posts(corpus)
    by_fold = [(np.array([corpus.emotions.index(str(posts[row].emotion)) for row in one.rows]), one) for one in answers]
    models: dict[str, Any] = {THIS: {}}
    shown = answers[0].probabilities
    for name in shown if {"text", "image"} <= shown.keys() else ("both",):
        which = [_has(name, [posts[row] for row in one.rows]) for one in answers]
        if all(some.any() for some in which):
            answered = [answer(one.probabilities[name]) for one in answers]
            models[THIS][name] = _over(
                [(labels[some], said[some]) for (labels, _), said, some in zip(by_fold, answered, which, strict=True)],
                len(corpus.emotions),
            )
    for name in answers[0].baselines:
        if all(name in one.baselines for one in answers):
            answered = [one.baselines[name] for one in answers]
            scores = _over(
                [(labels, said) for (labels, _), said in zip(by_fold, answered, strict=True)], len(corpus.emotions)
            )
            models[name] = {"both": scores}
            ours = models[THIS]["both"]["macro_f1"]["by_fold"]
            ahead = np.subtract(ours, scores["macro_f1"]["by_fold"])
            models[name]["macro_f1_ahead"] = asdict(over_folds(ahead.tolist(), least=-1.0))
    return {"count": len(answers), "posts": [len(one.rows) for one in answers], "models": models}


def _over(pairs: Sequence[tuple[np.ndarray, np.ndarray]], emotions: int) -> dict[str, Any]:
    """Each score over folds, from labels (N,) and answers (N,) of each."""
    counted = [(count_answers(labels, said, emotions), np.unique(labels)) for labels, said in pairs]
    return {
        name: asdict(over_folds([float(function(counts, present)) for counts, present in counted]))
        for name, function in _SCORES.items()
    }


def pooled(corpus: Corpus, answers: Sequence[FoldAnswers], name: str, seed: int) -> dict[str, Any]:
    """The scores of all answers together, as `Evaluation.to_json()` has them.

    Args:
        name: Of the model.
        seed: Of the bootstrap.
    """
    posts = _posts(corpus)
    rows = np.concatenate([one.rows for one in answers])
    labels = np.array([corpus.emotions.index(str(posts[row].emotion)) for row in rows])
    found = {}
    for key in answers[0].probabilities:
        which = _has(key, [posts[row] for row in rows])
        if which.any():
            probabilities = np.concatenate([one.probabilities[key] for one in answers])[which]
            found[key] = score(labels[which], probabilities, corpus.emotions, seed=seed, restricted=True)
    return Evaluation(
        model=name,
        emotions=corpus.emotions,
        mapped={},
        posts=len(rows),
        unlabelled=0,
        quarantined=0,
        both=found["both"],
        text=found.get("text"),
        image=found.get("image"),
        seed=seed,
        resamples=RESAMPLES,
    ).to_json()


def _posts(corpus: Corpus) -> list[Post]:
    return [post for entry in corpus.sources for post in entry.posts]


def _has(combination: str, posts: Sequence[Post]) -> np.ndarray:
    """Which posts count for a combination, bool (N,), as in `evaluate`."""
    has = {"both": lambda post: True, "text": lambda post: post.has_text, "image": lambda post: post.image is not None}
    return np.array([has[combination](post) for post in posts], dtype=bool)


def _lines(folds: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Each model, what was read of posts, the score, and the score over folds."""
    for model, combinations in folds["models"].items():
        for key, title in COMBINATIONS.items():
            for name, shown in _SHOWN.items():
                if key in combinations:
                    yield model, title, shown, combinations[key][name]


def card_blocks(folds: Mapping[str, Any]) -> list[str]:
    """What the card says of them, in Markdown."""
    rows = [
        (model, read, name, f"{over['mean']:.3f}", f"{over['deviation']:.3f}", _between(over["interval"]))
        for model, read, name, over in _lines(folds)
    ]
    count, sizes = folds["count"], folds["posts"]
    return [
        f"The scores come from {count} folds of about {sum(sizes) / count:,.0f} posts: near-duplicates and the posts "
        f"of one author are in one fold, and each fold is answered by a model that learnt from the other {count - 1}. "
        "This model itself learnt from all posts, by the same recipe, and was scored on none. Over the folds:",
        table(("model", "posts read", "score", "mean", "deviation", "95% interval of the mean"), rows),
        "The intervals are of means, for other posts of the same kind (Nadeau and Bengio 2003).",
        bullets([*_ahead(folds)]),
        "All answers together:",
    ]


def _ahead(folds: Mapping[str, Any]) -> Iterator[str]:
    """How far the model is ahead of each baseline, with the interval over folds."""
    for model, found in folds["models"].items():
        if (over := found.get("macro_f1_ahead")) is not None:
            low, high = over["interval"]
            yield f"Macro-F1 less that of {model}: {over['mean']:+.3f} ({low:+.3f} to {high:+.3f})"


def _between(ends: Sequence[float]) -> str:
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def terminal_lines(folds: Mapping[str, Any], scores: Mapping[str, Any]) -> Iterator[str]:
    """The same for a terminal, with the confusion of all answers.

    Args:
        scores: Of all answers together, those of posts as they are.
    """
    yield f"over {folds['count']} folds: mean, deviation, 95% interval of the mean"
    lines = [*_lines(folds)]
    width = max(len(f"{model}, {read}") for model, read, _, _ in lines)
    for model, read, name, over in lines:
        found = f"{over['mean']:.3f}  {over['deviation']:.3f}  {_between(over['interval'])}"
        yield f"  {f'{model}, {read}':<{width}}  {name:<11}  {found}"
    yield from _ahead(folds)
    yield f"all answers together: macro-F1 {with_interval(scores['macro_f1'], scores['intervals'].get('macro_f1'))}"
    yield "posts by emotion (rows) and answer (columns):"
    yield from _confusion(scores["confusion"])


def _confusion(confusion: Mapping[str, Any]) -> Iterator[str]:
    columns, matrix = [*confusion["columns"]], [[*row] for row in confusion["matrix"]]
    if any(confusion["unread"]):
        columns.append(_NO_ANSWER)
        matrix = [[*row, unread] for row, unread in zip(matrix, confusion["unread"], strict=True)]
    widths = [max(len(name), *(len(f"{row[at]:,}") for row in matrix)) for at, name in enumerate(columns)]
    first = max(map(len, confusion["rows"]))
    yield "  ".join([" " * (first + 2), *(f"{name:>{width}}" for name, width in zip(columns, widths, strict=True))])
    for emotion, row in zip(confusion["rows"], matrix, strict=True):
        yield "  ".join(
            [f"  {emotion:<{first}}", *(f"{cell:>{width},}" for cell, width in zip(row, widths, strict=True))]
        )
