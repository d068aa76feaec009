"""An audit as one HTML page that needs nothing else: findings, figures, all numbers, and what it cannot say."""

import base64
from collections.abc import Sequence
from pathlib import Path

from feelscope.audit.found import CONTROL, SIDES, Audit, Part
from feelscope.audit.summary import (
    EFFECT_HEADS,
    SIZE_HEADS,
    effect_rows,
    p_value,
    sentences,
    signed,
    size_rows,
    with_few,
)
from feelscope.explain.page import bullets, safe, section, shell, table
from feelscope.saved_model.audit_limits import limits_of

_FOLDER = Path(__file__).parent
_MOST_ROWS = 20  # of a table of parts; the CSV beside the page has all


def whole_page(title: str, answer: str, body: str, footer: Sequence[str]) -> str:
    """A page in the style of all; title, answer and footer are texts, the body is HTML."""
    own = (_FOLDER / "page.css").read_text(encoding="utf-8")
    return shell(safe(title), safe(answer), body, [*map(safe, footer)], style=own)


def shown_figure(png: Path, caption: str) -> str:
    """A figure with its caption, the picture inside the page."""
    data = base64.b64encode(png.read_bytes()).decode()
    return (
        f'<figure class="shown"><img alt="{safe(caption)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{safe(caption)}</figcaption></figure>"
    )


def html(audit: Audit, figures: Sequence[tuple[Path, str]], command: str, modalities: Sequence[str]) -> str:
    """The page of an audit.

    Args:
        figures: PNGs and their captions.
        command: That made it.
        modalities: What the model reads of a post.
    """
    pairs = sum({(one.set, one.swaps): one.pairs for one in audit.effects}.values())
    first, second = audit.sides
    which = "" if first == SIDES[0] else f": {first} less {second}"
    answer = (
        f"{pairs:,} matched pairs of sentences that differ in one word or phrase alone. A difference is the score with "
        f"the first less that with the second{which}. Intervals are of 95%: where the mean may lie with other swaps, "
        "sentences and subjects of the same kind."
    )
    body = [
        section("Findings", bullets(sentences(audit))),
        section("Figures", *(shown_figure(png, caption) for png, caption in figures)),
        table("How far answers move at all", SIZE_HEADS, size_rows(audit), 2),
        table("Which way answers move", EFFECT_HEADS, effect_rows(audit), 3),
        _correlations(audit),
        _parts(audit, "subject", "By subject"),
        _parts(audit, "swap", "By swap"),
        section("What this cannot say", bullets([*audit.notes, *limits_of(modalities)])),
    ]
    made = f"Model {audit.model}." + (f" Made by: {command}" if command else "")
    return whole_page(f"What {audit.concept} moves", answer, "".join(body), [made])


def _correlations(audit: Audit) -> str:
    rows = [
        (
            one.measure,
            one.set,
            with_few(audit, one.set, one.swaps),
            f"{one.subjects}",
            signed(one.r, (one.low, one.high)),
        )
        for one in audit.correlations
    ]
    heads = ("score of", "sentences", "swaps", "occupations", "r with % women")
    return table("Bias of occupations and the share of women in them", heads, rows, 2) if rows else ""


def _parts(audit: Audit, by: str, title: str) -> str:
    own = [one for one in audit.parts if one.by == by]
    chosen = sorted(own, key=_order)[:_MOST_ROWS]
    rows = [
        (
            *(
                one.name,
                one.measure,
                one.set,
                with_few(audit, one.set, one.swaps),
                signed(one.mean, (one.low, one.high)),
            ),
            *(p_value(one.holm), f"{one.absolute:.3f}"),
        )
        for one in chosen
    ]
    heads = (by, "score of", "sentences", "swaps", "mean difference", "p (Holm)", "mean absolute difference")
    of = f" (the strongest {len(rows)} of {len(own):,}; all are in {by}s.csv)" if len(own) > len(rows) else ""
    return table(f"{title}{of}", heads, rows, 3, is_open=False)


def _order(part: Part) -> tuple[bool, bool, float]:
    return not part.flagged, part.swaps == CONTROL, -abs(part.mean)
