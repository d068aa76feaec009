"""The Hugging Face hub: `hub:OWNER/NAME`, or `hub:OWNER/NAME@REVISION`, to a folder of the hub's own cache.

A token is read from HF_TOKEN alone, and no message has it. What is in the cache needs no network; with HF_HUB_OFFLINE=1
none is asked for. HF_ENDPOINT names another hub.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.errors import ConfigError, ModelError, needs_extra

PREFIX = "hub:"
TOKEN = "HF_TOKEN"
_ANSWERS = {
    401: f"it does not accept the token in {TOKEN}: make another on its page of tokens",
    403: f"the token in {TOKEN} does not allow this: give it the right, or take another",
    413: "a file is too large for it",
    429: "it was asked too often: try again later",
}


@dataclass(frozen=True, slots=True)
class HubName:
    """A repository of the hub.

    Args:
        repository: `OWNER/NAME`.
        revision: A branch, a tag or a commit; None is the newest.
    """

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{PREFIX}{self.repository}" + (f"@{self.revision}" if self.revision else "")


def read_name(name: str, example: str = "write hub:OWNER/NAME, as on the hub") -> HubName:
    """Read the name of a repository.

    Raises:
        ConfigError: It is none; whether the hub takes it is for the hub to say.
    """
    repository, at, revision = name.removeprefix(PREFIX).strip().partition("@")
    if not name.startswith(PREFIX) or not repository or (at and not revision):
        raise ConfigError(f"{name!r} names no model of the hub; {example}")
    return HubName(repository, revision or None)


def token() -> str | None:
    """The token of the environment; None without."""
    return os.environ.get(TOKEN, "").strip() or None


def fetch(name: HubName, files: Sequence[str], example: str = "write hub:OWNER/NAME, as on the hub") -> Path:
    """The folder of a repository in the hub's cache; what is not there is fetched.

    Args:
        files: Patterns of names; of files in the repository's first level alone.
        example: How a name is written.

    Raises:
        ConfigError, ModelError, MissingExtra: As `asking`.
    """
    with asking(name, example, "it is not on this computer, and "):
        from huggingface_hub import snapshot_download

        found = snapshot_download(
            name.repository,
            revision=name.revision,
            allow_patterns=[*files],
            ignore_patterns=["*/*"],
            token=token() or False,  # False: not the one of a file either
            library_name="feelscope",
        )
    return Path(found)


@contextmanager
def asking(name: HubName, example: str = "write hub:OWNER/NAME, as on the hub", before: str = "") -> Iterator[None]:
    """Around calls of huggingface_hub: whatever goes wrong is one line.

    Args:
        before: What is said before that the hub does not answer.

    Raises:
        ConfigError: The hub takes no such name.
        ModelError: There is no such repository or revision, it may not be read or written, or the hub cannot be asked.
        MissingExtra: The package that asks the hub is not installed.
    """
    with needs_extra("the hub", "hub"):
        from huggingface_hub.errors import (
            GatedRepoError,
            HFValidationError,
            HTTPError,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )
    try:
        with _quiet():
            yield
    except HFValidationError:
        raise ConfigError(f"{str(name)!r} names no model of the hub; {example}") from None
    except GatedRepoError as error:
        raise ModelError(
            f"{name}: its makers give it out on request only; ask on its page, then set {TOKEN} to a token of yours"
        ) from error
    except RepositoryNotFoundError as error:
        hint = "" if token() else f"; a private one needs {TOKEN}"
        raise ModelError(f"{name}: the hub has no model of this name, or it is private; {example}{hint}") from error
    except RevisionNotFoundError as error:
        raise ModelError(f"{name}: the hub has no revision {name.revision} of it; see its branches and tags") from error
    # No network, a proxy, an answer that is no answer, a full disk: all are told apart by their names only.
    except (OSError, HTTPError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise ModelError(f"{name}: {_reason(error, before)}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without huggingface_hub's warnings, and without its progress bars where nobody would see them move."""
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars, logging

    level = logging.get_verbosity()
    barless = not (sys.stderr.isatty() or are_progress_bars_disabled())
    logging.set_verbosity_error()
    if barless:
        disable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if barless:
            enable_progress_bars()


def _reason(error: BaseException, before: str) -> str:
    """What the hub answered, or that it did not answer."""
    cause: Any = error if getattr(error, "response", None) is not None else error.__cause__ or error
    status = getattr(getattr(cause, "response", None), "status_code", None)
    if status in _ANSWERS:
        return f"the hub refuses: {_ANSWERS[status]}"
    if type(cause).__name__ == "OfflineModeIsEnabled":
        return f"{before}HF_HUB_OFFLINE keeps from asking the hub; unset it for this once"
    found = type(cause).__name__ + (f", status {status}" if status else "")
    return f"{before}the hub could not be asked ({found}); check the network"
