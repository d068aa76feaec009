"""The Dockerfile at the root as instructions, and its steps as far as they can be taken without a container engine."""

import json
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "Dockerfile"


def stages(text: str) -> list[list[tuple[str, str]]]:
    """The instructions of each stage, FROM first, with their arguments on one line."""
    found: list[list[tuple[str, str]]] = []
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", " ", lines).splitlines():
        if line.strip():
            name, _, arguments = line.strip().partition(" ")
            if name == "FROM":
                found.append([])
            found[-1].append((name, arguments.strip()))
    return found


def all_of(name: str, stage: list[tuple[str, str]]) -> list[str]:
    return [arguments for instruction, arguments in stage if instruction == name]


def command(stage: list[tuple[str, str]]) -> list[str]:
    """What a container runs: ENTRYPOINT with CMD."""
    ((entry,), (rest,)) = (all_of(name, stage) for name in ("ENTRYPOINT", "CMD"))
    return [*json.loads(entry), *json.loads(rest)]


def health_check(stage: list[tuple[str, str]]) -> list[str]:
    (check,) = all_of("HEALTHCHECK", stage)
    return json.loads(check.partition("CMD ")[2])


def copied(stage: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What is copied from the repository, and where to."""
    for arguments in all_of("COPY", stage):
        if not arguments.startswith("--from"):
            *sources, target = arguments.split()
            yield from ((source, target) for source in sources)


def is_ignored(path: str, rules: str) -> bool:
    """Whether .dockerignore keeps a path of the first level, or below it, out of what is sent to the engine."""
    ignored = False
    for rule in rules.splitlines():
        kept, pattern = rule.startswith("!"), rule.strip().removeprefix("!").removeprefix("**/")
        names = [path, *Path(path).parts]
        if pattern and not pattern.startswith("#") and any(fnmatch(name, pattern) for name in names):
            ignored = not kept
    return ignored


def copy_context(target: Path) -> None:
    """Lay out a folder as the first stage's COPY lines do."""
    first, *_ = stages(FILE.read_text(encoding="utf-8"))
    skipped = shutil.ignore_patterns("__pycache__", "*.pyc")
    for source, place in copied(first):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target / place, ignore=skipped)
        else:
            shutil.copy(ROOT / source, target / place)
