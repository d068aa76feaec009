"""How many sets of views per second a drag across the timeline gives, in chromium and by the clock.

    python benchmarks/explore_drag.py INDEX --query obama

A new span is drawn over the whole timeline, for some seconds, several times, with pauses between movements as a hand
makes them. The sets of views that are shown while the button is down are counted; each is of a newer span than the
last. A bin is the smallest step of a drag: with more bins than sets, bins do not bound the rate.
"""

import argparse
import itertools
import json
import shutil
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from feelscope.explore.archive import open_archive
from feelscope.explore.server import application
from feelscope.web.page_server import bound, server

MOVES_A_SECOND = 60
_WATCH = """
window.seen = [];
document.addEventListener("feelscope:views", event => seen.push([performance.now(), event.detail.number]));
"""


def drag(page: Page, seconds: float) -> dict[str, Any]:
    box = page.locator("#strip .chart").bounding_box()
    assert box is not None
    left, wide = box["x"] + 46, box["width"] - 56
    y = box["y"] + 30
    page.evaluate("seen.length = 0")
    page.mouse.move(left + 0.02 * wide, y)
    page.mouse.down()
    began = time.perf_counter()
    while (gone := time.perf_counter() - began) < seconds:
        page.mouse.move(left + (0.02 + 0.96 * gone / seconds) * wide, y)
        time.sleep(1 / MOVES_A_SECOND)
    seen = page.evaluate("seen")
    page.mouse.up()
    numbers = [number for _, number in seen]
    assert numbers == sorted(set(numbers)), "a stale view was shown"
    gaps = [later[0] - one[0] for one, later in itertools.pairwise(seen)]
    return {"sets": len(seen), "seconds": gone, "rate": len(seen) / gone, "longest gap, ms": max(gaps, default=0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--query", default="")
    parser.add_argument("--unit", default="auto")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    listening = bound(0)
    running = server(application(open_archive(given.index)))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    rounds = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(_WATCH)
        page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/?query={given.query}&unit={given.unit}")
        page.wait_for_selector("#headline:has(.many)")
        for _ in range(given.rounds):
            page.wait_for_selector("body:not([aria-busy])")
            rounds.append(drag(page, given.seconds))
            page.wait_for_selector("body:not([aria-busy])")
            page.click("#whole")
        browser.close()
    running.should_exit = True
    thread.join()
    rates = [one["rate"] for one in rounds]
    print(json.dumps({"rounds": rounds, "median rate": statistics.median(rates), "least rate": min(rates)}, indent=1))


if __name__ == "__main__":
    main()
