"""The page of an explanation: what it says, what it never lets out, and how it looks in a browser."""

import io
import re
import shutil
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from feelscope.explain import page
from feelscope.explain.explanation import Explanation, Region, Word
from feelscope.explain.page import html
from feelscope.post import Post, Prediction

HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked=1'> \"'&amp; </style></title>$emotion "
    "\x1b[2J \u202eabc"
)
PROBABILITIES = {"happiness": 0.7, "sadness": 0.2, "anger": 0.1}


def picture(width=60, height=40, orientation=None):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = (200, 30, 30)
    file, exif = io.BytesIO(), Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    return file.getvalue()


def explained(post, words=(), regions=(), **changes):
    prediction = Prediction(post.id, "happiness", PROBABILITIES, ("text", "image"), ())
    given = {
        "emotion": "happiness",
        "probability": 0.7,
        "baseline": 1 / 3,
        "modalities": {"text": 0.4, "image": -0.0333},
    }
    return Explanation(prediction, words=tuple(words), regions=tuple(regions), passes=200, **given | changes)


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of the page."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data)


def test_words_are_underlined_by_side_and_strength():
    post = Post("1", "so sunny, not sad", "A day")
    words = [Word("title", 2, 5, 0.02), Word("text", 0, 2, 0.0), Word("text", 3, 8, 0.4), Word("text", 14, 17, -0.2)]
    shown = html(explained(post, words), post, "small")
    marks = re.findall(r'<mark class="([\w ]+)" style="--thick:([\d.]+)px" title="(.*?)">(.*?)</mark>', shown)
    assert marks == [("for strong", "6.0", "+0.400", "sunny"), ("against", "3.0", "\N{MINUS SIGN}0.200", "sad")]
    assert "A day" in shown and "small" in shown
    rows = re.findall(r"<tr><td>([^<]*)</td><td>([^<]*)</td><td class=\"number\">([^<]*)</td></tr>", shown)
    assert rows == [
        ("sunny", "text", "+0.400"),
        ("sad", "text", "\N{MINUS SIGN}0.200"),
        ("day", "title", "+0.020"),
        ("so", "text", "+0.000"),
    ]


def test_bars_go_from_the_baseline_to_the_probability():
    post = Post("1", "sunny")
    shown = html(explained(post), post)
    spans = re.findall(r'<span class="(\w+)" style="left:([\d.]+)%;width:([\d.]+)%">', shown)
    kinds, lefts, widths = zip(*spans, strict=True)
    assert kinds == ("total", "for", "against", "total")
    assert [float(one) for one in lefts] == pytest.approx([0, 33.33, 70, 0], abs=0.01)
    assert [float(one) for one in widths] == pytest.approx([33.33, 40, 3.33, 70], abs=0.01)
    assert "not explained" not in shown


def test_what_the_modalities_leave_unexplained_is_shown():
    post = Post("1", "sunny")
    assert "not explained" in html(explained(post, modalities={"text": 0.3}), post)


def test_regions_lie_over_the_upright_picture():
    post = Post("1", image=picture(60, 40, orientation=6))  # stored lying
    regions = [
        Region(0.0, 0.0, 0.125, 0.125, 0.3),
        Region(0.5, 0.25, 0.625, 0.375, -0.15),
        Region(0.9, 0.9, 1, 1, 0.01),
    ]
    shown = html(explained(post, regions=regions), post)
    elements = Elements(shown)
    (image,) = [attributes for tag, attributes in elements.tags if tag == "img"]
    assert int(image["width"]) / int(image["height"]) == pytest.approx(40 / 60, abs=0.01)
    assert image["src"].startswith("data:image/jpeg;base64,")
    cells = [attributes["class"] for tag, attributes in elements.tags if tag == "g"]
    assert cells == ["cell for", "cell against"], "and the weak one in the table alone"
    lines = [attributes for tag, attributes in elements.tags if tag == "rect" and attributes["class"] == "line"]
    assert [float(one["x"]) for one in lines] == [0 + page._INSET, 500 + page._INSET]
    assert [one["style"] for one in lines] == ["stroke-width:5.0", "stroke-width:2.5"]
    assert "90.0% to 100.0%" in shown


def test_weights_that_are_next_to_nothing_are_in_the_tables_alone():
    post = Post("1", "sunny", image=picture())
    shown = html(explained(post, [Word("text", 0, 5, 0.004)], [Region(0, 0, 1, 1, -0.004)]), post)
    assert '<p class="words text" dir="auto">sunny</p>' in shown
    assert 'class="cell' not in shown and "No region of the picture moves it much." in shown
    assert shown.count("0.004") == 2


@pytest.mark.parametrize(
    "post", [Post("1", "sunny"), Post("1", image=picture()), Post("1", title="sunny", image=picture(1, 1))]
)
def test_words_alone_and_a_picture_alone(post):
    shown = html(explained(post), post)
    assert ("<img" in shown) == (post.image is not None)
    assert ('<p class="words' in shown) == post.has_text


def test_a_picture_that_cannot_be_read_leaves_the_rest():
    post = Post("1", "sunny", image=b"no picture")
    shown = html(explained(post, warnings=("the picture was not used: <b>broken</b>",)), post)
    assert "The picture cannot be shown." in shown and "&lt;b&gt;broken&lt;/b&gt;" in shown and "<img" not in shown


def test_a_large_picture_is_made_small():
    post = Post("1", image=picture(3000, 2000))
    (image,) = [attributes for tag, attributes in Elements(html(explained(post), post)).tags if tag == "img"]
    assert (image["width"], image["height"]) == ("512", "341")


def test_hostile_words_stay_words():
    post = Post("1", HOSTILE, HOSTILE)
    words = [Word("text", 0, 8, 0.4), Word("text", 10, 20, -0.2), Word("title", 60, 70, 0.3)]
    hostile = explained(post, words, emotion=HOSTILE, modalities={HOSTILE: 0.4}, warnings=(HOSTILE,))
    shown = html(hostile, post, HOSTILE)
    elements = Elements(shown)
    assert {tag for tag, _ in elements.tags} <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "h1",
            "h2",
            "em",
            "strong",
            "p",
            "ul",
            "li",
            "section",
        ),
        *("table", "thead", "tbody", "tr", "th", "td", "div", "span", "mark", "details", "summary", "footer", "small"),
    }
    assert not [name for _, attributes in elements.tags for name in attributes if name.startswith("on")]
    assert not {"src", "href"} & {name for _, attributes in elements.tags for name in attributes}
    text = re.sub("<[^>]*>", "", shown[shown.index('<p class="words text') : shown.index("</section>\n<details")])
    assert "<script>window.hacked = 1</script>" in unescape(text) and "\\x1b[2J \\u202eabc" in unescape(text)
    assert "\x1b" not in shown and "\u202e" not in shown
    shown.encode()


def test_any_text_is_shown_whole_and_can_be_written():
    text = "سلام 😀\ud800 אבג\n\tline " * 3
    post = Post("1", text)
    shown = html(explained(post, [Word("text", 0, 4, 0.1)]), post)
    assert "سلام" in shown and "\\ud800" in shown and 'dir="auto"' in shown
    shown.encode()


def test_ten_thousand_words():
    post = Post("1", "word " * 10_000)
    words = [Word("text", 5 * number, 5 * number + 4, 0.1) for number in range(10_000)]
    assert html(explained(post, words), post).count("<mark ") == 10_000 + 2, "and the legend's"


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_the_paper(scheme):  # at least 4.5 to 1: WCAG 2.2, 1.4.3
    style = (page._FOLDER / "page.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]))
    for name in ("ink", "quiet", "for", "against"):
        light, dark = sorted((luminance(colours[name]), luminance(colours["paper"])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


browser_test = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]


def opened(chromium, tmp_path, post, explanation, **how):
    """The page in a browser, and whatever it asked for beside itself."""
    file = tmp_path / "page.html"
    file.write_text(html(explanation, post, HOSTILE), encoding="utf-8")
    shown, asked, faults = chromium.new_page(**how), [], []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("console", lambda line: faults.append(line.text))
    shown.on("dialog", lambda dialog: faults.append(dialog.message))
    shown.goto(file.as_uri())
    shown.wait_for_load_state("load")
    return shown, [url for url in asked if url != file.as_uri()], faults


class TestInABrowser:
    pytestmark = browser_test

    def test_nothing_is_run_and_nothing_is_asked_for(self, chromium, tmp_path):
        links = HOSTILE + "<link rel=stylesheet href=http://127.0.0.1:9/x><iframe src=http://127.0.0.1:9/y></iframe>"
        post = Post("1", links, HOSTILE, image=picture())
        words, regions = [Word("text", 0, 8, 0.4)], [Region(0, 0, 0.5, 0.5, -0.2)]
        shown, asked, faults = opened(chromium, tmp_path, post, explained(post, words, regions, warnings=(HOSTILE,)))
        assert all(url.startswith("data:image/jpeg") for url in asked) and not faults
        assert shown.evaluate("window.hacked") is None
        assert shown.evaluate("document.images[0].naturalWidth") == 60
        assert "<script>window.hacked = 1</script>" in shown.inner_text(".words.text")

    def test_the_policy_stops_what_would_be_added(self, chromium, tmp_path):
        post = Post("1", "sunny")
        shown, _, faults = opened(chromium, tmp_path, post, explained(post))
        shown.evaluate("""() => {
            const image = new Image(), script = document.createElement('script');
            image.src = 'http://127.0.0.1:9/x';
            script.textContent = 'window.hacked = 1';
            document.body.append(image, script);
        }""")
        shown.wait_for_timeout(200)
        assert shown.evaluate("window.hacked") is None
        assert len([fault for fault in faults if "Content Security Policy" in fault]) == 2

    @pytest.mark.parametrize("width", [320, 1280])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_it_fits_and_regions_cover_the_picture(self, chromium, tmp_path, width, scheme):
        post = Post("1", "sunny " * 40 + "x" * 400, image=picture(512, 300))
        regions = [Region(0.5, 0.0, 1.0, 1.0, 0.4)]
        shown, _, _ = opened(
            chromium,
            tmp_path,
            post,
            explained(post, [Word("text", 0, 5, 0.4), Word("text", 6, 11, -0.4)], regions),
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
        )
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        image, cell = (shown.locator(part).bounding_box() for part in (".picture img", ".cell .halo"))
        assert cell["x"] == pytest.approx(image["x"] + image["width"] / 2, abs=8)
        assert cell["x"] + cell["width"] == pytest.approx(image["x"] + image["width"], abs=8)
        assert cell["height"] == pytest.approx(image["height"], abs=16)
        lines = shown.evaluate(
            "[...document.querySelectorAll('.words mark')].map(mark => getComputedStyle(mark).textDecorationStyle)"
        )
        assert lines == ["solid", "dashed"], "told apart by more than their colour"
        paper = shown.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert paper == ("rgb(253, 252, 249)" if scheme == "light" else "rgb(21, 23, 27)")
