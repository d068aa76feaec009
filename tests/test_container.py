"""The Dockerfile, without a container engine: linted, and run as far as a machine alone can."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from dockerfile import FILE, ROOT, all_of, command, copied, health_check, is_ignored, stages

TEXT = FILE.read_text(encoding="utf-8")
FIRST, LAST = stages(TEXT)
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8")
BESIDE = Path(sys.executable).parent  # where the packages' programs are
KEY = "a-key-of-many-letters"


def lint(text: str) -> subprocess.CompletedProcess[str]:
    found = [place / "hadolint" for place in (BESIDE, *map(Path, os.environ["PATH"].split(os.pathsep)))]
    program = next((path for path in found if path.is_file()), None)
    assert program, 'hadolint is missing: pip install -e ".[dev]"'
    return subprocess.run([program, "--no-color", "-"], input=text, capture_output=True, text=True)


def test_the_linter_finds_nothing() -> None:
    ran = lint(TEXT)
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("FROM python:3.11-slim-bookworm\n", "FROM python\n", "DL3006"),
        ("USER 10001:10001", "USER root", "DL3002"),
        ("COPY src src", "ADD src src", "DL3020"),
        ('ENTRYPOINT ["feelscope"]', "ENTRYPOINT feelscope", "DL3025"),
        ("WORKDIR /source", "WORKDIR source", "DL3000"),
    ],
)
def test_the_linter_would_find_faults(right: str, wrong: str, rule: str) -> None:
    assert right in TEXT
    ran = lint(TEXT.replace(right, wrong))
    assert ran.returncode == 1
    assert rule in ran.stdout


def test_both_stages_have_the_same_base_by_its_tag() -> None:
    bases = [all_of("FROM", stage)[0].split()[0] for stage in (FIRST, LAST)]
    assert bases[0] == bases[1]
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases[0])
    least = re.search(r'requires-python = ">=(3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert least is not None and least[1] in bases[0]  # what the tests run on


def test_what_is_copied_is_there_and_reaches_the_engine() -> None:
    sources = [source for source, _ in copied(FIRST)]
    assert sources
    for source in sources:
        assert (ROOT / source).exists()
        assert not is_ignored(source, IGNORED)
    for name in (".git", ".venv", "tests", "experiments", "examples", ".env", "posts.db", "src/feelscope/__pycache__"):
        assert is_ignored(name, IGNORED)


def test_the_package_is_built_from_what_is_copied() -> None:
    read = re.findall(r'"((?:src/)?[\w/]*(?:LICENSE|README\.md))"', (ROOT / "pyproject.toml").read_text())
    assert read
    assert '"docs" = "feelscope/docs"' in (ROOT / "pyproject.toml").read_text()
    for path in (*read, "docs"):
        assert any(path == source or path.startswith(f"{source}/") for source, _ in copied(FIRST)), path


def test_the_container_has_nothing_of_the_build_and_no_rights() -> None:
    assert all_of("COPY", LAST) == ["--from=build /opt/feelscope /opt/feelscope"]
    assert all_of("USER", LAST) == ["10001:10001"]
    assert [name for name, _ in LAST].index("USER") < [name for name, _ in LAST].index("ENTRYPOINT")
    assert not [step for step in all_of("RUN", LAST) if re.search(r"pip|apt|curl|wget|chmod", step)]
    assert not re.search(r"(?i)(_KEYS?|TOKEN|PASSWORD|SECRET)=", TEXT)


def start(arguments: list[str], **environment: str) -> subprocess.Popen[str]:
    env = {**os.environ, "FEELSCOPE_API_KEYS": "", **environment}
    line = [sys.executable, "-m", "feelscope.cli", *arguments]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def test_without_keys_it_ends_at_once_and_says_why() -> None:
    program, *arguments = command(LAST)
    assert program == "feelscope"
    running = start(arguments)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 1
    assert said.startswith("Error: --host 0.0.0.0 lets other machines ask; set FEELSCOPE_API_KEYS")


@pytest.fixture
def port() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = str(free.getsockname()[1])
    yield number


def test_the_health_check_is_true_of_a_running_service_and_false_of_a_stopped_one(port: str) -> None:
    _, *arguments = (part.replace("8080", port) for part in command(LAST))
    program, *check = (part.replace("8080", port) for part in health_check(LAST))
    assert program == "python"

    def healthy() -> int:
        # A proxy in the environment is not asked for what is within the container.
        env = {**os.environ, "http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        return subprocess.run([sys.executable, *check], env=env, capture_output=True, timeout=60).returncode

    assert healthy() == 1
    running = start(arguments, FEELSCOPE_API_KEYS=KEY)
    try:
        for _ in range(600):
            if healthy() == 0 or running.poll() is not None:
                break
            time.sleep(0.1)
        assert running.poll() is None, running.communicate()
        assert healthy() == 0
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/predict",
            b'{"text": "We won!"}',
            {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=60) as answer:
            assert b'"happiness"' in answer.read()
        running.send_signal(getattr(signal, all_of("STOPSIGNAL", LAST)[0]))
        assert running.wait(60) == 0
    finally:
        running.kill()
        running.communicate()
    assert healthy() == 1
