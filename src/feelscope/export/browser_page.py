"""The page that runs an exported model of words in a browser: its own files, and those of onnxruntime-web.

onnxruntime-web is not part of Feelscope, and nothing here fetches it: `npm pack onnxruntime-web` does, and what is
given is the archive that it writes. Two files of it are used.
"""

import json
import os
import tarfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from feelscope.errors import ConfigError, ModelError, one_line
from feelscope.files import read_bounded, read_json, write_bytes, write_json
from feelscope.saved_model import folder as model_folder
from feelscope.text.emoticons import EMOTICONS
from feelscope.text.english_words import english_words
from feelscope.web.icon import ICON

PAGE = Path(__file__).with_name("page")
# The name in the archive, and on the page: as .js, since servers of plain files know what that is.
RUNTIME = {
    "dist/ort.wasm.bundle.min.mjs": "ort.js",
    "dist/ort-wasm-simd-threaded.wasm": "ort-wasm-simd-threaded.wasm",
}
_MOST_BYTES = 100_000_000  # of a file of the archive
_HOW = "fetch it with: npm pack onnxruntime-web"


def check(folder: Path, labels: model_folder.Labels) -> None:
    """Refuse a model whose words the page cannot read.

    Raises:
        ModelError: It reads no words, or by another tokenizer than BERT's.
    """
    if "text" not in labels.modalities:
        raise ModelError(f"{folder}: the page reads words, and this model reads pictures alone; leave out --page")
    tokenizer = read_json(folder / "tokenizer.json", ModelError, "train or copy the model again", _MOST_BYTES)
    kinds = [tokenizer.get(part) for part in ("model", "normalizer", "pre_tokenizer", "post_processor")]
    parts = [kind.get("type") if isinstance(kind, dict) else None for kind in kinds]
    if parts != ["WordPiece", "BertNormalizer", "BertPreTokenizer", "TemplateProcessing"]:
        found = ", ".join(str(part) for part in parts)
        raise ModelError(
            f"{folder / 'tokenizer.json'}: the page reads words as BERT does (WordPiece), and this model does not "
            f"({found}); leave out --page"
        )


def normalise_tables() -> dict[str, Any]:
    """What the page's normalise.js reads."""
    return {"words": sorted(english_words()), "emoticons": dict(EMOTICONS)}


def write(folder: Path, onnxruntime_web: Path, reading: str) -> str:
    """Write the page's files, and return the version of onnxruntime-web.

    Args:
        reading: What the model does to words before they are split; see `Labels`.

    Raises:
        ConfigError: It is neither the archive nor the folder of onnxruntime-web.
    """
    with ExitStack() as opened:
        read = _reader(onnxruntime_web, opened)
        try:
            package = json.loads(read("package.json"))
            version, contents = str(package["version"]), {new: read(name) for name, new in RUNTIME.items()}
        except (OSError, ValueError, LookupError, TypeError, EOFError, tarfile.TarError, zlib.error) as error:
            raise ConfigError(f"{onnxruntime_web}: not onnxruntime-web ({one_line(error)}); {_HOW}") from error
    if package.get("name") != "onnxruntime-web" or not version.isascii() or len(version) > 50:
        raise ConfigError(f"{onnxruntime_web}: this is another package, {str(package.get('name'))[:50]!r}; {_HOW}")
    for name, content in contents.items():
        write_bytes(folder / name, content)
    for file in (*PAGE.iterdir(), ICON):
        write_bytes(folder / file.name, file.read_bytes())
    if reading == "normalised":
        write_json(folder / "normalise.json", normalise_tables(), indent=None)
    return version


def _reader(given: Path, opened: ExitStack) -> Callable[[str], bytes]:
    """What reads a file of the package, from a folder or from the archive that `npm pack` writes."""
    if os.path.isdir(given):  # noqa: PTH112  # see `locate`
        inside = given / "package" if (given / "package" / "package.json").is_file() else given
        return lambda name: read_bounded(inside / name, _MOST_BYTES)
    try:
        archive = opened.enter_context(tarfile.open(given, "r:gz"))  # noqa: SIM115
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise ConfigError(f"{given}: cannot be read as what `npm pack` writes ({one_line(error)}); {_HOW}") from error

    def read(name: str) -> bytes:
        member = archive.getmember(f"package/{name}")
        if member.size > _MOST_BYTES or not member.isreg():
            raise ValueError(f"{name} is no file of a usual size")
        file = archive.extractfile(member)
        assert file is not None
        return file.read()

    return read
