"""What the answers say: agreement, and people against the model on the same posts."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from feelscope.metrics.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, pairs

DRAWS = 2000  # bootstrap resamples of the posts

Answered = Mapping[str, Mapping[str, str]]  # annotator to post to answer


def agreement_lines(answers: Answered) -> list[str]:
    """Agreement of the annotators in lines for people."""
    lines = [f"{name}: {len(some):,} answers" for name, some in sorted(answers.items())]
    for (one, other), (first, second) in pairs(answers).items():
        lines.append(f"Cohen's kappa of {one} and {other}: {cohen_kappa(first, second):.3f} on {len(first):,} posts")
    ids = sorted({id for some in answers.values() for id in some})
    by_post = [[some[id] for some in answers.values() if id in some] for id in ids]
    full = [some for some in by_post if len(some) == len(answers)]
    if len(answers) > 1 and full:
        lines.append(f"Fleiss' kappa of all: {fleiss_kappa(full):.3f} on {len(full):,} posts that all answered")
        paired = sum(len(some) > 1 for some in by_post)
        lines.append(f"Krippendorff's alpha: {krippendorff_alpha(by_post):.3f} on {paired:,} posts with two answers")
    return lines


def against_model(answers: Answered, truth: Mapping[str, str], model: Mapping[str, str], seed: int = 0) -> list[str]:
    """How often each person, their majority, and the model give a post's own emotion, on the same posts.

    Args:
        truth: Post to the emotion that the dataset has.
        model: Post to the model's answer.

    Returns:
        Lines for people, with 95% bootstrap intervals over posts; the difference is taken post by post.
    """
    people = dict(answers)
    if len(answers) > 1:
        people["their majority"] = majority(answers)
    lines = []
    for name, some in people.items():
        ids = sorted(id for id in some if id in truth and id in model)
        if not ids:
            continue
        human = np.array([some[id] == truth[id] for id in ids], float)  # (posts,)
        machine = np.array([model[id] == truth[id] for id in ids], float)
        lines.append(
            f"{name}: {_shown(human, seed)}, the model {_shown(machine, seed)}, "
            f"the person better by {_shown(human - machine, seed)}, {len(ids):,} posts"
        )
    return lines or ["no answered post has an emotion in the dataset: people and model cannot be compared"]


def majority(answers: Answered) -> dict[str, str]:
    """Post to what most people answered; of equally many, the first in the alphabet."""
    found: dict[str, Counter[str]] = {}
    for some in answers.values():
        for id, answer in some.items():
            found.setdefault(id, Counter())[answer] += 1
    return {id: min(counts, key=lambda answer: (-counts[answer], answer)) for id, counts in found.items()}


def _shown(values: np.ndarray, seed: int) -> str:
    draws = np.random.default_rng(seed).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def judged_lines(answers: Answered, truth: Mapping[str, str], model: Mapping[str, str]) -> list[str]:
    """How well people tell where the model is wrong: how many faults they found, how many that they called are any."""
    lines = []
    for name, some in sorted(answers.items()):
        ids = [id for id in some if id in truth and id in model]
        wrong = [id for id in ids if model[id] != truth[id]]
        called = [id for id in ids if some[id] == "wrong"]
        both = len(set(wrong) & set(called))
        recall = f"{both / len(wrong):.3f}" if wrong else "-"
        precision = f"{both / len(called):.3f}" if called else "-"
        right = sum((some[id] == "wrong") == (model[id] != truth[id]) for id in ids)
        share = f"{right / len(ids):.3f}" if ids else "-"
        lines.append(
            f"{name}: right about the model on {share} of {len(ids):,} posts; faults found {recall}, true {precision}"
        )
    return lines
