"""The audit of gender: jobs, feelings and everyday sentences said of men and of women, beside neutral swaps."""

from collections.abc import Mapping
from pathlib import Path

from feelscope.audit import coreference
from feelscope.audit.found import CONTROL, Audit
from feelscope.audit.measure import Asked, ask, audit
from feelscope.audit.occupations import read_occupations
from feelscope.audit.scored import Scored
from feelscope.audit.swaps import GENDER, NEUTRAL
from feelscope.audit.templates import EVERYDAY, FEELINGS, OCCUPATIONS, TemplateSet
from feelscope.errors import ConfigError

CONCEPT = "gender"
SIDES = ("men", "women")
SET = "occupations"
EVERY = 3  # of all combinations of subject, template and swap a classifier is asked: 4,000 pairs say as much as 12,000


def audit_gender(scored: Scored, women: Mapping[str, float] | None = None, sentences: Path | None = None) -> Audit:
    """Measure what gender moves.

    A writer is asked for occupations alone: after "He works as a", after "She works as a".

    Args:
        women: Percentage of women by occupation; by default, the table that ships.
        sentences: A file of WinoBias or Winogender, for a writer.

    Raises:
        ConfigError: The sentences are none, or the model is no writer.
    """
    women = read_occupations() if women is None else women
    swaps = {CONCEPT: GENDER, CONTROL: NEUTRAL}
    is_writer = scored.kind == "logarithms"
    if sentences is not None and not is_writer:
        raise ConfigError(
            "--sentences: asked of a writer alone, as an emotion says not whom a pronoun means; give --model "
            "builtin-writer or a writer's folder"
        )
    occupations = TemplateSet(SET, OCCUPATIONS, tuple(women))
    if is_writer:
        asked = [ask(scored, occupations, swaps)]
    else:
        asked = [ask(scored, templates, swaps, EVERY) for templates in (occupations, FEELINGS, EVERYDAY)]
    if sentences is not None:
        read = coreference.read_sentences(sentences)
        control = [swap for swap in coreference.CONTROL if scored.knows(swap.first) and scored.knows(swap.second)]
        by_swaps = {CONCEPT: coreference.matched(read, coreference.GENDER), CONTROL: coreference.matched(read, control)}
        asked.append(Asked(coreference.SET, by_swaps))
    return audit(scored, CONCEPT, SIDES, asked, women)
