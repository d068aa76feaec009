"""Exports of Telegram and comments on YouTube of which some, or the whole, are altered; what must hold all the same."""

import json
import random
from pathlib import Path

from altered import ODD, altered
from platforms import VIDEO, Handler, Platform, comment, serve
from small_clock import Clock
from telegram_files import CHANNEL, html_message, html_page, html_service, message, service

from feelscope.collect.api import Api
from feelscope.collect.quota import Meter
from feelscope.collect.run import Source, collect
from feelscope.collect.telegram import Telegram
from feelscope.collect.youtube import QUOTAS, YouTube
from feelscope.collect.youtube_refusals import refusal
from feelscope.errors import FeelscopeError
from feelscope.store import Store
from feelscope.table import Quarantine

NOW = 1_700_000_000
PAGE = 10
KINDS = ("telegram-json", "telegram-html", "youtube")


class AlteredMessages:
    """One export, or one video's comments.

    Attributes:
        sound: The ids of those that are as they should be.
        rows: All of them, as they are written.
    """

    def __init__(self, kind: str, seed: int) -> None:
        self.kind, self.draw = kind, random.Random(seed)
        numbers = range(100, 100 + self.draw.randint(2, 40))
        whole = {number for number in numbers if self.draw.random() < 0.6}
        self.breaks = self.draw.random() < 0.15  # the whole too
        if kind == "telegram-html":
            self.rows = [self._html(number, whole) for number in numbers]
        else:
            made = {number: self._thread(number) if kind == "youtube" else self._message(number) for number in numbers}
            self.rows = [json.dumps(row) if n in whole else altered(row, self.draw) for n, row in made.items()]
        self.sound = {self._id(number) for number in whole}

    def _id(self, number: int) -> str:
        return f"Ug{number:08}" if self.kind == "youtube" else str(number)

    def _thread(self, number: int) -> dict[str, object]:
        top = comment(number, NOW)
        return {"id": top["id"], "snippet": {"videoId": VIDEO, "topLevelComment": top, "totalReplyCount": 0}}

    def _message(self, number: int) -> dict[str, object]:
        tag, liked = {"type": "hashtag", "text": "#b"}, {"type": "emoji", "emoji": "x", "count": 2}
        poll = {"question": "How?", "answers": [{"text": "Well", "voters": 2}], "total_voters": 2}
        more = {"poll": poll} if number % 3 == 0 else {"reactions": [liked], "reply_to_message_id": 7}
        return message(number, ["words ", tag], photo="photos/none.jpg", **more)

    def _html(self, number: int, whole: set[int]) -> str:
        """A message; of one that is altered a few characters, or a tag, are others."""
        text = html_message(number, f"<b>words</b> {number}<br>&amp; more", "Kim" if number % 2 else "")
        if number in whole:
            return text
        for _ in range(self.draw.randint(1, 4)):
            place = self.draw.randrange(40, len(text))
            odd = ["<", ">", "</div>", "<div>" * 60, "<![abc[", "<!--", "&#x110000;", "\0", "\ud7ff", '"', "<a href=x"]
            text = text[:place] + self.draw.choice(odd) + text[place + self.draw.randint(0, 9) :]
        return text

    def _whole(self) -> bytes:
        """The file of an export."""
        if self.kind == "telegram-html":
            text = html_page(html_service(-1), *self.rows)
        else:
            rows = ", ".join([*self.rows, json.dumps(service(99))])
            text = f'{json.dumps(CHANNEL)[:-1]}, "messages": [{rows}]}}'
            if self.draw.random() < 0.5:
                text = f'{{"about": "", "contacts": {{"list": [7]}}, "chats": {{"list": [{text}]}}, "more": []}}'
        if self.breaks:
            place = self.draw.randrange(len(text))
            odd = self.draw.choice(("", "", *ODD[:20], "<", "\0"))
            text = self.draw.choice((text[:place], text[:place] + odd + text[place + 3 :], odd))
        return text.encode()

    def _answer(self, handler: Handler, query: dict[str, str]) -> None:
        if "parentId" in query:
            handler.say(200, {"items": []})
            return
        token = query.get("pageToken", "")
        start = int(token) if token.isdecimal() and len(token) < 9 else 0
        end = start + PAGE
        after = f', "nextPageToken": "{end}"' if end < len(self.rows) else ""
        text = f'{{"items": [{", ".join(self.rows[start:end])}]{after}}}'
        status = 200
        if self.breaks and self.draw.random() < 0.5:
            odd = self.draw.choice(ODD)
            text = self.draw.choice(
                (odd, f'{{"items": {odd}}}', f'{{"items": [], "nextPageToken": {odd}}}', text[:-3], "<html>")
            )
            if self.draw.random() < 0.3:
                status, text = self.draw.choice((400, 403, 404, 500)), f'{{"error": {odd}}}'
        handler.raw(status, text.encode(), {}, "application/json")

    def check(self, folder: Path) -> tuple[int, int]:
        """Collect twice.

        Returns:
            How many rows went to the quarantine, and whether the whole was refused.

        Raises:
            AssertionError: A sound one is missing, a row is unaccounted for, or what is said has several lines.
        """
        with Store(folder / "posts.db") as store:
            if self.kind == "youtube":
                with serve(Platform({"/": self._answer})) as address:
                    return self._check(store, address, folder)
            path = folder / ("messages.html" if self.kind == "telegram-html" else "result.json")
            path.write_bytes(self._whole())
            return self._check(store, str(path), folder)

    def _source(self, store: Store, given: str, bad: Quarantine) -> Source:
        if self.kind != "youtube":
            return Telegram([Path(given)], store, bad)
        clock = Clock()
        meter = Meter(store, "youtube", "x", QUOTAS, clock=clock, sleep=clock.sleep)
        return YouTube(Api(given, meter, "x", "", refuse=refusal(meter, "check it")), [VIDEO], bad)

    def _check(self, store: Store, given: str, folder: Path) -> tuple[int, int]:
        refused = 0
        for restart in (False, True):
            with Quarantine(folder / "bad.jsonl" if restart else None, most_broken=1.0, keep=restart) as bad:
                try:
                    outcome = collect(store, self._source(store, given, bad), restart=restart)
                except FeelscopeError as error:
                    assert "\n" not in str(error), error
                    assert self.breaks or "no message with words" in str(error), error
                    refused = 1
                else:
                    if not self.breaks:
                        told = outcome.found + outcome.left_out.total() + bad.count
                        rows = len(self.rows) + self.kind.startswith("telegram")  # a service message as well
                        assert told == rows, f"{rows} rows, of which {told} are told"
        found = [post.id for post in store.posts()]
        assert store.count() == len(found) == len({*found})
        ids = {id.rpartition(":")[2] for id in found}
        assert self.breaks or self.sound <= ids, f"sound ones are missing: {sorted(self.sound - ids)[:3]}"
        return bad.count, refused
