"""The page in a real browser."""

import contextlib
import json
import re
import shutil
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_archive import MARKUP, RIGHT_TO_LEFT, Late, served, storm_archive

from feelscope.explore import server

STYLE = (server.PAGE / "style.css").read_text(encoding="utf-8")
MODULES = sorted(server.PAGE.glob("*.js"))


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_the_paper(scheme):  # at least 4.5 to 1: WCAG 2.2, 1.4.3
    block = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
    for name in ("ink", "quiet", "q", "f", "b"):
        for ground in ("paper", "raised"):
            light, dark = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, ground)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.name)
def test_modules_take_nothing_from_the_web_and_set_no_markup(file):
    code = file.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", code)
    for name in re.findall(r'^import .* from "(.*)";$', code, re.MULTILINE):
        assert (server.PAGE / name).is_file()
    assert set(re.findall(r"https?://[^\s\"']+", code)) <= {"http://www.w3.org/2000/svg"}


pytestmark_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]


def browser_test(function):
    for mark in pytestmark_browser:
        function = mark(function)
    return function


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return storm_archive(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def show(chromium, archive):
    """Opens the page: `show("/?query=storm", viewport=...)`; whatever goes wrong in it fails the test."""
    with contextlib.ExitStack() as stack:
        faults = []

        def show(path="/", archive=archive, **how):
            address = stack.enter_context(served(archive))
            context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | how)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
            page.add_init_script(
                "window.seen = []; document.addEventListener('feelscope:views', event => window.seen.push({"
                "...event.detail, at: performance.now(), words: document.querySelector('#headline').textContent,"
                "rows: document.querySelectorAll('#sentence-rows > li').length}))"
            )
            page.goto(address + path)
            settled(page)
            return page

        yield show
        assert not faults


def settled(page):
    page.wait_for_selector("#headline:has(.many)")
    page.wait_for_selector("body:not([aria-busy])")


def plot(page, chart="#strip"):
    """Where the time is drawn: left, right and a middle height, in pixels."""
    box = page.locator(f"{chart} .chart").bounding_box()
    return box["x"] + 46, box["x"] + box["width"] - 10, box["y"] + (30 if chart == "#strip" else box["height"] * 0.6)


def drag(page, begin, end, steps=12, pause=0, chart="#strip"):
    """Across the strip of the archive, or the chart of the chosen time, from one share of its time to another."""
    left, right, y = plot(page, chart)
    page.mouse.move(left + begin * (right - left), y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(left + (begin + (end - begin) * step / steps) * (right - left), y)
        if pause:
            time.sleep(pause)
    page.mouse.up()


def last_day(end):
    return (date.fromisoformat(end) - timedelta(1)).isoformat()


def state_of(page):
    from urllib.parse import parse_qsl

    return dict(parse_qsl(page.evaluate("location.search.slice(1)")))


def expected(archive, page, part="sentences"):
    state = {"query": "", **dict.fromkeys(("subject", "from", "to", "emotion"))}
    state |= {name: value for name, value in state_of(page).items() if name in state}
    return archive.views(state, parts=(part,))


@browser_test
def test_a_question_from_words_to_a_post_and_back(show, archive):
    from playwright.sync_api import expect

    page = show()
    expect(page.locator("#headline")).to_have_text("602 posts")
    page.fill("#query", "storm")
    page.keyboard.press("Enter")
    settled(page)
    assert state_of(page) == {"query": "storm"}
    expect(page.locator("#headline mark.query")).to_have_text("storm")
    assert page.locator("#sentence-rows mark.query").count() >= 10

    drag(page, 0.45, 0.75)
    settled(page)
    chosen = state_of(page)
    assert chosen["from"] < chosen["to"] and chosen["from"].endswith("-01") and chosen["to"].endswith("-01")
    assert page.input_value("#from") == chosen["from"] and page.input_value("#to") == last_day(chosen["to"])
    counts = expected(archive, page)["counts"]
    expect(page.locator("#headline .many")).to_have_text(f"{counts['query']} posts")

    page.click("#subject-rows button:has-text('red cross')")
    expect(page.locator("#headline mark.subject")).to_have_text("red cross")
    settled(page)
    counts = expected(archive, page)["counts"]
    expect(page.locator("#headline .many").last).to_have_text(str(counts["subject"]))
    expect(page.locator("#sentences-note")).to_contain_text(f"{counts['subject']} posts")
    assert page.evaluate("document.activeElement.textContent") == "red cross", "the focus stays where it was"

    page.click("text=⇄ Swap")
    settled(page)
    assert (state_of(page)["query"], state_of(page)["subject"]) == ('"red cross"', "storm")
    page.go_back()
    settled(page)
    assert state_of(page) == {**chosen, "subject": "red cross"}

    page.click("#sentence-rows a >> nth=0")
    expect(page.locator("dialog .text")).to_contain_text("Red Cross")
    opened = page.url
    assert state_of(page)["post"]
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()
    expect(page).not_to_have_url(re.compile("post="))  # the address follows a moment later
    assert page.evaluate("document.activeElement.tagName") == "A", "the focus is again where the post was opened"
    page.go_back()
    settled(page)
    assert state_of(page) == chosen
    expect(page.locator("#headline mark.subject")).to_have_count(0)

    page.goto(opened)
    settled(page)
    expect(page.locator("dialog .text")).to_contain_text("Red Cross")
    page.click("dialog button[aria-label=Close]")
    expect(page.locator("#headline mark.subject")).to_have_text("red cross")
    assert page.input_value("#query") == "storm"


@browser_test
def test_what_is_drawn_is_what_is_counted(show, archive):
    page = show("/?query=storm&subject=red+cross&emotion=fear")
    counts = expected(archive, page)["counts"]
    for row in page.locator("#feeling-rows [data-emotion]").all():
        name = row.get_attribute("data-emotion")
        assert row.locator(".words").get_attribute("title").split()[0] == str(counts["emotions"][name])
        assert row.locator(".only").get_attribute("aria-pressed") == str(name == "fear").lower()
    bins = expected(archive, page, "timeline")["timeline"]["bins"]
    drawn = page.locator("#chart .area.subject").get_attribute("d")
    runs = re.sub("0+", " ", "".join("1" if one["subject"] else "0" for one in bins)).split()
    assert drawn.count("M") == len(runs), "a bin without posts is a gap"
    page.click("[data-emotion=sadness] .only")
    settled(page)
    assert state_of(page)["emotion"] == "sadness"
    page.check("text=Share of all posts")
    assert state_of(page)["scale"] == "share"
    page.select_option("#unit", "year")
    settled(page)
    assert len(page.evaluate("seen.at(-1).answer.timeline.bins")) == 3
    heights = [float(y) for y in re.findall(r"V([0-9.]+)H", page.locator("#chart .area.query").get_attribute("d"))]
    assert min(heights) == 26, "the highest share is as high as the chart, less its words"


@browser_test
def test_feelings_are_measured_and_an_emotion_has_a_course(show, archive):
    page = show("/?query=storm")
    found = expected(archive, page, "feelings")["feelings"]
    rows = page.locator("#feeling-rows [data-emotion]")
    assert rows.evaluate_all("all => all.map(one => one.dataset.emotion)") == [row["emotion"] for row in found["rows"]]
    for row in found["rows"]:
        shown = page.locator(f"[data-emotion={row['emotion']}]")
        assert " ".join(shown.locator(".words").inner_text().split()) == row["words"].replace(", ", " ", 1)
        dot = shown.locator(".at.a").get_attribute("x")
        mark = shown.locator(".at.archive").get_attribute("x")
        assert (float(dot[:-1]) > float(mark[:-1])) == (row["share"] > row["archive_share"])
    assert page.locator("#finding").inner_text().startswith(f"Clearest is {found['clearest']}: ")
    page.click("[data-emotion=fear] .name")
    settled(page)
    assert state_of(page) == {"query": "storm", "course": "fear"}
    course = archive.views({"query": "storm"}, course="fear", parts=("course",))["course"]
    assert page.locator("#course .dot").count() == sum(one["share"] is not None for one in course["bins"]) > 0
    assert page.locator("#course .band").count() >= 1 and page.locator("#course .line.archive").count() == 1
    assert page.locator("#course .happened li").count() == max(1, len(course["changes"]) + len(course["events"]))
    page.click("#course .only >> nth=0")
    settled(page)
    assert state_of(page) == {"query": "storm", "course": "fear", "emotion": "fear"}
    page.click("#course >> text=close")
    settled(page)
    assert not page.locator("#course").is_visible() and state_of(page) == {"query": "storm", "emotion": "fear"}


@browser_test
def test_two_times_and_two_queries_are_compared(show, archive):
    from playwright.sync_api import expect

    page = show("/?query=storm&from=2011-06-01")
    page.select_option("#against", "time")
    settled(page)
    assert state_of(page) == {"query": "storm", "from": "2011-06-01", "against_to": "2011-06-01"}
    found = archive.views({"query": "storm", "from": "2011-06-01"}, against={"against_to": "2011-06-01"})
    expect(page.locator("#headline .many.b")).to_have_text(f"{found['counts']['other']} posts")
    assert page.locator("#feeling-rows .at.b").count() == 7
    shown = page.locator(".sides section").evaluate_all(
        "all => all.map(side => [...side.querySelectorAll('.topic')].map(one => one.textContent))"
    )
    assert shown == [[row["subject"] for row in found["contrast"][side]["rows"]] for side in ("more", "less")]
    bins = page.evaluate("seen.at(-1).answer.timeline.bins")
    assert sum(one["query"] for one in bins) == found["counts"]["query"] + found["counts"]["other"]
    page.click("#exchange")
    settled(page)
    assert state_of(page) == {
        "query": "storm", "to": "2011-06-01", "against_from": "2011-06-01", "against_to": archive.facts.end,
    }  # fmt: skip
    expect(page.locator("#headline .many").first).to_have_text(f"{found['counts']['other']} posts")
    page.select_option("#against", "query")
    page.fill("#against_query", "quiet day")
    page.keyboard.press("Enter")
    settled(page)
    assert state_of(page) == {"query": "storm", "to": "2011-06-01", "against_query": "quiet day"}
    assert page.locator("#chart .outline.other").get_attribute("d")
    link = page.url
    page.select_option("#against", "rest")
    settled(page)
    assert state_of(page) == {"query": "storm", "to": "2011-06-01", "against": "rest"}
    rest = archive.views({"query": "storm", "to": "2011-06-01"}, against={"against": "rest"})["counts"]["other"]
    expect(page.locator("#headline .many.b")).to_have_text(f"{rest} posts")
    page.goto(link)
    settled(page)
    assert page.input_value("#against_query") == "quiet day" and page.input_value("#against") == "query"
    page.select_option("#against", "")
    settled(page)
    assert state_of(page) == {"query": "storm", "to": "2011-06-01"} and page.locator(".sides").count() == 0


@browser_test
def test_the_chart_is_of_the_chosen_time_by_a_unit_of_its_own(show):
    page = show("/?query=storm")
    assert page.evaluate("seen.at(-1)?.answer.timeline.unit ?? 'month'") == "month"
    drag(page, 0.5, 0.56, chart="#chart")
    settled(page)
    chosen = state_of(page)
    assert chosen["from"].endswith("-01") and chosen["to"].endswith("-01")
    timeline = page.evaluate("seen.findLast(one => one.answer.timeline).answer.timeline")
    assert timeline["unit"] == "day"
    assert chosen["from"] <= timeline["bins"][0]["from"] and timeline["bins"][-1]["to"] <= chosen["to"]
    drag(page, 0.2, 0.21, chart="#chart", steps=1)
    settled(page)
    closer = state_of(page)
    assert (closer["from"], closer["to"]) > (chosen["from"], "") and closer["from"] < closer["to"]
    page.go_back()
    settled(page)
    assert state_of(page) == chosen


@browser_test
def test_days_over_decades_are_drawn(show, tmp_path):
    days = ["1970-01-05", *(f"2012-05-{day:02}" for day in range(1, 29)), "2023-02-03"]
    posts = [{"id": day, "text": "a storm", "created_at": day, "emotion": "fear"} for day in days]
    page = show("/?unit=day", archive=storm_archive(tmp_path, posts))
    assert len(page.evaluate("seen.at(-1).answer.timeline.bins")) == len(days), "empty days are left out"
    assert page.locator("#chart .area.query").get_attribute("d").count("M") == 3


@browser_test
def test_what_is_kept_stays_with_its_note_and_is_exported(show, archive, tmp_path):
    from playwright.sync_api import expect

    page = show("/?query=storm&course=fear")
    question = page.inner_text("#headline")
    first, second = (page.locator("#sentence-rows .said").nth(place).inner_text() for place in (0, 1))
    page.click("#keep")
    page.click("#sentence-rows .star >> nth=0")
    page.click("#sentence-rows .star >> nth=1")
    expect(page.locator("#tray-open")).to_have_text("Kept: 3")
    page.click("#tray-open")
    shown = page.locator("#tray-rows > li > p:first-child").all_inner_texts()
    assert shown == [question, first, second]
    page.fill("#tray-rows textarea >> nth=1", "<script>document.title = 'run'</script>")
    page.click("#tray-rows > li:nth-child(3) >> text=remove")
    expect(page.locator("#tray-open")).to_have_text("Kept: 2")
    page.reload()
    settled(page)
    expect(page.locator("#keep")).to_have_text("★ Kept")
    pressed = page.locator("#sentence-rows .star").evaluate_all("all => all.map(one => one.ariaPressed)")
    assert pressed == ["true", *["false"] * 9]
    page.click("#tray-open")
    assert page.input_value("#tray-rows textarea >> nth=1") == "<script>document.title = 'run'</script>"
    page.fill("#tray-title", "Storms & fear")
    with page.expect_download() as download:
        page.click("#tray-export")
    download.value.save_as(tmp_path / "finding.html")
    other = page.context.new_page()
    other.goto((tmp_path / "finding.html").as_uri())
    assert other.title() == "Storms & fear" and other.locator("script").count() == 0
    assert other.locator(".kept-note").inner_text() == "<script>document.title = 'run'</script>"
    assert other.locator("blockquote").inner_text() == first
    assert other.locator("figure.chart svg").count() == 3
    page.click("#tray-rows >> text=open >> nth=1")
    expect(page.locator("dialog#post .text")).to_be_visible()
    page.keyboard.press("Escape")
    page.click("#tray-open")
    page.click("#tray-empty")
    expect(page.locator("#tray-rows")).to_contain_text("Nothing yet")
    assert page.locator("#tray-export").is_disabled()


@browser_test
@pytest.mark.parametrize(
    ("script", "said", "kept"),
    [
        ("Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no') }})", "keeps nothing", 1),
        ("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }", "no room", 1),
        ("localStorage.setItem('feelscope kept: Storms', '{broken')", "could not be read", 0),
        ("localStorage.setItem('feelscope kept: Storms', '[{\"question\": 1}]')", "could not be read", 0),
    ],
)
def test_without_a_storage_the_page_says_so_and_works(show, script, said, kept):
    from playwright.sync_api import expect

    page = show("/?query=storm")
    page.add_init_script(script)
    page.reload()
    settled(page)
    if kept:
        page.click("#keep")
    expect(page.locator("#tray-open")).to_have_text(f"Kept: {kept}")
    page.click("#tray-open")
    expect(page.locator("#tray-fault")).to_contain_text(said)
    assert page.locator("#tray-rows textarea").count() == kept


@browser_test
def test_charts_are_saved_as_pictures(show, tmp_path):
    from PIL import Image

    page = show("/?query=storm&course=fear")
    for name, place in (("timeline", "#timeline"), ("feelings", "#emotions"), ("course", "#course")):
        for kind in ("svg", "png"):
            page.click(f"{place} > .head .files summary")
            with page.expect_download() as download:
                page.click(f"{place} > .head .files button:has-text('{kind.upper()}')")
            assert download.value.suggested_filename == f"{name}.{kind}"
            download.value.save_as(tmp_path / f"{name}.{kind}")
        drawn = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert "posts for storm" in drawn and "class=" not in drawn and "only these" not in drawn
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert picture.width > 2000 and len(picture.convert("RGB").getcolors(1_000_000)) > 20


@browser_test
def test_a_subject_is_typed_and_merged_ones_are_chosen(show):
    from playwright.sync_api import expect

    page = show("/?query=storm")
    page.fill("#subject", "red")
    expect(page.locator("#subject-list option")).to_have_count(1)
    assert page.locator("#subject-list option").get_attribute("value") == "red cross"
    page.fill("#subject", "red cross")
    settled(page)
    assert state_of(page) == {"query": "storm", "subject": "red cross"}


def below(page, chart):
    """The boxes of the words of a chart, and where its plot ends."""
    return page.locator(f"{chart} .grid text").evaluate_all(
        "all => all.map(one => (box => [box.left, box.right, box.top, box.bottom])(one.getBoundingClientRect()))"
    )


@browser_test
@pytest.mark.parametrize("width", [1440, 1024, 380])
def test_words_of_the_axes_do_not_overlap_nor_lie_under_the_veil(show, width):
    page = show("/?query=storm&from=2010-08-01&to=2012-03-01", viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for chart in ("#chart", "#strip"):
        boxes = sorted(below(page, chart))
        assert len(boxes) > 2
        for place, (left, right, top, bottom) in enumerate(boxes):
            assert left >= 0 and right <= width
            for other in boxes[place + 1 :]:
                assert other[0] >= right or other[2] >= bottom or other[3] <= top
    veil = page.locator("#strip .outside").first.bounding_box()
    assert veil["width"] > 20
    assert all(top >= veil["y"] + veil["height"] for _, _, top, _ in below(page, "#strip"))


@browser_test
def test_all_sentences_can_be_paged_to(show, archive):
    page = show("/?query=storm")
    total = expected(archive, page)["sentences"]["total"]
    pages, seen = -(-total // 10), []
    assert pages > 3
    for number in range(1, pages + 1):
        seen += page.locator("#sentence-rows a[data-key]").evaluate_all("all => all.map(one => one.dataset.key)")
        if number < pages:
            page.click("text=Later ›")
            settled(page)
            assert state_of(page)["sentences"] == str(number + 1)
    assert len(seen) == len(set(seen)) == total
    assert page.locator("text=Later ›").is_disabled()
    page.fill(".pager[data-view=sentences] input", "2")
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#sentence-rows a[data-key]").first.get_attribute("data-key") == seen[10]


@browser_test
def test_the_span_by_keyboard(show, archive):
    page = show("/?query=storm")
    begin, whole, end = (page.locator(f".slider.{part}") for part in ("begin", "whole", "end"))
    begin.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    end.focus()
    page.keyboard.press("PageDown")
    page.wait_for_url("**from=2010-04-01&to=2012-01-01*")
    assert begin.get_attribute("aria-valuetext") == "from 1 Apr 2010"
    whole.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**from=2010-03-01&to=2011-12-01*")
    page.keyboard.press("End")
    page.wait_for_url(f"**from=2011-04-01&to={archive.facts.end}*")
    page.keyboard.press("Home")
    begin.focus()
    page.keyboard.press("End")
    page.wait_for_url("**from=2011-09-01&to=2011-10-01*")
    assert page.evaluate("[...document.querySelectorAll('.slider')].map(one => one.tabIndex)") == [0, 0, 0]
    page.click("#whole")
    settled(page)
    assert state_of(page) == {"query": "storm"}


@browser_test
def test_the_span_by_edges_by_the_whole_by_a_click_and_typed(show):
    page = show("/?from=2010-07-01&to=2011-01-01")
    left, right, _ = plot(page)
    places = page.evaluate("[...document.querySelectorAll('.slider .grip')].map(one => Number(one.getAttribute('x')))")
    begin, end = ((place + 4 - 46) / (right - left) for place in (places[0], places[2]))
    drag(page, begin, begin - 2.1 / 36)
    assert (state_of(page)["from"], state_of(page)["to"]) == ("2010-05-01", "2011-01-01")
    drag(page, end, end + 3.1 / 36)
    assert (state_of(page)["from"], state_of(page)["to"]) == ("2010-05-01", "2011-04-01")
    drag(page, begin + 0.05, begin + 0.05 + 1 / 3)
    assert (state_of(page)["from"], state_of(page)["to"]) == ("2011-05-01", "2012-04-01")
    drag(page, 0.05, 0.05, steps=1)
    assert (state_of(page)["from"], state_of(page)["to"]) == ("2010-02-01", "2010-03-01")
    page.fill("#to", "2010-03-14")  # the last day is in
    page.locator("#to").press("Tab")
    page.wait_for_url("**from=2010-02-01&to=2010-03-15*")
    settled(page)
    drag(page, 0, 1)
    assert state_of(page) == {}, "the whole archive is no choice"


@browser_test
def test_the_span_by_touch_at_380_pixels(show):
    page = show(
        "/?query=storm&subject=red+cross", viewport={"width": 380, "height": 800}, has_touch=True, is_mobile=True
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    page.locator("#strip .chart").scroll_into_view_if_needed()
    box = page.locator("#strip .chart").bounding_box()
    touches = page.context.new_cdp_session(page)
    for step in range(11):
        point = {"x": box["x"] + box["width"] * (0.3 + 0.03 * step), "y": box["y"] + 30}
        kind = "touchMove" if step else "touchStart"
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_url("**from=*")
    settled(page)
    assert state_of(page)["from"] < state_of(page)["to"]
    page.click("#tabs >> text=Posts")
    assert page.locator("#sentence-rows li").first.bounding_box()["y"] < 800
    page.locator("#sentence-rows a").first.click()  # a tap on a busy machine is a long press
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog").bounding_box()["width"] <= 380


@browser_test
def test_views_follow_a_drag_while_the_button_is_down(show):
    """How many a second they are, benchmarks/explore_drag.py measures."""
    page = show("/?query=storm")
    left, right, y = plot(page)
    page.evaluate("seen.length = 0")
    page.mouse.move(left + 0.1 * (right - left), y)
    page.mouse.down()
    for sets, place in enumerate((0.3, 0.5, 0.7), 1):
        page.mouse.move(left + place * (right - left), y)
        for _ in range(600):  # the page's policy lets no test wait inside it
            if page.evaluate("seen.length") >= sets:
                break
            page.wait_for_timeout(50)
    page.mouse.up()
    spans = page.evaluate("seen.map(one => one.state.to)")
    assert spans[:3] == sorted(set(spans[:3])), "each set of views is of a longer span"


@browser_test
def test_no_stale_view_is_shown_after_a_newer_one(show, archive):
    page = show("/?query=storm", Late(archive, (0.5, 0.02, 0.25, 0.02, 0.4, 0.1)))
    page.evaluate("seen.length = 0")
    drag(page, 0.05, 0.9, steps=40, pause=0.03)
    page.fill("#query", "quiet day")
    page.keyboard.press("Enter")
    drag(page, 0.9, 0.2, steps=30, pause=0.03)
    settled(page)
    time.sleep(0.7)  # what is late comes now
    seen = page.evaluate("seen")
    assert len(seen) > 5
    assert [one["number"] for one in seen] == sorted(one["number"] for one in seen)
    for one in seen:
        asked = {name: one["state"][name] or None for name in ("subject", "from", "to", "emotion")}
        counts = archive.views({"query": one["state"]["query"], **asked})["counts"]
        assert one["answer"]["counts"] == counts
        assert one["words"].startswith(f"{counts['query']} post")
        assert one["rows"] == min(10, counts["query"])
    last = expected(archive, page)
    assert seen[-1]["answer"]["counts"] == last["counts"]
    assert page.locator("#sentence-rows a[data-key]").evaluate_all("all => all.map(one => one.dataset.key)") == [
        row["id"] for row in last["sentences"]["rows"]
    ]
    assert page.evaluate("seen.findLast(one => one.answer.timeline).answer.timeline") == json.loads(
        json.dumps(expected(archive, page, "timeline")["timeline"])
    )


@browser_test
def test_back_at_once_takes_back_what_is_on_its_way(show, archive):
    page = show("/?query=storm", Late(archive, (0, 0.6)))
    page.evaluate("seen.length = 0")
    page.fill("#query", "bread")
    page.keyboard.press("Enter")
    page.go_back()
    time.sleep(0.8)
    assert page.evaluate("seen.length") == 0
    assert page.locator("#headline mark").inner_text() == "storm"
    settled(page)


@browser_test
def test_what_is_chosen_while_a_post_closes_stays_chosen(show, archive):
    page = show("/?query=storm")
    page.click("#sentence-rows a >> nth=0")
    page.wait_for_selector("dialog[open]")
    # The step back is on its way when the words are sent.
    page.evaluate("""() => new Promise(done => {
        const [post, query] = [document.getElementById("post"), document.getElementById("query")];
        post.addEventListener("close", () => {
            query.value = "bread";
            query.dispatchEvent(new Event("input"));
            query.form.requestSubmit();
            done();
        });
        post.close();
    })""")
    page.wait_for_url("**query=bread*")
    settled(page)
    assert state_of(page) == {"query": "bread"}
    assert page.input_value("#query") == "bread"
    assert expected(archive, page)["counts"]["query"] == int(page.locator("#headline .many").inner_text().split()[0])
    page.go_back()
    settled(page)
    assert state_of(page) == {"query": "storm"}


@browser_test
def test_markup_in_a_post_is_text(show):
    from playwright.sync_api import expect

    page = show("/?query=storm&subject=red+cross&to=2010-02-01&from=2010-01-04")
    texts = page.locator(".said").all_inner_texts()
    assert any(MARKUP in text for text in texts) and any(RIGHT_TO_LEFT in text for text in texts)
    row = page.locator("li", has=page.locator("[data-key=odd0]"))
    assert row.locator("mark.query").all_inner_texts() == ["storm", "storm"], "code points, not UTF-16 units"
    assert row.locator("mark.subject").all_inner_texts() == ["Red Cross"]
    assert row.locator(".said svg").count() == row.locator(".said big").count() == 0
    page.click("[data-key=odd0]")
    expect(page.locator("dialog .text")).to_have_text(MARKUP)
    expect(page.locator("dialog h2")).to_have_text("<big>Title</big>")
    assert page.locator("dialog a").get_attribute("href") == "https://example.org/"
    expect(page.locator("dialog .sure tr").first).to_have_text("fear75%")
    page.keyboard.press("Escape")  # the address follows a moment later, and what is chosen meanwhile stays chosen
    page.fill("#query", "<img src=x onerror=alert(1)>")
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#headline mark.query").inner_text() == "<img src=x onerror=alert(1)>"
    assert page.locator("#headline img").count() == 0
    assert page.title() != "run"
    page.goto(page.url.split("?")[0] + "?post=p0")
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog a").count() == 0, "no link to a script"


@browser_test
def test_every_control_has_a_name_and_the_focus_goes_down_the_page(show):
    page = show("/?query=storm&subject=red+cross&emotion=fear&from=2011-01-01&to=2012-01-01", reduced_motion="reduce")
    tops, names = [], []
    for _ in range(200):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "(one => one === document.body ? null : [one.getBoundingClientRect().top + scrollY, one.ariaLabel"
            " || one.labels?.[0]?.textContent || one.textContent, one.closest('section, header, footer')?.id])"
            "(document.activeElement)"
        )
        if found is None:
            break
        names.append(found[1].strip())
        if not tops or tops[-1] != found[2]:
            tops.append(found[2])
    assert all(names) and len(names) > 40
    assert tops == [None, "", "about", "timeline", "emotions", "subjects", "sentences", ""]
    assert names[0] == "Skip to subjects"
    assert [name for name in names if "of the time" in name or name == "The whole time"] == [
        "Start of the time", "The whole time", "End of the time",
    ]  # fmt: skip
    assert page.evaluate("getComputedStyle(document.querySelector('#sentence-rows')).transitionDuration") == "0s"
    words = [page.locator(f"#{name}").inner_text() for name in ("headline", "finding")]
    assert page.locator("#status").inner_text() == ". ".join(words)


@browser_test
def test_colours_follow_the_scheme_and_f_is_underlined(show):
    grounds = {}
    for scheme in ("light", "dark"):
        page = show("/?query=storm&subject=red+cross", color_scheme=scheme)
        style = "one => (s => [s.color, s.fontWeight, s.textDecorationLine])(getComputedStyle(one))"
        query, subject = (page.locator(f"#headline mark.{kind}").evaluate(style) for kind in ("query", "subject"))
        assert query[1:] == ["700", "none"] and subject[1:] == ["700", "underline"] and query[0] != subject[0]
        grounds[scheme] = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert grounds["light"] != grounds["dark"]


@browser_test
def test_faults_are_said_on_the_page(chromium, archive):
    from playwright.sync_api import expect

    page = chromium.new_page()
    with served(archive) as address:
        page.goto(address + "/?unit=decade")
        expect(page.locator("#fault")).to_contain_text("'decade' is not a unit")
        page.goto(address)
        settled(page)
        page.fill("#subject", "no such thing")
        page.keyboard.press("Enter")
        expect(page.locator("#fault")).to_contain_text("is not a subject that 5 or more posts have")
        page.goto(address)
        settled(page)
        page.evaluate("history.pushState(null, '', '/?post=none'); dispatchEvent(new PopStateEvent('popstate'))")
        expect(page.locator("dialog")).to_contain_text("the archive has no post of this id")
        page.keyboard.press("Escape")
    page.fill("#query", "storm")
    page.keyboard.press("Enter")
    expect(page.locator("#fault")).to_contain_text("still running?")
    page.close()


@browser_test
def test_pictures_stand_by_emotion(chromium, tmp_path: Path):
    from PIL import Image

    Image.new("RGB", (40, 40), "gold").save(tmp_path / "a.png")
    shown = [
        {
            "id": str(number),
            "created_at": "2012-05-01T00:00:00Z",
            "text": f"picture <big>{number}</big>",
            "emotion": emotion,
            "image": "a.png",
        }
        for number, emotion in enumerate(("fear", "fear", "happiness"))
    ]
    with served(storm_archive(tmp_path, shown)) as address:
        page = chromium.new_page()
        page.goto(address)
        settled(page)
        assert page.locator(".strip h3").all_inner_texts() == ["happiness", "fear"]
        assert page.locator(".strip img").nth(1).get_attribute("alt") == "picture <big>0</big>"
        assert page.locator(".strip img").first.evaluate("one => one.decode().then(() => one.naturalWidth)") == 40
        page.locator(".strip a").first.click()
        page.wait_for_selector("dialog img")
        page.close()


@browser_test
def test_an_archive_without_dates_has_no_timeline(show, tmp_path):
    posts = [{"id": str(number), "text": "a storm", "emotion": "fear"} for number in range(6)]
    page = show(archive=storm_archive(tmp_path, posts))
    assert not page.locator("#timeline").is_visible()
    assert page.locator(".when time").first.inner_text() == "no date"
    page.click(".topic")
    settled(page)
    assert page.locator("#headline").inner_text() == "6 posts: 6 of them mention storm"


@browser_test
def test_posts_without_a_date_are_said(show, tmp_path):
    posts = [
        {"id": "1", "text": "a storm", "created_at": "2012-03-04"},
        {"id": "2", "text": "no day", "created_at": ""},
    ]
    page = show(archive=storm_archive(tmp_path, [{**post, "emotion": "fear"} for post in posts]))
    assert page.locator("#undated").inner_text() == "1 post without a date, counted only in the whole archive."


@browser_test
def test_what_words_find_is_said_under_the_field(show, archive):
    page = show("/?query=storms+OR+gardn+market")
    lines = page.locator("#words p").all_inner_texts()
    found = archive.views({"query": "storms OR gardn market"}, parts=("words",))
    assert lines[0] == f"Read as {found['state']['read_as']}" == "Read as (storms OR gardn) market"
    (near,) = (row["near"] for row in found["words"] if row["written"] == "gardn")
    assert any(line.startswith("No post has gardn; near: garden ") for line in lines) and near[0]["word"] == "garden"
    page.click("#words >> text=garden")
    settled(page)
    assert state_of(page) == {"query": "storms OR garden market"}
    page.fill("#query", '"red cross" quiett')
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#headline").inner_text() == 'No post for "red cross" quiett'
    assert not page.locator("#feeling-rows").is_visible() and not page.locator("#chart").is_visible()
    page.click("#words .link >> text=quiet")
    settled(page)
    assert page.locator("#words p").last.inner_text().startswith("Every word is in some post"), "no post has both"


@browser_test
def test_facets_filter_and_are_taken_off(show, tmp_path):
    posts = [
        {
            "id": str(at), "text": f"a storm, number {at}", "created_at": f"2012-05-{at % 28 + 1:02}",
            "emotion": "fear" if at % 4 else "anger", "source": ("news", "forum")[at % 3 == 1], "author": f"a{at % 9}",
        }
        for at in range(60)
    ]  # fmt: skip
    archive = storm_archive(tmp_path, posts)
    page = show("/?query=storm&course=fear", archive=archive)
    (source,) = (
        one for one in archive.views({"query": "storm"}, parts=("facets",))["facets"] if one["key"] == "source"
    )
    shown = page.locator("#facet-rows > section", has=page.locator("h3:has-text('Source')"))
    assert [text.split() for text in shown.locator("li").all_inner_texts()] == [
        [row["value"], str(row["posts"]), f"{row['emotions']['fear'] / row['posts']:.0%}"] for row in source["values"]
    ]
    page.click("#facet-rows >> text=forum")
    settled(page)
    assert state_of(page) == {"query": "storm", "course": "fear", "source": "forum"}
    assert page.locator("#headline").inner_text() == "20 posts for storm, source forum"
    page.click("#facet-rows >> text=a4")
    settled(page)
    assert page.locator("#headline").inner_text() == "7 posts for storm, author a4, source forum"
    page.click("#chips >> text=author: a4")
    settled(page)
    page.click("#facet-rows .chosen button")
    settled(page)
    assert state_of(page) == {"query": "storm", "course": "fear"}


@browser_test
def test_the_first_screen_asks_questions(show, archive):
    page = show()
    questions = archive.views({}, parts=("opening",))["opening"]["questions"]
    links = page.locator("#opening a")
    assert links.count() == len(questions) > 2
    assert page.locator("#opening p").inner_text().startswith("From 4 Jan 2010 to ")
    text = links.first.inner_text()
    links.first.click()
    settled(page)
    assert not page.locator("#opening").is_visible() and page.locator("#finding").is_visible()
    assert state_of(page)
    page.go_back()
    settled(page)
    assert links.first.inner_text() == text and page.locator("#opening").is_visible()


@browser_test
def test_orders_of_sentences_and_posts_one_after_another(show, archive):
    page = show("/?query=storm&order=newest")
    rows = archive.views({"query": "storm"}, parts=("sentences",), order="newest")["sentences"]["rows"]
    shown = "all => all.map(one => one.dataset.key)"
    assert page.locator("#sentence-rows a[data-key]").evaluate_all(shown) == [row["id"] for row in rows]
    page.select_option("#order", "best")
    settled(page)
    rows = archive.views({"query": "storm"}, parts=("sentences",), order="best")["sentences"]["rows"]
    assert page.locator("#sentence-rows a[data-key]").evaluate_all(shown) == [row["id"] for row in rows]
    assert state_of(page) == {"query": "storm", "order": "best"}
    page.click(f"[data-key={rows[8]['id']}]")
    page.wait_for_selector("dialog[open] mark.query")
    page.click("dialog >> text=Next")
    page.wait_for_url(f"**post={rows[9]['id']}*")
    settled(page)
    page.click("dialog >> text=Next")  # over the edge of the page
    following = archive.views({"query": "storm"}, parts=("sentences",), order="best", sentences_page=2)["sentences"]
    page.wait_for_url(f"**post={following['rows'][0]['id']}*")
    assert state_of(page)["sentences"] == "2"
    page.wait_for_timeout(300)
    page.click("dialog >> text=Previous")
    page.wait_for_url(f"**post={rows[9]['id']}*")
    page.keyboard.press("Escape")
    page.wait_for_url("**/?query=storm&order=best")


@browser_test
def test_equal_titles_are_one_row_and_long_texts_have_more(show, tmp_path):
    common = {"created_at": "2012-05-01", "emotion": "fear", "url": "https://example.org/a"}
    posts = [{"id": f"s{at}", "title": "The **same** title", "text": f"text {at}", **common} for at in range(3)]
    posts += [{"id": "long", "title": "", "text": "a long [sentence](http://x.org) " * 40, **common}]
    page = show(archive=storm_archive(tmp_path, posts))
    assert page.locator("#sentence-rows > li").count() == 2
    assert page.locator(".alike").inner_text() == "3 posts have this title"
    assert page.locator(".others summary").inner_text() == "2 more of them on this page"
    assert page.locator(".said").first.inner_text() == "The same title"
    assert page.locator(".when .original").first.get_attribute("href") == "https://example.org/a"
    long = page.locator("li", has=page.locator("[data-key=long]")).locator(".said")
    before = long.bounding_box()["height"]
    page.click(".longer")
    assert long.bounding_box()["height"] > before and "http" not in long.inner_text()
    page.click(".alike button")
    settled(page)
    assert page.locator("#headline .many").inner_text() == "3 posts"


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    return storm_archive(tmp_path_factory.mktemp("mapped"), mapped=True)


def on_map(page, x, y):
    """A place of the map's grid in pixels of the page."""
    page.locator("#map canvas").scroll_into_view_if_needed()
    box = page.locator("#map canvas").bounding_box()
    return box["x"] + x / 10_000 * box["width"], box["y"] + (1 - y / 10_000) * box["height"]


def choose_part(page, left, bottom, right, top):
    page.mouse.move(*on_map(page, left, bottom))
    page.mouse.down()
    page.mouse.move(*on_map(page, right, top), steps=4)
    page.mouse.up()
    page.wait_for_function("location.search.includes('area')")
    settled(page)


@browser_test
def test_a_part_of_the_map_is_a_filter_of_everything(show, mapped):
    from playwright.sync_api import expect

    page = show("/?query=storm", mapped)
    parts = [part for part in mapped.views({}, parts=("regions",))["regions"] if part["subjects"]]
    expect(page.locator(".parts button")).to_have_count(len(parts))
    expect(page.locator(".labels span").first).to_have_text(parts[0]["subjects"][0])
    whole = mapped.views({"query": "storm"})["counts"]["query"]
    expect(page.locator(".field-of-posts")).to_have_attribute("data-drawn", str(whole))
    choose_part(page, 1_000, 1_000, 5_500, 6_000)
    area = state_of(page)["area"]
    assert all(
        abs(one - two) < 60 for one, two in zip(map(int, area.split(",")), (1000, 1000, 5500, 6000), strict=True)
    )
    answer = mapped.views({"query": "storm", "area": area})
    inside = answer["counts"]["query"]
    assert 0 < inside < whole
    assert page.locator("#headline").inner_text().startswith(f"{inside} posts for storm")
    expect(page.locator("#headline")).to_contain_text("in a part of the map")
    assert page.locator("#sentences-note").inner_text().startswith(f"{inside} posts")
    expect(page.locator("#feeling-rows")).to_contain_text(answer["feelings"]["rows"][0]["words"].split(",")[0])
    expect(page.locator(".field-of-posts")).to_have_attribute("data-drawn", str(whole))  # all of the question's
    page.locator(".legend button[data-emotion=fear]").click()
    settled(page)
    afraid = mapped.views({"query": "storm", "emotion": "fear", "area": area}, parts=("map",))
    assert page.locator("#headline").inner_text().startswith(f"{afraid['counts']['query']} posts")
    expect(page.locator(".field-of-posts")).to_have_attribute("data-drawn", str(afraid["map"]["placed"]))
    page.get_by_role("button", name="Clear the part of the map").click()
    settled(page)
    assert "area" not in state_of(page) and page.locator(".part").is_hidden()
    page.go_back()
    settled(page)
    assert state_of(page)["area"] == area and page.locator(".part").is_visible()


@browser_test
def test_the_map_by_keyboard(show, mapped):
    page = show("/", mapped)
    page.locator(".field-of-posts").focus()
    for key, area in (
        ("Enter", "3500,3500,6500,6500"),
        ("ArrowRight", "3750,3500,6750,6500"),
        ("ArrowUp", "3750,3750,6750,6750"),
        ("Shift+ArrowLeft", "3750,3750,6500,6750"),
        ("Shift+ArrowDown", "3750,3750,6500,6500"),
    ):
        page.keyboard.press(key)
        settled(page)
        assert state_of(page)["area"] == area
    page.keyboard.press("Escape")
    settled(page)
    assert "area" not in state_of(page)


@browser_test
def test_a_dot_says_its_post_and_opens_it_beside_similar_ones(show, mapped):
    from playwright.sync_api import expect

    points = mapped.views({}, parts=("map",))["map"]["points"]
    places = [*zip(points["x"], points["y"], strict=True)]
    lonely = max(
        range(len(places)),
        key=lambda one: min(
            abs(x - places[one][0]) + abs(y - places[one][1]) for other, (x, y) in enumerate(places) if other != one
        ),
    )
    post = mapped.spot(points["key"][lonely])
    page = show("/", mapped)
    page.mouse.move(*on_map(page, *places[lonely]))
    expect(page.locator(".under")).to_contain_text(post["text"])
    page.mouse.click(*on_map(page, *places[lonely]))
    expect(page.locator("dialog .text")).to_contain_text(post["text"])
    similar = mapped.similar(post["id"])["posts"]
    expect(page.locator(".similar li")).to_have_count(len(similar))
    page.locator(".similar a").first.click()
    expect(page.locator("dialog .text")).to_contain_text(similar[0]["text"])
    assert state_of(page)["post"] == similar[0]["id"]
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    page.wait_for_function("!new URLSearchParams(location.search).has('post')")  # a step back takes a moment


@browser_test
def test_the_map_is_in_the_image_and_on_a_phone(show, mapped):
    page = show("/?tab=map", mapped, viewport={"width": 380, "height": 800})
    assert page.locator("#map").is_visible() and page.locator("#timeline").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    page.locator("#map .files summary").click()
    with page.expect_download() as download:
        page.locator("#map .files button", has_text="SVG").click()
    assert 'href="data:image/png' in download.value.path().read_text()
    page.locator("#map .files summary").click()
    with page.expect_download() as download:
        page.locator("#map .files button", has_text="PNG").click()
    with Image.open(download.value.path()) as image:
        colours = np.ptp(np.asarray(image.convert("RGB")).astype(int), axis=2)
        assert (colours > 80).sum() > 500  # dots, and not letters alone


@browser_test
def test_an_archive_without_a_map_has_one_line_of_it(show):
    page = show("/")
    assert page.locator("#map").is_hidden()
    assert page.locator("#no-map").inner_text() == (
        "This archive has no map: feelscope explore build TABLE INDEX --rebuild --map draws one."
    )
