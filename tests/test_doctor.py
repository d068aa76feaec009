"""The doctor sees what is installed, and what is broken in an installation that was broken on purpose."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from feelscope import doctor
from feelscope.doctor import Finding
from feelscope.saved_model import folder as model_folder


def examined(monkeypatch: pytest.MonkeyPatch, *requirements: str) -> dict[str, Finding]:
    """Findings by name, for a Feelscope that asks for these packages."""
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: list(requirements))
    return {finding.name: finding for finding in doctor.examine()}


def package(folder: Path, name: str, code: str) -> None:
    """An installed package of version 9.9 whose import runs this code."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(code)
    (folder / f"{name}-9.9.dist-info").mkdir()
    (folder / f"{name}-9.9.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n")


def run(path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The doctor's command, with further packages in front of the installed ones."""
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    command = [sys.executable, "-m", "feelscope.cli", "doctor"]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_what_is_installed_has_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy
    import PIL

    found = examined(monkeypatch, "numpy>=1.26", 'pillow>=12; extra == "pictures"')
    assert found["numpy"] == Finding("numpy", "ok", numpy.__version__)
    assert found["pillow [pictures]"] == Finding("pillow [pictures]", "ok", PIL.__version__)


def test_an_absent_extra_is_no_fault_and_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch, "numpy", 'no-such-package-1; extra == "train"')["no-such-package-1 [train]"]
    assert (found.state, found.detail) == ("absent", 'pip install "feelscope[train]"')


def test_an_absent_package_that_predict_needs_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch, "no-such-package-1>=2")["no-such-package-1"]
    assert (found.state, found.advice) == ("broken", "pip install no-such-package-1")


def test_a_package_is_named_once_though_other_extras_have_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    extras = ("all", "dev", "train")
    names = [*(f'torch; extra == "{extra}"' for extra in extras), 'feelscope[train]; extra == "all"']
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: names)
    assert doctor.requirements() == {"": [], "train": ["torch"], "all": [], "dev": []}


def test_every_package_of_this_installation_is_looked_at() -> None:
    asked = {name for names in doctor.requirements().values() for name in names}
    assert {"numpy", "onnxruntime", "typer", "torch", "pytest"} <= asked


def test_the_prediction_is_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch)
    emotions = model_folder.read_labels(model_folder.BUILTIN).emotions
    assert found["a prediction"].state == "ok"
    assert found["a prediction"].detail.split(",")[0] in emotions
    assert found["built-in model, checksums"].state == "ok"


def test_an_altered_model_is_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(model_folder.BUILTIN, tmp_path / "builtin")
    with (tmp_path / "builtin" / "tokenizer.json").open("a") as file:
        file.write(" ")
    monkeypatch.setattr(model_folder, "BUILTIN", tmp_path / "builtin")
    found = examined(monkeypatch)
    assert found["built-in model"].state == "broken"
    assert "tokenizer.json" in found["built-in model"].detail
    assert "a prediction" not in found


def test_a_folder_that_cannot_be_written_to_is_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor.tempfile, "gettempdir", lambda: str(tmp_path / "gone"))
    found = examined(monkeypatch)["temporary folder"]
    assert (found.state, found.advice) == ("broken", f"make {tmp_path / 'gone'} writable")


def test_a_package_that_ends_python_does_not_end_the_doctor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package(tmp_path, "crashes", "import os; os._exit(7)")
    package(tmp_path, "raises", "raise RuntimeError('two\\nlines')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    found = examined(monkeypatch, "crashes", "raises", "numpy")
    assert found["crashes"].detail == "9.9, importing it ends Python (exit code 7)"
    assert found["raises"].detail == "9.9, cannot be imported: RuntimeError: two lines"
    assert found["numpy"].state == "ok"


@pytest.mark.slow
def test_a_torchvision_that_does_not_fit_is_named_with_what_to_do(tmp_path: Path) -> None:
    package(tmp_path, "torchvision", "raise RuntimeError('operator torchvision::nms does not exist')")
    ran = run(tmp_path)
    assert ran.returncode == 1
    (line,) = [line for line in ran.stdout.splitlines() if "torchvision  " in line]
    assert line.startswith("BROKEN")
    assert "operator torchvision::nms does not exist" in line
    assert "pip uninstall torchvision" in ran.stdout
    assert "1 broken" in ran.stdout


@pytest.mark.slow
def test_a_sound_installation_ends_with_zero() -> None:
    ran = run()
    assert ran.returncode == 0, ran.stdout
    assert "BROKEN" not in ran.stdout
    assert "All is well." in ran.stdout
    assert ran.stderr == ""


def test_keys_are_looked_for_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUMBLR_API_KEY", "secret-1")
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    found = examined(monkeypatch)
    assert found["keys of tumblr"] == Finding("keys of tumblr", "ok", "TUMBLR_API_KEY")
    assert found["keys of flickr"].state == "absent"
    assert "no FLICKR_API_KEY" in found["keys of flickr"].detail


def test_whether_the_hub_may_be_asked_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert examined(monkeypatch)["models of the hub"].detail == f"from the cache alone, {tmp_path / 'hub'}"
