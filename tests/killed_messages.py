"""Comments on YouTube and exports of Telegram, collected by a command that `kill -9` ends again and again."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from command_runs import COMMAND
from platforms import KEY, VIDEO, comment, serve, youtube
from telegram_files import account, chat, html_message, html_page, message, service, write_html, write_json

from feelscope.store import Store

NOW = 1_700_000_000
KINDS = ("empty", "shuffled", "again", "429", "500", "cut", "fast")
ANSWERED = 40  # comments that have replies, each fifty
Command = subprocess.Popen[str]


def start(folder: Path, arguments: list[str], **given: str) -> Command:
    """The command, in a folder with posts.db."""
    names = ("PATH", "PYTHONPATH", "HOME", "PYTHONDONTWRITEBYTECODE")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    command = [*COMMAND, "collect", "posts.db", *arguments]
    return subprocess.Popen(command, cwd=folder, env={**kept, **given}, stderr=subprocess.PIPE, text=True)


def kill(process: Command) -> None:
    """End a command that must not have ended by itself."""
    if process.poll() is not None:
        raise AssertionError(f"ended before it was killed: {process.communicate()[1][-500:]}")
    process.send_signal(signal.SIGKILL)
    process.communicate()


def end(process: Command) -> None:
    """Wait until a command has ended well."""
    said = process.communicate(timeout=600)[1]
    assert process.returncode == 0, said[-500:]


def held(folder: Path) -> Counter[str]:
    """The posts of posts.db, and how often each is in it."""
    with Store(folder / "posts.db") as store:
        return Counter(post.id for post in store.posts())


def through_youtube(folder: Path, count: int, kills: int, seed: int = 1) -> str:
    """Collect comments and replies while people delete, edit and write some; then `sync`, killed as well."""
    draw, done = random.Random(seed), 0
    answered = min(ANSWERED, count // 100)
    have = [comment(10_000 + n, NOW - 30 * n) for n in range(count - 50 * answered)]
    parents = [str(one["id"]) for one in draw.sample(have, answered)]
    replies = [comment(900_000 + n, NOW, parent=parent) for n, parent in enumerate(parents * 50)]
    always = {f"youtube:{one['id']}" for one in [*have, *replies]}
    every, gone = set(always), set[str]()
    platform = youtube(have, replies)
    platform.faults = {number: draw.choice(KINDS) for number in range(3, 4000, 7)} | {11: "token", 23: "token"}
    with serve(platform) as address:
        given = {"YOUTUBE_API_KEY": KEY, "FEELSCOPE_YOUTUBE_URL": address}
        for number in range(kills):
            process = start(folder, ["youtube", VIDEO], **given)
            enough = platform.calls + draw.randint(1, max(1, count // 100 // kills))
            while process.poll() is None and platform.calls < enough:
                time.sleep(0.001)
            time.sleep(draw.random() * 0.02)
            kill(process)
            removed: dict[str, Any] = have.pop(draw.randrange(len(have)))
            gone |= {id for id in every if id.startswith(f"youtube:{removed['id']}")}
            replies[:] = [one for one in replies if one["snippet"]["parentId"] != removed["id"]]
            draw.choice(have)["snippet"] |= {"textOriginal": "edited", "updatedAt": "2026-01-01T00:00:00Z"}
            have.insert(0, comment(9999 - number, NOW + number))
            every.add(f"youtube:{have[0]['id']}")
            done += 1
        end(start(folder, ["youtube", VIDEO], **given))
        calls, found = platform.calls, held(folder)
        assert always - gone <= found.keys() <= every, f"{len(always - gone - found.keys())} comments are lost"
        assert max(found.values()) == 1
        with sqlite3.connect(folder / "posts.db") as database:
            database.execute("UPDATE posts SET checked_at = 0")
        platform.faults = {}
        process = start(folder, ["sync"], **given)
        while process.poll() is None and platform.calls < calls + 2:
            time.sleep(0.001)
        kill(process)
        end(start(folder, ["sync"], **given))
        there = {f"youtube:{one['id']}" for one in [*have, *replies]}
        assert held(folder).keys() == found.keys() & there
    return f"{len(found):,} comments in {calls:,} calls, {done} kills; after sync {len(found.keys() & there):,}"


def through_telegram(folder: Path, count: int, kills: int, *, html: bool = False, seed: int = 1) -> str:
    """Collect an export; half of the kills come when a page is saved, the others before or then."""
    draw = random.Random(seed)
    if html:
        pages = [
            html_page(*(html_message(n, f"words {n}", "Kim" * (n % 3 == 0)) for n in range(begin, begin + 1000)))
            for begin in range(0, count, 1000)
        ]
        write_html(folder / "export", *pages)
    else:
        half = [message(n) if n % 50 else service(n) for n in range(count)]
        write_json(folder / "export", account(chat(half, id=1), left=(chat(half, id=2),)))
    database = folder / "posts.db"
    for number in range(kills):
        before, begun = _pages(database), time.monotonic()
        process, wait = start(folder, ["telegram", "export"]), 60.0 if number % 2 else draw.random()
        while process.poll() is None and _pages(database) == before and time.monotonic() - begun < wait:
            time.sleep(0.002)
        kill(process)
    process = start(folder, ["telegram", "export"])
    end(process)
    found = held(folder)
    wanted = count if html else 2 * sum(n % 50 > 0 for n in range(count))
    assert len(found) == wanted and max(found.values()) == 1, f"{len(found):,} of {wanted:,} posts"
    return f"{len(found):,} posts in {_pages(database)} pages, {kills} kills"


def _pages(database: Path) -> int:
    """How many pages are saved so far."""
    if not database.is_file():
        return 0
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
            return int(opened.execute("SELECT count(*) FROM pages").fetchone()[0])
    except sqlite3.OperationalError:  # being made
        return 0
