"""People against the model on the same posts: who gives the emotion that is known, or that the other people give."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from feelscope.label.agreement import MODEL
from feelscope.label.findings import Finding, Findings
from feelscope.label.verdicts import TIE, Answered, by_post, majority, of_most
from feelscope.metrics.intervals import mean_interval
from feelscope.text.counts import counted

KNOWN, OTHERS = "the posts' own emotion", "the other people"


def against_known(answers: Answered, truth: Mapping[str, str], model: Mapping[str, str]) -> Findings:
    """How often each person, their majority, and the model give a post's own emotion.

    Args:
        answers: Without `unclear`.
        truth: Post to the emotion that it came with.
        model: Post to the model's answer.
    """
    people = dict(answers)
    if len(answers) > 1:
        people["their majority"] = majority(answers)
    found = Findings()
    for name, own in people.items():
        _compare(found, name, own, {id: truth[id] for id in own if id in truth}, model, KNOWN)
    return found


def against_others(answers: Answered, decided: Mapping[str, str], model: Mapping[str, str]) -> Findings:
    """How often each person, and the model on the same posts, give what the other people give.

    Args:
        answers: Without `unclear`.
        decided: Post to the emotion that somebody decided on, which counts instead of what the others say.
    """
    found = Findings()
    given = by_post(answers)
    for name, own in sorted(answers.items()):
        others: dict[str, str] = {}
        for id in own:
            counts = Counter(answer for who, answer in given[id].items() if who != name)
            said = decided.get(id) or (of_most(counts) if counts else TIE)
            if said != TIE:
                others[id] = said
        _compare(found, name, own, others, model, OTHERS)
    return found


def _compare(
    found: Findings,
    name: str,
    own: Mapping[str, str],
    wanted: Mapping[str, str],
    model: Mapping[str, str],
    against: str,
) -> None:
    """A person's share of posts with the wanted answer, the model's on the same, and the difference post by post."""
    ids = [id for id in wanted if id in model]
    if not ids:
        return
    person = np.array([own[id] == wanted[id] for id in ids], float)  # (N,)
    machine = np.array([model[id] == wanted[id] for id in ids], float)
    share, of_model, better = (
        Finding(what, of, against, float(values.mean()), len(ids), mean_interval(values), condition)
        for what, of, values, condition in (
            ("share right", name, person, ""),
            ("share right", MODEL, machine, f"posts of {name}"),
            ("person minus model", name, person - machine, ""),
        )
    )
    line = f"{name}: {share.shown}, the model {of_model.shown}, person minus model {better.shown}"
    found.say(f"{line}, {counted(len(ids), 'post')}", share, of_model, better)
