"""The bill of materials that docs/containers.md shows how to write: it lists every package that Feelscope requires."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from feelscope.doctor import requirements

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_every_requirement_is_listed_with_its_version(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^cyclonedx-py (.*)$", page, re.MULTILINE)
    arguments = shown.replace("sbom.json", str(tmp_path / "sbom.json")).replace(".venv", sys.executable).split()
    line = [sys.executable, "-m", "cyclonedx_py", *arguments]
    subprocess.run(line, cwd=ROOT, check=True, capture_output=True, timeout=900)
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "feelscope"
    listed = {plain(part["name"]): part.get("version") for part in bill["components"]}
    wanted = {plain(name) for names in requirements().values() for name in names}
    assert len(wanted) > 30
    assert not {name for name in wanted if not listed.get(name)}


def plain(name: str) -> str:
    """A package's name, as all its spellings are."""
    return re.sub(r"[-_.]+", "-", name).lower()
