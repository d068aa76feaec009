"""`feelscope label`: people label posts, or judge the model, in a browser on this machine."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from feelscope.cli import output
from feelscope.cli.options import MEMORY, Memory, Model
from feelscope.cli.progress import say


def label(
    dataset: Annotated[Path, Argument(metavar="DATASET", help="The folder that `prepare` wrote.")],
    show: Annotated[str, Option(metavar="both|text|image", help="What to show of a post.")] = "both",
    emotions: Annotated[str, Option(metavar="SET", help="Possible answers; by default the dataset's.")] = "",
    judge: Annotated[bool, Option("--judge", help="Ask people whether the model is right.")] = False,
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
    report: Annotated[bool, Option("--report", help="Print the agreement report and exit.")] = False,
) -> None:
    """Let people label posts, and compare them with the model.

    \b
    Examples:
      feelscope label dataset --sample 200
      feelscope label dataset --next both --sample 200
      feelscope label dataset --report
    """
    from feelscope.label.asking import ORDERS
    from feelscope.label.opening import open_session, report_lines
    from feelscope.label.session import SHOWS

    if show not in SHOWS:
        raise typer.BadParameter(f"expected one of {', '.join(SHOWS)}, found {show!r}", param_hint="--show")
    if next_posts not in ORDERS:
        raise typer.BadParameter(f"expected one of {', '.join(ORDERS)}, found {next_posts!r}", param_hint="--next")
    if judge and next_posts != "random":
        raise typer.BadParameter("is for labels; with --judge posts come by chance", param_hint="--next")
    if bottleneck and not judge:
        raise typer.BadParameter("is for --judge", param_hint="--bottleneck")
    if report:
        for line in report_lines(dataset, model, judge):
            output.show(line)
        return
    from feelscope.label.server import application
    from feelscope.text.counts import counted
    from feelscope.web.page_server import serve

    with open_session(
        dataset,
        show,
        emotions,
        judge,
        model,
        not no_explain,
        explanations,
        bottleneck,
        order=next_posts,
        sample=sample,
        seed=seed,
    ) as session:
        posts = f"{counted(len(session.posts), 'post')} to answer"
        serve(application(session), port, lambda address: say(f"{posts}; open {address}, stop with Ctrl+C"))
    say(f"answers are in {session.answers.path}; feelscope label {dataset} --report")
