"""Fuzzed tables against an independent count: no traceback, every row read or left out, every id at most once.

    python benchmarks/robustness/tables.py --count 10000 --seed 1

Each table has 1 to 300 rows of its own making, so that their number is known without any reader: one id a line, texts
with quotes, commas, emoji and line breaks. Some rows are then broken in one of the ways listed in `SPOIL`, which are
such that the row stays one row; a third of the tables gets damage to any bytes instead, where only the number of lines
(CSV, JSON Lines) is known. Parquet gets odd columns, and damaged bytes. Lists in JSON have entries that are no objects,
and half of them no ids. Half of the tables that are whole are packed.
"""

import argparse
import bz2
import datetime
import gzip
import json
import lzma
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from feelscope.errors import TableError
from feelscope.table import PostsTable, Quarantine

PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
WORDS = ["happy", 'say "hi"', "a, b", "two\nlines", "5 o'clock", "ü😀", "\u2028", "tab\there", "=1+1", ""]
SPOIL = {
    ".csv": [
        *('{0},"open,x', '{0},"a"b,x', "{0},few", "{0},x,y,more", "{0},nul\0,x", "{0},latin\udce9,x", '"{0},open,x'),
    ],
    ".jsonl": [
        *(
            '{{"id": "{0}", "text": "torn',
            "[{0}]",
            "{0}",
            '{{"id": {0}.5, "text": "x"}}',
            '{{"id": "{0}", "text": []}}',
        ),
        *('{{"id": "{0}", "text": "\\ud800"}}', '{{"id": "{0}", "text": "nul\\u0000"}}', "[" * 5000, "latin\udce9"),
    ],
}
ODD_CELLS = [
    "1e999",
    "7" * 5000,
    "[" * 60 + "]" * 60,
    '"\\ud800"',
    '"\\u0000"',
    "18446744073709551616",
    '{"a": [null]}',
]
ODD_COLUMNS = [
    lambda n: pa.array(range(n), pa.duration("ns")),
    lambda n: pa.array([2**64 - 1 - i for i in range(n)], pa.uint64()),
    lambda n: pa.array([10**14 + i for i in range(n)], pa.timestamp("s")),
    lambda n: pa.array([i * 7 for i in range(n)], pa.time64("ns")),
    lambda n: pa.array([float("nan")] * n),
    lambda n: pa.array([[{"a": i}] for i in range(n)]),
    lambda n: pa.array([b"\xff"] * n),
    lambda n: pa.array([datetime.date(9999, 12, 31)] * n),
]


def made(draw: random.Random, ending: str) -> tuple[bytes, int, list[str], int]:
    """A table: its content, its rows, the ids of its sound rows, and its lines."""
    rows = draw.randint(1, 300)
    spoiled = {number for number in range(rows) if draw.random() < draw.choice([0, 0.02, 0.3])}
    lines: list[str] = []
    sound: list[str] = []
    latin: list[str] = []  # ids of rows with a byte that is no UTF-8 and would be sound in another encoding
    for number in range(rows):
        text = f"{draw.choice(WORDS)} {number}"
        if number in spoiled:
            lines.append(draw.choice(SPOIL[ending]).format(number))
            latin += [str(number)] if lines[-1].startswith(f"{number},latin") else []
            continue
        sound.append(str(number))
        if ending == ".csv":
            escaped = text.replace('"', '""')
            lines.append(
                f'{number},"{escaped}",x' if draw.random() < 0.9 or set(text) & set('\n",') else f"{number},{text},x"
            )
        else:
            odd = f', "odd": {draw.choice(ODD_CELLS)}' if draw.random() < 0.1 else ""
            lines.append(f'{{"id": "{number}", "text": {json.dumps(text, ensure_ascii=draw.random() < 0.5)}{odd}}}')
    if ending == ".csv":
        lines.insert(0, "id,text,more")
    end = draw.choice(["\n", "\n", "\r\n"])
    content = end.join(lines) + draw.choice(["", end])
    encoded = content.encode("utf-8", "surrogateescape")
    high = sum(byte > 127 for byte in encoded)
    if latin and 2 * (high - len(latin)) < high:  # so few letters in UTF-8 that the file is read as one of Windows
        sound = sorted([*sound, *latin], key=int)
    return encoded, rows, sound, len(content.splitlines())


def json_list(draw: random.Random) -> tuple[bytes, int, list[str]]:
    """A list of objects, some entries of it none, alone or in an object; half of them without ids."""
    rows, numbered = draw.randint(1, 300), draw.random() < 0.5
    odd = {number for number in range(rows) if number and draw.random() < 0.1}
    values: list[object] = []
    for number in range(rows):
        text = f"{draw.choice(WORDS)} {number}"
        values.append(draw.choice([5, None, [1], "x"]) if number in odd else {"text": text})
        if number not in odd and not numbered:
            values[-1] = {"id": str(number), "text": text}
    whole = {"about": {"n": 1}, "posts": values} if draw.random() < 0.5 else values
    content = json.dumps(whole, ensure_ascii=draw.random() < 0.5, indent=draw.choice([None, 1]))
    return content.encode(), rows, [str(number + numbered) for number in range(rows) if number not in odd]


def parquet(draw: random.Random, path: Path) -> tuple[int, list[str]]:
    rows = draw.randint(1, 300)
    texts = [f"{draw.choice(WORDS)} {number}" for number in range(rows)]
    columns = {"id": [str(number) for number in range(rows)], "text": texts}
    for place in range(draw.randint(0, 3)):
        columns[f"odd{place}"] = draw.choice(ODD_COLUMNS)(rows)
    pq.write_table(pa.table(columns), path, row_group_size=draw.randint(1, 300))
    return rows, columns["id"]


def damage(draw: random.Random, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(spoiled))
        match draw.randrange(4):
            case 0:
                spoiled[at] = draw.randrange(256)
            case 1:
                spoiled[at:at] = bytes(draw.choices(b'"\r\n,{}[]\0\xff\\', k=draw.randint(1, 5)))
            case 2:
                del spoiled[at : at + draw.randint(1, 20)]
            case _:
                del spoiled[at:]
        if not spoiled:
            break
    return bytes(spoiled)


def read(path: Path, bad: Path) -> tuple[list[str], int, bool]:
    """Ids, rows left out, and whether the table was refused."""
    ids: list[str] = []
    with Quarantine(bad, most_broken=1.0) as quarantine:
        try:
            ids.extend(post.id for post in PostsTable(path, quarantine=quarantine))
        except TableError as error:
            assert "\n" not in str(error), "an error of several lines"
            return ids, quarantine.count, True
    if quarantine.count:
        listed = bad.read_bytes().split(b"\n")
        assert len(listed) == quarantine.count + 1 and all(map(json.loads, listed[:-1])), "the list of bad rows"
    return ids, quarantine.count, False


def one(draw: random.Random, folder: Path, told: Counter[str]) -> None:
    ending = draw.choice([".csv", ".jsonl", ".parquet", ".json"])
    is_damaged = ending != ".json" and draw.random() < 1 / 3
    packing = draw.choice(["", "", *PACK]) if not is_damaged else ""
    path = folder / f"posts{ending}{packing}"
    if ending == ".parquet":
        rows, sound = parquet(draw, path)
        content, lines = path.read_bytes(), 0
    elif ending == ".json":
        (content, rows, sound), lines = json_list(draw), 0
    else:
        content, rows, sound, lines = made(draw, ending)
    if is_damaged:
        content = damage(draw, content)
        lines = content.count(b"\n") + content.count(b"\r") + 1
    path.write_bytes(PACK[packing](content) if packing else content)
    ids, left_out, refused = read(path, folder / "bad.jsonl")
    told[f"{ending[1:]}, {'damaged' if is_damaged else 'whole'}"] += 1
    assert len(ids) == len(set(ids)), "an id came twice"
    if is_damaged:
        told["damaged and refused in one line"] += refused
        assert refused or ending == ".parquet" or len(ids) + left_out <= lines, "more rows than lines"
        return
    # A table of one line may be no table: a header that is broken, or no row with a column.
    assert not refused or (ending == ".jsonl" and not sound), "refused"
    if not refused:
        assert ids == sound, f"rows lost: {len(sound) - len(ids)}"
        assert len(ids) + left_out == rows, f"{len(ids)} + {left_out} of {rows} rows"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    told: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(asked.count):
            try:
                one(random.Random(f"{asked.seed} {number}"), Path(scratch), told)
            except Exception as error:  # noqa: BLE001  # any is a fault
                faults[f"{type(error).__name__}: {str(error)[:80]}"] += 1
                if sum(faults.values()) <= 3:
                    print(f"table {number}:", file=sys.stderr)
                    traceback.print_exc()
    for name, count in sorted(told.items()):
        print(f"{count:7,} {name}")
    print(f"{sum(faults.values()):7,} faults in {asked.count:,} tables, {time.perf_counter() - started:.0f} s")
    for fault, count in faults.most_common():
        print(f"{count:7,} {fault}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
