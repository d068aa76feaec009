"""`feelscope audit`: what moves a model's answers that should not, and for which posts they are less right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from feelscope.cli.audit_scores import scores
from feelscope.cli.options import Json
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import command_without_folders, start_again, stoppable

if TYPE_CHECKING:
    from feelscope.audit.found import Audit
    from feelscope.audit.scored import Scored

audit = typer.Typer(no_args_is_help=True)
audit.command()(scores)

AuditedModel = Annotated[
    str,
    Option(metavar="builtin|builtin-writer|RUN", help="The built-in model or writer, or the folder of either kind."),
]
Out = Annotated[Path | None, Option(metavar="DIR", help="Where to write the page, figures and tables.")]
Emotion = Annotated[str, Option(metavar="NAME", help="What the figures by occupation and by swap show.")]


@audit.callback()
def _commands() -> None:
    """Measure what moves a model that should not.

    \b
    Examples:
      feelscope audit gender --out gender
      feelscope audit pairs age.csv --out age
      feelscope audit scores posts.csv
    """


@audit.command()
def gender(
    model: AuditedModel = "builtin",
    out: Out = None,
    occupations: Annotated[
        Path | None,
        Option(metavar="FILE", help="CSV of occupations and percent_women, instead of the table that ships."),
    ] = None,
    sentences: Annotated[
        Path | None, Option(metavar="FILE", help="Sentences of WinoBias or Winogender, which a writer is asked too.")
    ] = None,
    emotion: Emotion = "",
    card: Annotated[bool, Option("--card", help="Write the findings into the model's card.")] = False,
    as_json: Json = False,
) -> None:
    """Measure what gender moves, beside neutral swaps.

    Sentences that differ only in who they are about: he or she, brother or sister, James or Mary; and friend or cousin,
    which says how far any word moves the model.

    \b
    Examples:
      feelscope audit gender --out gender
      feelscope audit gender --model builtin-writer
      feelscope audit gender --model runs/mine --card
    """
    from feelscope.audit import card as model_card
    from feelscope.audit.gender import audit_gender
    from feelscope.audit.measure import check_extra
    from feelscope.audit.occupations import FILE, read_occupations

    check_extra()
    women = read_occupations(occupations or FILE)
    if card:
        model_card.check_writable(model)
    with stoppable(start_again), Progress("asking") as progress:
        scored = _opened(model, progress, emotion)
        found = audit_gender(scored, women, sentences)
    _report(found, out, scored, emotion, as_json)
    if card:
        model_card.add(found, scored, command_without_folders())
        say(f"the findings are in the card of {scored.folder}")


@audit.command()
def pairs(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: two columns of words or phrases, maybe a group.")],
    templates: Annotated[
        Path | None, Option(metavar="FILE", help="A sentence a line, with {} where the words of a pair go.")
    ] = None,
    model: AuditedModel = "builtin",
    out: Out = None,
    emotion: Emotion = "",
    as_json: Json = False,
) -> None:
    """Measure what any swap of words moves, beside neutral swaps.

    \b
    Examples:
      feelscope audit pairs age.csv --out age
      feelscope audit pairs dialect.csv --templates sentences.txt --model runs/mine
    """
    from feelscope.audit.measure import check_extra
    from feelscope.audit.pairs import audit_pairs, concept_of
    from feelscope.audit.swaps import read_swaps
    from feelscope.audit.templates import read_templates

    check_extra()
    swaps = read_swaps(file)
    own = read_templates(templates) if templates is not None else None
    with stoppable(start_again), Progress("asking") as progress:
        scored = _opened(model, progress, emotion)
        found = audit_pairs(scored, swaps, concept_of(file), own)
    _report(found, out, scored, emotion, as_json)


def _opened(model: str, progress: Progress, emotion: str) -> "Scored":
    from feelscope.audit.report import check_emotion
    from feelscope.audit.scored import open_scored

    scored = open_scored(model, progress)
    if emotion:
        check_emotion(scored.measures, emotion)  # not only after a minute of asking
    return scored


def _report(found: "Audit", out: Path | None, scored: "Scored", emotion: str, as_json: bool) -> None:
    """Print what was found, and write the folder."""
    from feelscope.audit.report import write
    from feelscope.audit.summary import to_text

    if out is not None:
        write(found, out, scored.modalities, command_without_folders(), emotion)
    if as_json:
        show_json(found.to_json(), indent=2)
    else:
        show_text(to_text(found))
    if out is not None:
        say(f"the page is {out / 'index.html'}")
