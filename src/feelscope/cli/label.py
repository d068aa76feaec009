"""`feelscope label`: people label posts, or judge the model, in a browser on this machine."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from feelscope.cli import labelling
from feelscope.cli.options import MEMORY, Columns, Encoding, Images, MaxErrors, Memory, Model


def label(
    posts: Annotated[
        Path, Argument(metavar="POSTS", help="A posts table, a folder of pictures, or a dataset of `prepare`.")
    ],
    emotions: Annotated[
        str, Option(metavar="SET|NAME,NAME,...", help="Possible answers; by default those of the posts, or seven.")
    ] = "",
    codebook: Annotated[
        Path | None, Option(metavar="FILE.toml", help="Possible answers, each with a definition and an example.")
    ] = None,
    show: Annotated[str, Option(metavar="both|text|image", help="What to show of a post.")] = "both",
    judge: Annotated[bool, Option("--judge", help="Ask people whether the model is right.")] = False,
    adjudicate: Annotated[
        bool, Option("--adjudicate", help="Show where people differ, and let one person decide.")
    ] = False,
    no_explain: Annotated[
        bool, Option("--no-explain", help="With --judge: do not mark the words that speak most for the answer.")
    ] = False,
    explanations: Annotated[
        Path | None, Option(metavar="FILE.jsonl", help="Words to mark instead: id and words, [start, end, weight].")
    ] = None,
    bottleneck: Annotated[
        Path | None,
        Option(metavar="RUN", help="With --judge: whose words for the picture are shown beside half of the posts."),
    ] = None,
    model: Model = "builtin",
    memory: Memory = MEMORY,
    next_posts: Annotated[
        str,
        Option("--next", metavar="random|uncertain|diverse|both", help="Which posts to ask about next."),
    ] = "random",
    sample: Annotated[int | None, Option(metavar="N", min=1, help="Only N posts, the same ones for everybody.")] = None,
    seed: Annotated[int, Option(metavar="N", help="Seed of the order and of the sample.")] = 0,
    port: Annotated[int, Option(metavar="N", min=0, max=65535, help="The page's port; 0 for any that is free.")] = 8013,
    no_open: Annotated[bool, Option("--no-open", help="Do not open the page in the browser.")] = False,
    answers: Annotated[
        Path | None, Option(metavar="FILE.jsonl", help="Where the answers lie; by default beside POSTS.")
    ] = None,
    report: Annotated[bool, Option("--report", help="Print the agreement report and exit.")] = False,
    out: Annotated[
        Path | None, Option(metavar="FILE", help="With --report: write it to a .txt, .csv or .json as well.")
    ] = None,
    disagreements: Annotated[
        Path | None, Option(metavar="FILE", help="Write the posts that people answered differently, and exit.")
    ] = None,
    export: Annotated[
        Path | None, Option(metavar="FILE", help="Write the labelled table, for `train` and others, and exit.")
    ] = None,
    export_format: Annotated[
        str,
        Option(
            "--format", metavar="table|doccano|label-studio", help="Of --export; a .json is Label Studio's by default."
        ),
    ] = "",
    import_file: Annotated[
        Path | None,
        Option("--import", metavar="FILE", help="Add answers of `label`, doccano or Label Studio, and exit."),
    ] = None,
    columns: Columns = "",
    encoding: Encoding = "",
    images: Images = None,
    max_errors: MaxErrors = 5.0,
) -> None:
    """Let people label posts, and compare them with the model.

    \b
    Examples:
      feelscope label posts.csv --emotions "Freude,Verlust,Wut"
      feelscope label dataset --next both --sample 200
      feelscope label posts.csv --report
      feelscope label posts.csv --export labelled.csv
    """
    from feelscope.label.answers import ADJUDICATE, JUDGE, LABEL
    from feelscope.label.asking import ORDERS
    from feelscope.label.exchange import FORMATS, format_of
    from feelscope.label.opening import Round
    from feelscope.label.session import SHOWS

    for option, value, known in (("--show", show, SHOWS), ("--next", next_posts, ORDERS)):
        if value not in known:
            raise typer.BadParameter(f"expected one of {', '.join(known)}, found {value!r}", param_hint=option)
    if judge and next_posts != "random":
        raise typer.BadParameter("is for labels; with --judge posts come by chance", param_hint="--next")
    if bottleneck and not judge:
        raise typer.BadParameter("is for --judge", param_hint="--bottleneck")
    if judge and adjudicate:
        raise typer.BadParameter("is for labels, and --judge asks for none", param_hint="--adjudicate")
    if out and not report:
        raise typer.BadParameter("is for --report; to write labels, give --export FILE", param_hint="--out")
    if export_format and not export:
        raise typer.BadParameter("is for --export", param_hint="--format")
    if export_format not in ("", *FORMATS):
        raise typer.BadParameter(
            f"expected one of {', '.join(FORMATS)}, found {export_format!r}", param_hint="--format"
        )
    given = {"--report": report, "--disagreements": disagreements, "--export": export, "--import": import_file}
    if len(asked := [name for name, value in given.items() if value]) > 1:
        raise typer.BadParameter(f"give {' or '.join(asked)}, one at a time", param_hint=asked[-1])
    question = JUDGE if judge else ADJUDICATE if adjudicate else LABEL
    of = Round(
        question=question,
        show=show,
        codebook=labelling.read_choices(emotions, codebook),
        model=model,
        explain=not no_explain,
        explanations=explanations,
        bottleneck=bottleneck,
        order=next_posts,
        sample=sample,
        seed=seed,
    )
    reading = labelling.Reading(posts, answers, columns, max_errors)
    if report:
        labelling.report(reading, model, JUDGE if judge else LABEL, out)
    elif disagreements:
        labelling.disagreements(reading, disagreements)
    elif export:
        labelling.export(reading, export, export_format or format_of(export))
    elif import_file:
        labelling.import_answers(reading, import_file, of.codebook)
    else:
        labelling.ask(reading, of, port, opens=not no_open)
