"""What the answers show: how far annotators agree, and people against the model on the same posts."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from feelscope.metrics.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, pairs
from feelscope.metrics.intervals import mean_interval, with_interval
from feelscope.metrics.trust import paired_difference, trust
from feelscope.text.counts import counted

Answered = Mapping[str, Mapping[str, str]]  # annotator to post to answer


def agreement_lines(answers: Answered) -> list[str]:
    """Agreement of the annotators in lines for people."""
    lines = [f"{name}: {counted(len(own), 'answer')}" for name, own in sorted(answers.items())]
    for (name, other), (first, second) in pairs(answers).items():
        lines.append(
            f"Cohen's kappa of {name} and {other}: {cohen_kappa(first, second):.3f} on {counted(len(first), 'post')}"
        )
    ids = sorted({id for own in answers.values() for id in own})
    by_post = [[own[id] for own in answers.values() if id in own] for id in ids]
    complete = [given for given in by_post if len(given) == len(answers)]
    if len(answers) > 1 and complete:
        kappa, alpha = fleiss_kappa(complete), krippendorff_alpha(by_post)
        paired = sum(len(given) > 1 for given in by_post)
        lines.append(f"Fleiss' kappa of all: {kappa:.3f} on {counted(len(complete), 'post')} that everyone answered")
        lines.append(f"Krippendorff's alpha: {alpha:.3f} on {counted(paired, 'post')} with two answers or more")
    return lines


def against_model(answers: Answered, truth: Mapping[str, str], model: Mapping[str, str]) -> list[str]:
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
    for name, own in people.items():
        ids = [id for id in own if id in truth and id in model]
        if not ids:
            continue
        person = np.array([own[id] == truth[id] for id in ids], float)  # (N,)
        machine = np.array([model[id] == truth[id] for id in ids], float)
        share, of_model, better = (
            with_interval(float(values.mean()), mean_interval(values), " to ")
            for values in (person, machine, person - machine)
        )
        lines.append(f"{name}: {share}, the model {of_model}, person minus model {better}, {counted(len(ids), 'post')}")
    return lines or ["no answered post has an emotion in the dataset: people and model cannot be compared"]


def majority(answers: Answered) -> dict[str, str]:
    """Post to what most people answered; of equally many, the first in the alphabet."""
    by_post: dict[str, Counter[str]] = {}
    for own in answers.values():
        for id, answer in own.items():
            by_post.setdefault(id, Counter())[answer] += 1
    return {id: min(counts, key=lambda answer: (-counts[answer], answer)) for id, counts in by_post.items()}


def judged_lines(
    answers: Answered,
    truth: Mapping[str, str],
    model: Mapping[str, str],
    confidence: Mapping[str, float] | None = None,
    condition: str = "",
) -> list[str]:
    """How well people tell where the model is wrong.

    Of its errors, the share they found; of those they called errors, the share that were. Then, as of any detector of
    right answers, the AUROC, beside that of the model's own confidence on the same posts.

    Args:
        confidence: Post to the model's; None leaves the AUROC out.
        condition: What the people were shown, where there is more than one way; the lines begin with it.
    """
    lines = []
    for name, own in sorted(answers.items()):
        ids = [id for id in own if id in truth and id in model]
        wrong = {id for id in ids if model[id] != truth[id]}
        called = {id for id in ids if own[id] == "wrong"}
        right = len(ids) - len(wrong ^ called)
        recall, precision = _share(len(wrong & called), len(wrong)), _share(len(wrong & called), len(called))
        lines.append(
            f"{_who(name, condition)}: right about the model on {_share(right, len(ids))} of "
            f"{counted(len(ids), 'post')}; found {recall} of its errors; {precision} of those called errors were"
        )
        if confidence is not None and 0 < len(wrong) < len(ids):
            right_answers = np.array([id not in wrong for id in ids])
            person = np.array([id not in called for id in ids], float)
            machine = [confidence[id] for id in ids]
            lines.append(f"{_who(name, condition)}: {_aurocs(person, machine, right_answers)}")
    return lines


def _aurocs(person: np.ndarray, machine: Sequence[float], right: np.ndarray) -> str:
    """The AUROC of a person's two answers, of the model's confidence, and their difference."""
    own, of_model = trust(person, right), trust(machine, right)
    gain, ends = paired_difference(person, machine, right)["auroc"]
    person_text, model_text = (
        with_interval(found.auroc, found.intervals["auroc"], " to ") for found in (own, of_model)
    )
    return (
        f"AUROC {person_text}, the model's confidence {model_text}, person minus model "
        f"{with_interval(gain, ends, ' to ')}, {counted(len(right), 'post')}"
    )


def _who(name: str, condition: str) -> str:
    return f"{name}, {condition}" if condition else name


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"
