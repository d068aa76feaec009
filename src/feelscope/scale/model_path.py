"""A model as processes on other machines, with another working folder, find it."""

import os
from pathlib import Path


def model_path(model: str | Path) -> str:
    """`builtin` or `hub:OWNER/NAME` as it is, which each machine has or fetches; a folder by its absolute path."""
    if model == "builtin" or not os.path.isdir(model):  # noqa: PTH112  # unlike `Path.is_dir`, it takes any name
        return str(model)
    return str(Path(model).absolute())
