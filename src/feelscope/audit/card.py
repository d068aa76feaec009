"""The section of a model's card that says what its audit found, and what cannot be audited."""

from pathlib import Path

from feelscope.audit.found import Audit
from feelscope.audit.scored import BUILTIN_WRITER, Scored
from feelscope.audit.summary import EFFECT_HEADS, SIZE_HEADS, effect_rows, sentences, size_rows
from feelscope.errors import ConfigError
from feelscope.saved_model import card
from feelscope.saved_model.audit_limits import limits_of
from feelscope.saved_model.folder import SHIPPED


def check_writable(model: str) -> None:
    """Raises `ConfigError` of a model that comes with Feelscope, or whose folder has no card."""
    if model in (*SHIPPED, BUILTIN_WRITER):
        raise ConfigError(
            "--card: the cards of what comes with Feelscope are part of it; give --out, or a run of yours"
        )
    if not (Path(model) / card.FILE).is_file():
        raise ConfigError(f"--card: {Path(model) / card.FILE} is missing; give --out instead, or a run with a card")


def blocks(audit: Audit, scored: Scored, command: str) -> list[str]:
    """The section in Markdown."""
    return [
        f"What {audit.concept} moves, by matched pairs of sentences, beside a control of neutral swaps; 95% intervals. "
        f"A difference is the score with the first less that with the second: {audit.sides[0]} less {audit.sides[1]}.",
        card.bullets(sentences(audit)),
        card.table(SIZE_HEADS, size_rows(audit)),
        card.table(EFFECT_HEADS, effect_rows(audit)),
        f"```\n{command}\n```",
        "What was not or cannot be audited:",
        card.bullets([*audit.notes, *limits_of(scored.modalities)]),
    ]


def add(audit: Audit, scored: Scored, command: str) -> None:
    """Write the section into the card of a model's folder, in place of an earlier one."""
    card.add_note(scored.folder, card.AUDIT, *blocks(audit, scored, command))
