"""A network, played here, that is collected by the command while `kill -9` ends it again and again."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command_runs import COMMAND
from open_networks import bluesky, bluesky_post, mastodon, status
from platforms import KEY, Platform, serve

from feelscope.store import Store

NOW = 1_780_000_000
KINDS = ("empty", "shuffled", "again", "429", "500", "cut")
GONE_EVERY, EDITED_EVERY = 500, 333  # posts; one is deleted, or edited, while it is collected
Posts = list[dict[str, Any]]


class Killed:
    """One network that is collected by a command which is killed again and again."""

    def __init__(self, network: str, count: int, seed: int) -> None:
        self.draw = random.Random(seed)
        self.make: Callable[[int, float], dict[str, Any]] = bluesky_post if network.startswith("bluesky") else status
        self.posts: Posts = [self.make(number, NOW - 30 * number) for number in range(count)]
        self.source = network.partition("-")[0]
        self.all = [f"{self.source}:{post['uri']}" for post in self.posts]
        self.platform, self.arguments = self._played(network)
        # Everything that a network does in bad moments, all along the way. Half of an account's page, once it has a
        # cursor, would be lost by the network itself.
        kinds = [kind for kind in KINDS if network != "bluesky-account" or kind != "again"]
        self.platform.faults = {number: self.draw.choice(kinds) for number in range(3, 4000, 7)}
        self.gone: set[str] = set()
        self.written: set[str] = set()
        self.kills = 0

    def _played(self, network: str) -> tuple[Platform, list[str]]:
        if network == "mastodon":
            return mastodon(self.posts), ["mastodon", "a.social", "happy"]
        if network == "bluesky-search":
            return bluesky(self.posts), ["bluesky", "#happy"]
        feed = [{"post": post} for post in self.posts]
        return bluesky(self.posts, feed), ["bluesky", "reposter.bsky.social"]

    def start(self, folder: Path, address: str, arguments: list[str]) -> subprocess.Popen[str]:
        names = ("PATH", "PYTHONPATH", "HOME", "PYTHONDONTWRITEBYTECODE")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        given = {"BLUESKY_HANDLE": "me.bsky.social", "BLUESKY_APP_PASSWORD": KEY}
        given |= {f"FEELSCOPE_{self.source.upper()}_URL": address}
        command = [*COMMAND, "collect", "posts.db", *arguments]
        return subprocess.Popen(command, cwd=folder, env={**kept, **given}, stderr=subprocess.PIPE, text=True)

    def through(self, folder: Path, address: str, arguments: list[str], kills: int, calls: tuple[int, int]) -> str:
        """Run a command to its end, through so many kills; gives what it said last."""
        for _ in range(kills):
            process = self.start(folder, address, arguments)
            enough = self.platform.calls + self.draw.randint(*calls)
            while process.poll() is None and self.platform.calls < enough:
                time.sleep(0.001)
            time.sleep(self.draw.random() * 0.02)
            if process.poll() is not None:
                raise AssertionError(f"ended before kill {self.kills + 1}: {process.communicate()[1][-500:]}")
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.kills += 1
            self.change()
        process = self.start(folder, address, arguments)
        said = process.communicate(timeout=600)[1]
        assert process.returncode == 0, said[-500:]
        return said

    def change(self) -> None:
        """People delete, edit and write posts."""
        place = self.draw.randrange(len(self.posts))
        if self.source == "bluesky" and "reposter" in self.arguments[1]:
            return  # its cursors count posts here
        self.gone.add(f"{self.source}:{self.posts[place]['uri']}")
        del self.posts[place]
        edited = self.posts[self.draw.randrange(len(self.posts))]
        edited.update({"edited_at": "2026-06-01T10:00:00.000Z", "content": "<p>edited #happy</p>"})
        new = self.make(len(self.all) + self.kills, NOW + 30 * self.kills)
        self.posts.insert(0, new)
        self.written.add(f"{self.source}:{new['uri']}")

    def run(self, folder: Path, kills: int) -> str:
        pages = len(self.posts) // (40 if self.source == "mastodon" else 100)
        calls = (max(1, pages // (3 * kills)), max(2, pages // (2 * kills)))
        with serve(self.platform) as address:
            self.through(folder, address, self.arguments, kills, calls)
            asked, sync_kills = self.platform.calls, kills // 4
            with Store(folder / "posts.db") as store:
                have = Counter(post.id for post in store.posts())
                lost = set(self.all) - self.gone - have.keys()
                assert not lost, f"{len(lost)} posts are lost: {sorted(lost)[:3]}"
                assert max(have.values()) == 1 and have.keys() <= {*self.all, *self.written}
                held = len(have)
                store.execute("UPDATE posts SET checked_at = 0")
            vanished = {post["uri"] for post in self.posts[::GONE_EVERY]}
            self.posts[:] = [post for post in self.posts if post["uri"] not in vanished]
            self.gone |= {f"{self.source}:{uri}" for uri in vanished}
            self.platform.faults = dict.fromkeys(range(asked, asked + 4000, 9), "empty")
            changed, self.change = self.change, lambda: None  # type: ignore[method-assign]
            self.through(folder, address, ["sync"], sync_kills, (5, 20))
            self.change = changed  # type: ignore[method-assign]
            with Store(folder / "posts.db") as store:
                left = {post.id for post in store.posts()}
            wanted = {*self.all, *(self.written & have.keys())} - self.gone
            assert left == wanted, f"{len(left ^ wanted)} posts differ"
        return f"{held:,} posts in {asked:,} calls, {self.kills} kills; after sync {len(left):,}"
