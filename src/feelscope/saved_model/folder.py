"""A saved model: a folder whose files a person can open, with a checksum for each.

labels.json     emotions in the order of the probabilities, the picture size, what is read beside words and picture
text.onnx, tokenizer.json, image.onnx   of the modalities it has; fusion.onnx
                of a model whose words another package reads, neither text.onnx nor tokenizer.json
calibration.json   of a calibrated model: how its probabilities are scaled; see `calibration`
README.md       the model card; metrics.json the scores; recipe.toml what was trained
manifest.json   SHA-256 of every file a prediction depends on; written last

Folders are shared, so what is in one is foreign: every value and every name is checked before it is used.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.config import shown
from feelscope.emotions import is_name
from feelscope.encoders.further import KINDS
from feelscope.encoders.tokenizer import READINGS, TEXT_READERS
from feelscope.errors import ModelError, one_line
from feelscope.files import LOCK, digest, read_json, write_json, writing
from feelscope.images.unlike_photos import KINDS as KINDS_OF_PICTURES
from feelscope.post import COMBINATIONS, MODALITIES
from feelscope.saved_model.runtime import NETWORKS
from feelscope.saved_model.saved_file import hub_stores, is_within, unlike_saved
from feelscope.text.other_language import NAMES

BUILTIN = Path(__file__).parents[1] / "builtin"
MULTILINGUAL = Path(__file__).parents[1] / "multilingual"
SHIPPED = {"builtin": BUILTIN, "multilingual": MULTILINGUAL}  # by the names that open them; parts of the package
CALIBRATION = "calibration.json"  # which a model need not have
BOTTLENECK = "bottleneck.json"  # of a semantic bottleneck, which is no such model
CHECKED = (*NETWORKS, "tokenizer.json", "labels.json")  # of a model of words and pictures
TOKENS = range(2, 513)  # that a text encoder may read of a post
SIZES = range(1, 2049)  # pixels a side that an image encoder may take
_FILES_OF = {"text": ("text.onnx", "tokenizer.json"), "image": ("image.onnx",)}
_MOST_BYTES = {".onnx": 2**31, ".json": 100_000_000}  # protobuf's own limit; vocabularies of all languages are 20 MB
_MOST_JSON = 4_000_000  # bytes of labels.json, metrics.json and manifest.json
_MOST_FILES = 50  # named by a manifest


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
        reading: What is done to words before they are split into tokens; one of `encoders.tokenizer.READINGS`.
        languages: Of the posts it was trained on, by their codes; words in others are warned about. Empty if not known.
        warns_of: Which pictures are warned about, some of `images.unlike_photos.KINDS`.
        skip_pictures: How sure it has to be of a feeling in a post's words, 0 to 1, for its picture not to be read;
            1 reads all.
        text_reader: What splits words into tokens and reads those; one of `encoders.tokenizer.TEXT_READERS`.
        unframe: Whether a photo is taken out of the bars or the page around it; see `images.within_frame`.
    """

    name: str
    emotions: tuple[str, ...]
    tokens: int
    size: int
    modalities: tuple[str, ...]
    further: tuple[Mapping[str, Any], ...] = ()
    pairs: bool = True
    reading: str = READINGS[0]
    languages: tuple[str, ...] = ()
    warns_of: tuple[str, ...] = ()
    skip_pictures: float = 1.0
    text_reader: str = TEXT_READERS[0]
    unframe: bool = False


def read_labels(folder: Path) -> Labels:
    """Check every file of a model against its manifest, then read its labels.

    Raises:
        ModelError: A file is missing or altered, or not as Feelscope writes it.
    """
    if (folder / BOTTLENECK).is_file():
        raise ModelError(
            f"{folder}: a semantic bottleneck, which reads pictures alone: feelscope explain bottleneck IMAGE --model "
            f"{folder}"
        )
    manifest = read_object(folder, "manifest.json")
    if len(manifest) > _MOST_FILES:
        raise wrong(folder, "manifest.json", f"it names {len(manifest):,} files, more than {_MOST_FILES}")
    for name, value in manifest.items():
        if not 0 < len(name) <= 100 or name in (".", "..") or set(name) & set("/\\:\0") or not name.isprintable():
            raise wrong(folder, "manifest.json", f"it may name files of its own folder alone, found {shown(name)}")
        if not (isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")):
            raise wrong(folder, "manifest.json", f"expected a SHA-256 for {name}, found {shown(value)}")
    _check(folder, "labels.json", manifest)
    labels = _labels(folder, read_object(folder, "labels.json"))
    optional = [CALIBRATION] if os.path.lexists(folder / CALIBRATION) else []  # that no manifest names: a foreign one
    for name in dict.fromkeys([*files(labels), *optional, *manifest]):
        _check(folder, name, manifest)
    return labels


def _labels(folder: Path, values: Mapping[str, Any]) -> Labels:
    """The checked content of labels.json."""
    older: dict[str, Any] = {"further": [], "pairs": True, "reading": READINGS[0], "text_reader": TEXT_READERS[0]}
    values = {**older, "languages": [], "warns_of": [], "skip_pictures": 1.0, "unframe": False, **values}
    texts, numbers = ("name", "emotions", "modalities"), {"tokens": ("text", TOKENS), "size": ("image", SIZES)}
    if missing := [name for name in (*texts, *numbers) if name not in values]:
        raise wrong(folder, "labels.json", f"it has no {missing[0]!r}")
    for name, right, expected in (
        ("name", is_name, "a printable text of at most 200 characters"),
        ("emotions", _are_emotions, "two different names or more, of at most 200 printable characters"),
        ("modalities", _are_modalities, f"some of {', '.join((*MODALITIES, *KINDS))}, each once"),
        ("further", lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value), "objects"),
        ("pairs", lambda value: isinstance(value, bool), "true or false"),
        ("unframe", lambda value: isinstance(value, bool), "true or false"),
        ("reading", lambda value: value in READINGS, " or ".join(READINGS)),
        ("languages", lambda value: _are_some(value, NAMES), f"some of {', '.join(NAMES)}, each once"),
        ("warns_of", lambda value: _are_some(value, KINDS_OF_PICTURES), f"some of {', '.join(KINDS_OF_PICTURES)}"),
        ("skip_pictures", is_share, "a number from 0 to 1"),
        ("text_reader", lambda value: value in TEXT_READERS, " or ".join(TEXT_READERS)),
        *((name, lambda value: type(value) is int, "a whole number") for name in numbers),
    ):
        if not right(values[name]):
            raise wrong(folder, "labels.json", f"{name}: expected {expected}, found {shown(values[name])}")
    for name, (modality, range_) in numbers.items():
        if modality in values["modalities"] and values[name] not in range_:
            expected = f"{range_[0]} to {range_[-1]}"
            raise wrong(folder, "labels.json", f"{name}: expected {expected}, found {shown(values[name])}")
    kinds = [one.get("kind") for one in values["further"]]
    if kinds != [name for name in values["modalities"] if name not in MODALITIES]:
        raise wrong(folder, "labels.json", f"further: its kinds are not those of the modalities, found {shown(kinds)}")
    return Labels(
        values["name"],
        tuple(values["emotions"]),
        values["tokens"],
        values["size"],
        tuple(values["modalities"]),
        tuple(values["further"]),
        values["pairs"],
        values["reading"],
        tuple(values["languages"]),
        tuple(values["warns_of"]),
        float(values["skip_pictures"]),
        values["text_reader"],
        values["unframe"],
    )


def is_share(value: object) -> bool:
    """Whether a value is a number from 0 to 1; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _are_emotions(value: object) -> bool:
    return isinstance(value, list) and 2 <= len(value) == len(set(filter(is_name, value)))


def _are_modalities(value: object) -> bool:
    return bool(value) and _are_some(value, (*MODALITIES, *KINDS))


def _are_some(value: object, known: Iterable[str]) -> bool:
    return isinstance(value, list) and len(value) == len({name for name in known if name in value})


def files(labels: Labels) -> list[str]:
    """The files that predicting with a model needs."""
    own = [modality for modality in labels.modalities if modality != "text" or labels.text_reader == TEXT_READERS[0]]
    of_modalities = [name for modality, names in _FILES_OF.items() if modality in own for name in names]
    return [*of_modalities, "fusion.onnx", "labels.json"]


def read_scores(folder: Path) -> dict[str, dict[str, float]]:
    """The macro-F1 in a model's metrics.json by set and combination of modalities; empty where it has none.

    Raises:
        ModelError: The file is damaged.
    """
    if not (folder / "metrics.json").exists():
        return {}
    sets = read_object(folder, "metrics.json").get("scores") or {}
    try:
        return {
            name if name.isprintable() else ascii(name): {
                key: float(scores[key]["macro_f1"]) for key in COMBINATIONS if scores.get(key)
            }
            for name, scores in sets.items()
        }
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise wrong(folder, "metrics.json", f"not scores as Feelscope writes them ({one_line(error)[:100]})") from error


def _check(folder: Path, name: str, manifest: Mapping[str, Any]) -> None:
    """Refuse a file that is missing, elsewhere, or not as it was saved."""
    path = folder / name
    try:
        problem = unlike_saved(path, manifest.get(name), _MOST_BYTES.get(path.suffix, _MOST_JSON), "model")
    except (OSError, RuntimeError) as error:
        raise _unreadable(path, error) from error
    if problem:
        raise wrong(folder, name, problem)


def write(
    folder: Path,
    labels: Labels,
    write_networks: Callable[[Path], object],
    calibration: Mapping[str, Any] | None = None,
) -> None:
    """Write a model into a folder, the manifest last.

    Args:
        write_networks: Called with an empty folder; writes what `files` names, but for labels.json.
        calibration: The content of calibration.json; None leaves none there.
    """
    (folder / "manifest.json").unlink(missing_ok=True)  # from here on, and until the end, it is no model
    (folder / CALIBRATION).unlink(missing_ok=True)
    # Other packages write to fixed names, and through a link that lies there; what is moved takes the link's place.
    with tempfile.TemporaryDirectory(suffix=".partial", dir=folder) as scratch:
        write_networks(Path(scratch))
        for file in Path(scratch).iterdir():
            file.replace(folder / file.name)
    write_json(folder / "labels.json", asdict(labels))
    if calibration is not None:
        write_json(folder / CALIBRATION, calibration)
    written = [name for name in (*CHECKED, CALIBRATION) if name in files(labels) or (folder / name).exists()]
    digests = {name: digest(folder / name) for name in written}
    write_json(folder / "manifest.json", digests)


def set_calibration(folder: Path, calibration: Mapping[str, Any]) -> None:
    """Give a model's folder, which nobody else reads yet, another calibration.json."""
    manifest = read_object(folder, "manifest.json")
    write_json(folder / CALIBRATION, calibration)
    write_json(folder / "manifest.json", {**manifest, CALIBRATION: digest(folder / CALIBRATION)})


def copy(folder: Path, target: Path, change: Callable[[Path], object] | None = None) -> None:
    """Copy a model's files to a new or empty folder.

    Args:
        change: Called with the copy before it takes its place.

    Raises:
        ModelError: The target holds files already, or cannot be written.
    """
    with new_folder(target) as partial:
        patterns = shutil.ignore_patterns("__pycache__", "checkpoint*", "*.partial", LOCK, partial.parent.name)

        def left_out(below: str, names: list[str]) -> set[str]:
            out = patterns(below, names)
            for name in sorted({*names} - out):
                _check_is_own(Path(below) / name, folder)
            return out

        shutil.copytree(folder, partial, ignore=left_out)
        if change is not None:
            change(partial)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to make and fill, which takes its place, a new or an empty one, once the block ends without error.

    Raises:
        ModelError: The target holds files already, or cannot be written.
    """
    try:
        check_is_free(target)
        whole = target.resolve()  # "." has no name of its own
        whole.parent.mkdir(parents=True, exist_ok=True)
        # Made complete beside its place, so that nothing half-made is ever under the name.
        with tempfile.TemporaryDirectory(prefix=f".{whole.name}.", dir=whole.parent) as scratch:
            partial = Path(scratch) / "whole"
            yield partial
            if whole.exists():
                with writing(whole, ModelError):  # whose end removes the lock of a writer that was killed
                    pass
                whole.rmdir()
            partial.rename(whole)
    except shutil.Error as error:  # its text is a list of every file
        raise ModelError(f"{target}: the files cannot be copied there; is the disk full?") from error
    except OSError as error:
        raise ModelError(f"{target}: cannot be written ({error.strerror}); give another folder") from error


def check_is_free(target: Path) -> None:
    """Refuse a folder that holds something, or that is a file.

    Raises:
        ModelError: It does, or is.
    """
    if target.exists() and (not target.is_dir() or any(path.name != LOCK for path in target.iterdir())):
        raise ModelError(f"{target}: something is there already; give a new or an empty folder")


def _check_is_own(path: Path, folder: Path) -> None:
    """Refuse what a copy would wait for, never end, or take from elsewhere."""
    if path.is_dir() and not path.is_symlink():
        return
    if not path.is_file() or not is_within(path, folder):
        raise ModelError(f"{path}: neither a folder nor a regular file of the model's folder; remove it")


def read_object(folder: Path, name: str) -> dict[str, Any]:
    """The JSON object in a file of a model's folder, which is foreign."""
    return read_json(folder / name, ModelError, _repair(folder), _MOST_JSON)


def wrong(folder: Path, name: str, what: str) -> ModelError:
    """What to raise for a file of a model's folder that is not as it should be."""
    return ModelError(f"{folder / name}: {what}; {_repair(folder)}")


def _unreadable(path: Path, error: Exception) -> ModelError:
    missing = isinstance(error, FileNotFoundError)
    what = "is missing" if missing else f"cannot be read ({getattr(error, 'strerror', None) or error})"
    return wrong(path.parent, path.name, f"this file {what}")


def _repair(folder: Path) -> str:
    if folder in SHIPPED.values():
        return "reinstall feelscope"
    if hub_stores(folder):
        return f"delete {folder.absolute().parents[1]}, which fetches it again, or tell the model's owner"
    return "copy the folder again or train the model again"
