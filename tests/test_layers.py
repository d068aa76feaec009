"""Imports point one way: a file imports from the rows above it, and from its own row only inside its own folder."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import feelscope

PACKAGE = Path(feelscope.__file__).parent

# docs/architecture.md shows the same rows.
ROWS = (
    "emotions post errors config emoji_text progress quiet",
    "table store images",
    "collect prepare words",
    "encoders modalities",
    "models objectives metrics drawing",
    "model_folder runtime export explain",
    "classifier recipe fusion_recipe checkpoint batches",
    "teachers corpus tuning fit soup refit train run_folder training_report predict evaluation evaluate figures card "
    "generate emoji audit label",
    "family",
    "compare doctor explore serve scale",
    "cli",
)
ROW = {room: number for number, rooms in enumerate(ROWS, 1) for room in rooms.split()}
FILES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")
ROOMS = {file.relative_to(PACKAGE).parts[0].removesuffix(".py") for file in FILES}
LIGHT = "cli predict evaluate classifier doctor explain explore serve collect prepare label words modalities".split()
HEAVY = {"torch", "transformers", "sklearn", "matplotlib", "onnx", "pandas"}


def room(module: str) -> str:
    """The room of a module: feelscope.table.posts is in `table`."""
    return module.split(".")[1]


def modules(file: Path) -> list[tuple[str, int, bool]]:
    """Modules of feelscope that a file imports, with the line and whether for the type checker only."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: write imports in full, so that they can be read alone"
            if node.module == "feelscope":
                names = [f"feelscope.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
            else:
                names = [str(node.module)]
        found += [(name, node.lineno, id(node) in for_types) for name in names if name.startswith("feelscope.")]
    return found


def faults(file: Path, package: Path = PACKAGE) -> list[str]:
    """What a file imports against the rule."""
    own = room(".".join(("feelscope", *file.relative_to(package).with_suffix("").parts)))
    wrong = []
    for module, line, for_types in modules(file):
        other = room(module)
        if other == own and file.parent != package:
            continue
        both_files = file.parent == package and (package / f"{other}.py").is_file()
        may_be_same_row = both_files or for_types
        if not (ROW[other] < ROW[own] or (ROW[other] == ROW[own] and may_be_same_row)):
            wrong.append(f"{file.relative_to(package)}:{line}: row {ROW[own]} imports {module} of row {ROW[other]}")
    return wrong


def test_every_file_is_in_a_row() -> None:
    assert not ROOMS - ROW.keys(), f"say in ROWS and docs/architecture.md where {sorted(ROOMS - ROW.keys())} belong"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_one_way(file: Path) -> None:
    assert not faults(file)


def test_the_rule_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "metrics.py").touch()
    file = tmp_path / "models" / "late.py"
    file.write_text("from feelscope import metrics\nimport feelscope.models.gated\nfrom feelscope.train import train\n")
    assert [fault.split(": ")[0] for fault in faults(file, tmp_path)] == ["models/late.py:1", "models/late.py:3"]


def test_architecture_shows_these_rows() -> None:
    page = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = [line.split("|")[1:3] for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    shown = {name: int(number) for number, rooms in table for name in re.findall(r"`(\w+)`", rooms)}
    assert shown == {name: number for name, number in ROW.items() if name in ROOMS}


def imported(code: str) -> set[str]:
    """Top names in sys.modules after running code in a new process."""
    code += "\nimport sys; print('|'.join({name.split('.')[0] for name in sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parents[1])
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines()[-1].split("|"))


def test_import_feelscope_costs_nothing() -> None:
    code = "import feelscope, sys; assert not [name for name in sys.modules if name.startswith('feelscope.')]"
    assert not imported(code) & (HEAVY | {"numpy", "PIL", "typer", "rich", "pyarrow", "onnxruntime"})


@pytest.mark.parametrize("name", sorted(ROOMS & {*LIGHT}))
def test_these_rooms_need_no_torch(name: str) -> None:
    code = f"""
import importlib, pkgutil
module = importlib.import_module("feelscope.{name}")
for entry in pkgutil.walk_packages(getattr(module, "__path__", []), "feelscope.{name}."):
    if not entry.name.endswith("__main__"):
        importlib.import_module(entry.name)
"""
    assert not imported(code) & HEAVY


COMMANDS = {
    "help": ["--help"],
    "predict help": ["predict", "--help"],
    "one post": ["predict", "--text", "What a day!", "--image", "examples/images/cake.png"],
    "a table": ["predict", "examples/posts.csv", "--quarantine", "{tmp}/quarantine.jsonl"],
    "evaluate": ["evaluate", "examples/posts.csv", "--limit", "3", "--quarantine", "{tmp}/quarantine.jsonl"],
    "models": ["models"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_these_commands_need_no_torch(name: str, tmp_path: Path) -> None:
    arguments = [argument.format(tmp=tmp_path) for argument in COMMANDS[name]]
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
    assert not found & HEAVY
    if "help" in name:
        assert not found & {"numpy", "PIL", "rich", "pyarrow", "onnxruntime", "tokenizers"}
    if name in ("one post", "a table"):  # a CSV needs no Arrow
        assert not found & {"rich", "pyarrow"}
