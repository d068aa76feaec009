"""Two annotators in a real browser, one of them on a phone, a codebook of one's own, and a program that is killed."""

import json
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from feelscope.label.answers import Answers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]
CODEBOOK = """
title = "Letters to a newspaper"
question = "What does the writer feel?"

[[emotion]]
name = "Verlust"
definition = "Somebody or something is gone for good."
example = "The house is so quiet without him."

[[emotion]]
name = "Wut"
definition = "Somebody is to blame, and the writer says so."
"""
PHONE = {"viewport": {"width": 380, "height": 700}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@contextmanager
def labelling(folder: Path, *options: str, port: int = 0):
    """The program, its address, and its port."""
    command = [sys.executable, "-m", "feelscope.cli", "label", "posts.csv", *options, "--port", str(port)]
    program = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        said = next(line for line in program.stderr if "open http" in line)
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        yield program, address[0], int(address[1])
    finally:
        program.kill()
        program.communicate()


@pytest.fixture
def folder(tmp_path):
    rows = "".join(f"{n},We saw the old house {n}\n" for n in range(6))
    (tmp_path / "posts.csv").write_text(f"id,text\n{rows}")
    (tmp_path / "code.toml").write_text(CODEBOOK)
    return tmp_path


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "posts.csv.answers.jsonl").read_text().splitlines()]


def test_no_answer_is_lost_and_the_phone_has_a_button_for_everything(folder):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with labelling(folder, "--codebook", "code.toml") as (program, address, port):
            ann = browser.new_page(viewport={"width": 1440, "height": 900})
            bob = browser.new_context(**PHONE).new_page()
            faults = []
            for page, name in ((ann, "ann"), (bob, "bob")):
                page.on("pageerror", lambda error: faults.append(error))
                page.goto(address)
                expect(page.locator("h1")).to_have_text("Letters to a newspaper")
                page.fill("#name", name)
                page.click("#who button")
                expect(page.locator("#choices button")).to_have_count(2)
            expect(ann.locator("#question")).to_have_text("What does the writer feel?")
            expect(ann.locator("#choices button").first).to_contain_text("Somebody or something is gone for good.")
            expect(ann.locator("#choices q")).to_have_text("The house is so quiet without him.")
            ann.keyboard.press("2")
            expect(ann.locator("#progress")).to_have_text("1 of 6 done")
            for button, progress in (("#skip", "0 of 6 done, 1 skipped"), ("#unclear", "1 of 6 done, 1 skipped")):
                bob.tap(button)
                expect(bob.locator("#progress")).to_have_text(progress)
            bob.tap("#write")
            bob.fill("#note", "is this irony? 1")
            bob.tap("#choices button >> nth=1")
            expect(bob.locator("#progress")).to_have_text("2 of 6 done, 1 skipped")
            assert bob.evaluate("document.documentElement.scrollWidth") <= 380
            for button in bob.locator("#tools button:visible").all():
                box = button.bounding_box()
                assert box["x"] >= 0 and box["x"] + box["width"] <= 380 and box["height"] >= 40
            program.send_signal(signal.SIGKILL)
            program.wait()
            ann.keyboard.press("1")
            expect(ann.locator("#error")).to_contain_text("Not saved: the program does not answer; start it again")
            assert len([one for one in lines(folder) if one["mode"] == "label"]) == 4
        with labelling(folder, port=port):
            ann.keyboard.press("1")
            expect(ann.locator("#progress")).to_have_text("2 of 6 done")
            expect(ann.locator("#error")).to_be_empty()
            bob.tap("#undo")
            expect(bob.locator("#question")).to_have_text("What does the writer feel? You said Wut.")
            assert bob.input_value("#note") == "is this irony? 1"
            bob.tap("#choices button >> nth=0")
            for done in (3, 4, 5, 6):
                expect(bob.locator("#progress")).to_contain_text(f"{done - 1} of 6 done")
                bob.tap("#choices button >> nth=0")
            expect(bob.locator("#question")).to_have_text("All done. Thank you.")
        with labelling(folder, "--adjudicate") as (_, address, _):
            eva = browser.new_page(color_scheme="dark")
            eva.on("pageerror", lambda error: faults.append(error))
            eva.goto(address)
            eva.keyboard.type("eva")
            eva.keyboard.press("Enter")
            expect(eva.locator("#others li")).to_have_count(2)
            expect(eva.locator("#others")).to_have_text(re.compile("ann: (Verlust|Wut).*bob: (Verlust|unclear)"))
            eva.keyboard.press("1")
            expect(eva.locator("#progress")).to_contain_text("1 of")
        browser.close()
    assert not faults
    kept = Answers(folder / "posts.csv.answers.jsonl", "label")
    assert [*kept.by_person["ann"].values()] == ["Wut", "Verlust"]
    assert sorted(kept.by_person["bob"].values()) == ["Verlust"] * 5 + ["unclear"]
    assert [*kept.notes["bob"].values()] == ["is this irony? 1"] and not kept.skipped["bob"]
    assert len(Answers(kept.path, "adjudicate").last) == 1


def test_nine_answers_have_numbers_and_the_others_letters(folder):
    from playwright.sync_api import expect, sync_playwright

    names = ",".join(f"e{number}" for number in range(1, 13))
    with sync_playwright() as play, labelling(folder, "--emotions", names) as (_, address, _):
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        page.keyboard.type("ann")
        page.keyboard.press("Enter")
        expect(page.locator("#choices kbd")).to_have_text([*"123456789abc"])
        for done, key in enumerate("b90s", 1):
            page.keyboard.press(key)
            expect(page.locator("#progress")).to_contain_text(f"{min(done, 3)} of 6 done")
        while not page.locator("#note").is_visible():  # keys do nothing while the next post comes
            page.keyboard.press("n")
            page.wait_for_timeout(50)
        page.keyboard.type("1u")
        assert page.input_value("#note") == "1u", "a note is written, and no answer given"
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        expect(page.locator("#progress")).to_have_text("4 of 6 done, 1 skipped")
        browser.close()
    kept = Answers(folder / "posts.csv.answers.jsonl", "label")
    assert [*kept.by_person["ann"].values()] == ["e11", "e9", "unclear", "e1"]
