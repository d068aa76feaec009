"""What `feelscope label` does with what it opens: asks, reports, exports, imports."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from feelscope.cli import output
from feelscope.cli.progress import say
from feelscope.cli.running import open_posts
from feelscope.text.counts import counted

if TYPE_CHECKING:
    from feelscope.label.codebook import Codebook
    from feelscope.label.opened import Opened
    from feelscope.label.opening import Round


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read what is labelled."""

    posts: Path
    answers: Path | None
    columns: str
    max_errors: float

    @property
    def command(self) -> str:
        """The command that opens the same."""
        where = [] if self.answers is None else ["--answers", str(self.answers)]
        columns = ["--columns", self.columns] if self.columns else []
        return shlex.join(["feelscope", "label", str(self.posts), *where, *columns])

    @contextmanager
    def opened(self, *, writes: bool = False) -> Iterator["Opened"]:
        """Read the posts; until the block ends, no other process writes their answers if this one does."""
        from contextlib import nullcontext

        from feelscope.emotions import meaning
        from feelscope.label.opened import answering, answers_of, check_there, is_dataset, read

        check_there(self.posts)
        answers = self.answers or answers_of(self.posts)
        with answering(self.posts, answers) if writes else nullcontext():
            if is_dataset(self.posts):
                found = read(self.posts, answers)
            else:
                columns, most = self.columns, self.max_errors
                with open_posts(self.posts, columns, None, most, out=answers, same=meaning, keep_ties=True) as table:
                    found = read(self.posts, answers, table)
            yield found


def read_choices(emotions: str, codebook: Path | None) -> "Codebook | None":
    """What people may answer, as the options say; None where they say nothing."""
    from feelscope.emotions import label_set
    from feelscope.errors import ConfigError
    from feelscope.label.codebook import of_names, read_codebook

    if emotions and codebook:
        raise typer.BadParameter("has the emotions; leave out --emotions", param_hint="--codebook")
    if codebook:
        return read_codebook(codebook)
    try:
        return of_names(label_set(emotions)) if emotions else None
    except ConfigError as error:
        raise ConfigError(f"--emotions: {error}") from None


def ask(reading: Reading, of: "Round", port: int, *, opens: bool) -> None:
    """Show the page until Ctrl+C."""
    from feelscope.label.opening import session
    from feelscope.label.server import application
    from feelscope.web.browser import open_page
    from feelscope.web.page_server import serve

    with reading.opened(writes=True) as opened:
        asked = session(opened, of)
        posts = f"{counted(len(asked.posts), 'post')} to answer"
        say(f"answers go to {asked.answers.path}")

        def tell(address: str) -> None:
            say(f"{posts}; open {address}, stop with Ctrl+C")
            if opens:
                open_page(address)

        serve(application(asked), port, tell)
    say(f"answers are in {asked.answers.path}; {reading.command} --report")


def report(reading: Reading, model: str, question: str, out: Path | None) -> None:
    """Print the report, and write it where that is asked for."""
    from feelscope.label.report import report as made
    from feelscope.label.report import write_report

    with reading.opened() as opened:
        found = made(opened, model, question)
        for line in found.lines:
            output.show(line)
        if out is not None:
            write_report(out, opened, model, found)


def export(reading: Reading, out: Path, format: str) -> None:
    """Write the labelled table, or everybody's answers for another program."""
    from feelscope.label.exchange import TABLE, export_answers
    from feelscope.label.export import export as export_table

    with reading.opened() as opened:
        done = export_table(opened, out) if format == TABLE else export_answers(opened, out, format)
    say(f"{out}: {done}")
    for remark in done.remarks:
        say(f"{out}: {remark}")


def disagreements(reading: Reading, out: Path) -> None:
    """Write the posts that people answered differently."""
    from feelscope.label.disagreements import write_disagreements

    with reading.opened() as opened:
        count = write_disagreements(opened, out)
    say(f"{out}: {counted(count, 'post')} answered differently; decide with {reading.command} --adjudicate")


def import_answers(reading: Reading, file: Path, codebook: "Codebook | None") -> None:
    """Add answers that were given elsewhere."""
    from feelscope.label.importing import import_answers as added

    with reading.opened(writes=True) as opened:
        done = added(opened, file, codebook)
    say(f"{opened.answers}: {done}")
