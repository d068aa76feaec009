"""Answers of Bluesky and Mastodon of which some posts, or the whole, are altered; and what must hold all the same."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from open_networks import bluesky_post, status
from platforms import Handler, Platform
from small_clock import Clock

from feelscope.collect.api import Api
from feelscope.collect.bluesky import Bluesky
from feelscope.collect.mastodon import Mastodon
from feelscope.collect.quota import Meter
from feelscope.collect.run import Source, collect, sync
from feelscope.errors import FeelscopeError
from feelscope.store import Store
from feelscope.table import Quarantine

NOW = 1_780_000_000
PAGE = 10
LATER = 2**33  # long behind the day within which nobody is asked again
# Values as an answer has them, in JSON.
ODD = (
    *("null", "true", "false", "0", "-5", "0.5", "1e30", "1e999", "NaN", "-Infinity", "9" * 5000, str(2**63)),
    *('""', '" "', '"abc"', '"\\ud800"', '"a\\u0000b"', '"\\u2028"', f'"{"x" * 5000}"', '"#nobot"', '"public"'),
    *("[]", "{}", "[1]", '["a", null]', '{"a": [{}]}', "[[[[]]]]", "[" * 300 + "]" * 300, "[" * 50_000 + "]" * 50_000),
    *('"9999-12-31T23:59:59Z"', '"0001-01-01T00:00:00+14:00"', '"1500-01-01"', '"2026-13-45"', "253402300800"),
    *('"at://"', '"at://x"', '"https://"', '"http://["', '"file:///etc/hostname"', '"javascript:alert(1)"'),
    *('"<![abc[ <p"', '"&#xD800;&#0;"', '"<!--"', '{"val": "!hide"}', '[{"val": 7}, {"neg": true}]'),
    *('{"$type": "app.bsky.embed.images#view", "images": [7]}', '{"options": [{"title": {}}]}', '[{"type": "image"}]'),
)  # fmt: skip
HEADERS = (
    "",
    "<",
    '<https://x/?max_id=>; rel="next"',
    '<http://[?max_id=1>; rel="next"',
    "nan",
    "inf",
    "-1",
    "99999999999999999999",
    "soon",
    "\u00e9",
)


def altered(row: dict[str, Any], draw: random.Random) -> str:
    """A row as JSON, with one to three values of it changed, taken away or added, however deep they are."""
    if draw.random() < 0.05:
        return draw.choice(ODD)
    fragments: dict[str, str] = {}
    row = json.loads(json.dumps(row))
    for number in range(draw.randint(1, 3)):
        holder, name = draw.choice(_places(row))
        what = draw.random()
        if what < 0.15:
            del holder[name]
        else:
            fragments[f'"@@{number}@@"'] = draw.choice(ODD)
            if what < 0.25 and isinstance(holder, dict):
                name = draw.choice(("labels", "embed", "reason", "reblog", "quote", "account", "post", "record"))
            holder[name] = f"@@{number}@@"
        if not row:
            return "{}"
    text = json.dumps(row)
    for mark, fragment in fragments.items():
        text = text.replace(mark, fragment)
    return text


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a value of JSON: what holds it, and by what name."""
    inner = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    return [(value, name) for name, _ in inner] + [place for _, one in inner for place in _places(one)]


class Altered:
    """One answer's rows of a network, served ten at a time.

    Attributes:
        sound: The keys of those that are as they should be.
        given: How many rows were served.
    """

    def __init__(self, network: str, seed: int) -> None:
        self.network, self.draw, self.given = network, random.Random(seed), 0
        make: Callable[[int, float], dict[str, Any]] = bluesky_post if network == "bluesky" else status
        rows = [make(number, NOW - 60 * number) for number in range(self.draw.randint(2, 40))]
        whole = {number for number in range(len(rows)) if self.draw.random() < 0.6}
        self.sound = {f"{network}:{rows[number]['uri']}" for number in whole}
        self.rows = [json.dumps(row) if n in whole else altered(row, self.draw) for n, row in enumerate(rows)]
        self.breaks = self.draw.random() < 0.15  # the whole answer too
        self.platform = Platform({"/": self._answer})

    def _answer(self, handler: Handler, query: dict[str, str]) -> None:
        try:
            start = int(query.get("cursor") or 10**17 - int(query.get("max_id") or 10**17))
        except ValueError:
            handler.say(400, {"error": "InvalidRequest", "message": "no such cursor"})
            return
        again = "uris" in query or "id[]" in query  # `sync` asks about posts, and is answered all that there are
        rows, end = self.rows if again else self.rows[start : start + PAGE], start + PAGE
        self.given += len(rows)
        text, headers = f"[{', '.join(rows)}]", {}
        if again:
            text = f'{{"posts": {text}}}' if self.network == "bluesky" else text
        elif self.network == "bluesky":
            after = f', "cursor": "{end}"' if end < len(self.rows) else ""
            text = f'{{"feed": {text}{after}}}'
        elif rows:
            headers["Link"] = f'<https://x/?max_id={10**17 - end}>; rel="next"'
        if self.breaks and self.draw.random() < 0.5:
            odd = self.draw.choice(ODD)
            text = self.draw.choice(
                (odd, f'{{"feed": {odd}}}', f'{{"feed": [], "cursor": {odd}}}', text[:-3], "<html>")
            )
            names = ("Link", "RateLimit-Reset", "X-RateLimit-Reset", "RateLimit-Remaining", "Date", "Retry-After")
            headers |= {name: self.draw.choice(HEADERS) for name in names}
        handler.raw(200, text.encode(), headers, "application/json")

    def source(self, address: str, store: Store, bad: Quarantine) -> Source:
        """What collects them."""
        clock = Clock()
        meter = Meter(store, self.network, "x", (), clock=clock, sleep=clock.sleep)
        api = Api(address, meter, "", "")
        if self.network == "bluesky":
            return Bluesky(api, None, ["author1.bsky.social"], quarantine=bad)
        return Mastodon(lambda server: api, "a.social", ["happy"], quarantine=bad)

    def check(self, address: str, folder: Path) -> tuple[int, int]:
        """Collect twice, and ask what is still there.

        Returns:
            How many rows went to the quarantine, and whether the whole was refused.

        Raises:
            AssertionError: A sound post is missing, a row is unaccounted for, or what is said has several lines.
        """
        beside, refused = folder / "bad.jsonl", 0
        with Store(folder / "posts.db") as store:
            for restart in (False, True):
                self.given = 0
                with Quarantine(beside if restart else None, most_broken=1.0) as bad:
                    try:
                        outcome = collect(store, self.source(address, store, bad), restart=restart)
                    except FeelscopeError as error:
                        assert "\n" not in str(error), error
                        assert self.breaks or "has no posts" in str(error), error
                        refused = 1
                    else:
                        if not self.breaks:
                            told = outcome.found + outcome.left_out.total() + bad.count
                            assert told == self.given, f"{self.given} rows, of which {told} are told"
            try:
                sync(store, [self.source(address, store, Quarantine())], now=lambda: LATER)
            except FeelscopeError as error:
                assert self.breaks and "\n" not in str(error), error
            found = {post.id for post in store.posts()}
            assert store.count() == len(found)
        assert self.breaks or self.sound <= found, f"sound posts are missing: {sorted(self.sound - found)[:3]}"
        return bad.count, refused
