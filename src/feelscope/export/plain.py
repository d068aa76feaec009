"""Reads posts with an exported model. Needs onnxruntime, tokenizers, numpy and Pillow, and nothing of Feelscope.

    python plain.py "We won the cup!"
    python plain.py "We won the cup!" cup.jpg

`feelscope export onnx` wrote this file beside the networks, and ran it on the posts of its check.
"""

import json
import math
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageOps
from tokenizers import Tokenizer

# Letterlike, fullwidth and mathematical letters, which are read as the usual ones.
LETTERS = "[\u2102-\u2116\u2118-\u211f\u2121\u2123-\u2125\u2127-\u2134\uff01-\uff5e\U0001d400-\U0001d7ff]"


def usual(found: re.Match[str]) -> str:
    """A letter in its usual form."""
    letter = unicodedata.normalize("NFKC", found[0])
    return letter if len(letter) == 1 else found[0]


class PlainModel:
    """The networks of an exported folder."""

    def __init__(self, folder: Path):
        self.about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        sys.path.insert(0, str(folder))  # for its package `reading`
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.networks = {
            name: onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
            for name in ("text.onnx", "image.onnx", "fusion.onnx")
            if (folder / name).is_file()
        }
        if "text" in self.about["modalities"]:
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.tokenizer.no_padding()
            self.tokenizer.enable_truncation(self.about["tokens"])
            self.emoji = json.loads((folder / "emoji.json").read_text(encoding="utf-8"))
            if self.about["reading"] == "normalised":
                from reading.normalise import normalise  # type: ignore[import-not-found]

                self.normalise = normalise

    def probabilities(self, text: str = "", title: str = "", picture: Any = None) -> dict[str, float] | None:
        """Probabilities by emotion, largest first; None where there is nothing to read.

        Args:
            picture: The path of a JPEG, PNG, WebP, GIF or BMP, or an open file.
        """
        found: dict[str, np.ndarray] = {}
        ids = self.ids(text, title) if "text" in self.about["modalities"] else None
        if ids is not None:
            found["text"] = self.networks["text.onnx"].run(None, {"ids": np.array([ids], np.int64)})[0]  # (1, D)
        rgb = self.seen(picture) if picture is not None and "image" in self.about["modalities"] else None
        if rgb is not None:
            found["image"] = self.networks["image.onnx"].run(None, {"rgb": rgb[np.newaxis]})[0]
        if not found:
            return None
        feed: dict[str, np.ndarray] = {}
        for entry in self.networks["fusion.onnx"].get_inputs():
            modality = entry.name.removeprefix("has_")
            if entry.name == modality:
                feed[modality] = found.get(modality, np.zeros((1, entry.shape[1]), np.float32))
            else:
                feed[entry.name] = np.array([modality in found], np.float32)
        row = self.networks["fusion.onnx"].run(None, feed)[0][0]  # (K,)
        row = self.scaled(row, self.about["scaling"].get("+".join(found)))
        return dict(sorted(zip(self.about["emotions"], map(float, row), strict=True), key=lambda pair: -pair[1]))

    def ids(self, text: str, title: str = "") -> list[int] | None:
        """Token ids of a post's words; None without any that the model knows."""
        title, text = title.strip(), text.strip()
        parts = [part for part in ("" if title == text else title, text) if part]
        if not parts:
            return None
        limit = self.about["tokens"] * self.about["characters_per_token"]
        parts = [part[:limit].encode("utf-8", "replace").decode("utf-8") for part in parts]
        if self.about["reading"] == "normalised":
            parts = [self.normalise(part) for part in parts]
        parts = [part for part in (self.spelled(part).strip() for part in parts) if part] or [""]
        if not self.about["pairs"]:
            parts = ["\n".join(parts)]
        ids = self.tokenizer.encode(parts[0], parts[1] if len(parts) > 1 else None).ids
        return ids if any(ids) else None

    def spelled(self, text: str) -> str:
        """The text in usual letters, with each emoji by its name."""
        if text.isascii():
            return text
        text = re.sub(LETTERS, usual, text)
        text = re.sub(self.emoji["modifiers"], "", text)
        text = re.sub(self.emoji["flags"], " flag ", text)
        return re.sub(self.emoji["emoji"], lambda found: self.emoji["names"][found[0]], text)

    def seen(self, picture: Any) -> np.ndarray | None:
        """A picture as the network takes it; None where it is too small to show anything, or of one colour."""
        with Image.open(picture) as opened:
            if min(opened.size) < int(self.about["least_side"]):
                return None
        rgb = self.pixels(picture)
        colours = rgb.reshape(-1, 3).astype(int)
        is_plain = np.ptp(colours, axis=0).max() < self.about["least_contrast"]
        return None if is_plain else rgb

    def pixels(self, picture: Any) -> np.ndarray:
        """A picture squeezed to the network's size, uint8 (H, W, 3), on white where it is transparent."""
        side = self.about["size"]
        part = None
        if self.about["unframe"]:
            from reading.within_frame import LEAST_SIDE, photo_within  # type: ignore[import-not-found]

            part = photo_within(self.squeezed(picture, max(side, LEAST_SIDE)))
        return self.squeezed(picture, side, part)

    def squeezed(self, picture: Any, side: int, part: Any = None) -> np.ndarray:
        """A picture, or a part of the upright picture in shares of its sides: left, top, right, bottom."""
        least = side if part is None else math.ceil(side / min(part.right - part.left, part.bottom - part.top))
        if hasattr(picture, "seek"):
            picture.seek(0)
        with Image.open(picture) as opened:
            image: Image.Image = opened
            opened.draft(None, (least, least))  # a large JPEG is decoded at a half, a quarter or an eighth
            turn = image.getexif().get(0x0112, 1)
            if image.has_transparency_data:
                whole = image.convert("RGBA")
                image = Image.new("RGB", whole.size, "white")
                image.paste(whole, mask=whole.getchannel("A"))
            elif image.mode not in ("RGB", "L"):
                image = image.convert("RGB")
            image.getexif()[0x0112] = turn
            if part is not None:
                image = ImageOps.exif_transpose(image)
                turn = 1
                edges = (round(one * share) for one, share in zip(image.size * 2, part, strict=True))
                image = image.crop(tuple(edges))
            small = image.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
            small.getexif()[0x0112] = turn
            return np.array(ImageOps.exif_transpose(small).convert("RGB"))

    def scaled(self, row: np.ndarray, scaling: Any) -> np.ndarray:
        """Probabilities (K,) as they were calibrated: proportional to exp(log p / temperature + bias)."""
        if scaling is None or (scaling["temperature"] == 1 and not scaling["biases"]):
            return row
        logits = np.log(np.maximum(row.astype(np.float64), 1e-12)) / scaling["temperature"]
        logits = logits + np.array(scaling["biases"] or [0.0])
        parts = np.exp(logits - logits.max())
        return parts / parts.sum()


if __name__ == "__main__":
    model = PlainModel(Path(__file__).parent)
    answer = model.probabilities(text=sys.argv[1], picture=sys.argv[2] if len(sys.argv) > 2 else None)
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
