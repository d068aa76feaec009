"""An encoder of the Hugging Face hub by name, or of a local folder: `hub:ORG/NAME` or `hub:/a/folder`, to its files.

Only plain files of the first level are fetched: JSON, vocabularies and safetensors, no program code and no pickle.
"""

from pathlib import Path

from feelscope.errors import ModelError
from feelscope.web.hub import PREFIX, fetch, read_name

_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
_EXAMPLE = "write hub:ORG/NAME as on the hub, or hub:/a/folder"


def find_folder(name: str) -> Path:
    """Find the folder of a model, fetching it from the hub where it is not here yet.

    Raises:
        ConfigError: It is no such name.
        ModelError: There is no such folder or model, the hub cannot be asked, or it has no safetensors.
        MissingExtra: The package that asks the hub is not installed.
    """
    rest = name.removeprefix(PREFIX).strip()
    local = Path(rest).expanduser()
    is_here = name.startswith(PREFIX) and rest != "" and (rest[0] in "/.~" or local.is_dir())
    folder = local if is_here else fetch(read_name(name, _EXAMPLE), _WANTED, _EXAMPLE)
    if not (folder / "config.json").is_file():
        raise ModelError(f"{name}: {folder} has no config.json; {_EXAMPLE}, with the files of a transformers model")
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{name}: it has no *.safetensors, and other weights are not opened; choose or convert another"
        )
    return folder
