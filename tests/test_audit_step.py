"""CI's question for known flaws: it never passes for a check where it reached nothing."""

import importlib.machinery
import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[1] / ".ci" / "audit"


@pytest.fixture
def audit() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("audit_step", str(FILE))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("audit_step", loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


def answers(audit: ModuleType, monkeypatch: pytest.MonkeyPatch, *ran: tuple[int, str] | None) -> list[list[str]]:
    """Lets pip-audit answer so, in this order; None is no answer in time. Returns what it is asked."""
    asked: list[list[str]] = []
    left = iter(ran)

    def run(line: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        asked.append(line)
        found = next(left)
        if found is None:
            raise subprocess.TimeoutExpired(line, 1)
        return subprocess.CompletedProcess(line, found[0], found[1], "")

    monkeypatch.setattr(audit.subprocess, "run", run)
    return asked


@pytest.mark.parametrize(
    "first",
    [
        (0, "Name   Skip Reason\njinja2 Dependency not found on PyPI and could not be audited"),
        (1, "requests.exceptions.ConnectionError: jinja2"),
        None,
    ],
)
def test_without_data_it_says_that_nothing_was_checked(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    first: tuple[int, str] | None,
) -> None:
    asked = answers(audit, monkeypatch, first)
    assert audit.main() == 0
    assert "NOT CHECKED" in capsys.readouterr().out
    assert len(asked) == 1


@pytest.mark.parametrize("code", [0, 1])
def test_with_data_the_answer_is_that_of_the_packages(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    asked = answers(audit, monkeypatch, (1, "jinja2 2.4.1 PYSEC-2019-217 2.10.1"), (code, ""))
    assert audit.main() == code
    assert "NOT CHECKED" not in capsys.readouterr().out
    assert "--local" in asked[1]
