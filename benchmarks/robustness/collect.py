"""Fuzzed answers, dumps, files and databases: does collecting go on, and is every sound post kept?

python benchmarks/robustness/collect.py --count 2000 --seed 1

Each input has sound rows and odd ones. It is collected twice, by the library's functions and now and then by the
command; then every sound row must be in the database, no picture may come from a file that the input only names, and
`prepare` must read all of it. Which rows are sound is known from how the input was made, not from how it is read.
The source `database` is a posts.db that somebody else has changed. Exit code 1 where anything failed.

With TMPDIR=/dev/shm most of its time is not spent waiting for the disk.
"""

import argparse
import csv
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from platforms import KEY, Platform, photo, serve, submission, tumblr_post

from feelscope.collect.api import Api
from feelscope.collect.dumps import Dumps
from feelscope.collect.files import Files
from feelscope.collect.flickr import FlickrSearch
from feelscope.collect.quota import Meter
from feelscope.collect.reddit import Reddit, connect
from feelscope.collect.run import Source, collect
from feelscope.collect.tumblr import Tumblr
from feelscope.errors import FeelscopeError
from feelscope.prepare.dataset import prepare
from feelscope.prepare.pictures import Pictures
from feelscope.prepare.settings import Settings
from feelscope.store import CollectedPost, Page, Store, WebAddress
from feelscope.table import Quarantine

NOW = 1_460_000_000
COMMAND = [sys.executable, "-m", "feelscope.cli"]
CREDENTIALS = {"REDDIT_CLIENT_ID": "id", "REDDIT_CLIENT_SECRET": KEY, "REDDIT_USER_AGENT": "a test of feelscope"}
SECRET = b"\x89PNG\r\n\x1a\nsecret"
# Values as an answer has them, in JSON.
ODD = (
    *("1e30", "-1e30", "1e300", "1e999", "NaN", "Infinity", "1" * 26, "9" * 5000, str(2**63), str(-(2**63) - 1)),
    *(
        '"\\ud800"',
        '"a\\udfffb"',
        '"\\u0000"',
        '"\\u2028\\u0085"',
        '""',
        '" "',
        f'"{"x" * 5000}"',
        '"abc"',
        "null",
        "true",
    ),
    *("[]", "{}", "[1]", '["a", 7, null]', "[[[[]]]]", f"{'[' * 100_000}{']' * 100_000}", f"{'[' * 300}{']' * 300}"),
    *(
        '{"a":' * 3000 + "1" + "}" * 3000,
        "-62135596801",
        "253402300800",
        "9999999999",
        "-5",
        "0",
        "0.5",
        '"9999-12-31"',
    ),
    *('"1500-01-01T00:00:00Z"', '"{secret}"', '"file://{secret}"', '"../secret.png"', '"sha256:00"', '"https://"'),
    *('"http://["', '"javascript:alert(1)"', '"<![abc[ <p"', '"&#xD800;&#0;&#99999999999;"', '"<!--"', '{"s": "abc"}'),
    *('{"a": {"s": "abc"}}', '{"a": {"s": {"u": "{secret}"}}}', '{"items": "abc"}', '{"_content": 7}', '{"tag": 7}'),
    *('[{"type": "text", "text": 7}]', '[{"type": "image", "media": {"url": "{secret}"}}]', '{"original_size": 1}'),
)
MORE_NAMES = (
    "votes",
    "extra",
    "media_metadata",
    "gallery_data",
    "content",
    "trail",
    "\\ud800",
    "s",
    "image_url",
    "photos",
)


class Draw:
    """Rows, some of them odd."""

    def __init__(self, seed: int, secret: Path) -> None:
        self.random = random.Random(seed)
        self.secret = secret

    def fragment(self) -> str:
        return self.random.choice(ODD).replace("{secret}", str(self.secret))

    def odd(self, row: dict[str, Any]) -> str:
        """A row with one to three things wrong."""
        if self.random.random() < 0.05:
            return self.fragment()
        parts = {json.dumps(name): json.dumps(value) for name, value in row.items()}
        for _ in range(self.random.randint(1, 3)):
            what = self.random.random()
            if what < 0.15:
                parts.pop(self.random.choice([*parts]), None)
            elif what < 0.3:
                parts[f'"{self.random.choice(MORE_NAMES)}"'] = self.fragment()
            else:
                parts[self.random.choice([*parts])] = self.fragment()
            if not parts:
                return "{}"
        return "{" + ", ".join(f"{name}: {value}" for name, value in parts.items()) + "}"

    def rows(self, make: Callable[[int], dict[str, Any]], most: int = 24) -> tuple[list[str], set[int]]:
        """Rows as JSON, and the numbers of those that are sound."""
        count = self.random.randint(2, most)
        sound = {number for number in range(count) if self.random.random() < 0.6}
        return [json.dumps(make(n)) if n in sound else self.odd(make(n)) for n in range(count)], sound


class Fault(Exception):
    """What must not be."""


class Answers:
    """A server whose JSON is another for every input."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.platform = Platform(
            {"/v2/tagged": self.tumblr, "/services": self.flickr, "/r/": self.reddit, "/api": token}
        )

    def tumblr(self, handler: Any, query: dict[str, str]) -> None:
        start = max(NOW - int(query["before"]), 0)  # post n is of NOW - 1 - n
        handler.raw(200, ('{"response": [' + ", ".join(self.rows[start:][:20]) + "]}").encode())

    def flickr(self, handler: Any, query: dict[str, str]) -> None:
        page = self.rows if query["page"] == "1" else []
        head = f'"page": 1, "pages": 1, "total": {len(self.rows)}'
        handler.raw(200, ('{"stat": "ok", "photos": {' + head + ', "photo": [' + ", ".join(page) + "]}}").encode())

    def reddit(self, handler: Any, query: dict[str, str]) -> None:
        start = int(query.get("after") or 0)
        children = ", ".join(f'{{"kind": "t3", "data": {row}}}' for row in self.rows[start : start + 10])
        after = f'"{start + 10}"' if start + 10 < len(self.rows) else "null"
        handler.raw(200, f'{{"kind": "Listing", "data": {{"after": {after}, "children": [{children}]}}}}'.encode())


def token(handler: Any, query: dict[str, str]) -> None:
    handler.say(200, {"access_token": "token", "token_type": "bearer", "expires_in": 3600, "scope": "*"})


class Campaign:
    """One source: makes an input in a folder, and opens it."""

    def __init__(self, name: str, address: str, answers: Answers) -> None:
        self.name, self.address, self.answers = name, address, answers

    def make(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        """Write or set an input; gives the arguments of `collect`, and the keys of its sound posts."""
        return getattr(self, f"_{self.name}")(draw, folder)

    def open(self, store: Store, arguments: list[str], bad: Quarantine) -> Source:
        what = [Path(one) for one in arguments[1:]]
        meter = Meter(store, "tumblr", KEY, (), sleep=lambda seconds: None)
        match self.name:
            case "tumblr":
                return Tumblr(Api(self.address, meter, KEY, ""), ["happy"], NOW, NOW - 1000, quarantine=bad)
            case "flickr":
                return FlickrSearch(Api(self.address, meter, KEY, ""), ["sunset"], NOW, NOW - 1000, bad)
            case "reddit":
                return Reddit(connect(CREDENTIALS, meter, self.address), ["happy"], quarantine=bad)
            case "dumps":
                return Dumps(what, quarantine=bad)
        return Files(what, quarantine=bad)

    def _tumblr(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        self.answers.rows, sound = draw.rows(lambda n: tumblr_post(n + 1000, NOW - 1 - n), 50)
        window = ["--before", str(NOW), "--after", str(NOW - 1000)]
        return ["tumblr", "happy", *window], {f"tumblr:{n + 1000}" for n in sound}

    def _flickr(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        self.answers.rows, sound = draw.rows(lambda n: photo(n + 1000, NOW - 1 - n), 50)
        return ["flickr", "sunset", "--before", str(NOW), "--after", str(NOW - 1000)], {
            f"flickr:{n + 1000}" for n in sound
        }

    def _reddit(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        self.answers.rows, sound = draw.rows(submission, 40)
        return ["reddit", "happy"], {f"reddit:p{n}" for n in sound}

    def _dumps(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        rows, sound = draw.rows(submission)
        lines = [row.encode() for row in rows]
        for place in range(len(lines)):
            if place not in sound and draw.random.random() < 0.3:  # bytes, not values
                line = bytearray(lines[place])
                for _ in range(3):
                    line[draw.random.randrange(len(line))] = draw.random.choice((0, 10, 34, 92, 255, 192))
                lines[place] = bytes(line)
        content = b"\n".join(lines) + b"\n"
        if draw.random.random() < 0.3:
            import zstandard

            content = zstandard.ZstdCompressor().compress(content)
        (folder / "RS").write_bytes(content)
        return ["dumps", str(folder / "RS")], {f"reddit:p{n}" for n in sound}

    def _files(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        kind = draw.random.choice(("csv", "jsonl", "parquet", "reddit", "tumblr", "captions"))
        return getattr(self, f"_{kind}_file")(draw, folder)

    def _jsonl_file(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        rows, sound = draw.rows(lambda n: table_row(n, folder))
        (folder / "t.jsonl").write_text(json.dumps(table_row(99, folder)) + "\n" + "\n".join(rows) + "\n")
        return ["files", str(folder / "t.jsonl")], {f"t:row{n}" for n in (*sound, 99)}

    def _csv_file(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        names = [*table_row(0, folder)]
        sound = {n for n in range(draw.random.randint(2, 24)) if draw.random.random() < 0.6} | {99}
        with (folder / "t.csv").open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            for n in (*range(24), 99):
                cells = [str(value) for value in table_row(n, folder).values()]
                if n not in sound:
                    for _ in range(draw.random.randint(1, 3)):
                        odd = draw.fragment().strip('"')[:6000]
                        cells[draw.random.randrange(len(cells))] = draw.random.choice(
                            (odd, "\udcff", "a\nb", "p" * 300)
                        )
                writer.writerow(cells)
        return ["files", str(folder / "t.csv")], {f"t:row{n}" for n in sound}

    def _parquet_file(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        texts = (
            "",
            "\0",
            "x" * 5000,
            str(draw.secret),
            f"file://{draw.secret}",
            "../secret.png",
            "sha256:00",
            "https://",
        )
        numbers = (2**63 - 1, -(2**63), 0, None, 10**18)
        sound = {n for n in range(20) if draw.random.random() < 0.6} | {99}
        rows = [table_row(n, folder) | {"image": "", "votes": n} for n in (*range(20), 99)]
        for row, n in zip(rows, (*range(20), 99), strict=True):
            if n not in sound:
                row[draw.random.choice(("id", "text", "image", "image_url", "created_at", "tags"))] = (
                    draw.random.choice(texts)
                )
                row["votes"] = draw.random.choice(numbers)
                row["more"] = draw.random.choice((float("inf"), float("nan"), 1e300, 1.5))
        pq.write_table(pa.Table.from_pylist(rows, schema=pa.Table.from_pylist(rows[-1:]).schema), folder / "t.parquet")
        return ["files", str(folder / "t.parquet")], {f"t:row{n}" for n in sound}

    def _reddit_file(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        rows, sound = draw.rows(submission)
        (folder / "r.ndjson").write_text("\n".join([json.dumps(submission(99)), *rows]) + "\n")
        return ["files", str(folder / "r.ndjson")], {f"reddit:p{n}" for n in (*sound, 99)}

    def _tumblr_file(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        def wrapped(number: int) -> dict[str, Any]:
            return {"item_id": str(number), "source_platform": "tumblr.com", "data": tumblr_post(number, NOW)}

        rows, sound = draw.rows(lambda n: wrapped(n + 1000))
        (folder / "t.ndjson").write_text("\n".join([json.dumps(wrapped(99)), *rows]) + "\n")
        return ["files", str(folder / "t.ndjson")], {"tumblr:99", *(f"tumblr:{n + 1000}" for n in sound)}

    def _captions_file(self, draw: Draw, folder: Path) -> tuple[list[str], set[str]]:
        photos = folder / "photos"
        photos.mkdir()
        for n in range(20):
            (photos / f"{n}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([n]))
        (photos / "out.png").symlink_to(draw.secret)
        sound = {n for n in range(20) if draw.random.random() < 0.6} | {0}
        odd = (
            "",
            "none.png",
            "../secret.png",
            str(draw.secret),
            "out.png",
            "p" * 300,
            "a/" * 200,
            "\0",
            ".",
            "images",
            "n\udcff",
        )
        names = [f"{n}.png" if n in sound else draw.random.choice(odd) for n in range(20)]
        captions = [f"words {n}" if n in sound else draw.fragment()[:9000] for n in range(20)]
        if draw.random.random() < 0.5:
            lines = [f"{name}#0\t{words}" for name, words in zip(names, captions, strict=True)]
            content = "\n".join(lines).encode(errors="surrogateescape")
            (photos / "captions.txt").write_bytes(content)
        else:
            lines = [json.dumps({"image": name, "caption": words}) for name, words in zip(names, captions, strict=True)]
            (photos / "captions.jsonl").write_text("\n".join(lines))
        return ["files", str(photos)], {f"photos:{n}.png" for n in sound}


def table_row(number: int, folder: Path) -> dict[str, Any]:
    return {
        **{"id": f"row{number}", "text": f"words of row {number}", "title": "a title", "image": "", "emotion": "joy"},
        **{"created_at": "2014-05-13T16:53:20Z", "author": "me", "tags": "a b", "votes": 3, "more": 1.5},
        **{"image_url": f"https://e.org/{number}.jpg", "source": "t", "url": "https://e.org"},
    }


def twice(campaign: Campaign, arguments: list[str], folder: Path, *, by_command: bool) -> None:
    """Collect, and collect again."""
    database, beside = folder / "posts.db", folder / "posts.quarantine.jsonl"
    for _ in range(2):
        if by_command:
            names = ("PATH", "PYTHONPATH", "HOME", "PYTHONDONTWRITEBYTECODE")
            platforms = {f"FEELSCOPE_{name}_URL": campaign.address for name in ("TUMBLR", "FLICKR", "REDDIT")}
            keys = {**CREDENTIALS, "TUMBLR_API_KEY": KEY, "FLICKR_API_KEY": KEY, **platforms}
            environment = {**{name: os.environ[name] for name in names if name in os.environ}, **keys}
            command = [*COMMAND, "collect", str(database), *arguments]
            ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
            last = ran.stderr.splitlines()[-1] if ran.stderr else ""
            if (
                ran.returncode not in (0, 1)
                or "Traceback" in ran.stderr
                or (ran.returncode and not last.startswith("Error"))
            ):
                raise Fault(f"the command ends with {ran.returncode}: {ran.stderr[-500:]}")
        else:
            with Store(database) as store, Quarantine(beside, most_broken=1.0, keep=True) as bad:
                try:
                    collect(store, campaign.open(store, arguments, bad))
                except FeelscopeError as error:
                    if "\n" in str(error):
                        raise Fault(f"more than one line: {error}") from error
    lines = beside.read_bytes().splitlines() if beside.exists() else []
    if len(lines) != len(set(lines)):
        raise Fault("the quarantine has a line twice")


def check(folder: Path, sound: set[str], *, prepared: bool) -> int:
    """See that what must be kept is; gives how many posts there are."""
    with Store(folder / "posts.db") as store:
        bad = Quarantine()
        posts = list(store.posts(bad))
        if bad.count:
            raise Fault(f"what was saved cannot be read: {bad.reasons}")
        if missing := sound - {post.id for post in posts}:
            raise Fault(f"sound posts are missing: {sorted(missing)[:5]}")
        for post in posts:
            if isinstance(post.image, bytes) and post.image == SECRET:
                raise Fault(f"{post.id} has a file's content")
            if not str(post.other.get("image_url", "https://")).startswith(("http://", "https://")):
                raise Fault(f"{post.id} has an address that is none")
        if prepared:
            prepare_all(store, folder)
    return len(posts)


def prepare_all(store: Store, folder: Path) -> None:
    settings = Settings("none", "seven", "author", False, "any", True, "", True)
    try:
        prepare(store.posts(Quarantine()), folder / "dataset", settings, pictures=Pictures(folder / "dataset"))
    except FeelscopeError as error:
        if "no post is left" not in str(error):
            raise


def spoiled(seed: int, folder: Path, secret: Path) -> int:
    """A posts.db whose values were changed by somebody else: sound rows stay, no file is read, nothing crashes."""
    draw = random.Random(seed)
    path = folder / "posts.db"
    with Store(path) as store:
        picture = CollectedPost("tumblr", "0", image=b"picture", text="words")
        others = [
            CollectedPost("tumblr", str(n), NOW, "me", text=f"words {n}", image=WebAddress("https://e.org/a"))
            for n in range(1, 8)
        ]
        store.save("tumblr", "happy", Page([picture, *others], {"before": 1}))
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    names = "key source query created_at author title text tags url image_url picture votes licence other".split()
    values: tuple[Any, ...] = (
        *(
            str(secret),
            f"file://{secret}",
            "../secret.png",
            "sha256:00",
            "0" * 64,
            "",
            "\0",
            b"\xff\xfe",
            2**63 - 1,
            1e300,
        ),
        *(
            float("inf"),
            "[" * 10**5,
            '{"a":' * 10**5,
            "{}",
            "[]",
            '{"emotion": {}}',
            '{"image_url": "/etc/passwd"}',
            "7",
        ),
        *(
            '{"n": ' + "9" * 5000 + "}",
            '{"x": 1e999, "y": [' + "9" * 30 + "]}",
            b"x" * 10**6,
            "x" * 5 * 10**6,
            "tumblr:99",
        ),
        *("https://", "javascript:alert(1)", -(10**18), '{"\\ud800": 1}'),
    )
    touched = set()
    with closing(sqlite3.connect(path)) as database:
        for _ in range(draw.randint(1, 4)):
            row, name, value = draw.randint(1, 8), draw.choice(names), draw.choice(values)
            try:
                text = "CAST(? AS TEXT)" if isinstance(value, bytes) and draw.random() < 0.5 else "?"
                database.execute(f"UPDATE posts SET {name} = {text} WHERE rowid = ?", (value, row))  # noqa: S608
                touched.add(row)
            except sqlite3.IntegrityError:
                continue
        if draw.random() < 0.1:
            other = draw.choice((
                "CREATE TRIGGER t AFTER INSERT ON posts BEGIN DELETE FROM posts; END",
                "CREATE VIEW v AS SELECT 1", "DROP TABLE calls", "ALTER TABLE posts ADD COLUMN more",
                "UPDATE about SET value = 'x'", "UPDATE cursors SET cursor = '[[['",
            ))  # fmt: skip
            database.execute(other)
            touched |= set(range(1, 9)) if "cursors" not in other else set()
        database.commit()
    try:
        with Store(path) as store:
            bad = Quarantine()
            found = {post.id: post for post in store.posts(bad)}
            sound = {f"tumblr:{n - 1}" for n in range(1, 9) if n not in touched}
            if sound - found.keys():
                raise Fault(f"sound posts are missing: {sorted(sound - found.keys())}")
            if len(found) + bad.count != 8:
                raise Fault(f"{len(found)} posts and {bad.count} bad rows of 8")
            if any(post.image == SECRET or isinstance(post.image, Path) for post in found.values()):
                raise Fault("a file's content")
            prepare_all(store, folder)
            return len(found)
    except FeelscopeError as error:
        if "\n" in str(error) or len(touched) < 8:
            raise Fault(f"refused: {error}") from error
        return 0


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="inputs of each source")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--commands", type=int, default=10, help="of them collected by the command")
    parser.add_argument("--prepared", type=int, default=10, help="one in so many is prepared too")
    parser.add_argument("--sources", nargs="+", default=["tumblr", "flickr", "reddit", "dumps", "files", "database"])
    given = parser.parse_args()
    answers, failed = Answers(), 0
    print(f"{'source':10}{'inputs':>8}{'sound':>9}{'kept':>9}{'failed':>8}")
    with tempfile.TemporaryDirectory() as name, serve(answers.platform) as address:
        secret = Path(name) / "secret.png"
        secret.write_bytes(SECRET)
        for source in given.sources:
            campaign, counts = Campaign(source, address, answers), Counter[str]()
            for number in range(given.count):
                seed = given.seed * 1_000_003 + number
                with scratch(Path(name)) as folder:
                    try:
                        if source == "database":
                            counts["kept"] += spoiled(seed, folder, secret)
                            continue
                        arguments, sound = campaign.make(Draw(seed, secret), folder)
                        by_command = number < given.commands
                        twice(campaign, arguments, folder, by_command=by_command)
                        counts["sound"] += len(sound)
                        counts["kept"] += check(folder, sound, prepared=number % given.prepared == 0)
                    except Exception:  # noqa: BLE001  # whatever it is, it is counted
                        counts["failed"] += 1
                        if counts["failed"] <= 3:
                            print(f"{source} {number}: {traceback.format_exc()}", file=sys.stderr)
            print(
                f"{source:10}{given.count:8,}{counts['sound']:9,}{counts['kept']:9,}{counts['failed']:8,}", flush=True
            )
            failed += counts["failed"]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
