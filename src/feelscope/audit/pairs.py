"""The audit of any swaps: those of a user's file, beside neutral ones, in the templates that ship or in the user's."""

from collections.abc import Sequence
from pathlib import Path

from feelscope.audit.found import CONTROL, SIDES, Audit
from feelscope.audit.measure import ask, audit
from feelscope.audit.scored import Scored
from feelscope.audit.swaps import NEUTRAL, Swap
from feelscope.audit.templates import EVERYDAY, FEELINGS, OCCUPATIONS, SUBJECT, TemplateSet
from feelscope.errors import ConfigError

# Jobs with which a writer is asked, whose score is that of a word after a person.
_JOBS = TemplateSet("jobs", OCCUPATIONS, ("teacher", "nurse", "doctor", "chef", "librarian", "manager", "scientist"))


def audit_pairs(scored: Scored, swaps: Sequence[Swap], concept: str, templates: TemplateSet | None = None) -> Audit:
    """Measure what swaps move, by their groups, beside neutral swaps in the same templates.

    Args:
        concept: What the swaps are about, for those without a group.
        templates: By default the everyday sentences and those with a feeling; of a writer, sentences with a job.

    Raises:
        ConfigError: There is no swap, a group has the control's name, or a writer is given templates.
    """
    if not swaps:
        raise ConfigError("there is no pair; give one or more swaps")
    groups: dict[str, list[Swap]] = {}
    for swap in swaps:
        groups.setdefault(swap.group or concept, []).append(swap)
    if CONTROL in groups:
        raise ConfigError(f"the group {CONTROL!r} is that of the neutral swaps; name yours otherwise")
    if scored.kind == "logarithms":
        if templates is not None:
            raise ConfigError(f"--templates: a writer is asked for a job at {SUBJECT}, which these do not have")
        sets = [_JOBS]
    else:
        sets = [templates] if templates is not None else [EVERYDAY, FEELINGS]
    by_swaps = {**groups, CONTROL: NEUTRAL}
    return audit(scored, concept, SIDES, [ask(scored, one, by_swaps) for one in sets], {})


def concept_of(path: Path) -> str:
    """What a file of swaps is about, by its name."""
    return path.stem.replace("_", " ").replace("-", " ") or "pairs"
