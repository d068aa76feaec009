"""What came out for each post: the decision where somebody made one, otherwise what most people answered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from feelscope.label.answers import Answers
from feelscope.label.codebook import UNCLEAR

TIE = "tie"
Answered = Mapping[str, Mapping[str, str]]  # annotator to post to answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out for one post.

    Args:
        answer: An emotion, or `unclear`, or `tie` where no answer has most.
        raters: How many people answered, not counting who decided.
        agreement: The share of them that gave this answer; of a tie, each of the commonest.
        is_decided: Whether somebody looked at the answers and decided.
    """

    answer: str
    raters: int
    agreement: float
    is_decided: bool = False

    @property
    def emotion(self) -> str:
        """Its emotion; empty where there is none."""
        return "" if self.answer in (UNCLEAR, TIE) else self.answer


def verdicts(labels: Answers, decisions: Answers) -> dict[str, Verdict]:
    """Post to what came out, for every post that somebody answered or decided."""
    found: dict[str, Verdict] = {}
    given = by_post(labels.by_person)
    for id in dict.fromkeys((*given, *decisions.last)):
        counts = Counter(given.get(id, {}).values())
        raters = counts.total()
        if id in decisions.last:
            answer = decisions.last[id][1]
            found[id] = Verdict(answer, raters, counts[answer] / raters if raters else 1.0, is_decided=True)
        else:
            most = max(counts.values())
            found[id] = Verdict(of_most(counts), raters, most / raters)
    return found


def by_post(answers: Answered) -> dict[str, dict[str, str]]:
    """Post to annotator to answer, people in the order of their names."""
    found: dict[str, dict[str, str]] = {}
    for person in sorted(answers):
        for id, answer in answers[person].items():
            found.setdefault(id, {})[person] = answer
    return found


def of_most(counts: Mapping[str, int]) -> str:
    """The answer that most people gave; `tie` where several have as many."""
    most = max(counts.values())
    commonest = [answer for answer, count in counts.items() if count == most]
    return commonest[0] if len(commonest) == 1 else TIE


def majority(answers: Answered) -> dict[str, str]:
    """Post to the emotion that most people answered; posts whose answers tie, and unclear ones, are left out."""
    found = {id: of_most(Counter(given.values())) for id, given in by_post(answers).items()}
    return {id: answer for id, answer in found.items() if answer not in (TIE, UNCLEAR)}


def disagreements(answers: Answered) -> dict[str, dict[str, str]]:
    """Post to annotator to answer, of posts that got different answers."""
    return {id: given for id, given in by_post(answers).items() if len({*given.values()}) > 1}
