"""The folder of a model: one that comes with Feelscope, a run's, or one that is fetched from the hub."""

import os
from pathlib import Path

from feelscope.errors import ModelError
from feelscope.saved_model.folder import SHIPPED
from feelscope.saved_model.manifest import MANIFEST
from feelscope.saved_model.published import NAMES
from feelscope.web.hub import PREFIX, HubName, fetch, read_name

_FIRST = (MANIFEST, "labels.json")  # small, and every model has them


def locate(model: str | Path) -> Path:
    """The folder of a model: `builtin`, `multilingual`, a run's, or `hub:OWNER/NAME[@REVISION]`, fetched if not here.

    Raises:
        ModelError: There is no such folder, no such model of the hub, or the hub cannot be asked.
        ConfigError: It is no name of the hub.
        MissingExtra: The package that asks the hub is not installed.
    """
    if isinstance(model, str) and model in SHIPPED:  # the word alone; a Path of that name is a folder like any other
        return SHIPPED[model]
    if str(model).startswith(PREFIX):
        return _fetched(read_name(str(model)))
    folder = Path(model)
    if not os.path.isdir(folder):  # noqa: PTH112  # unlike `Path.is_dir`, it takes a name that is too long
        raise ModelError(
            f"{model}: no model folder is there; give the folder that `feelscope train --out` wrote, `builtin`, "
            "`multilingual`, or hub:OWNER/NAME"
        )
    return folder


def is_everywhere(model: str | Path) -> bool:
    """Whether a model's name means the same on every machine, unlike a folder's."""
    return isinstance(model, str) and (model in SHIPPED or model.startswith(PREFIX))


def _fetched(name: HubName) -> Path:
    """The model's folder in the hub's cache; another repository's weights, which may be huge, are not fetched."""
    first = fetch(name, _FIRST)
    if missing := [file for file in _FIRST if not (first / file).is_file()]:
        raise ModelError(
            f"{name}: not a model of Feelscope, it has no {missing[0]}; give one that `feelscope push` wrote"
        )
    return fetch(HubName(name.repository, first.name), NAMES)  # the snapshot's folder is named after its commit
