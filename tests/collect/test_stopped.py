"""The command itself, stopped in every way there is."""

import os
import random
import signal
import subprocess
import time

import pytest
from command_runs import COMMAND
from platforms import KEY, serve, tumblr, tumblr_post

from feelscope.store import Calls, Store

NOW = 1_460_000_000


def start(tmp_path, address, *more):
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    environment = {**kept, "TUMBLR_API_KEY": KEY, "FEELSCOPE_TUMBLR_URL": address}
    command = [*COMMAND, "collect", "posts.db", "tumblr", "happy", "--before", str(NOW), *more]
    return subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)


def wait_for_calls(platform, process, calls):
    while process.poll() is None and platform.calls < calls:
        time.sleep(0.001)


@pytest.mark.slow
def test_ten_thousand_posts_through_twenty_kills(tmp_path):
    posts = [tumblr_post(number, NOW - 10 - 30 * number) for number in range(10_000)]
    platform = tumblr(posts)
    # Everything that a platform does in bad moments, all along the way.
    kinds = ("shuffled", "newer", "again", "500", "cut", "429")
    draw = random.Random(5)
    platform.faults = {number: draw.choice(kinds) for number in range(7, 600, 40)}
    kills = 0
    with serve(platform) as address:
        while kills < 20:
            process = start(tmp_path, address)
            wait_for_calls(platform, process, platform.calls + draw.randint(5, 25))
            time.sleep(draw.random() * 0.02)
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            with Store(tmp_path / "posts.db") as store:
                cursor = store.cursor("tumblr", "happy before 2016-04-07T03:33:20Z")
                # Every post down to the cursor is there, and none is behind it: one transaction.
                have = {int(post.id.split(":")[1]) for post in store.posts()}
                assert cursor is None or have == {
                    n for n in range(10_000) if posts[n]["timestamp"] >= cursor[0]["before"] - 1
                }
        assert kills == 20
        process = start(tmp_path, address)
        stderr = process.communicate(timeout=300)[1]
        assert process.returncode == 0, stderr
    with Store(tmp_path / "posts.db") as store:
        ids = [post.id for post in store.posts()]
        assert sorted(ids) == sorted(f"tumblr:{number}" for number in range(10_000)), "nothing lost, nothing twice"
        calls = store.execute("SELECT count(*) FROM calls").fetchone()[0]
    assert platform.calls <= calls <= platform.calls + 21, "every call is counted, at most one a kill in vain"
    assert platform.calls < 700, "at most a page a kill is asked for again"


def test_ctrl_c_says_how_to_go_on(tmp_path):
    posts = [tumblr_post(number, NOW - 10 - 30 * number) for number in range(3000)]
    platform = tumblr(posts)
    with serve(platform) as address:
        process = start(tmp_path, address)
        wait_for_calls(platform, process, 5)
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=120)[1]
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == f"stopped; continue with: feelscope collect posts.db tumblr happy --before {NOW}"
    assert "Traceback" not in stderr


def test_a_run_says_what_it_did_and_what_is_left(tmp_path):
    with serve(tumblr([tumblr_post(number, NOW - 10 - number) for number in range(50)])) as address:
        stderr = start(tmp_path, address, "--limit", "20").communicate(timeout=120)[1]
    assert "980 of 1,000 calls left this hour, back from" not in stderr
    assert "999 of 1,000 calls left this hour, back from" in stderr
    assert "4,999 of 5,000 calls left this day" in stderr
    assert "20 posts in" in stderr
    assert "20 of them new; posts.db has 20" in stderr


def test_a_used_up_quota_stops_with_no_wait(tmp_path):
    platform = tumblr([tumblr_post(number, NOW - 10 - number) for number in range(50)])
    with serve(platform) as address:
        start(tmp_path, address, "--limit", "1").communicate(timeout=120)
        with Store(tmp_path / "posts.db") as store:
            ((key,),) = store.execute("SELECT DISTINCT key FROM calls").fetchall()
            for _ in range(1000):
                Calls(store, "tumblr", key).log(time.time())
        calls = platform.calls
        process = start(tmp_path, address, "--no-wait")
        stderr = process.communicate(timeout=120)[1]
    assert process.returncode == 1
    assert stderr.splitlines()[-1].startswith("Error: tumblr: the quota is used up until ")
    assert platform.calls == calls
