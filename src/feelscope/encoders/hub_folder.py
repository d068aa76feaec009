"""A model of the Hugging Face hub by name, or of a local folder: `hub:ORG/NAME` or `hub:/a/folder`, to its files.

Only plain files of the first level are fetched: JSON, vocabularies and safetensors, no program code and no pickle.
"""

from pathlib import Path

from feelscope.errors import ConfigError, MissingExtra, ModelError

PREFIX = "hub:"
_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
_EXAMPLE = "write hub:ORG/NAME as on the hub, or hub:/a/folder"


def find_folder(name: str) -> Path:
    """Find the folder of a model, fetching it from the hub where it is not here yet.

    Raises:
        ConfigError: It is no such name.
        ModelError: There is no such folder or model, the hub cannot be asked, or it has no safetensors.
        MissingExtra: The package that asks the hub is not installed.
    """
    if not name.startswith(PREFIX) or not (rest := name.removeprefix(PREFIX).strip()):
        raise ConfigError(f"{name!r} names no model of the hub; {_EXAMPLE}")
    local = Path(rest).expanduser()
    folder = local if rest[0] in "/.~" or local.is_dir() else _from_hub(name, rest)
    if not (folder / "config.json").is_file():
        raise ModelError(f"{name}: {folder} has no config.json; {_EXAMPLE}, with the files of a transformers model")
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{name}: it has no *.safetensors, and other weights are not opened; choose or convert another"
        )
    return folder


def _from_hub(name: str, rest: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import GatedRepoError, HFValidationError, HTTPError, RepositoryNotFoundError
    except ImportError:
        raise MissingExtra('models of the hub need more packages: pip install "feelscope[train]"') from None
    try:
        return Path(snapshot_download(rest, allow_patterns=_WANTED, ignore_patterns=["*/*"]))
    except HFValidationError:
        raise ConfigError(f"{name!r} names no model of the hub; {_EXAMPLE}") from None
    except GatedRepoError as error:
        raise ModelError(f"{name}: its makers give it out on request only; ask on its page, then log in") from error
    except RepositoryNotFoundError as error:
        raise ModelError(f"{name}: the hub has no model of this name, or it is private; {_EXAMPLE}") from error
    except (
        OSError,
        HTTPError,
    ) as error:  # no network, a proxy, a broken answer, a full disk: all are told apart by their name only
        raise ModelError(
            f"{name}: it is not on this computer, and the hub could not give it ({type(error).__name__}); "
            "check the network, or download it elsewhere and give its folder as hub:/a/folder"
        ) from error
