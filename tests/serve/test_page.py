"""The page in a real browser: a post typed, a picture chosen, the answer, and why."""

import contextlib
import shutil

import pytest
from page_serving import running
from small_web import drawn

from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.serve.application import application
from feelscope.serve.service import Service
from feelscope.serve.settings import ServiceSettings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]
KEY = "a key of many letters"


@pytest.fixture
def open_page():
    from playwright.sync_api import sync_playwright

    with contextlib.ExitStack() as opened:

        def open_page(**settings):
            service = Service(EmotionClassifier.load(skip_pictures=1), 2, ServiceSettings(**settings))
            opened.callback(service.close)
            address = opened.enter_context(running(application(service)))
            playwright = opened.enter_context(sync_playwright())
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"], headless=True
            )
            opened.callback(browser.close)
            page = browser.new_page(viewport={"width": 390, "height": 844})
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
            page.goto(address)
            return page, faults

        yield open_page


def test_words_of_several_lines_are_marked_where_they_are(open_page):
    page, faults = open_page()
    page.fill("#text", "Look,\n\n\nwhat a\nlovely day")
    page.click("text=How does it feel?")
    page.wait_for_selector("#answer:not([hidden])")
    page.click("text=Why?")
    page.wait_for_selector("#marked:not([hidden])")
    marks = page.locator("#marked mark").all_inner_texts()
    assert "lovely" in marks
    assert {*marks} <= {"Look", "what", "a", "lovely", "day"}
    assert page.text_content("#marked") == "Look,\n\n\nwhat a\nlovely day"
    assert faults == []


def test_a_post_is_read_and_explained(open_page, tmp_path):
    page, faults = open_page()
    page.fill("#text", "🎉 What a lovely day, my friends!")
    page.set_input_files("#image", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": drawn(kind="JPEG")})
    page.wait_for_selector("#preview:not([hidden])")
    page.click("text=How does it feel?")
    page.wait_for_selector("#answer:not([hidden])")
    assert page.inner_text("#emotion") == "😊 happiness"
    assert page.inner_text("#read") == "Read from text and image."
    shares = [float(cell.rstrip("%")) for cell in page.locator("#bars td:last-child").all_inner_texts()]
    assert len(shares) == 7
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.5)
    page.click("text=Why?")
    page.wait_for_selector("#marked mark")
    assert page.inner_text("#marked") == "🎉 What a lovely day, my friends!"  # marks are where the words are
    assert "lovely" in page.locator("#marked mark").all_inner_texts()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Clear")
    assert page.is_hidden("#answer")
    assert faults == []


def test_what_is_wrong_is_said(open_page):
    page, _ = open_page()
    page.click("text=How does it feel?")
    page.locator("#error", has_text="Write something, or choose a picture.").wait_for()
    page.set_input_files("#image", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    page.click("text=How does it feel?")
    page.wait_for_selector("#answer:not([hidden])")
    assert page.inner_text("#emotion") == "Nothing could be read"
    assert page.inner_text("#warnings").startswith("the picture was not used: ")
    assert page.is_disabled("#why")


def test_a_key_is_asked_for(open_page):
    page, _ = open_page(keys=(KEY,))
    page.wait_for_selector("#keyed:not([hidden])")
    page.fill("#text", "so sad")
    page.click("text=How does it feel?")
    page.locator("#error", has_text="expected a key").wait_for()
    page.fill("#key", KEY)
    page.click("text=How does it feel?")
    page.wait_for_selector("#answer:not([hidden])")
    assert "sadness" in page.inner_text("#emotion")
