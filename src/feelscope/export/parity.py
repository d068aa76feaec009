"""Whether an exported model answers as Feelscope does: the same posts through both, and the largest difference.

The posts are made for it: words of many kinds, and drawn pictures of many kinds, alone and together.
"""

import base64
import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from feelscope.errors import ModelError
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier

MOST = 1e-3  # that a probability may differ by; ours
TEXTS = (
    *("We won the cup!", "Nobody came to my birthday.", "I am so angry that I could scream", "What was that noise?"),
    *("The soup had a hair in it, disgusting", "Wow, I did not expect you here!", "The bus leaves at 8:15."),
    *("so good 😂😂", "I ❤️ you", "flying home 🇫🇷✈️", "👩🏽‍🚀 at last", "1️⃣ thing to say: NO!!!", "🥹", "....", "?!"),
    *("Ça m'énerve, déjà la troisième fois", "Ich bin über glücklich, Straße für Straße", "ŁÓDŹ İstanbul ΣΊΣΥΦΟΣ"),
    *("今日はとても嬉しい", "오늘 너무 슬퍼요", "أنا سعيد جدا", "мне очень страшно", "ไม่ชอบเลย", "मैं खुश हूँ"),
    *(
        "#blessed @friend https://example.com/a?b=c&d=1",
        "it's 50% off -- don't wait",
        "[CLS] what [SEP] is this [MASK]",
    ),
    *("a" * 150, "supercalifragilisticexpialidocious antidisestablishmentarianism", "\ttabs\nand lines\r\nhere "),
    *(
        "@kim OMG sooooo good :-) #BestDayEver https://t.co/x",
        "RT @a_b: mail me@example.org, <3 T_T :(((",
        "hmmmm?????",
    ),
    *("zero​width and­soft", "“quotes” — and – dashes…", "good " * 400, "sad\u0301 a\u030angstro\u0308m", "ﬁne ½ ™ ①"),
)
_TITLES = ("A day at the sea", "Rain again")


_MEMORY, _MEMORY_PER_BYTE = 600_000_000, 4  # bytes that plain.py may take, and more for each of the networks' bytes
_SECONDS, _SECONDS_PER_BYTE = 60, 1 / 2_000_000  # of a processor
_PATIENCE = 30  # times as many seconds of the clock: other programs may have the processors
# An exported model is as foreign as the model was: its networks run in a process of their own, with limits.
_START = """
import base64, importlib.util, io, json, pathlib, sys
folder, memory, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
try:
    import resource
except ImportError:
    pass
else:
    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_DATA, memory),
                       (resource.RLIMIT_CPU, seconds)):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
spec = importlib.util.spec_from_file_location("plain", folder / "plain.py")
plain = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plain)
model = plain.PlainModel(folder)
kinds = {name: [[[entry.name, entry.type, entry.shape] for entry in entries()]
                for entries in (network.get_inputs, network.get_outputs)] for name, network in model.networks.items()}
print(json.dumps(kinds))
for text, title, picture in json.load(sys.stdin):
    print(json.dumps(model.probabilities(text, title, picture and io.BytesIO(base64.b64decode(picture)))))
"""
Kinds = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Parity:
    """What the check found.

    Args:
        posts: That both read.
        largest: Difference of any probability of any post.
        networks: Type and shape of their inputs and outputs, by name.
    """

    posts: int
    largest: float
    networks: Kinds


def check(classifier: EmotionClassifier, folder: Path) -> Parity:
    """Compare a model with its export, which reads every picture.

    Raises:
        ModelError: They differ by more than 1e-3 somewhere, one of them reads a post that the other does not, or none
            could be read.
    """
    posts = posts_for(classifier.modalities)
    expected = [prediction.probabilities or None for prediction in classifier.of_whole_posts().predict(posts)]
    networks, found = _plainly(folder, posts)
    both = [(one, other) for one, other in zip(expected, found, strict=True) if one and other]
    if any(bool(one) != bool(other) for one, other in zip(expected, found, strict=True)) or not both:
        raise ModelError(f"{classifier.folder}: its export reads other posts than it does; nothing was exported")
    largest = max(difference(one, other) for one, other in both)
    if not largest <= MOST:  # NaN is not either
        raise ModelError(
            f"{classifier.folder}: its export answers otherwise, by {largest:.2g} of a probability where {MOST:g} is "
            "allowed; nothing was exported"
        )
    return Parity(len(both), largest, networks)


def _plainly(folder: Path, posts: Sequence[Post]) -> tuple[Kinds, list[Mapping[str, float] | None]]:
    """The networks' kinds, and what the exported plain.py answers to posts."""
    size = sum(file.stat().st_size for file in folder.iterdir())
    seconds = round(_SECONDS + size * _SECONDS_PER_BYTE)
    limits = (str(_MEMORY + size * _MEMORY_PER_BYTE), str(seconds))
    asked = [
        (post.text, post.title, base64.b64encode(post.image).decode() if isinstance(post.image, bytes) else None)
        for post in posts
    ]
    try:
        ran = subprocess.run(
            [sys.executable, "-B", "-P", "-c", _START, str(folder), *limits],
            input=json.dumps(asked),
            capture_output=True,
            encoding="utf-8",
            timeout=_PATIENCE * seconds,
            check=True,
        )
        first, *rest = map(json.loads, ran.stdout.splitlines())
    except (subprocess.SubprocessError, ValueError) as error:
        last = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1:]
        raise ModelError(f"{folder}: plain.py cannot read it ({''.join(last)[:200]}); nothing was exported") from error
    networks = {
        name: {
            which: {
                entry: {"type": kind.removeprefix("tensor(").rstrip(")"), "shape": shape}
                for entry, kind, shape in entries
            }
            for which, entries in zip(("inputs", "outputs"), both, strict=True)
        }
        for name, both in first.items()
    }
    return networks, rest


def difference(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The largest of any emotion."""
    return max(abs(one[emotion] - other[emotion]) for emotion in one)


def posts_for(modalities: Sequence[str]) -> list[Post]:
    """Posts with words, with pictures, and with both, of the kinds that a model reads."""
    texts = [Post(f"text {number}", text=text) for number, text in enumerate(TEXTS)]
    texts += [Post(f"title {number}", text=TEXTS[number], title=title) for number, title in enumerate(_TITLES)]
    pictures = [Post(f"picture {number}", image=picture) for number, picture in enumerate(_pictures())]
    both = [
        Post(f"both {number}", text=text.text, image=picture.image)
        for number, (text, picture) in enumerate(zip(texts, pictures, strict=False))
    ]
    return [
        *(texts if "text" in modalities else []),
        *(pictures if "image" in modalities else []),
        *(both if {"text", "image"} <= {*modalities} else []),
    ]


def _pictures() -> list[bytes]:
    """JPEG and PNG, wide and tall, small and large, grey, transparent, turned."""
    draw = np.random.default_rng(0)
    slope = np.linspace(0, 255, 600)[:, np.newaxis, np.newaxis] * np.array([1.0, 0.4, 0.1])  # (600, 1, 3)
    wide = Image.fromarray(np.broadcast_to(slope.transpose(1, 0, 2), (300, 600, 3)).astype(np.uint8))
    tall = Image.fromarray(np.broadcast_to(slope[::-1], (600, 200, 3)).astype(np.uint8))
    noise = Image.fromarray(draw.integers(0, 256, (40, 50, 3), dtype=np.uint8)).resize((900, 700))
    clear = noise.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    turned = Image.Exif()
    turned[0x0112] = 6
    files = []
    for image, kind, options in (
        (wide, "JPEG", {"quality": 90}),
        (tall, "PNG", {}),
        (noise, "JPEG", {"quality": 80, "exif": turned}),
        (clear, "PNG", {}),
        (noise.convert("L"), "PNG", {}),
        (Image.new("RGB", (1, 1), "navy"), "PNG", {}),
        (noise.convert("P"), "GIF", {}),
        (ImageOps.expand(noise, (0, 500)), "PNG", {}),  # between black bars
        (ImageOps.expand(noise, (0, 500)), "JPEG", {"quality": 80, "exif": turned}),
    ):
        file = io.BytesIO()
        image.save(file, kind, **options)
        files.append(file.getvalue())
    return files
