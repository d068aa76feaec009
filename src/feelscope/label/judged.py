"""What judges of the model found: how often it is right, and how well they tell where it is wrong."""

from collections.abc import Mapping, Sequence

import numpy as np

from feelscope.label.agreement import MODEL
from feelscope.label.findings import Finding, Findings
from feelscope.label.verdicts import Answered, majority
from feelscope.metrics.intervals import mean_interval
from feelscope.metrics.trust import paired_difference, trust
from feelscope.text.counts import counted

RIGHT, WRONG = "right", "wrong"


def called_right(answers: Answered, model: Mapping[str, str]) -> Findings:
    """How many of the model's answers people call right, all of them and by emotion; needs no labels."""
    found = Findings()
    people = {**answers, **({"their majority": majority(answers)} if len(answers) > 1 else {})}
    for name, own in people.items():
        ids = [id for id in own if id in model]
        if not ids:
            continue
        right = np.array([own[id] == RIGHT for id in ids], float)  # (N,)
        share = Finding("share called right", name, MODEL, float(right.mean()), len(ids), mean_interval(right))
        found.say(f"{name}: calls {share.shown} of the model's answers right, {counted(len(ids), 'post')}", share)
    said = {id for own in people.values() for id in own if id in model}
    judged = people.get("their majority") or next(iter(people.values()), {})
    for emotion in sorted({model[id] for id in said}):
        of_it = [id for id in judged if model.get(id) == emotion]
        if of_it:
            right = np.array([judged[id] == RIGHT for id in of_it], float)
            share = Finding("share called right", emotion, MODEL, float(right.mean()), len(of_it), mean_interval(right))
            found.say(f"  {emotion}: {share.shown}, {counted(len(of_it), 'post')}", share)
    return found


def judged(
    answers: Answered,
    truth: Mapping[str, str],
    model: Mapping[str, str],
    confidence: Mapping[str, float] | None = None,
    condition: str = "",
) -> Findings:
    """How well people tell where the model is wrong.

    Of its errors, the share they found; of those they called errors, the share that were. Then, as of any detector of
    right answers, the AUROC, beside that of the model's own confidence on the same posts.

    Args:
        truth: Post to its emotion; other posts do not count.
        confidence: Post to the model's; None leaves the AUROC out.
        condition: What the people were shown, where there is more than one way; the lines begin with it.
    """
    found = Findings()
    for name, own in sorted(answers.items()):
        ids = [id for id in own if id in truth and id in model]
        wrong = {id for id in ids if model[id] != truth[id]}
        called = {id for id in ids if own[id] == WRONG}
        both = len(wrong & called)
        shares = [
            Finding(what, name, MODEL, part / whole if whole else None, whole, condition=condition)
            for what, part, whole in (
                ("right about the model", len(ids) - len(wrong ^ called), len(ids)),
                ("errors found", both, len(wrong)),
                ("called errors that were", both, len(called)),
            )
        ]
        right, recall, precision = ("-" if one.value is None else f"{one.value:.3f}" for one in shares)
        found.say(
            f"{_who(name, condition)}: right about the model on {right} of {counted(len(ids), 'post')}; found {recall} "
            f"of its errors; {precision} of those called errors were",
            *shares,
        )
        if confidence is not None and 0 < len(wrong) < len(ids):
            right_answers = np.array([id not in wrong for id in ids])
            person = np.array([id not in called for id in ids], float)
            _aurocs(found, name, condition, person, [confidence[id] for id in ids], right_answers)
    return found


def _aurocs(
    found: Findings, name: str, condition: str, person: np.ndarray, machine: Sequence[float], right: np.ndarray
) -> None:
    """The AUROC of a person's two answers, of the model's confidence, and their difference."""
    own, of_model = trust(person, right), trust(machine, right)
    gain, ends = paired_difference(person, machine, right)["auroc"]
    numbers = [
        Finding(what, of, MODEL, value, len(right), interval, condition)
        for what, of, value, interval in (
            ("AUROC", name, own.auroc, own.intervals["auroc"]),
            ("AUROC of the confidence", MODEL, of_model.auroc, of_model.intervals["auroc"]),
            ("AUROC, person minus model", name, gain, ends),
        )
    ]
    first, second, third = (one.shown for one in numbers)
    found.say(
        f"{_who(name, condition)}: AUROC {first}, the model's confidence {second}, person minus model {third}, "
        f"{counted(len(right), 'post')}",
        *numbers,
    )


def _who(name: str, condition: str) -> str:
    return f"{name}, {condition}" if condition else name
