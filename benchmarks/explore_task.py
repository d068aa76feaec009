"""Find the answer to a question, and two sentences that support it: on the page of an archive, and in a list of hits.

After the timed task of Rookie's study: a question with four options, to be answered with two supporting sentences.
There people were timed; here a reader that follows fixed rules is counted: clicks, and bytes read, until two sentences
that support the answer are on the screen. The questions are in explore_questions.toml: ten ask for a fact, ten for a
course of events.

    python benchmarks/explore_task.py POSTS INDEX --out task.json

Both readers type the query with the other words of the question; when all its results are read, the query alone.
The page's reader, asked for a course of events, reads the first two pages of sentences (the oldest), then the last page
and the one before it, then all others. Asked for a fact, it drags the timeline to the time if the question names one
and there is more than a page; otherwise, of more than 30 posts, it clicks the first subject shown that has a word of
the question, or else the highest bin, reads three pages of that, goes back and reads all from the beginning. It reads
the headline, the subjects if they were looked through, and the sentences. The list's reader reads hits from the best on
(SQLite FTS5, stems, bm25, ten a page, a date and a snippet each). Both give up after 30 pages. Typing a query, a drag,
a click and a turned page are one click each; the page is driven in chromium.
"""

import argparse
import json
import re
import shutil
import sqlite3
import statistics
import threading
import tomllib
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from playwright.sync_api import Page, sync_playwright

from feelscope.explore.archive import open_archive
from feelscope.explore.server import application
from feelscope.web.page_server import bound, server

QUESTIONS = Path(__file__).parent / "explore_questions.toml"
MOST_PAGES, A_PAGE = 30, 10
FEW = 30  # posts that are read without choosing a part of them first
_GUTTER, _MARGIN = 46, 10  # pixels beside the drawn time of a chart, see page/timeline.js
TURNS = 3  # pages of a part before it is given up


@dataclass
class Glance:
    """Something that is read and is no sentence."""

    text: str


Rows = Iterator[str | Glance | None]  # None: a click


@dataclass
class Effort:
    """What it took.

    Args:
        clicks: Also typed queries, drags and turned pages.
        bytes: Of all text read, UTF-8.
        lengths: Letters of each sentence or snippet read.
    """

    clicks: int
    bytes: int
    found: bool
    lengths: list[int]


def read(rows: Rows, needs: list[str]) -> Effort:
    """Read rows until each need is met by another of them."""
    effort, open_needs, known = Effort(0, 0, False, []), list(needs), set()
    for row in rows:
        if row is None:
            effort.clicks += 1
            continue
        if isinstance(row, Glance):
            effort.bytes += len(row.text.encode())
            continue
        effort.bytes += len(row.encode())
        effort.lengths.append(len(row))
        met = [need for need in open_needs if re.search(need, row, re.IGNORECASE)]
        if met and row not in known:
            open_needs.remove(met[0])
            known.add(row)
        if not open_needs:
            effort.found = True
            break
    return effort


def needs(question: dict[str, Any]) -> list[str]:
    """What two sentences must have."""
    supports: list[str] = question["supports"]
    return supports * 2 if question["kind"] == "fact" else supports


def typed(question: dict[str, Any]) -> list[str]:
    """What is typed, one after the other."""
    return list(dict.fromkeys((" ".join([question["query"], *question["clues"]]), question["query"])))


def posts(path: Path) -> sqlite3.Connection:
    """The posts in a full-text index, as any tool for lists of hits has it."""
    table = pq.read_table(path, columns=["created_at", "title", "text"]).to_pylist()
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE posts USING fts5(day UNINDEXED, words, tokenize='porter unicode61')")
    rows = ((row["created_at"].date().isoformat(), f"{row['title']}\n{row['text']}".strip()) for row in table)
    database.executemany("INSERT INTO posts VALUES (?, ?)", rows)
    return database


def in_list(database: sqlite3.Connection, question: dict[str, Any], snippet_words: int) -> Effort:
    """What a list of hits takes."""

    def hits(words: str) -> list[str]:
        query = " ".join(f'"{word}"' for word in words.split())
        found = database.execute(
            "SELECT day, snippet(posts, 1, '', '', '…', ?) FROM posts WHERE posts MATCH ? ORDER BY rank, rowid LIMIT ?",
            (snippet_words, query, MOST_PAGES * A_PAGE),
        )
        return [f"{day} {' '.join(snippet.split())}" for day, snippet in found]

    def rows() -> Rows:
        for words in typed(question):
            yield None
            for at, hit in enumerate(hits(words)):
                if at and at % A_PAGE == 0:
                    yield None
                yield hit

    return read(rows(), needs(question))


def on_page(page: Page, question: dict[str, Any]) -> Effort:
    """What the page takes."""
    page.goto("/")
    _settled(page)
    return read(_page_rows(page, question), needs(question))


def _page_rows(page: Page, question: dict[str, Any]) -> Rows:
    for words in typed(question):
        page.goto("/")  # without the choices of the words before
        page.fill("#query", words)
        page.keyboard.press("Enter")
        page.wait_for_selector("#headline mark.query")
        _settled(page)
        yield None
        yield Glance(page.inner_text("#headline"))
        if question["kind"] == "course":
            yield from _both_ends(page)
        elif "from" in question and _pages(page) > 1:
            _drag(page, question["from"].isoformat(), question["to"].isoformat())
            _settled(page)
            yield None
            yield Glance(page.inner_text("#headline"))
            yield from _onward(page, MOST_PAGES)
        elif _pages(page) > FEW / A_PAGE:
            yield from _narrowed(page, question)
        else:
            yield from _onward(page, MOST_PAGES)


def _narrowed(page: Page, question: dict[str, Any]) -> Rows:
    """Sentences of a subject or of the highest bin, then all."""
    names = page.locator(".topic").all_inner_texts()
    listed = [name for name in names if set(question["clues"]) & set(name.split())]
    yield Glance("".join(names[: names.index(listed[0]) + 1] if listed else names))
    if listed:
        page.locator(".topic").nth(names.index(listed[0])).click()
    else:
        _click_highest(page)
    _settled(page)
    yield None
    yield Glance(page.inner_text("#headline"))
    yield from _part_then_all(page)


def _part_then_all(page: Page) -> Rows:
    yield from _onward(page, TURNS)
    while page.evaluate("new URLSearchParams(location.search).size") > 1:  # pages that were turned, and the last step
        page.go_back()
        _settled(page)
    yield None
    yield from _onward(page, MOST_PAGES)


def _both_ends(page: Page) -> Rows:
    yield from _onward(page, 2)
    if _pages(page) > 2 and (yield from _turned(page, "»")):
        yield from _sentences(page)
        if _pages(page) > 3 and (yield from _turned(page, "‹")):
            yield from _sentences(page)
    if _pages(page) > 4:
        yield from _turned(page, "«")
        yield from _onward(page, MOST_PAGES)


def _onward(page: Page, most: int) -> Rows:
    yield from _sentences(page)
    for _ in range(most - 1):
        if not (yield from _turned(page, "›")):
            return
        yield from _sentences(page)


def _turned(page: Page, sign: str) -> Generator[None, None, bool]:
    """Click the button of the pager with a sign, where there is one to be clicked."""
    button = page.locator(".pager[data-view=sentences] button", has_text=sign)
    if not button.count() or button.is_disabled():
        return False
    button.click()
    _settled(page)
    yield None
    return True


def _sentences(page: Page) -> Rows:
    for row in page.locator("#sentence-rows > li").all():
        yield " ".join(row.inner_text().split())


def _pages(page: Page) -> int:
    field = page.locator(".pager[data-view=sentences] input")
    return int(field.get_attribute("max") or 1) if field.count() else 1


def _drag(page: Page, start: str, end: str) -> None:
    box = page.locator("#strip .chart").bounding_box()
    assert box is not None
    bins = page.request.get("/views.json?parts=context").json()["context"]["bins"]
    edges = [bin["from"] for bin in bins] + [bins[-1]["to"]]
    left, right = (_place(edges, day) for day in (start, end))
    first, wide, y = box["x"] + _GUTTER, box["width"] - _GUTTER - _MARGIN, box["y"] + 30
    page.mouse.move(first + left * wide, y)
    page.mouse.down()
    page.mouse.move(first + right * wide, y, steps=5)
    page.mouse.up()
    page.wait_for_url(f"**from={start}*")


def _place(edges: list[str], day: str) -> float:
    """Where a day is on the timeline, 0 to 1."""
    from datetime import date

    first, here, last = (date.fromisoformat(one).toordinal() for one in (edges[0], min(day, edges[-1]), edges[-1]))
    # A little inside, as the very edges belong to the handles of the whole span.
    return min(0.998, max(0.002, (here - first) / (last - first)))


def _click_highest(page: Page) -> None:
    """Click the bin that the label on the timeline names."""
    bins = page.request.get("/views.json?parts=timeline&query=" + page.input_value("#query")).json()["timeline"]["bins"]
    highest = max(range(len(bins)), key=lambda number: bins[number]["query"])
    box = page.locator("#chart .chart").bounding_box()
    assert box is not None
    edges = [bin["from"] for bin in bins] + [bins[-1]["to"]]
    middle = (_place(edges, bins[highest]["from"]) + _place(edges, bins[highest]["to"])) / 2
    wide = box["width"] - _GUTTER - _MARGIN
    page.mouse.click(box["x"] + _GUTTER + middle * wide, box["y"] + box["height"] * 0.6)


def _settled(page: Page) -> None:
    page.wait_for_selector("#headline:has(.many)")
    page.wait_for_selector("body:not([aria-busy])")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posts", type=Path, help="the table the index was built from")
    parser.add_argument("index", type=Path)
    parser.add_argument("--snippet-words", type=int, default=22, help="of a hit; rows are then as long as the page's")
    parser.add_argument("--limit", type=int, help="only the first questions")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    questions = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"][: given.limit]
    database = posts(given.posts)
    listening = bound(0)
    running = server(application(open_archive(given.index)))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    results = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(120_000)
        page = context.new_page()
        for question in questions:
            assert question["answer"] in question["options"]
            shown = on_page(page, question)
            listed = in_list(database, question, given.snippet_words)
            efforts = {"page": asdict(shown), "list": asdict(listed)}
            results.append({"question": question["text"], "kind": question["kind"], **efforts})
            print(f"page {_line(shown):32} list {_line(listed):32} {question['text']}", flush=True)
        browser.close()
    running.should_exit = True
    thread.join()
    kinds = ("fact", "course")
    summary = {kind: _summary([result for result in results if result["kind"] == kind]) for kind in kinds}
    print(json.dumps(summary, indent=1))
    if given.out:
        given.out.write_text(json.dumps({**summary, "questions": results}, indent=1), encoding="utf-8")


def _line(effort: Effort) -> str:
    return f"{effort.clicks:3} clicks {effort.bytes:6,} bytes{'' if effort.found else ' NOT FOUND'}"


def _summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians and means, over the questions that both readers answered."""
    both = [result for result in results if result["page"]["found"] and result["list"]["found"]]
    summary: dict[str, Any] = {"questions": len(results), "answered by both": len(both)}
    for name in ("page", "list"):
        lengths = [length for result in results for length in result[name]["lengths"]]
        summary[name] = {
            "answered": sum(result[name]["found"] for result in results),
            "mean letters of a row": round(statistics.mean(lengths)) if lengths else 0,
        }
        for cost in ("clicks", "bytes"):
            values = [result[name][cost] for result in both] or [0]
            summary[name][cost] = {"median": statistics.median(values), "mean": round(statistics.mean(values), 1)}
    for cost in ("clicks", "bytes"):
        pairs = [(result["page"][cost], result["list"][cost]) for result in both]
        fewer, more = (sum(test) for test in ((p < q for p, q in pairs), (p > q for p, q in pairs)))
        summary[f"the page takes fewer {cost} / more"] = f"{fewer} / {more}"
    return summary


if __name__ == "__main__":
    main()
