"""One commit that makes a repository of the hub hold a saved model: its files and its card, and nothing else of it.

Everything is checked before the hub is asked: a file that is no part of a saved model, such as a quarantine or posts,
stops the push. A repository is private unless it is to be public.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.errors import ConfigError, ModelError
from feelscope.files import read_bounded
from feelscope.push.front_matter import OTHER, with_front_matter
from feelscope.saved_model.folder import Labels, read_labels
from feelscope.saved_model.locate import locate
from feelscope.saved_model.published import files_within, is_published
from feelscope.saved_model.saved_file import is_within
from feelscope.web.hub import PREFIX, TOKEN, HubName, asking, read_name, token

_CARD = "README.md"
_HUBS_OWN = ".gitattributes"  # which the hub writes into every repository
_MOST_CARD = 4_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Pushed:
    """A model on the hub.

    Args:
        name: By which it is loaded, with its commit.
        address: Of its page.
        files: That it consists of.
        is_new: Whether the repository was made for it.
    """

    name: HubName
    address: str
    files: tuple[str, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class PushSettings:
    """How a model is published.

    Args:
        public: Whether everybody may read it.
        licence, language: See `with_front_matter`.
    """

    public: bool = False
    licence: str = OTHER
    language: str = "en"


def push(model: str | Path, name: str, settings: PushSettings = PushSettings()) -> Pushed:
    """Publish a saved model, in one commit.

    Args:
        model: `builtin`, or a folder.
        name: `hub:OWNER/NAME`; the repository is made where it is not there.

    Raises:
        ModelError: The folder is no whole model, has no card, or holds what is not to be published; the repository is
            public and was to be private, or is to become public and holds other files; or the hub refuses or cannot be
            asked.
        ConfigError: The name, the licence or the language is none; or there is no token.
        MissingExtra: The package that asks the hub is not installed.
    """
    place = read_name(name)
    if place.revision:
        raise ConfigError(f"{name}: a model is pushed to the main branch; leave out @{place.revision}")
    if str(model).startswith(PREFIX):
        raise ConfigError(f"{model}: is on the hub already; give a folder")
    folder = locate(model)
    labels = read_labels(folder)
    contents = {file: folder / file for file in _checked_files(folder)}
    card = _card(folder, labels, settings)
    if token() is None:
        raise ConfigError(f"{place}: pushing needs a token that may write; set {TOKEN} to one from your page of tokens")
    with asking(place):
        return _push(place, contents, card, settings.public)


def _checked_files(folder: Path) -> Iterator[str]:
    """The files that are published, once it is clear that the folder holds no others."""
    found = [*files_within(folder)]
    if others := [file for file in found if not is_published(file)]:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise ModelError(
            f"{folder / others[0]}{more}: no file of a saved model, and nobody else's business; move it out of the "
            "folder, or push a copy that EmotionClassifier.save made"
        )
    for file in found:
        if not (folder / file).is_file() or not is_within(folder / file, folder):
            raise ModelError(f"{folder / file}: no regular file of the model's folder; remove it")
    yield from found


def _card(folder: Path, labels: Labels, settings: PushSettings) -> bytes:
    """The card as the hub reads it."""
    try:
        text = read_bounded(folder / _CARD, _MOST_CARD).decode("utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / _CARD}: the card cannot be read ({error}); train the model again") from error
    if not text.strip():
        raise ModelError(
            f"{folder}: it has no card, {_CARD}, and a model without one is not published; write what it is for, what "
            "it was trained on and its limits, or push a folder that `feelscope train` wrote"
        )
    return with_front_matter(text, labels, settings.licence, settings.language).encode("utf-8")


def _push(place: HubName, contents: dict[str, Path], card: bytes, public: bool) -> Pushed:
    """Make the repository and its commit; within `asking`."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    api = HfApi(token=token(), library_name="feelscope")
    try:
        found: Any = api.repo_info(place.repository)
    except RepositoryNotFoundError:
        found = None
        api.create_repo(place.repository, private=not public)
    if found is not None and not found.private and not public:
        raise ModelError(f"{place}: is public already; give --public, or another name for a private one")
    there = set() if found is None else {*api.list_repo_files(place.repository)}
    is_opened = public and found is not None and found.private
    if is_opened and (others := sorted(name for name in there - {_HUBS_OWN} if not is_published(name))):
        raise ModelError(
            f"{place}: it has {others[0]}, no file of a saved model, and --public would show it to everybody; remove "
            "it there, or give another name"
        )
    # Of what an earlier push wrote, what this model does not have; a LICENSE of the page's own making stays.
    stale = sorted(name for name in there - {*contents, "LICENSE"} if is_published(name))
    commit = api.create_commit(
        place.repository,
        [
            *(CommitOperationAdd(name, card if name == _CARD else file) for name, file in contents.items()),
            *(CommitOperationDelete(name) for name in stale),
        ],
        commit_message=f"Emotion model, pushed by Feelscope: {len(contents)} files",
    )
    if is_opened:
        api.update_repo_settings(place.repository, private=False)
    return Pushed(
        HubName(place.repository, commit.oid), f"{api.endpoint}/{place.repository}", tuple(contents), found is None
    )
