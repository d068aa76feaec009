"""`feelscope docs`: the pages of the docs, on a terminal page by page."""

import os
import sys
from typing import Annotated

from typer import Argument

from feelscope.cli.output import show_text


def docs(
    page: Annotated[str | None, Argument(help="A page's name; without, all pages with a line about each.")] = None,
) -> None:
    """Show a page of the docs, or list them.

    \b
    Examples:
      feelscope docs
      feelscope docs train
      feelscope docs tutorials/spreadsheet
    """
    import pydoc

    from feelscope import pages

    if page is None:
        summaries = pages.summaries()
        width = max(map(len, summaries))
        text = "\n".join(f"{name:<{width}}  {summary}" for name, summary in summaries.items())
    else:
        text = pages.text(page).removesuffix("\n")
    if sys.stdout.isatty():
        os.environ.setdefault("LESS", "FRX")  # a page that fits the terminal stays there
        pydoc.pager(text)
    else:
        show_text(text)
