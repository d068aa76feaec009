"""A finding as one HTML page that opens anywhere: no script, no network, no file beside it.

Every count, chart and quote is asked of the index again; of what was sent, only notes and title are taken as they are.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import feelscope
from feelscope.errors import ExploreError
from feelscope.explain.page import safe, section, shell, table
from feelscope.explore.finding.charts import course, felt, over_time
from feelscope.explore.finding.kept import Kept
from feelscope.explore.finding.words import day, in_words
from feelscope.explore.search.query_text import parse_query
from feelscope.explore.search.state import Facts
from feelscope.explore.views.marks import query_spans, subject_spans
from feelscope.explore.views.sentences import best
from feelscope.post import Post
from feelscope.text import printable
from feelscope.text.counts import counted

Json = Mapping[str, Any]
_STYLE = Path(__file__).parent / "page.css"
_ROWS = 10  # of subjects


def finding_page(
    title: str,
    kept: Sequence[Kept],
    ask: Callable[[str], Json],
    find: Callable[[str], Json | None],
    facts: Facts,
    written: str,
) -> str:
    """The page; a question or a post that the archive cannot give any more is said in its place.

    Args:
        ask: The views of a question, as an address writes it.
        find: A post by its id, as engines hold it.
        written: The day on which the index was last written.
    """
    numbered = enumerate(kept, 1)
    body = [_quote(at, one, ask, find) if one.post else _question(at, one, ask) for at, one in numbered]
    span = f", {day(facts.start)} to before {day(facts.end)}" if facts.start and facts.end else ""
    name = facts.name or "an archive"
    answer = f"{safe(name)}: {counted(facts.posts, 'post')}{span}."
    footer = [
        f"Counted in the index of {safe(day(written))} by Feelscope {safe(feelscope.__version__)}. Emotions are a "
        "model’s reading of what a post shows, not of what its author felt.",
    ]
    style = _STYLE.read_text(encoding="utf-8")
    return shell(safe(title or f"Found in {name}"), answer, "".join(body), footer, style=style)


def _question(number: int, kept: Kept, ask: Callable[[str], Json]) -> str:
    try:
        answer = ask(kept.question)
    except ExploreError as error:
        return section(
            f"{number}. A question",
            _note(kept),
            _gone(f"The archive cannot answer it any more: {error}"),
            _address(kept),
        )
    parts = [_note(kept)]
    parts += [_figure(over_time(answer), _when(answer)), _figure(felt(answer), _legend(answer)), _feelings(answer)]
    if answer["course"]:
        found = answer["course"]
        caption = (
            f"Share of {found['emotion']} by {found['unit']} with 95% intervals; grey: the archive; dashed: changes."
        )
        parts.append(_figure(course(answer), caption))
    parts.append(_contrast(answer) if answer["against"] else _subjects(answer))
    return section(f"{number}. {in_words(answer)}", *parts, _address(kept))


def _quote(number: int, kept: Kept, ask: Callable[[str], Json], find: Callable[[str], Json | None]) -> str:
    post = find(kept.post or "")
    if post is None:
        return section(f"{number}. A post", _note(kept), _gone(f"The archive has no post {kept.post} any more."))
    try:
        state = ask(kept.question)["state"]
    except ExploreError:
        state = {"query": "", "subject": None}
    about = [day(post["created_at"]) if post.get("created_at") else "no date", post["source"], post["title"]]
    about.append(f"read as {post['emotion']}" if post.get("emotion") else "")
    link = ""
    if re.match("https?://", post["url"], re.IGNORECASE):
        address = escape(post["url"])
        link = f' · <a href="{address}" rel="noopener noreferrer">Where it was posted</a>'
    quote = f'<blockquote dir="auto">{_marked(_sentence(kept, post, state), state)}</blockquote>'
    source = " · ".join(safe(one) for one in about if one)
    return section(f"{number}. A post", _note(kept), quote, f'<p class="source">{source}{link}</p>')


def _sentence(kept: Kept, post: Json, state: Json) -> str:
    """The sentence that was kept, if the post has its words; otherwise the best one for the question."""
    text = "\n".join(Post("", post["text"], post["title"]).texts)
    quoted, words = (" ".join(re.findall(r"\w+", one)) for one in (kept.sentence, text))
    if quoted and f" {quoted} " in f" {words} ":
        return kept.sentence
    return best(text, parse_query(state["query"]), state["subject"])[0]


def _marked(text: str, state: Json) -> str:
    """A sentence with the words of Q and F marked."""
    spans = [(span, "q") for span in query_spans(text, parse_query(state["query"]))]
    spans += ((span, "f") for span in subject_spans(text, state["subject"]))
    parts, at = [], 0
    for (start, end), kind in sorted(spans):
        if start >= at:
            parts += [escape(printable.lines(text[at:start])), f'<mark class="{kind}">{escape(text[start:end])}</mark>']
            at = end
    return "".join([*parts, escape(printable.lines(text[at:]))])


def _note(kept: Kept) -> str:
    return f'<p class="kept-note">{escape(printable.lines(kept.note))}</p>' if kept.note else ""


def _gone(words: str) -> str:
    return f'<p class="gone">{safe(words)}</p>'


def _address(kept: Kept) -> str:
    return f'<p class="source">In the explorer: <code>/?{safe(kept.question)}</code></p>' if kept.question else ""


def _figure(svg: str, caption: str) -> str:
    return f'<figure class="chart">{svg}<figcaption>{safe(caption)}</figcaption></figure>' if svg else ""


def _when(answer: Json) -> str:
    words = f"Posts by {answer['timeline']['unit']}"
    if answer["state"]["subject"]:
        words += f"; red: those that mention {answer['state']['subject']}"
    against = answer["against"]
    if against and not against["by_time"]:
        words += "; dashed: what is compared" + (", to a scale of its own" if against["rest"] else "")
    return words + "."


def _legend(answer: Json) -> str:
    found = answer["feelings"]
    words = f"Dots: {counted(found['posts'], 'post')} of the question, with 95% intervals; "
    if found["other_posts"] is not None:
        words += f"diamonds: {found['other_posts']:,} compared with; "
    return words + f"hollow marks: the archive in the same time, {found['archive_posts']:,}."


def _feelings(answer: Json) -> str:
    rows = [(row["emotion"], f"{row['posts']:,}", row["words"]) for row in answer["feelings"]["rows"]]
    return table("Feelings in numbers", ("emotion", "posts", "share"), rows, numbers=0, is_open=False)


def _subjects(answer: Json) -> str:
    rows = [
        (row["subject"], ", ".join(row["merged"][:3]), f"{row['posts']:,}", f"{row['archive_posts']:,}")
        for row in answer["subjects"]["rows"][:_ROWS]
    ]
    return table("Subjects", ("subject", "also", "posts", "in the archive"), rows, numbers=2) if rows else ""


def _contrast(answer: Json) -> str:
    found, tables = answer["contrast"], []
    for column, name in (("more", "More here"), ("less", "More in what is compared")):
        rows = [
            (
                row["subject"] + ("" if row["clear"] else " (may be chance)"),
                f"{row['posts']:,}",
                f"{row['other_posts']:,}",
            )
            for row in found[column]["rows"][:_ROWS]
        ]
        tables.append(table(name, ("subject", "posts", "others"), rows, numbers=2) if rows else "")
    return "".join(tables)
