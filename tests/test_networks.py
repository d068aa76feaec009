"""The page from a hashtag to a chart: its commands, against servers that play the networks."""

import csv
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from documented import PATH, ROOT, shell
from open_networks import bluesky, bluesky_post, mastodon, status
from platforms import KEY, comment, serve, youtube
from telegram_files import chat, message, service, write_json

PAGE = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
SECTIONS = {
    title: re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
}
NETWORKS = ("Mastodon", "Bluesky", "Telegram", "YouTube")
VIDEOS = ("lidovideo01", "lidovideo02")
CLOSED = 5  # of the posts, those that are deleted before the last command


def lido() -> Iterator[tuple[int, int, str]]:
    """The example's posts, newest first: number, time and words."""
    with (ROOT / "examples" / "lido.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)][::-1]
    for number, row in enumerate(rows):
        when = datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC)
        yield number, int(when.timestamp()), row["text"]


def posts_of(network: str) -> list[dict[str, Any]]:
    """The example's posts as a network gives them; without its pictures, as nobody else is asked here."""
    if network == "Mastodon":
        made = [status(n, at, "lido", content=f"<p>{words}</p>", spoiler_text="") for n, at, words in lido()]
        return [one | {"media_attachments": []} for one in made]
    if network == "Bluesky":
        made = [bluesky_post(n, at, "lido") for n, at, _ in lido()]
        for post, (_, _, words) in zip(made, lido(), strict=True):
            post["record"]["text"] = f"{words} #lido"
            post.pop("embed", None)
        return made
    return [comment(n, at, VIDEOS[n % 2], textOriginal=words) for n, at, words in lido()]


def telegram(folder: Path) -> None:
    """Three exports: of two channels, and one of these again."""
    for export, numbers, id in [
        ("ChatExport_2026-01-31", range(0, 120), 1),
        ("ChatExport_2026-01-31 (1)", range(120, 216), 2),
        ("ChatExport_2026-02-28", range(0, 160), 1),
    ]:
        have = [
            message(n, words, date_unixtime=str(at), **({"forwarded_from": "News"} if n % 4 == 0 else {}))
            for n, at, words in lido()
            if n in numbers
        ]
        write_json(folder / export, chat([service(9999), *have], id=id, name=f"Channel {id}"))


def test_each_network_takes_ten_commands_at_most() -> None:
    for network in NETWORKS:
        commands = [line for block in SECTIONS[network] for line in block.splitlines()]
        assert 1 <= len(commands) <= 10
        assert any(" report " in command for command in commands)


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_from_a_hashtag_to_a_chart(network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("FEELSCOPE_", "BLUESKY_", "YOUTUBE_"))]:
        monkeypatch.delitem(PATH, name, raising=False)
    monkeypatch.setitem(PATH, "BLUESKY_HANDLE", "me.bsky.social")
    monkeypatch.setitem(PATH, "BLUESKY_APP_PASSWORD", KEY)
    monkeypatch.setitem(PATH, "YOUTUBE_API_KEY", KEY)
    said = ""
    with ExitStack() as served:
        if network == "Telegram":
            telegram(tmp_path)
        else:
            posts = posts_of(network)
            play = {"Mastodon": mastodon, "Bluesky": bluesky, "YouTube": lambda have: youtube(have, found=VIDEOS)}
            address = served.enter_context(serve(play[network](posts)))
            monkeypatch.setitem(PATH, f"FEELSCOPE_{network.upper()}_URL", address)
        for block in SECTIONS[network]:
            for command in block.splitlines():
                if command.endswith(" sync"):
                    del posts[:CLOSED]
                    with_sqlite(tmp_path / command.split()[2], "UPDATE posts SET checked_at = 0")
                ran = shell(command, tmp_path)
                assert ran.returncode == 0, f"{command}: {ran.stderr}"
                assert "Traceback" not in ran.stderr
                said += ran.stderr
    (predictions,) = (file for file in tmp_path.glob("*.csv") if file.name != "sample.csv")
    assert len(predictions.read_text(encoding="utf-8").splitlines()) == 217
    for page in tmp_path.glob("*/index.html"):
        assert [*page.parent.rglob("*.png")] and "neutral" in page.read_text(encoding="utf-8")
    if network == "Telegram":
        assert "left out: 2 posts that Telegram wrote itself" in said
        assert "40 of them new" in said
    elif "sync" in "".join(SECTIONS[network]):
        assert f"{CLOSED} removed" in said


def with_sqlite(path: Path, statement: str) -> None:
    """As if the posts had been collected long ago."""
    from feelscope.store import Store

    with Store(path, must_exist=True) as store:
        store.execute(statement)
