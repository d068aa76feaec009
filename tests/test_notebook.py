"""The notebook among the tutorials: committed without output, and every cell runs."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from documented import ROOT
from nbclient import NotebookClient

NOTEBOOK = ROOT / "docs" / "tutorials" / "notebook.ipynb"
SHORTER = {"StratifiedGroupKFold(3,": "StratifiedGroupKFold(2,", "epochs = 6": "epochs = 2"}  # a training less


def cells() -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]


def test_the_notebook_has_no_outputs() -> None:
    nbformat.validate(nbformat.read(NOTEBOOK, 4))
    assert cells()
    assert not [
        cell for cell in cells() if cell.outputs or cell.execution_count is not None or "execution" in cell.metadata
    ]


def test_the_links_of_the_notebook_lead_somewhere() -> None:
    text = "\n".join(cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)#]+)", text)
    assert links
    assert not [link for link in links if not (NOTEBOOK.parent / link).exists()]


@pytest.mark.slow
def test_the_notebook_runs(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "tutorials"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    notebook = nbformat.read(NOTEBOOK, 4)
    for found, shorter in SHORTER.items():
        (cell,) = [cell for cell in notebook.cells if cell.cell_type == "code" and found in cell.source]
        cell.source = cell.source.replace(found, shorter)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    shown = [kind for cell in code for output in cell.outputs for kind in output.get("data", {})]
    assert shown.count("image/png") == 2
    made = folder / "runs" / "notebook"
    assert (made / "mine" / "README.md").is_file()
    assert len((made / "answers.csv").read_text(encoding="utf-8").splitlines()) == 81
