"""The command line: one command per file, each a short function that calls the library."""

import signal
import sys
import tempfile
from typing import Annotated

import typer
from typer import Option

from feelscope import __version__
from feelscope.cli.audit import audit
from feelscope.cli.calibrate import calibrate
from feelscope.cli.collect import collect
from feelscope.cli.compare import compare
from feelscope.cli.docs import docs
from feelscope.cli.doctor import doctor
from feelscope.cli.embed import embed
from feelscope.cli.emoji import emoji
from feelscope.cli.estimate import estimate
from feelscope.cli.evaluate import evaluate
from feelscope.cli.explain import explain
from feelscope.cli.explore import explore
from feelscope.cli.export import export
from feelscope.cli.generate import generate
from feelscope.cli.label import label
from feelscope.cli.models import models
from feelscope.cli.output import OutputLost, end_output, open_streams, show
from feelscope.cli.predict import predict
from feelscope.cli.prepare import prepare
from feelscope.cli.progress import say
from feelscope.cli.push import push
from feelscope.cli.report import report
from feelscope.cli.scale import scale
from feelscope.cli.serve import serve
from feelscope.cli.train import train
from feelscope.cli.words import words
from feelscope.errors import FeelscopeError, one_line

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would take longer than all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    collect,
    prepare,
    predict,
    report,
    embed,
    evaluate,
    calibrate,
    train,
    compare,
    label,
    serve,
    push,
    models,
    docs,
    doctor,
):
    app.command()(command)
app.add_typer(audit, name="audit")
app.add_typer(estimate, name="estimate")
app.add_typer(explain, name="explain")
app.add_typer(explore, name="explore")
app.add_typer(emoji, name="emoji")
app.add_typer(generate, name="generate")
app.add_typer(export, name="export")
app.add_typer(scale, name="scale")
app.add_typer(words, name="words")


def _show_version(asked: bool) -> None:
    if asked:
        show(f"feelscope {__version__}")
        raise typer.Exit


@app.callback()
def feelscope(
    version: Annotated[
        bool, Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error; may be given anywhere.")] = False,
) -> None:
    """Read how people feel from what they post: words, pictures, or both.

    \b
    Examples:
      feelscope predict --text "We won!"
      feelscope predict posts.csv --out predictions.jsonl
    """


def main() -> None:
    """The console script: an error that the user can fix is one line on stderr and exit code 1."""
    open_streams()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` stops as Ctrl+C does
    debug = "--debug" in sys.argv
    try:
        try:
            app([argument for argument in sys.argv[1:] if argument != "--debug"], prog_name="feelscope")
        finally:
            end_output()
    except OutputLost as error:
        if not error.quiet:
            say(f"Error: {error}")
        sys.exit(error.exit_code)
    except FeelscopeError as error:
        if debug:
            raise
        say(f"Error: {error}")
        sys.exit(1)
    except OSError as error:  # a full disk, a file in the place of a folder, a folder that may not be written
        if debug:
            raise
        what = error.strerror or one_line(error)
        if error.filename is None:  # as of temporary files, which have no name
            say(f"Error: {what}; check the space on the disks, that of temporary files too ({tempfile.gettempdir()})")
        else:
            say(f"Error: {error.filename}: {what}; check the path, its permissions and the space on its disk")
        sys.exit(1)
