"""The folder of a report: figures with a year on every time axis and one scale, a page that needs nothing else."""

import csv
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from small_predictions import row, write_predictions, write_rows

from feelscope.errors import FeelscopeError
from feelscope.report import figures
from feelscope.report.found import Report
from feelscope.report.methods import methods
from feelscope.report.report import make_report, write
from feelscope.report.settings import Settings
from feelscope.report.summary import sentences
from feelscope.report.time_axis import marks

HOSTILE = "<b onclick='x'>&$emotion</b>"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("predictions")
    path = write_predictions(folder / "out.jsonl")
    parts = [
        write_rows(folder / f"{name}.jsonl", [row(f"{n}", emotion) for n in range(9)])
        for name, emotion in (("words", "fear"), ("pictures", "anger"))
    ]
    settings = Settings("speeches", ("party",), "week", date(2012, 3, 20))
    return make_report(path, settings, alone=(parts[0], parts[1]))


@pytest.fixture(scope="module")
def folder(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "report"
    write(report, out, "feelscope report out.jsonl")
    return out


NAMES = {"shares", "by", "over_time", "event", "agreement", "sureness"}


def test_a_figure_is_a_picture_a_drawing_and_its_numbers(folder: Path) -> None:
    for ending in ("png", "svg", "csv"):
        assert {path.stem for path in folder.glob(f"*.{ending}")} == NAMES
    for path in folder.glob("*.png"):
        with Image.open(path) as image:
            assert image.width >= 600
    with (folder / "event.csv").open(newline="") as file:
        (anger,) = [one for one in csv.DictReader(file) if one["emotion"] == "anger"]
    assert anger["beyond_chance"] == "1" and float(anger["low"]) > 0
    assert {path.name for path in folder.glob("*.*") if path.suffix not in (".png", ".svg", ".csv")} == {
        "index.html",
        "report.json",
        "methods.txt",
    }


@pytest.mark.parametrize("width", [figures.WIDE, figures.NARROW])
def test_every_time_axis_has_its_years_and_panels_one_scale(report: Report, width: float) -> None:
    assert report.over is not None
    figure, rows = figures.over_time(report, report.over, width)
    panels = [axes for axes in figure.axes if axes.axison]
    assert len(panels) == len(report.emotions) + 1
    for panel in panels:
        labels = [one.get_text() for one in panel.get_xticklabels()]
        assert labels and all(re.search(r"\b2012$", label) for label in labels)
    assert len({panel.get_ylim() for panel in panels[:-1]}) == 1
    assert panels[0].get_ylim()[0] == 0
    assert len(rows) == len(report.over.bins) * len(report.emotions)


def test_titles_say_what_the_posts_are_and_not_what_files_are_called(report: Report) -> None:
    assert report.over is not None and report.event is not None and report.agreement is not None
    drawn = [
        figures.shares(report),
        figures.by_column(report, report.by[0]),
        figures.over_time(report, report.over),
        figures.event(report, report.event),
        figures.agreement(report, report.agreement),
        figures.sureness(report, report.sure),
    ]
    for figure, _ in drawn:
        title = figure.get_suptitle()
        assert "speeches" in title and "out" not in title.split()


@pytest.mark.parametrize(
    ("first", "end", "years"),
    [
        (date(2012, 11, 1), date(2012, 11, 20), 1),
        (date(2012, 1, 5), date(2013, 6, 1), 2),
        (date(2001, 2, 3), date(2014, 1, 1), 5),
    ],
)
def test_marks_are_few_within_the_span_and_named_by_year(first: date, end: date, years: int) -> None:
    days, names = marks(first, end, 6)
    assert 1 < len(days) <= 6 and all(first <= day < end for day in days)
    assert all(name.endswith(f"{day.year}") for day, name in zip(days, names, strict=True))
    assert len({day.year for day in days}) >= min(years, 2)


def test_the_page_needs_nothing_else_and_says_where_shares_err(folder: Path, report: Report) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|@import|src=\"(?!data:)|url\((?!#)|href=\"(?!#)(?!data:)", page)
    assert page.count("<svg ") == 2 * len(NAMES)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "#ffffff" not in page.split('class="drawn card"')[0]
    for said in (*sentences(report), *methods(report)):
        assert said.split(". ")[0].replace("'", "&#x27;") in page
    assert "feelscope estimate" in page


def test_methods_say_model_version_data_and_what_was_left_out(report: Report) -> None:
    said = " ".join(methods(report))
    for part in ("the model small", "abababab", "Feelscope 0.1.0", "28 November 2026", "posts.csv has 402 rows"):
        assert part in said
    assert "2 rows left out (2 duplicate id)" in said and "Posts of one author go together" in said


def test_a_file_that_does_not_say_what_made_it_is_told(tmp_path: Path) -> None:
    path = write_predictions(tmp_path / "out.csv", 60, about=False)
    assert "does not say which model" in " ".join(methods(make_report(path, Settings())))
    path = write_predictions(tmp_path / "out.jsonl", 60)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:40]))
    assert "was changed since" in " ".join(methods(make_report(path, Settings())))


def test_names_from_files_are_text_on_the_page(tmp_path: Path) -> None:
    made = [row(f"{n}", "fear", **{HOSTILE: HOSTILE if n % 2 else "b"}) for n in range(80)]
    path = write_rows(tmp_path / "out.jsonl", made)
    write(make_report(path, Settings(HOSTILE, (HOSTILE,))), tmp_path / "out", HOSTILE)
    assert "<b onclick" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_one_and_many_are_told_apart(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "out.jsonl", [row("1", "fear", created_at="2012-01-02", party="A")])
    found = make_report(path, Settings(by=("party",), over="day"))
    said = " ".join(sentences(found))
    assert said.startswith("1 post of 2 January 2012. The only emotion: fear 100.0%")
    assert "A has 1 post only" in said and " 1 posts" not in said
    write(found, tmp_path / "out")


def test_a_folder_that_cannot_be_made_is_one_line(report: Report, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FeelscopeError, match="file: is a file; name a folder"):
        write(report, tmp_path / "file")
    with pytest.raises(FeelscopeError, match=r"file/below: cannot be made"):
        write(report, tmp_path / "file" / "below")


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium")
def test_the_page_in_a_browser(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        papers = []
        for width, scheme in ((1440, "light"), (1024, "dark"), (380, "light")):
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto((folder / "index.html").as_uri())
            assert len([url for url in asked if not url.startswith("data:")]) == 1
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            shown = page.evaluate("[...document.querySelectorAll('.drawn svg')].filter(one => one.clientWidth).length")
            assert shown == len(NAMES)
            papers.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
            context.close()
        browser.close()
    assert papers[0] != papers[1]
