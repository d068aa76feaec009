"""A model as processes on other machines, with another working folder, find it."""

import os
from pathlib import Path

from feelscope.saved_model.folder import SHIPPED


def model_path(model: str | Path) -> str:
    """A name that opens a model on each machine, or hub:OWNER/NAME, as it is; a folder by its absolute path."""
    if model in SHIPPED or not os.path.isdir(model):  # noqa: PTH112  # unlike `Path.is_dir`, it takes any name
        return str(model)
    return str(Path(model).absolute())
