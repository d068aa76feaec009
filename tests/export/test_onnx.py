import io
import json
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_model import LABELS, write_small_model
from small_photos import photo
from typer.testing import CliRunner

from feelscope.cli import app
from feelscope.errors import ConfigError, FeelscopeError, ModelError
from feelscope.export import onnx as exporting
from feelscope.export import parity
from feelscope.export.browser_page import RUNTIME
from feelscope.export.onnx import emoji_names, export
from feelscope.images.views import letterboxed
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.folder import set_calibration
from feelscope.text.emoji_for_models import spell_emoji


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model; not to be changed."""
    folder = write_small_model(tmp_path_factory.mktemp("small") / "model")
    (folder / "README.md").write_text("# small\n")
    return folder


def run_plain(folder: Path, *arguments: str) -> dict[str, float]:
    """What the exported program prints, run from elsewhere and without Feelscope."""
    code = "import sys; sys.modules['feelscope'] = None; import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
    code = f"import sys; sys.argv = sys.argv[1:]; {code}"
    line = [sys.executable, "-P", "-c", code, str(folder / "plain.py"), *arguments]
    ran = subprocess.run(line, capture_output=True, text=True, check=True, cwd="/")
    return json.loads(ran.stdout)


def test_an_export_says_what_goes_in_and_what_comes_out(model: Path, tmp_path: Path) -> None:
    done = export(model, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("text.onnx", "image.onnx", "fusion.onnx", "tokenizer.json", "emoji.json", "model.json"),
        *("plain.py", "README.md", "CARD.md"),
    }
    about = json.loads((tmp_path / "out" / "model.json").read_text())
    assert about["emotions"] == ["happiness", "sadness", "fear"]
    assert about["networks"]["text.onnx"]["inputs"] == {"ids": {"type": "int64", "shape": [1, "tokens"]}}
    assert about["networks"]["fusion.onnx"]["outputs"] == {"answer": {"type": "float", "shape": [1, 3]}}
    assert {network["opset"] for network in about["networks"].values()} == {20}
    assert about["check"]["posts"] == done.checked.posts >= 20
    assert about["check"]["largest_difference"] == done.checked.largest <= 1e-3
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "| image.onnx | 20 | in `rgb` | uint8 | 1 x 8 x 8 x 3 |" in readme
    assert "from 0 to 255" in readme and "`happiness`, `sadness`, `fear`" in readme


def test_the_exported_program_answers_as_predict_does(model: Path, tmp_path: Path) -> None:
    export(model, tmp_path / "out")
    picture = parity.posts_for(("image",))[0].image
    assert isinstance(picture, bytes)
    (tmp_path / "a.jpg").write_bytes(picture)
    for arguments, post in (
        (("so happy a day",), Post("1", text="so happy a day")),
        (("the sad day", str(tmp_path / "a.jpg")), Post("2", text="the sad day", image=picture)),
    ):
        (expected,) = EmotionClassifier.load(model).predict([post])
        assert run_plain(tmp_path / "out", *arguments) == pytest.approx(expected.probabilities, abs=1e-6)


def test_the_built_in_model_answers_alike(tmp_path: Path) -> None:
    done = export("builtin", tmp_path / "out")
    assert done.checked.largest < 1e-6  # the same networks in the same runtime
    # A picture of one pixel is read by neither.
    assert done.checked.posts == len(parity.posts_for(("text", "image"))) - 1
    assert (tmp_path / "out" / "LICENSE").is_file()


def test_a_calibrated_model_is_scaled_in_the_export_too(tmp_path: Path) -> None:
    folder = write_small_model(tmp_path / "model")
    before = EmotionClassifier.load(folder).predict([Post("1", text="so sad")])[0].probabilities
    confidence = np.linspace(0.4, 0.9, 101).tolist()
    biases = {"happiness": 0.5, "sadness": -1.0, "fear": 0.0}
    one = {"posts": 60, "temperature": 2.0, "biases": biases, "confidence": confidence}
    set_calibration(folder, {"combinations": {"text": one, "text+image": {**one, "biases": {}}}})
    done = export(folder, tmp_path / "out")
    assert done.checked.largest < 1e-6
    about = json.loads((tmp_path / "out" / "model.json").read_text())
    assert about["scaling"] == {
        "text": {"temperature": 2.0, "biases": [0.5, -1.0, 0.0]},
        "text+image": {"temperature": 2.0, "biases": []},
    }
    found = run_plain(tmp_path / "out", "so sad")
    assert found != pytest.approx(before, abs=1e-2)
    assert found == pytest.approx(EmotionClassifier.load(folder).predict([Post("1", text="so sad")])[0].probabilities)


@pytest.mark.parametrize("modality", ["text", "image"])
def test_a_model_of_one_modality_is_exported_without_the_other(tmp_path: Path, modality: str) -> None:
    model = write_small_model(tmp_path / "model", replace(LABELS, modalities=(modality,)))
    done = export(model, tmp_path / "out")  # the small fusion takes both vectors: one of them is always zeros
    assert done.checked.posts > 5 and done.checked.largest < 1e-6
    networks = {path.name for path in (tmp_path / "out").glob("*.onnx")}
    assert networks == {f"{modality}.onnx", "fusion.onnx"}
    assert (tmp_path / "out" / "emoji.json").exists() == (modality == "text")


def test_an_export_that_answers_otherwise_is_not_written(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = exporting._PLAIN.read_text()
    assert "return row\n" in source
    for changed, said in (
        (source.replace("return row\n", "return row + 2e-3\n"), "by 0.002"),
        (source.replace("return row\n", "return row + float('nan')\n"), "by nan"),
        (source.replace("if not found:", "if True:"), "reads other posts"),
        (source.replace("import numpy as np", "import no_such_package"), "plain.py cannot read it"),
        (source.replace("return row\n", "return [0.5] * 10**10\n"), "plain.py cannot read it"),  # all memory
    ):
        (tmp_path / "plain.py").write_text(changed)
        monkeypatch.setattr(exporting, "_PLAIN", tmp_path / "plain.py")
        with pytest.raises(ModelError) as caught:
            export(model, tmp_path / "out")
        assert said in str(caught.value) and "nothing was exported" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert {path.name for path in tmp_path.iterdir()} == {"plain.py"}


def test_a_model_that_reads_more_than_words_and_pictures_is_refused(words_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="it reads tags, numbers too, which an export does not compute"):
        export(words_run, tmp_path / "out")


def test_what_normalises_words_is_exported_too(tmp_path: Path) -> None:
    model = write_small_model(tmp_path / "model", replace(LABELS, reading="normalised"))
    done = export(model, tmp_path / "out")
    assert done.checked.largest <= 1e-6
    post = Post("1", text="@kim sooooo HAPPY #SadDay :-) https://example.org/x")
    (expected,) = EmotionClassifier.load(model).predict([post])
    assert run_plain(tmp_path / "out", post.text) == pytest.approx(expected.probabilities, abs=1e-6)
    (plainly,) = EmotionClassifier.load(write_small_model(tmp_path / "plain", LABELS)).predict([post])
    assert plainly.probabilities != pytest.approx(expected.probabilities, abs=1e-3)
    assert "normalised (reading/normalise.py)" in (tmp_path / "out" / "README.md").read_text()


def test_what_takes_photos_out_of_their_frames_is_exported_too(tmp_path: Path) -> None:
    model = write_small_model(tmp_path / "model", replace(LABELS, unframe=True))
    assert export(model, tmp_path / "out").checked.largest <= 1e-6
    framed = letterboxed(photo((320, 240)))
    framed.save(tmp_path / "framed.png")
    (expected,) = EmotionClassifier.load(model).predict([Post("1", text="so sad", image=tmp_path / "framed.png")])
    assert "around the photo in the picture is a frame, which was not read" in expected.warnings
    found = run_plain(tmp_path / "out", "so sad", str(tmp_path / "framed.png"))
    assert found == pytest.approx(expected.probabilities, abs=1e-6)
    assert "reading/within_frame.py" in (tmp_path / "out" / "README.md").read_text()


def test_a_folder_that_holds_something_is_left_alone(model: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ModelError, match="something is there already"):
        export(model, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_emoji_are_written_by_the_names_that_the_model_was_trained_on() -> None:
    names = emoji_names()["names"]
    assert names["😂"] == " face with tears of joy "
    assert all(names[emoji] == spell_emoji(emoji) for emoji in ("❤", "🖤", "🌊", "⭐", "✈"))


def test_the_check_has_posts_of_every_kind() -> None:
    assert {"text", "title", "picture", "both"} == {post.id.split()[0] for post in parity.posts_for(("text", "image"))}
    assert {"picture"} == {post.id.split()[0] for post in parity.posts_for(("image",))}
    assert parity.difference({"a": 0.25, "b": 0.75}, {"b": 0.5, "a": 0.5}) == 0.25


# The page's files


def write_package(path: Path, name: str = "onnxruntime-web", without: str = "") -> Path:
    """An archive as npm writes it."""
    contents = {"package.json": json.dumps({"name": name, "version": "1.2.3"}).encode()}
    contents |= {file: b"of the runtime" for file in RUNTIME if without not in file or not without}
    with tarfile.open(path, "w:gz") as archive:
        for file, content in contents.items():
            member = tarfile.TarInfo(f"package/{file}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_the_page_is_written_with_the_runtime_that_was_given(tmp_path: Path) -> None:
    archive = write_package(tmp_path / "web.tgz")
    export("builtin", tmp_path / "out", archive)
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files >= {"index.html", "page.js", "reading.js", "wordpiece.js", "characters.js", "style.css", "icon.svg"}
    assert (tmp_path / "out" / "ort.js").read_bytes() == b"of the runtime"
    assert json.loads((tmp_path / "out" / "model.json").read_text())["onnxruntime-web"] == "1.2.3"
    assert "python -m http.server" in (tmp_path / "out" / "README.md").read_text()


def test_what_is_no_onnxruntime_web_is_refused(tmp_path: Path) -> None:
    from feelscope.export.browser_page import write as write_page

    torn = tmp_path / "torn.tgz"
    torn.write_bytes(write_package(tmp_path / "whole.tgz").read_bytes()[:80])
    (tmp_path / "folder").mkdir()
    for given in (
        tmp_path / "none.tgz",
        torn,
        tmp_path / "folder",
        write_package(tmp_path / "other.tgz", name="left-pad"),
        write_package(tmp_path / "less.tgz", without=".wasm"),
    ):
        (tmp_path / "page").mkdir(exist_ok=True)
        with pytest.raises(ConfigError, match="fetch it with: npm pack onnxruntime-web") as caught:
            write_page(tmp_path / "page", given, "plain")
        assert str(given) in str(caught.value)
        assert not [*(tmp_path / "page").iterdir()]


def test_a_model_whose_words_the_page_cannot_read_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"reads words as BERT does .*\(WordLevel, None, Whitespace, None\)"):
        export(model, tmp_path / "out", write_package(tmp_path / "web.tgz"))
    assert not (tmp_path / "out").exists()


# The command


def test_the_command_prints_the_largest_difference(model: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["export", "onnx", str(model), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    assert float(ran.stdout) <= 1e-3
    assert (tmp_path / "out" / "README.md").is_file()


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--page"], "npm pack onnxruntime-web"), (["--onnxruntime-web", "a.tgz"], "for --page alone")],
)
def test_a_page_and_its_runtime_belong_together(tmp_path: Path, options: list[str], said: str) -> None:
    ran = CliRunner().invoke(app, ["export", "onnx", "builtin", "--out", str(tmp_path / "out"), *options])
    assert ran.exit_code == 2
    assert said in " ".join(ran.stderr.split())
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FeelscopeError, match="no model folder is there"):
        export(tmp_path / "none", tmp_path / "out")
