"""Which files of a model's folder are published, and fetched from the hub: those of a saved model, no others."""

from collections.abc import Iterator
from pathlib import Path

from feelscope.files import LOCK
from feelscope.saved_model.folder import CALIBRATION, CHECKED
from feelscope.saved_model.manifest import MANIFEST

FIGURES = ("by_modality", "confusion", "f1_by_emotion", "learning_curve", "reliability")
NAMES = (  # of the folder's own files; no other is fetched
    *(MANIFEST, *CHECKED, CALIBRATION),
    *("README.md", "LICENSE", "metrics.json", "recipe.toml", "model.safetensors"),
)
_FIGURE_FILES = {f"figures/{name}.{kind}" for name in FIGURES for kind in ("png", "svg", "csv")}
_LEFT_BEHIND = ("checkpoint", "tensorboard", "__pycache__")  # of a training; they are nobody else's business


def is_published(name: str) -> bool:
    """Whether a path within a model's folder is a file of a saved model."""
    return name in NAMES or name in _FIGURE_FILES


def files_within(folder: Path) -> Iterator[str]:
    """The paths of all files in a model's folder but those that a training left behind, and other models below it."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(_LEFT_BEHIND) or path.name.endswith((LOCK, ".partial")):
            continue
        if not path.is_dir():
            yield path.name
        elif not (path / MANIFEST).is_file():
            yield from (str(below.relative_to(folder)) for below in sorted(path.rglob("*")) if not below.is_dir())
