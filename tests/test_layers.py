"""Imports point one way, file by file: from the rows above, from one's own folder, and nowhere in a circle."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import feelscope

PACKAGE = Path(feelscope.__file__).parent

# docs/architecture.md shows the same rows; folders and root files, by name.
ROWS = (
    "emotions post errors config progress files memory",
    "text metrics web",
    "table images drawing",
    "store",
    "words collect prepare image_text",
    "encoders two_spaces",
    "models",
    "objectives",
    "explain",
    "saved_model",
    "evaluate export predict push",
    "embed train",
    "bottleneck emoji estimator generate",
    "audit calibrate compare estimate label report",
    "explore",
    "serve",
    "scale",
    "doctor pages",
    "cli",
)
LIGHT = (
    "audit",
    "calibrate",
    "cli",
    "collect",
    "doctor",
    "embed",
    "estimate",
    "evaluate",
    "explain",
    "explore",
    "export",
    "label",
    "predict",
    "prepare",
    "push",
    "report",
    "text",
    "web",
    "words",
)
HEAVY = {"torch", "transformers", "sklearn", "matplotlib", "onnx", "pandas"}
# Big folders have rows of their own: files and folders below them, from the first that may be imported by all the rest.
INNER_ROWS: dict[str, tuple[str, ...]] = {
    "explore": ("search", "index", "trend", "views", "finding", "archive", "newest", "server"),
    "train": (
        "old_names device together",
        "recipe choosing",
        "teachers run_folder checkpoint selection row_batches plain_classifiers describing",
        "kept_apart rebuild_line",
        "data batches",
        "encoding fold_corpus",
        "rebuilding",
        "classifier_task loop",
        "fit",
        "cross_validation",
        "fold_scores",
        "report",
        "train",
        "given",
    ),
}


def module_file(module: str, package: Path) -> Path | None:
    """The file of a module of feelscope; None where the name is something inside one."""
    stem = package.joinpath(*module.split(".")[1:])
    return next((file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file()), None)


def imports(file: Path, package: Path) -> Iterator[tuple[Path, int]]:
    """The files of feelscope that a file imports, for the type checker alone too, and the lines."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: write imports in full, so that they can be read alone"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.split(".")[0] == "feelscope":
                found = module_file(name, package) or module_file(name.rpartition(".")[0], package)
                assert found, f"{file}:{node.lineno}: {name} is no module of feelscope"
                if found != package / "__init__.py":  # it imports when a name is asked for, see `__getattr__`
                    yield found, node.lineno


def files(package: Path) -> list[Path]:
    """Every file but the package's own `__init__`."""
    return sorted(file for file in package.rglob("*.py") if file != package / "__init__.py")


def row(parts: tuple[str, ...], rows: tuple[str, ...]) -> int:
    """The row of the first of a path's parts."""
    name = parts[0].removesuffix(".py")
    found = [number for number, names in enumerate(rows, 1) if name in names.split()]
    assert len(found) == 1, f"say in the rows and in docs/architecture.md where {'/'.join(parts)} belongs"
    return found[0]


def may_import(importer: Path, imported: Path, package: Path) -> bool:
    """Whether the rows allow one file to import another."""
    own, other = importer.relative_to(package).parts, imported.relative_to(package).parts
    rows, room = ROWS, ""
    while True:
        if (own_row := row(own, rows)) != (other_row := row(other, rows)):
            return other_row < own_row
        if own[0] != other[0]:  # two rooms of one row, or two files of one folder
            return len(own) == len(other) == 1
        room = f"{room}/{own[0]}".lstrip("/")
        if room not in INNER_ROWS:
            return True
        own, other, rows = own[1:], other[1:], INNER_ROWS[room]
        if own == other:
            return False
        if (own[0] == "__init__.py") or (other[0] == "__init__.py"):
            return own[0] == "__init__.py"


def faults(package: Path = PACKAGE) -> list[str]:
    """Every import that points the wrong way, and the first circle."""
    graph = {file: dict(imports(file, package)) for file in files(package)}
    wrong = [
        f"{file.relative_to(package)}:{line}: may not import {imported.relative_to(package)}"
        for file, found in graph.items()
        for imported, line in found.items()
        if not may_import(file, imported, package)
    ]
    try:
        TopologicalSorter({file: [*found] for file, found in graph.items()}).prepare()
    except CycleError as error:
        wrong.append("a circle: " + " <- ".join(str(file.relative_to(package)) for file in error.args[1]))
    return wrong


def test_imports_point_one_way() -> None:
    assert not faults()


def plant(package: Path, **sources: str) -> list[str]:
    """The faults of a package of these files, whose names have __ for a slash."""
    for name, source in sources.items():
        file = package / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return faults(package)


def test_an_upward_import_is_found(tmp_path: Path) -> None:
    found = plant(tmp_path, models__late="\nfrom feelscope.train.loop import fit", train__loop="", train____init__="")
    assert found == ["models/late.py:2: may not import train/loop.py"]


def test_a_sideways_import_is_found(tmp_path: Path) -> None:
    found = plant(tmp_path, text__tokens="import feelscope.metrics.scores", metrics__scores="")
    assert found == ["text/tokens.py:1: may not import metrics/scores.py"]


def test_a_circle_is_found_even_for_types_alone(tmp_path: Path) -> None:
    late = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from feelscope.models.early import Early"
    found = plant(tmp_path, models__late=late, models__early="from feelscope.models import late")
    assert len(found) == 1
    assert found[0].startswith("a circle: ")


@pytest.mark.parametrize("room", INNER_ROWS)
def test_an_upward_import_within_a_big_folder_is_found(room: str, tmp_path: Path) -> None:
    low, high = (names.split()[0] for names in (INNER_ROWS[room][0], INNER_ROWS[room][-1]))
    sources = {f"{room}__{low}": f"from feelscope.{room}.{high} import x", f"{room}__{high}": ""}
    assert plant(tmp_path, **sources) == [f"{room}/{low}.py:1: may not import {room}/{high}.py"]


def test_a_file_in_a_folder_of_a_big_folder_may_not_import_upward(tmp_path: Path) -> None:
    upward = "from feelscope.explore.server import application"
    found = plant(tmp_path, explore__search__request=upward, explore__server="", explore____init__="")
    assert found == ["explore/search/request.py:1: may not import explore/server.py"]


def test_the_root_is_tidy() -> None:
    assert len([file for file in PACKAGE.glob("*.py") if file.name != "__init__.py"]) <= 10


def test_architecture_shows_these_rows() -> None:
    page = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = [line.split("|")[1:3] for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    shown = {name: int(number) for number, rooms in table for name in re.findall(r"`(\w+)`", rooms)}
    assert shown == {name: number for number, names in enumerate(ROWS, 1) for name in names.split()}
    for room, rows in INNER_ROWS.items():
        lines = [re.findall(rf"`{room}/(\w+)`", line) for line in page.splitlines() if line.startswith(f"| `{room}/")]
        assert [" ".join(names) for names in lines] == [*rows]


def imported(code: str) -> set[str]:
    """Top names in sys.modules after running code in a new process."""
    code += "\nimport sys; print('|'.join({name.split('.')[0] for name in sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parents[1])
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines()[-1].split("|"))


def test_import_feelscope_costs_nothing() -> None:
    code = "import feelscope, sys; assert not [name for name in sys.modules if name.startswith('feelscope.')]"
    assert not imported(code) & (HEAVY | {"numpy", "PIL", "typer", "rich", "pyarrow", "onnxruntime"})


@pytest.mark.parametrize("name", LIGHT)
def test_these_rooms_need_no_torch(name: str) -> None:
    code = f"""
import importlib, pkgutil
module = importlib.import_module("feelscope.{name}")
for entry in pkgutil.walk_packages(getattr(module, "__path__", []), "feelscope.{name}."):
    if not entry.name.endswith("__main__"):
        importlib.import_module(entry.name)
"""
    assert not imported(code) & HEAVY


def test_two_spaces_need_scikit_learn_and_no_torch() -> None:
    # scikit-learn imports pandas where it is installed.
    assert imported("import feelscope.two_spaces.tune") & HEAVY - {"pandas"} == {"sklearn"}


COMMANDS = {
    "help": ["--help"],
    "audit pairs": ["audit", "pairs", "{tmp}/swaps.csv", "--templates", "{tmp}/templates.txt"],
    "predict help": ["predict", "--help"],
    "one post": ["predict", "--text", "What a day!", "--image", "examples/images/cake.png"],
    "a table": ["predict", "examples/posts.csv", "--quarantine", "{tmp}/quarantine.jsonl"],
    "calibrate": ["calibrate", "{tmp}/labelled.csv", "--out", "{tmp}/mine"],
    "embed": ["embed", "examples/posts.csv", "--out", "{tmp}/vectors.parquet"],
    "evaluate": ["evaluate", "examples/posts.csv", "--limit", "3", "--quarantine", "{tmp}/quarantine.jsonl"],
    "models": ["models"],
    "export": ["export", "onnx", "builtin", "--out", "{tmp}/out"],
    "push help": ["push", "--help"],
    "emoji answer": ["emoji", "answer", "flight is awful"],
    "generate text": ["generate", "text", "--emotion", "fear", "--image", "examples/images/storm.jpg"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_these_commands_need_no_torch(name: str, tmp_path: Path) -> None:
    arguments = [argument.format(tmp=tmp_path) for argument in COMMANDS[name]]
    posts = [f"{number},I am so {('sad', 'happy')[number % 2]},{('sad', 'happy')[number % 2]}" for number in range(60)]
    (tmp_path / "labelled.csv").write_text("\n".join(["id,text,emotion", *posts]))
    (tmp_path / "swaps.csv").write_text("first,second\nmy young friend,my old friend\n")
    (tmp_path / "templates.txt").write_text("{} has left.\n")
    code = f"""
import sys
from feelscope.cli import main
sys.argv = ["feelscope", *{arguments!r}]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
"""
    found = imported(code)
    arrow = {"pandas"} if name == "embed" else set()  # Arrow imports it where it is installed
    assert not found & (HEAVY - arrow)
    if "help" in name:
        assert not found & {"numpy", "PIL", "rich", "pyarrow", "onnxruntime", "tokenizers"}
    if name in ("one post", "a table"):  # a CSV needs no Arrow
        assert not found & {"rich", "pyarrow"}
