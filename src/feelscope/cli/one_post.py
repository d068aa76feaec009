"""One post that is given by options, for the commands that read one."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from feelscope.post import Post

Text = Annotated[str, Option(metavar="TEXT", help="The words of one post.")]
Title = Annotated[str, Option(metavar="TEXT", help="Its title.")]
Image = Annotated[Path | None, Option(metavar="FILE", help="Its picture.")]


def given_post(context: typer.Context, text: str, title: str, image: Path | None) -> Post:
    """The post of these options; what is no UTF-8 is wrong usage, and so is no option at all."""
    if not (text or title or image):
        context.fail("give a TABLE of posts, or one post with --text, --title or --image")
    try:
        (text + title).encode()
    except UnicodeEncodeError:  # Python puts lone surrogates in place of bytes that are not UTF-8
        context.fail("--text and --title have to be UTF-8, and these bytes are not")
    return Post("1", text, title, image)
