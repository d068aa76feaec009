"""What `feelscope models` says about a model: where it is, its emotions, its size, its scores."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feelscope.post import COMBINATIONS
from feelscope.saved_model import folder as model_folder


def describe(model: str | Path) -> str:
    """A model in a few lines.

    Raises:
        ModelError: There is no model, or one of its files is missing or altered.
    """
    folder = model_folder.locate(model)
    labels = model_folder.read_labels(folder)
    size = sum((folder / name).stat().st_size for name in model_folder.files(labels))
    lines = [f"{model}: {folder}", f"  emotions: {', '.join(labels.emotions)}", f"  size: {size / 1e6:.1f} MB"]
    return "\n".join([*lines, *_scores(folder / "metrics.json")])


def _scores(file: Path) -> Iterator[str]:
    """Macro-F1 on each set the model was scored with, read from its metrics.json."""
    if not file.is_file():
        return
    sets: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")).get("scores") or {}
    for name, scores in sets.items():
        shown = [f"{scores[key]['macro_f1']:.3f} {title}" for key, title in COMBINATIONS.items() if scores.get(key)]
        yield f"  macro-F1 on {name}: {', '.join(shown)}"
