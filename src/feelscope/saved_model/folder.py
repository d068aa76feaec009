"""A saved model: a folder whose files a person can open, with a checksum for each.

labels.json     emotions in the order of the probabilities, the picture size, what is read beside words and picture
text.onnx, tokenizer.json, image.onnx   of the modalities it has; fusion.onnx
README.md       the model card; metrics.json the scores; recipe.toml what was trained
manifest.json   SHA-256 of every file a prediction depends on; written last
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.errors import ModelError
from feelscope.files import LOCK, digest, write_json, writing
from feelscope.saved_model.runtime import NETWORKS

BUILTIN = Path(__file__).parents[1] / "builtin"
CHECKED = (*NETWORKS, "tokenizer.json", "labels.json")  # of a model of words and pictures
_FILES_OF = {"text": ("text.onnx", "tokenizer.json"), "image": ("image.onnx",)}


@dataclass(frozen=True, slots=True)
class Labels:
    """What a model needs to know to read a post and name its answer.

    Args:
        name: The model's name.
        emotions: In the order of the probabilities.
        tokens: The most tokens of a post that are read.
        size: Pixels a side of the picture the image network takes.
        modalities: What it was trained on: `text`, `image` and the names of further ones; what is not among them is
            not used.
        further: The further ones as `encoders.further.from_json` reads them, in the order of their names above.
        pairs: Whether the tokenizer takes title and text as two sequences; see `encoders.tokenizer.Tokenizer`.
    """

    name: str
    emotions: tuple[str, ...]
    tokens: int
    size: int
    modalities: tuple[str, ...]
    further: tuple[Mapping[str, Any], ...] = ()
    pairs: bool = True


def locate(model: str | Path) -> Path:
    """The folder of a model: the built-in one, or a run's folder.

    Raises:
        ModelError: There is no such folder.
    """
    if model == "builtin":  # the word alone; a Path of that name is a folder like any other
        return BUILTIN
    folder = Path(model)
    if not os.path.isdir(folder):  # noqa: PTH112  # unlike `Path.is_dir`, it takes a name that is too long
        raise ModelError(
            f"{model}: no model folder is there; give the folder that `feelscope train --out` wrote, or `builtin`"
        )
    return folder


def read_labels(folder: Path) -> Labels:
    """Check every file of a model against its manifest, then read its labels.

    Raises:
        ModelError: A file is missing or altered.
    """
    manifest = _read_json(folder / "manifest.json")
    _check(folder, "labels.json", manifest)
    values = _read_json(folder / "labels.json")
    try:
        labels = Labels(
            values["name"],
            tuple(values["emotions"]),
            int(values["tokens"]),
            int(values["size"]),
            tuple(values["modalities"]),
            tuple(dict(one) for one in values.get("further", ())),  # older models have none
            bool(values.get("pairs", True)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / 'labels.json'}: {error!r} is not as expected; {_repair(folder)}") from error
    for name in dict.fromkeys([*files(labels), *manifest]):
        _check(folder, name, manifest)
    return labels


def files(labels: Labels) -> list[str]:
    """The files that predicting with a model needs."""
    of_modalities = [name for modality, names in _FILES_OF.items() if modality in labels.modalities for name in names]
    return [*of_modalities, "fusion.onnx", "labels.json"]


def _check(folder: Path, name: str, manifest: Mapping[str, Any]) -> None:
    """Refuse a file that is missing or not as it was saved."""
    path = folder / name
    try:
        altered = digest(path) != manifest.get(name)
    except OSError as error:
        raise _unreadable(path, error) from error
    if altered:
        raise ModelError(f"{path}: this file was altered since the model was saved; {_repair(folder)}")


def write(folder: Path, labels: Labels, write_networks: Callable[[Path], object]) -> None:
    """Write a model into a folder, the manifest last.

    Args:
        write_networks: Called with an empty folder; writes what `files` names, but for labels.json.
    """
    (folder / "manifest.json").unlink(missing_ok=True)  # from here on, and until the end, it is no model
    # Other packages write to fixed names, and through a link that lies there; what is moved takes the link's place.
    with tempfile.TemporaryDirectory(suffix=".partial", dir=folder) as scratch:
        write_networks(Path(scratch))
        for file in Path(scratch).iterdir():
            file.replace(folder / file.name)
    write_json(folder / "labels.json", asdict(labels))
    digests = {name: digest(folder / name) for name in CHECKED if name in files(labels) or (folder / name).exists()}
    write_json(folder / "manifest.json", digests)


def copy(folder: Path, target: Path) -> None:
    """Copy a model's files to a new or empty folder.

    Raises:
        ModelError: The target holds files already, or cannot be written.
    """
    try:
        if target.exists() and (not target.is_dir() or any(path.name != LOCK for path in target.iterdir())):
            raise ModelError(f"{target}: something is there already; give a new or an empty folder")
        whole = target.resolve()  # "." has no name of its own
        whole.parent.mkdir(parents=True, exist_ok=True)
        # Made complete beside its place, so that no half model is ever under the name.
        with tempfile.TemporaryDirectory(prefix=f".{whole.name}.", dir=whole.parent) as scratch:
            partial = Path(scratch) / "model"
            left_out = shutil.ignore_patterns("__pycache__", "checkpoint*", "*.partial", LOCK, Path(scratch).name)
            shutil.copytree(folder, partial, ignore=left_out)
            if whole.exists():
                with writing(whole, ModelError):  # whose end removes the lock of a writer that was killed
                    pass
                whole.rmdir()
            partial.rename(whole)
    except shutil.Error as error:  # its text is a list of every file
        raise ModelError(f"{target}: the model's files cannot be copied there; is the disk full?") from error
    except OSError as error:
        raise ModelError(f"{target}: cannot be written ({error.strerror}); give another folder") from error


def _read_json(path: Path) -> dict:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(path, error) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{path}: this file is not JSON ({error}); {_repair(path.parent)}") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: expected a JSON object, found {type(value).__name__}; {_repair(path.parent)}")
    return value


def _unreadable(path: Path, error: OSError) -> ModelError:
    what = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
    return ModelError(f"{path}: this file of the model {what}; {_repair(path.parent)}")


def _repair(folder: Path) -> str:
    return "reinstall feelscope" if folder == BUILTIN else "copy the folder again or train the model again"
