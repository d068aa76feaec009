"""Requests drawn from the API's description, right and wrong ones, against the running service."""

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

CONFIG = Path(__file__).parent / "schemathesis.toml"


@pytest.mark.slow
def test_the_description_holds(tmp_path):
    schemathesis = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert schemathesis, "pip install schemathesis"
    service = Service(EmotionClassifier.load(write_small_model(tmp_path / "small"), workers=2), 2, ServiceSettings())
    command = [schemathesis, "--config-file", str(CONFIG), "run"]
    options = ["--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--no-color"]
    with running(application(service)) as address:
        described = f"{address}/openapi.json"
        ran = subprocess.run([*command, described, *options], capture_output=True, text=True, cwd=tmp_path)
    service.close()
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert "Tested: 12" in ran.stdout
