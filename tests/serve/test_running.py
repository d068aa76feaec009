"""The service as a process: it says where it is, ends in order, and refuses what it cannot do in one line."""

import base64
import os
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from command_runs import COMMAND, error, usage_error
from service_asking import ask, send
from small_web import drawn

from feelscope.config import processors

DONE = "feelscope_post_duration_seconds_count"
POST = {"text": "What a lovely day!", "image": base64.b64encode(drawn(size=(900, 700), kind="JPEG")).decode()}


@pytest.fixture
def start():
    processes = []

    def start(*options, **environment):
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *options],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        processes.append(process)
        said = process.stderr.readline()
        assert " answers at http://" in said, said + process.stderr.read()
        assert "try: curl http://" in said
        return process, said.split(" answers at ")[1].split(",")[0]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stderr.close()


def run(*options, **environment):
    command = [*COMMAND, "serve", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_answered_before_the_end(start, number):
    process, address = start("--threads", "1")
    assert ask(address, "/v1/predict", POST)[0] == 200
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(ask, address, "/v1/predict", {"posts": [POST] * 20}) for _ in range(6)]
        while _gauge(address, "feelscope_queue_posts") + _gauge(address, DONE) < 121:  # all of them are accepted
            pass
        process.send_signal(number)
        answers = [one.result() for one in asked]
    assert [status for status, _ in answers] == [200] * 6
    assert all(len(answer["predictions"]) == 20 for _, answer in answers)
    assert process.wait(30) == 0
    assert process.stderr.read() == "stopped; all that was accepted was answered\n"


def _gauge(address, name) -> float:
    lines = send(address, "GET", "/metrics")[2].decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.mark.slow
def test_the_grace_time_ends_what_takes_longer(start):
    process, address = start("--threads", "1", "--grace", "0", "--max-posts", "900")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, address, "/v1/predict", {"posts": [{"text": POST["text"]}] * 900})
        while not _gauge(address, DONE):
            pass
        process.send_signal(signal.SIGTERM)
        assert asked.result(60) == (503, {"error": "the service stopped before it could answer"})
    assert process.wait(60) == 0
    said = process.stderr.read().splitlines()
    assert said[-1] == "stopped; 1 request could not be answered within 0 seconds"
    assert not [line for line in said if "Traceback" in line]


def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert error(run("--port", port)) == (
            f"Error: port {port} cannot be used (Address already in use); name another with --port"
        )


def test_two_more_threads_than_processors(start):
    _, address = start()
    assert _gauge(address, "feelscope_threads") == processors() + 2


def test_a_broken_form_is_no_line_in_the_log(start):
    process, address = start()
    assert ask(address, "/v1/predict", b"a secret", Content_Type="multipart/form-data; boundary=edge")[0] == 422
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert process.stderr.read() == "stopped; all that was accepted was answered\n"


def test_an_address_of_ipv6(start):
    try:
        with socket.socket(socket.AF_INET6) as free:
            free.bind(("::1", 0))
    except OSError:
        pytest.skip("needs IPv6")
    _, address = start("--host", "::1")
    assert address.startswith("http://[::1]:")
    assert ask(address, "/healthz") == (200, {"status": "ok"})


def test_an_address_of_another_machine():
    said = error(run("--host", "192.0.2.1", FEELSCOPE_API_KEYS="k" * 16))
    assert said.startswith("Error: 192.0.2.1, port 8080 cannot be used (")
    assert said.endswith("; name another with --host or --port")


def test_other_machines_need_a_key():
    said = error(run("--host", "0.0.0.0"))
    assert said.startswith("Error: --host 0.0.0.0 lets other machines ask; set FEELSCOPE_API_KEYS")
    assert error(run(FEELSCOPE_API_KEYS="short")) == (
        "Error: FEELSCOPE_API_KEYS: 1 of 1 keys have fewer than 16 letters"
    )


def test_wrong_values():
    assert "--max-posts" in usage_error(run("--max-posts", "0"))
    assert (
        error(run("--queue", "10"))
        == "Error: waiting (--queue): expected room for the 256 posts of one request (--max-posts), found 10"
    )
    assert error(run("--model", "nowhere")).startswith("Error: nowhere: no model folder is there")
