"""A folder of the hub to a network and what prepares its input, through the Auto classes of transformers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from feelscope.encoders.hub_folder import find_folder
from feelscope.errors import MissingExtra, ModelError, one_line

_SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
_TOKENIZERS = ("tokenizer.json", "vocab.*", "*.model")

T = TypeVar("T")


def load_model(name: str, kind: str = "AutoModel") -> tuple[Any, Path]:
    """Load the network in float32, ready to use, and tell its folder.

    Args:
        kind: The class of transformers that it is a network of; `AutoModel` takes what its configuration says.

    Raises:
        ConfigError, ModelError, MissingExtra: As `find_folder`; or transformers knows no such network, it needs
            program code of its own, or weights are missing or damaged.
    """
    try:
        import torch
        import transformers
        from safetensors import SafetensorError
    except ImportError:
        raise MissingExtra('models of the hub need more packages: pip install "feelscope[train]"') from None
    folder = find_folder(name)

    def load() -> tuple[Any, dict[str, Any]]:
        try:
            return getattr(transformers, kind).from_pretrained(
                folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **_SAFE
            )
        except SafetensorError as error:
            raise OSError(f"damaged weights, {error}") from error

    model, loading = _quietly(load, f"{name}: the model cannot be loaded")
    missing = set(loading["missing_keys"])
    if any(key.startswith("pooler.") for key in missing):  # random at every load: not to be used
        model.pooler = None
        missing = {key for key in missing if not key.startswith("pooler.")}
    if missing or loading["mismatched_keys"]:
        example = sorted(missing or map(str, loading["mismatched_keys"]))[0]
        raise ModelError(f"{name}: weights of the encoder are missing or of another size, as {example}; choose another")
    return model.eval(), folder


def load_tokenizer(name: str, folder: Path) -> Any:
    """Load a tokenizer; raises `ModelError` where there is none."""
    from transformers import AutoTokenizer

    if not any(file for pattern in _TOKENIZERS for file in folder.glob(pattern)):  # transformers would make up one
        raise ModelError(f"{name}: it has no tokenizer ({', '.join(_TOKENIZERS)}); choose a text encoder")
    return _quietly(lambda: AutoTokenizer.from_pretrained(folder, **_SAFE), f"{name}: it has no tokenizer that loads")


def load_image_processor(name: str, folder: Path) -> Any:
    """Load what scales pictures, the version that needs no torchvision; raises `ModelError` where there is none."""
    from transformers import AutoImageProcessor

    return _quietly(
        lambda: AutoImageProcessor.from_pretrained(folder, backend="pil", **_SAFE),
        f"{name}: it has no preprocessor_config.json that loads",
    )


def _quietly(load: Callable[[], T], problem: str) -> T:
    """Load without bars and reports; whatever fails becomes one line."""
    try:
        with _silence():
            return load()
    except Exception as error:  # the libraries raise anything on foreign folders, tokenizers bare Exceptions
        raise ModelError(f"{problem} ({one_line(error)[:200]}); choose another model, or download it again") from error


@contextmanager
def _silence() -> Iterator[None]:
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
