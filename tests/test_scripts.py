"""Benchmarks and experiments, which no other test runs: what they take from the package is there."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(path for room in ("benchmarks", "experiments") for path in (ROOT / room).rglob("*.py"))


def names_of(file: Path) -> set[str] | None:
    """What a module has by name; None where it makes names as they are asked for."""
    found: set[str] = {"__file__", "__doc__"}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return None if "__getattr__" in found else found


def module_file(module: str) -> Path | None:
    stem = ROOT / "src" / Path(*module.split("."))
    return next((file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file()), None)


def missing(source: str) -> list[str]:
    """Names that a script takes from the package and that are not there."""
    modules: dict[str, Path] = {}
    wanted: list[tuple[str, Path, str]] = []
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "feelscope":
            file = module_file(node.module or "")
            if file is None:
                wanted.append((str(node.module), ROOT, ""))
                continue
            for alias in node.names:
                if below := module_file(f"{node.module}.{alias.name}"):
                    modules[alias.asname or alias.name] = below
                else:
                    wanted.append((str(node.module), file, alias.name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            wanted.append((node.value.id, modules[node.value.id], node.attr))
    return [
        f"{module}.{name}".rstrip(".")
        for module, file, name in wanted
        if file == ROOT or ((known := names_of(file)) is not None and name not in known)
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_script_takes_from_the_package_is_there(script: Path) -> None:
    assert not missing(script.read_text(encoding="utf-8"))


def test_a_name_that_is_gone_is_found() -> None:
    source = "from feelscope.saved_model import folder, gone\nfrom feelscope.no import x\nfolder.locate(folder.BUILTIN)"
    assert missing(source) == ["feelscope.saved_model.gone", "feelscope.no", "folder.locate"]
