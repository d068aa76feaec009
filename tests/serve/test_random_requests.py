"""Requests drawn from the API's description, right and wrong ones, against the running service."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from page_serving import running
from small_model import write_small_model

from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.serve.application import application
from feelscope.serve.service import Service
from feelscope.serve.settings import ServiceSettings

HERE = Path(__file__).parent


@pytest.mark.slow
def test_the_description_holds(tmp_path):
    schemathesis = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert schemathesis, "pip install schemathesis"
    service = Service(EmotionClassifier.load(write_small_model(tmp_path / "small"), workers=2), 2, ServiceSettings())
    command = [schemathesis, "--config-file", str(HERE / "schemathesis.toml"), "run"]
    options = ["--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--no-color"]
    hooked = {**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")}
    with running(application(service)) as address:
        described = f"{address}/openapi.json"
        asked = [*command, described, *options]
        ran = subprocess.run(asked, capture_output=True, text=True, cwd=tmp_path, env=hooked)
    service.close()
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert "Tested: 12" in ran.stdout
