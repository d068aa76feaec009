"""The exported page in a real browser: the words it reads, what it answers, and what it may not do."""

import contextlib
import functools
import http.server
import json
import os
import random
import shutil
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_model import LABELS, NETWORKS, WIDTH

from feelscope.encoders.tokenizer import READINGS, Tokenizer
from feelscope.export import parity
from feelscope.export.browser_page import PAGE, normalise_tables
from feelscope.export.onnx import emoji_names, export
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.folder import BUILTIN, write
from feelscope.text.emoji_for_models import spell_emoji
from feelscope.text.letters import fold_letters
from feelscope.text.normalise import normalise

browser = pytest.mark.browser
WEB = "FEELSCOPE_ONNXRUNTIME_WEB"
LENGTH = 96  # tokens
# The built-in model computes in 8-bit integers, whose scales are taken from each post. Where a float differs in its
# last bit from one machine to another, an integer may be rounded the other way, as in about one post of forty.
SAME, MOST_FLIPPED = 0.9, 0.1  # share of posts within 1e-3; difference of any


class Files(http.server.SimpleHTTPRequestHandler):
    """Plain files, as `python -m http.server` gives them."""

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not (found := shutil.which("chromium")):
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"], headless=True)
        yield running
        running.close()


@pytest.fixture(scope="module")
def onnxruntime_web() -> Path:
    """What `npm pack onnxruntime-web` wrote; CI fetches it, and may not go without."""
    if WEB not in os.environ:
        assert "CI" not in os.environ, f"{WEB} is not set; see .ci/run"
        pytest.skip(f"needs {WEB}=FILE, what `npm pack onnxruntime-web` wrote")
    return Path(os.environ[WEB])


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page; what it says on the console and where it asks are lists."""
    with contextlib.ExitStack() as opened:

        def open_page(folder: Path, **options: Any) -> tuple[Any, str, list[str], list[str]]:
            address = opened.enter_context(served(folder))
            page = chromium.new_page(viewport={"width": 390, "height": 844}, **options)
            opened.callback(page.close)
            faults: list[str] = []
            asked: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
            page.on("request", lambda request: asked.append(request.url))
            page.goto(address)
            return page, address, faults, asked

        yield open_page


# Words to token ids, which need no onnxruntime-web


def texts() -> list[str]:
    """Several hundred: all scripts, emoji, accents, ideographs, long words, marks, and draws from all of them."""
    draw = random.Random(0)
    alphabets = [
        *(
            "abcdefghijklmnopqrstuvwxyz     ",
            "éèêëàâçñöüßøåæœłžšđþİıĄ ",
            "αβγδεζσςΣ Ω",
            "абвгдежщыюяЁ",
            "אבגדהש ",
            "ابتثج ً",
        ),
        *(
            "今日は嬉しいカタカナ。",
            "안녕하세요 슬퍼",
            "ไทยๆ ำ",
            "हिन्दी क्षि",
            "😂❤️👩🏽‍🚀🇫🇷1️⃣🖤🏴󠁧󠁢󠁳󠁣󠁴󠁿",
            ".,;:!?-_'\"()[]{}<>@#$%^&*+=/\\|`~",
        ),
        *(
            "“”‘’«»—–…¡¿§¶†‡•",
            "\t\n\r\x0b\x0c\x00\x7f\u0085\u00a0\u2028\u3000\u200b\u200d\u00ad\ufeff\ufffd",
            "ﬁ½™①Ⅷ𝓗𝟘℃",
        ),
        *("áéṏ̧", "𠀀𪜀\u2e3a\U000105c9\U00011383"),
    ]
    found = [
        *parity.TEXTS,
        "",
        " ",
        "a" * 100,
        "a" * 101,
        "é" * 101,
        "word" * 60,
        "[CLS]",
        "x[SEP]y",
        "[mask]",
        "##ing",
    ]
    for _ in range(600):
        kinds = draw.sample(alphabets, draw.randint(1, 3))
        found.append("".join(draw.choice(draw.choice(kinds)) for _ in range(draw.randint(1, 60))))
    return found


@pytest.fixture
def tokenizing(tmp_path: Path) -> Path:
    """A folder with the page's programs and what they read, without the networks."""
    shutil.copytree(PAGE, tmp_path / "page")
    shutil.copy(BUILTIN / "tokenizer.json", tmp_path / "page")
    (tmp_path / "page" / "emoji.json").write_text(json.dumps(emoji_names()), encoding="utf-8")
    (tmp_path / "page" / "index.html").write_text("<!doctype html>")
    return tmp_path / "page"


ENCODE = """async ([texts, length]) => {
  const { WordPiece } = await import("./wordpiece.js");
  const pieces = new WordPiece(await (await fetch("tokenizer.json")).json(), length);
  return texts.map((text) => { const { ids, cut } = pieces.encode(text); return [ids, cut]; });
}"""


@browser
def test_words_become_the_same_tokens_as_in_python(tokenizing: Path, open_page: Callable[..., Any]) -> None:
    tokenizer = Tokenizer(BUILTIN / "tokenizer.json", LENGTH)
    asked = texts()
    assert len(asked) > 600
    page, *_ = open_page(tokenizing)
    found = page.evaluate(ENCODE, [asked, LENGTH])
    for one, (ids, cut) in zip(asked, found, strict=True):
        expected = tokenizer.encode([one], cut=False)
        assert (ids, cut) == (expected.ids, expected.cut), ascii(one)
    assert sum(cut for _, cut in found) >= 5


@browser
@pytest.mark.slow
def test_every_character_is_read_as_in_python(tokenizing: Path, open_page: Callable[..., Any]) -> None:
    # All that Unicode has assigned; beyond them, the tags and the private ones, some.
    codes = [*range(0x33500), *range(0x33500, 0x110000, 61), *range(0xE0000, 0xE0200)]
    characters = [chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF]
    asked = ["".join(f"a{one}b " for one in characters[at : at + 256]) for at in range(0, len(characters), 256)]
    implementation = Tokenizer(BUILTIN / "tokenizer.json", 512)._tokenizer
    implementation.no_truncation()
    page, *_ = open_page(tokenizing)
    found = page.evaluate(ENCODE.replace("return [ids, cut]", "return ids.join(' ')"), [asked, 10**9])
    for one, ids in zip(asked, found, strict=True):
        assert ids == " ".join(map(str, implementation.encode(one).ids)), f"{one!a}: run tests/write_characters.py"


@browser
def test_emoji_become_the_same_words_as_in_python(tokenizing: Path, open_page: Callable[..., Any]) -> None:
    asked = [*texts(), *(chr(code) for code in range(0x2600, 0x27C0)), *(chr(code) for code in range(0x1F000, 0x1FB00))]
    page, *_ = open_page(tokenizing)
    found = page.evaluate(
        """async (texts) => {
          const { spelled } = await import("./reading.js");
          const emoji = await (await fetch("emoji.json")).json();
          return texts.map((text) => spelled(text, emoji));
        }""",
        asked,
    )
    assert found == [spell_emoji(fold_letters(text)) for text in asked]


ODD = (  # of what people write, to be strung together
    *"@kim @a.b RT :-) :))) xD T_T <3 </3 >:( #BestDayEver #happybirthday2you #a_b_c #İstanbul #日本 soooo".split(),
    *"nooo goooood YESSSS hiiii http://a.b/c http://x www.a.de a@b.co !!!!! ????? …… —— “q” ½½½½ ³³³ . , : 𝓱𝓲".split(),
    *"＠ab ＃tag 😂😂😂😂 :D: 8D xD. (: [: c: QQ it's isn’t AAAAbbb ßßßß ǅǅǅ KKKk ſſſs ıııi Σσς σσσ".split(),
    *("\n", "\n\n", "\t", "\x1c", "\x85", "\ufeff", "\u2028"),
)


@browser
def test_posts_are_normalised_as_in_python(tokenizing: Path, open_page: Callable[..., Any]) -> None:
    draw = random.Random(0)
    asked = [text for text in texts() if "Cn" not in map(unicodedata.category, text)]  # a browser's Unicode is newer
    asked += ["".join(draw.choice(ODD) + draw.choice(["", " ", ", "]) for _ in range(draw.randint(1, 9)))
              for _ in range(2000)]  # fmt: skip
    (tokenizing / "normalise.json").write_text(json.dumps(normalise_tables()), encoding="utf-8")
    page, *_ = open_page(tokenizing)
    found = page.evaluate(
        """async (texts) => {
          const { Normaliser } = await import("./normalise.js");
          const normaliser = new Normaliser(await (await fetch("normalise.json")).json());
          return texts.map((text) => normaliser.normalise(text));
        }""",
        asked,
    )
    assert found == [*map(normalise, asked)]
    assert sum(one != other for one, other in zip(asked, found, strict=True)) > 1500


@browser
def test_scaling_is_that_of_a_calibrated_model(tokenizing: Path, open_page: Callable[..., Any]) -> None:
    from feelscope.metrics.scaling import Scaling

    page, *_ = open_page(tokenizing)
    row, scaling = [0.7, 0.3, 0.0], Scaling(2.5, (0.5, -1.0, 0.25))
    call = """async ([row, scaling]) => (await import("./reading.js")).scaled(row, scaling)"""
    found = page.evaluate(call, [row, {"temperature": 2.5, "biases": [0.5, -1.0, 0.25]}])
    assert found == pytest.approx(scaling(row).tolist(), abs=1e-9)
    assert page.evaluate(call, [row, {"temperature": 1, "biases": []}]) == row
    assert page.evaluate(call, [row, None]) == row


# The page, with the networks in WebAssembly


@pytest.fixture(scope="module")
def built_in_page(onnxruntime_web: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "page"
    export("builtin", folder, onnxruntime_web)
    return folder


ANSWER = """async (texts) => {
  const ort = await import("./ort.js");
  const { Model } = await import("./reading.js");
  ort.env.wasm.numThreads = 1;
  const model = await Model.load(ort, () => {});
  const rows = [];
  for (const text of texts) rows.push((await model.read(text))?.probabilities ?? null);
  return rows;
}"""


def differences(model: str | Path, asked: list[str], rows: list[Any]) -> np.ndarray:
    """The largest of each post; both answer or neither does, and with the same emotion."""
    classifier = EmotionClassifier.load(model)
    found = []
    for prediction, row in zip(
        classifier.predict([Post(str(number), text=one) for number, one in enumerate(asked)]), rows, strict=True
    ):
        assert (row is None) == (prediction.emotion is None)
        if row is not None:
            answers = dict(zip(classifier.emotions, row, strict=True))
            assert max(answers, key=lambda emotion: answers[emotion]) == prediction.emotion
            found.append(parity.difference(prediction.probabilities, answers))
    return np.array(found)


@browser
@pytest.mark.slow
def test_the_page_answers_as_predict_does(built_in_page: Path, open_page: Callable[..., Any]) -> None:
    asked = [*parity.TEXTS, ""]
    page, _, faults, _ = open_page(built_in_page)
    page.wait_for_selector("#ask:not([disabled])", timeout=120_000)
    found = differences("builtin", asked, page.evaluate(ANSWER, asked))
    assert np.median(found) < 1e-5
    assert (found <= parity.MOST).mean() >= SAME
    assert found.max() < MOST_FLIPPED
    assert faults == []


@browser
@pytest.mark.parametrize("reading", READINGS)
def test_a_model_in_floats_answers_within_a_thousandth(
    onnxruntime_web: Path, open_page: Callable[..., Any], tmp_path: Path, reading: str
) -> None:
    model = write_float_model(tmp_path / "model", reading)
    export(model, tmp_path / "page", onnxruntime_web)
    page, _, faults, _ = open_page(tmp_path / "page")
    page.wait_for_selector("#ask:not([disabled])", timeout=120_000)
    assert differences(model, [*parity.TEXTS], page.evaluate(ANSWER, [*parity.TEXTS])).max() < parity.MOST
    assert faults == []


def write_float_model(folder: Path, reading: str = READINGS[0]) -> Path:
    """A small model of words by BERT's tokenizer, in floats."""
    import onnx
    from onnx import numpy_helper

    def write_networks(folder: Path) -> None:
        shutil.copy(BUILTIN / "tokenizer.json", folder)
        made = NETWORKS["text.onnx"]()
        table = np.random.default_rng(0).normal(size=(30522, WIDTH)).astype(np.float32) * 3
        (old,) = (tensor for tensor in made.graph.initializer if tensor.name == "table")
        old.CopyFrom(numpy_helper.from_array(table, "table"))
        onnx.save(made, folder / "text.onnx")
        for name in ("image.onnx", "fusion.onnx"):
            onnx.save(NETWORKS[name](), folder / name)

    folder.mkdir()
    write(folder, replace(LABELS, reading=reading), write_networks)
    return folder


@browser
def test_a_post_is_typed_and_its_emotion_shown_as_bars(built_in_page: Path, open_page: Callable[..., Any]) -> None:
    page, address, faults, asked = open_page(built_in_page)
    page.wait_for_selector("#ask:not([disabled])", timeout=120_000)
    page.click("#ask")
    assert page.inner_text("#error") == "Write something first."
    page.fill("#text", "What a lovely day, my friends! 🎉")
    page.click("#ask")
    page.wait_for_selector("#answer:not([hidden])")
    assert page.inner_text("#emotion") == "😊happiness"
    assert page.inner_text("#error") == ""
    shares = [float(cell.rstrip("%")) for cell in page.locator("#bars td.number").all_inner_texts()]
    assert len(shares) == 7 and shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.5)
    widths = page.eval_on_selector_all("#bars rect", "bars => bars.map((bar) => bar.getBoundingClientRect().width)")
    assert widths == sorted(widths, reverse=True) and widths[0] > 10 * widths[-1]
    assert page.locator("#warnings li").count() == 0
    page.fill("#text", "so sad " * 200)
    page.press("#text", "Control+Enter")
    page.wait_for_selector("#warnings li")
    assert page.inner_text("#warnings") == "Only the first 96 tokens of the text were read."
    assert "sadness" in page.inner_text("#emotion")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []
    assert asked and all(url.startswith(address) for url in asked)


@browser
def test_the_page_may_ask_no_other_host_and_takes_no_script_of_a_post(
    built_in_page: Path, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page, *_ = open_page(built_in_page)
    with served(tmp_path) as other:
        assert page.evaluate("(url) => fetch(url, { mode: 'no-cors' }).then(() => 'sent', () => 'refused')", other) == (
            "refused"
        )
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'ran = true'}))")
    assert page.evaluate("typeof ran") == "undefined"
    page.wait_for_selector("#ask:not([disabled])", timeout=120_000)
    page.fill("#text", "<img src=x onerror=document.title='mine'> so angry")
    page.click("#ask")
    page.wait_for_selector("#answer:not([hidden])")
    assert page.title() == "How does it feel?"


@browser
def test_a_missing_file_is_named(onnxruntime_web: Path, open_page: Callable[..., Any], tmp_path: Path) -> None:
    export(write_float_model(tmp_path / "model"), tmp_path / "page", onnxruntime_web)
    (tmp_path / "page" / "text.onnx").unlink()
    page, *_ = open_page(tmp_path / "page")
    page.wait_for_selector("#error:not(:empty)")
    assert page.inner_text("#error") == "The model cannot be loaded: text.onnx: the server answers 404."
    assert page.is_disabled("#ask")


@browser
def test_a_page_that_is_opened_as_a_file_says_what_to_do(chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"file://{PAGE / 'index.html'}")
    page.wait_for_selector("#error:not(:empty)")
    assert "python -m http.server --bind 127.0.0.1 8000" in page.inner_text("#error")
    page.close()
