"""From matched pairs and their scores to effects with intervals, beside the control.

Letters: N pairs, S measures, O subjects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from feelscope.audit.causal import MatchedPair, Tested, bias, flips, matched, run_test, total_variation
from feelscope.audit.found import CONTROL, LEAST_SWAPS, Audit, Correlation, Effect, Part, Size
from feelscope.audit.scored import Scored
from feelscope.audit.swaps import Swap
from feelscope.audit.templates import Sentence, TemplateSet
from feelscope.errors import ConfigError, needs_extra
from feelscope.metrics import clustered
from feelscope.metrics.intervals import correlation, mean_interval
from feelscope.metrics.many_tests import holm
from feelscope.text.counts import counted

TOTAL_VARIATION, FLIPS, ABSOLUTE = "total variation", "answers that flip", "absolute difference"
LEAST_SUBJECTS = 4  # of a correlation
_GROUPINGS = ("swap", "template", "subject")
Pairs = Sequence[MatchedPair[Sentence]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The matched pairs of one set of templates.

    Args:
        by_swaps: By what the swaps exchange; one of them is `CONTROL`.
        left_out: Swaps and subjects with a word that the model does not know.
    """

    set: str
    by_swaps: Mapping[str, Pairs]
    left_out: tuple[str, ...] = ()


def check_extra() -> None:
    """Raises `MissingExtra` where scipy is missing; matplotlib says so itself."""
    with needs_extra("audit", "explain"):
        import scipy  # noqa: F401


def ask(scored: Scored, templates: TemplateSet, swaps: Mapping[str, Sequence[Swap]], every: int = 1) -> Asked:
    """The pairs of a set of templates, of swaps and subjects whose words the model knows; see `causal.matched`."""
    known = {
        name: [swap for swap in some if scored.knows(swap.first) and scored.knows(swap.second)]
        for name, some in swaps.items()
    }
    left_out = [swap.name for name, some in swaps.items() for swap in some if swap not in known[name]]
    subjects = tuple(subject for subject in templates.subjects if scored.knows(subject))
    left_out += [subject for subject in templates.subjects if subject not in subjects]
    asked = replace(templates, subjects=subjects)
    if len(subjects) < bool(templates.subjects):  # none is known, and nothing can be asked
        return Asked(templates.name, dict.fromkeys(known, ()), tuple(left_out))
    by_swaps = {name: matched(some, asked, every) for name, some in known.items()}
    return Asked(templates.name, by_swaps, tuple(left_out))


def audit(
    scored: Scored, concept: str, sides: tuple[str, str], asked: Sequence[Asked], women: Mapping[str, float]
) -> Audit:
    """Ask a model all pairs at once, and measure each set.

    Args:
        women: Percentage of women by occupation.

    Raises:
        ConfigError: No pair can be scored.
    """
    every = [pair for one in asked for pairs in one.by_swaps.values() for pair in pairs]
    places = {sentence: number for number, sentence in enumerate(dict.fromkeys(_sides(every)))}
    if not places:
        raise ConfigError(f"{scored.name} knows both words of no pair; give other pairs")
    scores = scored.score([*places])  # (U, S), each sentence once

    def looked_up(sentences: Sequence[Sentence]) -> np.ndarray:
        return scores[[places[sentence] for sentence in sentences]]

    effects: list[Effect] = []
    sizes: list[Size] = []
    parts: list[Part] = []
    notes = [f"Left out, as the model does not know a word of it: {', '.join(left)}." for left in _left_out(asked)]
    for one in asked:
        tested = {name: run_test(looked_up, pairs) for name, pairs in one.by_swaps.items() if pairs}
        unscored = sum(test.unscored for test in tested.values())
        if unscored:
            notes.append(f"{one.set}: {counted(unscored, 'pair')} could not be scored.")
        tested = {name: test for name, test in tested.items() if test.pairs}
        few = [name for name, test in tested.items() if _are_few(test)]
        if few:
            notes.append(
                f"{one.set}, {', '.join(few)}: fewer than {LEAST_SWAPS} swaps, so what these words move cannot be told "
                "from what the concept does; intervals are over sentences alone."
            )
        for name, test in tested.items():
            effects += _effects(one.set, name, scored.measures, test)
            sizes += _sizes(one.set, name, scored.kind, test, tested.get(CONTROL))
            for by in ("subject", "swap"):
                parts += _parts(one.set, name, by, scored.measures, test, women)
    if not any(effect.swaps != CONTROL for effect in effects):
        raise ConfigError(f"{scored.name} can score no pair; give other pairs or templates")
    return Audit(
        *(scored.name, concept, scored.kind, sides, scored.measures, tuple(_corrected(effects)), tuple(sizes)),
        *(tuple(parts), tuple(_correlations(parts)), tuple(notes)),
    )


def _sides(pairs: Pairs) -> list[Sentence]:
    return [sentence for pair in pairs for sentence in (pair.first, pair.second)]


def _left_out(asked: Sequence[Asked]) -> list[tuple[str, ...]]:
    names = tuple(dict.fromkeys(name for one in asked for name in one.left_out))
    return [names] if names else []


def _groupings(tested: Tested[Sentence]) -> list[np.ndarray]:
    """Without subjects where each template is its own, and without swaps where they are few."""
    found = {of: tested.groups(of) for of in _GROUPINGS}
    if _are_few(tested):
        del found["swap"]
    if (found["subject"] == found["template"]).all():
        del found["subject"]
    return [*found.values()]


def _are_few(tested: Tested[Sentence]) -> bool:
    return len(np.unique(tested.groups("swap"))) < LEAST_SWAPS


def _effects(set: str, swaps: str, measures: Sequence[str], tested: Tested[Sentence]) -> list[Effect]:
    found = clustered.mean(tested.differences, _groupings(tested))  # (S,) each
    by_subject = np.abs([*bias(tested).values()])  # (O, S)
    rows = []
    for number, measure in enumerate(measures):
        mean, low, high, p = (float(one[number]) for one in (found.mean, found.low, found.high, found.p))
        absolute = by_subject[:, number]
        ends = mean_interval(absolute) if len(absolute) > 1 else (float("nan"), float("nan"))
        rows.append(
            Effect(set, swaps, measure, len(tested.pairs), mean, low, high, p, p, float(absolute.mean()), *ends)
        )
    return rows


def _corrected(effects: Sequence[Effect]) -> list[Effect]:
    """With Holm's correction over all effects of the same swaps."""
    families: dict[str, list[int]] = {}
    for place, effect in enumerate(effects):
        families.setdefault(CONTROL if effect.swaps == CONTROL else "", []).append(place)
    done = list(effects)
    for family in families.values():
        for place, corrected in zip(family, holm([effects[place].p for place in family]), strict=True):
            done[place] = replace(effects[place], holm=float(corrected))
    return done


def _sizes(set: str, swaps: str, kind: str, tested: Tested[Sentence], control: Tested[Sentence] | None) -> list[Size]:
    names = (TOTAL_VARIATION, FLIPS) if kind == "probabilities" else (ABSOLUTE,)
    own, groupings = _how_far(tested, kind), _groupings(tested)
    found = clustered.mean(own, groupings)
    nothing = np.full(len(names), np.nan)
    more = clustered.Estimates(nothing, nothing, nothing, nothing)
    if swaps != CONTROL and control is not None:
        others, other_groupings = _how_far(control, kind), _groupings(control)
        if len(groupings) < len(other_groupings):  # few swaps, each of which is then a group by itself
            groupings = [tested.groups("swap"), *groupings]
        if len(other_groupings) < len(groupings):
            other_groupings = [control.groups("swap"), *other_groupings]
        more = clustered.difference(own, groupings, others, other_groupings)
    return [
        Size(
            *(set, swaps, name, len(tested.pairs)),
            *(float(one[number]) for one in (found.mean, found.low, found.high, more.mean, more.low, more.high)),
        )
        for number, name in enumerate(names)
    ]


def _how_far(tested: Tested[Sentence], kind: str) -> np.ndarray:
    """Sizes (N, 2) of probabilities, (N, 1) of logarithms."""
    if kind == "probabilities":
        return np.stack([total_variation(tested), flips(tested)], axis=1)
    return np.abs(tested.differences)


def _parts(
    set: str, swaps: str, by: str, measures: Sequence[str], tested: Tested[Sentence], women: Mapping[str, float]
) -> list[Part]:
    groups = {of: tested.groups(of) for of in _GROUPINGS}
    rows = []
    for name in dict.fromkeys(groups[by].tolist()):
        own = groups[by] == name
        found = clustered.mean(tested.differences[own], [groups[of][own] for of in _GROUPINGS if of != by])
        for number, measure in enumerate(measures):
            mean, low, high, p = (float(one[number]) for one in (found.mean, found.low, found.high, found.p))
            absolute = float(np.abs(tested.differences[own, number]).mean())
            share = women.get(name) if by == "subject" else None
            rows.append(Part(set, swaps, by, name, measure, int(own.sum()), mean, low, high, p, p, absolute, share))
    corrected = holm([row.p for row in rows])
    return [replace(row, holm=float(one)) for row, one in zip(rows, corrected, strict=True)]


def _correlations(parts: Sequence[Part]) -> list[Correlation]:
    rows = []
    groups = dict.fromkeys((one.set, one.swaps, one.measure) for one in parts if one.percent_women is not None)
    for group in groups:
        own = [one for one in parts if one.by == "subject" and (one.set, one.swaps, one.measure) == group]
        known = [(one.mean, one.percent_women) for one in own if one.percent_women is not None]
        means, shares = np.array(known).T
        if len(known) >= LEAST_SUBJECTS and means.std() > 0 and shares.std() > 0:
            rows.append(Correlation(*group, len(known), *correlation(means, shares)))
    return rows
