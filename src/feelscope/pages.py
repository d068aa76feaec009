"""The pages of the docs that come with the package: their names, a line about each, and their text.

docs/ of a clone or an editable install; feelscope/docs/ of a wheel, which pyproject.toml fills from the same files
"""

import difflib
import re
from pathlib import Path

from feelscope.config import shown
from feelscope.errors import FeelscopeError

_PACKAGE = Path(__file__).parent
_INDEX = "README"
_ROW = re.compile(r"^\| \[[^\]]+\]\(([^)]+)\.md\) \| (.+) \|$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


def folder() -> Path:
    """Where the pages are."""
    installed = _PACKAGE / "docs"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "docs"


def summaries() -> dict[str, str]:
    """The names of all pages, such as `train` or `tutorials/archive`, with a line about each.

    Pages of the index come first, in its order and its words; of others, the line is their title.
    """
    files = {file.relative_to(folder()).with_suffix("").as_posix(): file for file in sorted(folder().rglob("*.md"))}
    said = dict(_ROW.findall(_read(files[_INDEX])))
    titles = {name: _read(file).partition("\n")[0].removeprefix("# ") for name, file in files.items() if name != _INDEX}
    ordered = [*(name for name in said if name in titles), *(name for name in titles if name not in said)]
    return {name: _LINK.sub(r"\1", said.get(name, titles[name])) for name in ordered}


def text(name: str) -> str:
    """The text of a page, in Markdown.

    Args:
        name: As in `summaries`, or the last part of it. Capitals do not matter, nor `docs/` before it, `.md` after it,
            and spaces or hyphens for underscores.

    Raises:
        FeelscopeError: There is no such page; it gives near names.
    """
    asked = re.sub(r"[\s-]", "_", name.strip().lower()).removeprefix("docs/").removesuffix(".md")
    known = list(summaries())
    found = [page for page in known if asked in (page, page.rpartition("/")[2])]
    if not found:
        raise FeelscopeError(f"there is no page {shown(name)} in the docs; {_near(asked, known)}")
    return _read(folder() / f"{found[0]}.md")


def _near(asked: str, known: list[str]) -> str:
    """What might have been meant: names like it, and names that are part of it or that it is part of."""
    by_last = {page.rpartition("/")[2]: page for page in known}
    close = [by_last[last] for last in difflib.get_close_matches(asked[:100], by_last, n=3)]
    parts = [page for last, page in by_last.items() if len(asked) > 2 and (asked in page or last in asked)]
    near = list(dict.fromkeys([*close, *parts]))[:4]
    return f"near names: {', '.join(near)}" if near else "`feelscope docs` lists them"


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
