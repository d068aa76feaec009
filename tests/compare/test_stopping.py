"""The command stops at once, with all its processes, and keeps what is done."""

import signal
import subprocess
import sys
import time

import pytest
from command_runs import COMMAND
from small_comparison import TAGGED, write_posts, write_vectors


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_stopped_comparison_goes_on(tmp_path):
    write_posts(tmp_path / "posts.csv", 600)
    write_vectors(tmp_path / "vectors.txt")
    (tmp_path / "long.toml").write_text(TAGGED.replace("epochs = 3", "epochs = 100000\n\n[choices]\npatience = 100000"))
    (tmp_path / "short.toml").write_text(TAGGED.replace("epochs = 3", "epochs = 1"))
    arguments = ["compare", "posts.csv", "--models", "short.toml,long.toml", "--recipes", "paper", "--seeds", "2"]
    arguments += ["--words", "vectors.txt", "--processes", "2", "--out", "run"]
    process = subprocess.Popen([*COMMAND, *arguments], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    for _ in range(1200):
        if (tmp_path / "run" / "trainings" / "short-0.json").exists():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=120)[1]  # its processes hold stderr open as long as they live
    assert process.returncode == 130
    assert said.splitlines()[-1] == f"stopped; continue with: feelscope {' '.join(arguments)}"
    assert (tmp_path / "run" / "trainings" / "short-0.npz").exists()
    assert not (tmp_path / "run" / "trainings" / "long-0.json").exists()
