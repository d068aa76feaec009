"""`feelscope export`: a model for other programs."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from feelscope.cli.output import show
from feelscope.cli.progress import say

export = typer.Typer(no_args_is_help=True)


@export.callback()
def _commands() -> None:
    """Write a model for programs that do not have Feelscope.

    \b
    Example:
      feelscope export onnx runs/mine --out mine-onnx
    """


@export.command()
def onnx(
    model: Annotated[str, Argument(metavar="RUN", help="A folder that `train` wrote, `builtin`, or hub:OWNER/NAME.")],
    out: Annotated[Path, Option(metavar="FOLDER", help="A new folder.")],
    page: Annotated[bool, Option("--page", help="Add a page that reads words in a browser.")] = False,
    onnxruntime_web: Annotated[
        Path | None,
        Option("--onnxruntime-web", metavar="FILE|DIR", help="For --page: what `npm pack onnxruntime-web` wrote."),
    ] = None,
) -> None:
    """Write a model as a folder that ONNX Runtime can run.

    Posts are read by the model and by the export, which is written only where they answer alike.

    \b
    Examples:
      feelscope export onnx runs/mine --out mine-onnx
      feelscope export onnx builtin --out page --page --onnxruntime-web onnxruntime-web-1.30.0.tgz
    """
    if page and onnxruntime_web is None:
        raise typer.BadParameter(
            "needs --onnxruntime-web FILE; fetch the file with: npm pack onnxruntime-web", param_hint="--page"
        )
    if onnxruntime_web is not None and not page:
        raise typer.BadParameter("is for --page alone", param_hint="--onnxruntime-web")
    from feelscope.export.onnx import export as write

    done = write(model, out, onnxruntime_web)
    say(f"{done.checked.posts} posts read by the export and by the model: the largest difference of a probability is")
    show(f"{done.checked.largest:.2g}")
    say(f"the export is in {out}; its README.md says how to use it")
