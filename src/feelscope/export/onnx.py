"""A saved model as one folder that ONNX Runtime alone can run: networks, tokenizer, labels, scaling, and how to ask it.

    text.onnx image.onnx fusion.onnx   as the model has them; of one modality, without the other's
    tokenizer.json, emoji.json         words to token ids, and emoji to words before that
    reading/                           what normalises words, or takes a photo out of its frame, if the model does so
    model.json                         emotions in their order, scaling, inputs and outputs, opsets, the check
    plain.py                           a program that reads posts with these files
    README.md, CARD.md                 inputs and outputs with shapes and ranges; the model's card

What is written is what was checked: posts go through Feelscope and through `plain.py`, and an export that answers
otherwise is not written.
"""

import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from feelscope import __version__
from feelscope.encoders.tokenizer import CHARACTERS_PER_TOKEN, TEXT_READERS
from feelscope.errors import ModelError
from feelscope.export import browser_page, parity, readme
from feelscope.files import digest, write_json, write_text
from feelscope.post import MODALITIES, combinations_of
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.onnx_file import check_alone, opset
from feelscope.saved_model.post_reader import least_contrast, least_side
from feelscope.saved_model.runtime import NETWORKS
from feelscope.text.emoji_for_models import EMOJI, FLAGS, MODIFIERS, spell_emoji

_PLAIN = Path(__file__).with_name("plain.py")
_PACKAGE = Path(__file__).parents[1]
_NORMALISING = [
    _PACKAGE / "text" / name
    for name in ("normalise.py", "traced.py", "emoticons.py", "english_words.py", "english_words.txt.gz")
]
_FRAMES = _PACKAGE / "images" / "within_frame.py"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what the check found."""

    folder: Path
    checked: parity.Parity


def export(model: str | Path, out: Path, onnxruntime_web: Path | None = None) -> Exported:
    """Write a model for other programs.

    Args:
        model: As `EmotionClassifier.load` takes it.
        out: A new or an empty folder.
        onnxruntime_web: What `npm pack onnxruntime-web` wrote, or its folder; then a page for browsers is added.

    Raises:
        ModelError: The model cannot be read, reads more than words and pictures, has another package read its words, or
            answers otherwise once it is exported; or a page is asked for and its words cannot be read in a browser.
        ConfigError: What is given is no onnxruntime-web.
    """
    model_folder.check_is_free(out)
    classifier = EmotionClassifier.load(model, workers=1)
    labels = model_folder.read_labels(classifier.folder)
    if further := [name for name in labels.modalities if name not in MODALITIES]:
        raise ModelError(
            f"{model}: it reads {', '.join(further)} too, which an export does not compute; export a model of words, "
            "pictures or both"
        )
    if labels.text_reader != TEXT_READERS[0]:
        raise ModelError(
            f"{model}: its words are read by the package {labels.text_reader}, which an export does not hold; export a "
            "model that has a text.onnx"
        )
    if onnxruntime_web is not None:
        browser_page.check(classifier.folder, labels)
    with model_folder.new_folder(out) as partial:
        partial.mkdir()
        _copy(classifier.folder, partial, labels)
        about = _about(classifier, labels)
        write_json(partial / "model.json", about)
        checked = parity.check(classifier, partial)
        about["networks"] = {name: _network(partial / name, kinds) for name, kinds in checked.networks.items()}
        about["check"] = {
            "posts": checked.posts,
            "largest_difference": checked.largest,
            "allowed": parity.MOST,
            "onnxruntime": metadata.version("onnxruntime"),
        }
        if onnxruntime_web is not None:
            about["onnxruntime-web"] = browser_page.write(partial, onnxruntime_web, labels.reading)
        write_json(partial / "model.json", about)
        write_text(partial / "README.md", readme.text(about))
    return Exported(out, checked)


def _copy(folder: Path, partial: Path, labels: model_folder.Labels) -> None:
    """The files as they are."""
    names = [name for name in model_folder.files(labels) if name != "labels.json"]
    for name in names:
        if name in NETWORKS and folder != model_folder.BUILTIN:
            check_alone(folder / name)
        shutil.copyfile(folder / name, partial / name)
    for name, new in (("README.md", "CARD.md"), ("LICENSE", "LICENSE")):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, partial / new)
    if "text" in labels.modalities:
        write_json(partial / "emoji.json", emoji_names(), indent=None)
    needed = [*(_NORMALISING if labels.reading == "normalised" else ()), *([_FRAMES] if labels.unframe else ())]
    if needed:
        _copy_reading(needed, partial / "reading")
    write_text(partial / "plain.py", _PLAIN.read_text(encoding="utf-8"))


def _copy_reading(needed: Iterable[Path], folder: Path) -> None:
    """What normalises words or finds a photo in its frame, as a package that needs nothing of Feelscope."""
    folder.mkdir()
    write_text(folder / "__init__.py", '"""What Feelscope reads posts with; copied by its export."""\n')
    for file in needed:
        if file.suffix == ".py":
            write_text(folder / file.name, file.read_text(encoding="utf-8").replace("feelscope.text", "reading"))
        else:
            shutil.copyfile(file, folder / file.name)


def emoji_names() -> dict[str, Any]:
    """How emoji are written as words: patterns, which Python and JavaScript read alike, and the name of each."""
    pattern = re.compile(EMOJI)
    known = (chr(code) for code in range(sys.maxunicode + 1) if pattern.match(chr(code)))
    names = {emoji: spell_emoji(emoji) for emoji in known}
    return {
        "modifiers": MODIFIERS,
        "flags": FLAGS,
        "emoji": EMOJI,
        "unicode": unicodedata.unidata_version,
        "names": names,
    }


def _about(classifier: EmotionClassifier, labels: model_folder.Labels) -> dict[str, Any]:
    """The content of model.json."""
    scaling = {}
    for combination in combinations_of(labels.modalities):
        if (known := classifier.calibration.of(combination)) is not None:
            fitted = known.scaling
            scaling["+".join(combination)] = {"temperature": fitted.temperature, "biases": list(fitted.biases)}
    return {
        "name": labels.name,
        "emotions": list(labels.emotions),
        "modalities": list(labels.modalities),
        "tokens": labels.tokens,
        "characters_per_token": CHARACTERS_PER_TOKEN,
        "pairs": labels.pairs,
        "reading": labels.reading,
        "unframe": labels.unframe,
        "least_side": least_side(labels),
        "least_contrast": least_contrast(labels),
        "size": labels.size,
        "scaling": scaling,
        "feelscope": __version__,
    }


def _network(path: Path, kinds: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What model.json has of a network.

    Args:
        kinds: Type and shape of its inputs and outputs.
    """
    return {"opset": opset(path), "sha256": digest(path), **kinds}
