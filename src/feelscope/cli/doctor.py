"""`feelscope doctor`: what is installed, what is broken, and what to do."""

import typer

from feelscope.cli.output import show, show_text

_MARKS = {"ok": "ok     ", "absent": "absent ", "broken": "BROKEN "}


def doctor() -> None:
    """Check what is installed, what is broken, and how to fix it.

    The exit code is 1 if something is broken. An extra that is not installed is not a fault.

    \b
    Example:
      feelscope doctor
    """
    from feelscope.doctor import examine

    broken = 0
    for finding in examine():
        broken += finding.state == "broken"
        show(f"{_MARKS[finding.state]}{finding.name:<41} {finding.detail}")
        if finding.advice:
            show(f"{'':7}what to do: {finding.advice}")
    show_text(f"\n{broken} broken" if broken else "\nAll is well.")
    if broken:
        raise typer.Exit(1)
