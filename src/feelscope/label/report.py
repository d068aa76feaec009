"""The report on the answers: agreement, people against the model, judges of the model; as text, JSON or rows."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feelscope.emotions import SEVEN, match
from feelscope.errors import LabelError
from feelscope.files import write_json, write_text
from feelscope.label.against_model import against_known, against_others
from feelscope.label.agreement import agreement, with_model
from feelscope.label.answers import ADJUDICATE, JUDGE, LABEL, Answers
from feelscope.label.codebook import UNCLEAR
from feelscope.label.findings import Finding, Findings, rows
from feelscope.label.judged import called_right, judged
from feelscope.label.opened import Opened
from feelscope.label.opening import rated_predictions
from feelscope.label.verdicts import TIE, Verdict, verdicts
from feelscope.text.counts import counted
from feelscope.text.csv_cells import write_csv

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

_CONDITIONS = {None: "", True: "with the picture in words", False: "without"}


def report(opened: Opened, model: str, question: str = LABEL) -> Findings:
    """Everything that the answers to a question show.

    Args:
        model: That people are compared with.
        question: `label` or `judge`.

    Raises:
        LabelError: Nobody has answered.
    """
    from feelscope.saved_model.classifier import EmotionClassifier

    given = Answers(opened.answers, question)
    if not given.by_person:
        raise LabelError(f"{opened.path}: nobody has answered yet; begin with feelscope label {opened.path}")
    answered = {id for own in given.by_person.values() for id in own}
    posts = [post for post in opened.posts if post.id in answered]
    if not posts:
        raise LabelError(f"{opened.answers}: none of its answers is to a post of {opened.path}")
    classifier = EmotionClassifier.load(model)
    rated = rated_predictions(posts, classifier)
    predicted = {id: emotion for id, (emotion, _) in rated.items()}
    truth = {post.id: post.emotion for post in posts if post.emotion}
    found = agreement(given.by_person, {who: len(ids) for who, ids in given.skipped.items()})
    if question == JUDGE:
        found.extend(_of_judges(opened, given, truth, predicted, {id: sure for id, (_, sure) in rated.items()}))
    else:
        found.extend(_of_labels(opened, given, truth, predicted, classifier))
    return found


def _of_labels(
    opened: Opened,
    given: Answers,
    truth: Mapping[str, str],
    predicted: Mapping[str, str],
    classifier: "EmotionClassifier",
) -> Findings:
    """What came out, and people and the model against each other."""
    found = Findings()
    decisions = Answers(opened.answers, ADJUDICATE)
    came_out = verdicts(given, decisions)
    found.extend(_outcome(came_out.values()))
    chosen_from = given.codebook.names if given.codebook else opened.emotions or SEVEN
    same = _in_common(
        {*chosen_from, *(answer for own in given.by_person.values() for answer in own.values())} - {UNCLEAR}
    )
    theirs = _in_common(classifier.emotions)
    shared = {*same.values()} & {*theirs.values()}
    if len(shared) < 2:
        found.say(
            f"the model answers with {', '.join(classifier.emotions)}: fewer than two of the emotions that people "
            "chose from, so it is not compared with them"
        )
        return found
    people = {
        who: {id: same[answer] for id, answer in own.items() if answer != UNCLEAR}
        for who, own in given.by_person.items()
    }
    model = {id: theirs[emotion] for id, emotion in predicted.items()}
    found.extend(with_model(people, model))
    known = _in_common(truth.values())
    if truth:
        found.say("against the emotion that the posts came with, which may be wrong itself:")
        found.extend(against_known(people, {id: known[emotion] for id, emotion in truth.items()}, model))
    decided = {id: same[came_out[id].emotion] for id in decisions.last if came_out[id].emotion in same}
    if len(people) > 1 or decided:
        found.say("against what the other people answered, or somebody decided:")
        found.extend(against_others(people, decided, model))
    return found


def _in_common(names: Iterable[str]) -> dict[str, str]:
    """Each name to what it has in common with those that mean the same: of the seven, or itself."""
    mapped, _ = match(names, SEVEN)
    return {name: mapped.get(name, name) for name in names}


def _outcome(every: Collection[Verdict]) -> Findings:
    """How many posts have an emotion, and why others have none."""
    counts = {
        "posts with an emotion": sum(bool(one.emotion) for one in every),
        "decided": sum(one.is_decided for one in every),
        "ties": sum(one.answer == TIE for one in every),
        UNCLEAR: sum(one.answer == UNCLEAR for one in every),
    }
    found = Findings()
    numbers = [Finding(what, "all people", "", count, len(every)) for what, count in counts.items()]
    found.say(
        f"{counts['posts with an emotion']:,} of {counted(len(every), 'post')} have one emotion: {counts['decided']:,} "
        f"decided; {counts['ties']:,} tie, {counts[UNCLEAR]:,} unclear",
        *numbers,
    )
    return found


def _of_judges(
    opened: Opened,
    given: Answers,
    truth: Mapping[str, str],
    predicted: Mapping[str, str],
    confidence: Mapping[str, float],
) -> Findings:
    """How often the model is right by its judges; and where labels say so, how often they are."""
    found = called_right(given.by_person, predicted)
    came_out = verdicts(Answers(opened.answers, LABEL), Answers(opened.answers, ADJUDICATE))
    labelled = {id: one.emotion for id, one in came_out.items() if one.emotion}
    emotions = {**labelled, **truth}
    names = _in_common({*emotions.values()})
    known, model = {id: names[one] for id, one in emotions.items()}, _in_common({*predicted.values()})
    said = {id: model[emotion] for id, emotion in predicted.items()}
    if not known.keys() & given.last.keys():
        return found
    for wanted, condition in _CONDITIONS.items():
        own = {who: _of_condition(of, given.described.get(who, {}), wanted) for who, of in given.by_person.items()}
        if any(own.values()):
            found.extend(judged({who: of for who, of in own.items() if of}, known, said, confidence, condition))
    return found


def _of_condition(own: Mapping[str, str], shown: Mapping[str, bool], wanted: bool | None) -> dict[str, str]:
    """The answers of a person where the picture was, or was not, shown in words too; None, where it was not asked."""
    return {id: answer for id, answer in own.items() if shown.get(id) is wanted}


def to_json(opened: Opened, model: str, found: Findings) -> dict[str, Any]:
    """The report as plain values."""
    return {"opened": opened.path.name, "answers": opened.answers.name, "model": model, "numbers": rows(found.numbers)}


def write_report(out: Path, opened: Opened, model: str, found: Findings) -> None:
    """Write the report as text, CSV or JSON, by the ending of the file's name.

    Raises:
        LabelError: It has another ending.
    """
    ending = out.suffix.lower()
    if ending == ".json":
        write_json(out, to_json(opened, model, found))
    elif ending == ".csv":
        write_csv(out, rows(found.numbers))
    elif ending == ".txt":
        write_text(out, "".join(f"{line}\n" for line in found.lines))
    else:
        raise LabelError(f"{out}: expected a name that ends in .txt, .csv or .json")
