"""How far annotators agree, and the model as one more of them."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from feelscope.label.codebook import UNCLEAR
from feelscope.label.findings import Finding, Findings
from feelscope.label.verdicts import Answered
from feelscope.metrics import agreement_intervals as scored
from feelscope.metrics.agreement import pairs
from feelscope.text.counts import counted

MODEL = "the model"


def agreement(answers: Answered, skipped: Mapping[str, int] | None = None) -> Findings:
    """Agreement of the annotators. `unclear` is an answer as any other.

    Args:
        skipped: Annotator to how many posts were skipped.
    """
    found = Findings()
    for name, own in sorted(answers.items()):
        further = {UNCLEAR: sum(answer == UNCLEAR for answer in own.values()), "skipped": (skipped or {}).get(name, 0)}
        beside = "".join(f", {count:,} {what}" for what, count in further.items() if count)
        counts = [Finding(what, name, "", count, len(own)) for what, count in further.items() if count]
        found.say(
            f"{name}: {counted(len(own), 'answer')}{beside}", Finding("answers", name, "", len(own), len(own)), *counts
        )
    _pairs(found, answers, {*answers})
    posts = _by_post(answers.values())
    complete = [given for given in posts if len(given) == len(answers)]
    if len(answers) > 1 and complete:
        kappa = Finding("Fleiss' kappa", "all people", "", *_number(scored.fleiss(complete), len(complete)))
        found.say(
            f"Fleiss' kappa of all: {kappa.shown} on {counted(len(complete), 'post')} that everyone answered", kappa
        )
    _alpha(found, posts, "all people", "")
    return found


def with_model(answers: Answered, model: Mapping[str, str]) -> Findings:
    """Agreement of each person with the model, and Krippendorff's alpha with the model as one more annotator.

    Args:
        answers: Without `unclear`, which a model never answers; the same names as the model's for the same emotions.
        model: Post to the model's answer.
    """
    found = Findings()
    _pairs(found, {**answers, MODEL: model}, {MODEL})
    ids = {id for own in answers.values() for id in own}
    everyone = [*answers.values(), {id: answer for id, answer in model.items() if id in ids}]
    _alpha(found, _by_post(everyone), "people and the model", ", with the model as one more annotator")
    return found


def _pairs(found: Findings, answers: Answered, wanted: set[str]) -> None:
    """Cohen's kappa of every two of whom one is wanted."""
    for (name, other), (first, second) in pairs(answers).items():
        if not wanted & {name, other}:
            continue
        if name == MODEL:
            name, other, first, second = other, name, second, first
        kappa = Finding("Cohen's kappa", name, other, *_number(scored.cohen(first, second), len(first)))
        same = sum(one == two for one, two in zip(first, second, strict=True)) / len(first)
        share = Finding("share of the same answers", name, other, same, len(first))
        line = (
            f"Cohen's kappa of {name} and {other}: {kappa.shown} on {counted(len(first), 'post')}, {same:.0%} the same"
        )
        found.say(line, kappa, share)


def _alpha(found: Findings, posts: Sequence[Sequence[str]], who: str, beside: str) -> None:
    paired = sum(len(given) > 1 for given in posts)
    if paired:
        alpha = Finding("Krippendorff's alpha", who, "", *_number(scored.krippendorff(posts), paired))
        found.say(
            f"Krippendorff's alpha{beside}: {alpha.shown} on {counted(paired, 'post')} with two answers or more", alpha
        )


def _by_post(answers: Collection[Mapping[str, str]]) -> list[list[str]]:
    """The answers to each post."""
    ids = sorted({*chain.from_iterable(answers)})
    return [[own[id] for own in answers if id in own] for id in ids]


def _number(of: scored.Scored, posts: int) -> tuple[float, int, tuple[float, float]]:
    return of[0], posts, of[1]
