"""The README of an exported model: what goes in, what comes out, in which ranges."""

from collections.abc import Mapping
from typing import Any

from feelscope.saved_model.card import table

_MEANS = {
    "ids": "token ids of the words, from 0 to one less than the vocabulary; at most {tokens} of them",
    "rgb": "the picture squeezed to {size} x {size} pixels; red, green, blue from 0 to 255",
    "text": "what text.onnx gives; zeros for a post without words",
    "image": "what image.onnx gives; zeros for a post without a picture",
    "has_text": "1 with words, 0 without",
    "has_image": "1 with a picture, 0 without",
}
_OUTPUTS = {
    "text.onnx": "a vector of the words; any numbers",
    "image.onnx": "a vector of the picture; any numbers",
    "fusion.onnx": "probabilities from 0 to 1 that sum to 1, in the order of the emotions below",
}


def text(about: Mapping[str, Any]) -> str:
    """README.md of the content of model.json."""
    check = about["check"]
    blocks = [
        f"# {about['name']}, as ONNX",
        f"Exported by Feelscope {about['feelscope']}. It reads {' and '.join(about['modalities'])} of a post; the "
        "model's card is CARD.md.",
        "Emotions, in this order: " + ", ".join(f"`{emotion}`" for emotion in about["emotions"]) + ".",
        "## Networks",
        table(("file", "opset", "inputs and outputs", "type", "shape", "what it is"), _rows(about)),
        *_steps(about),
        "## The check",
        f"{check['posts']} posts went through Feelscope and through plain.py (onnxruntime {check['onnxruntime']}). The "
        f"largest difference of a probability was {check['largest_difference']:.2g}; over {check['allowed']:g}, "
        "nothing would have been written.",
        *_page(about),
    ]
    return "\n\n".join(blocks) + "\n"


def _rows(about: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, network in about["networks"].items():
        for input_, entry in network["inputs"].items():
            rows.append((name, str(network["opset"]), f"in `{input_}`", entry["type"], _shape(entry["shape"]),
                         _MEANS.get(input_, "").format(**about)))  # fmt: skip
        for output, entry in network["outputs"].items():
            shape = _shape(entry["shape"])
            rows.append((name, str(network["opset"]), f"out `{output}`", entry["type"], shape, _OUTPUTS[name]))
    return rows


def _shape(sides: list[Any]) -> str:
    return " x ".join(map(str, sides))


def _steps(about: Mapping[str, Any]) -> list[str]:
    """How a post is read, as plain.py does it."""
    words = (
        f"Words: title and text, the first {about['tokens'] * about['characters_per_token']:,} characters of each; "
        f"{'normalised (reading/normalise.py); ' if about['reading'] == 'normalised' else ''}"
        "every emoji by its name (emoji.json); then tokenizer.json, cut to "
        f"{about['tokens']} tokens"
        + (", as a pair where there is a title." if about["pairs"] else ", a line break between title and text.")
    )
    picture = (
        "Picture: transparency on white, "
        + ("without the frame around a photo (reading/within_frame.py), " if about["unframe"] else "")
        + f"the whole of it squeezed to {about['size']} pixels a side (bicubic), turned "
        "upright as its EXIF says. 16-bit pictures are to be brought to 8 bits before."
    )
    scaling = (
        "Probabilities: scaled by what model.json has for the combination of modalities that was there, p' "
        "proportional to exp(log p / temperature + bias)."
    )
    return [
        "## A post",
        "One post at a time: a batch has one row, and no word is padded.",
        "\n".join(
            f"{number}. {step}"
            for number, step in enumerate(
                [
                    *([words] if "text" in about["modalities"] else []),
                    *([picture] if "image" in about["modalities"] else []),
                    scaling,
                ],
                1,
            )
        ),
        "plain.py does this; it needs onnxruntime, tokenizers, numpy and pillow:",
        '```\npython plain.py "We won the cup!"\n```',
    ]


def _page(about: Mapping[str, Any]) -> list[str]:
    if "onnxruntime-web" not in about:
        return []
    return [
        "## The page",
        "index.html reads words in a browser, with onnxruntime-web "
        f"{about['onnxruntime-web']} (MIT licence) in WebAssembly; nothing that is written leaves the computer. Any "
        "server of plain files will do; a browser does not let a page opened as a file read the files beside it:",
        "```\npython -m http.server --bind 127.0.0.1 8000\n```",
    ]
