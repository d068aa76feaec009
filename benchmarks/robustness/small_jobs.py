"""Every command that writes, on small tables made here: what it reads, how it goes on, and what it must have made.

Read by `kills.py` and `two_writers.py`, which run them as people do, as processes of their own.
"""

import argparse
import csv
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "feelscope.cli"]
EMOTIONS = {"happiness": ("sunny", "laugh"), "sadness": ("grave", "tears"), "fear": ("scream", "dark")}
FILLERS = "the we saw old house then went over under river market window table street garden morning city".split()
RECIPE = """purpose = "A test."
[text]
encoder = "words"
training = "new"
[further]
modalities = ["tags"]
[fusion]
model = "joint"
[steps]
learning_rate = 0.05
epochs = {epochs}
"""
_TIMES = {"seconds", "at"}  # of anything; they may differ


@dataclass(frozen=True)
class Job:
    """One command.

    Args:
        arguments: Of the command.
        made: What it must have made, of the folder it ran in; equal for equal data.
        resumes: With --resume, once there is something to resume.
        before: Commands that run once before.
    """

    arguments: Sequence[str]
    made: Callable[[Path], Any]
    resumes: bool = False
    before: Sequence[Sequence[str]] = field(default=())


def write_inputs(folder: Path, size: float = 1) -> None:
    """The tables, word vectors and recipes that the jobs read, the same in every run.

    Args:
        size: 1 for jobs of some seconds.
    """
    draw = random.Random(0)
    _write_posts(folder / "posts.csv", int(3000 * size), draw)
    _write_posts(folder / "more.csv", int(4000 * size), draw)
    _write_posts(folder / "few.csv", 200, draw)
    _write_posts(folder / "unread.csv", int(300 * size), draw)
    words = [(word, [draw.gauss(0, 0.3) for _ in range(6)]) for word in FILLERS]
    for axis, own in enumerate(EMOTIONS.values()):
        words += [(word, [2.0 * (place == axis) for place in range(6)]) for word in own]
    lines = [f"{word} {' '.join(f'{number:.4f}' for number in vector)}" for word, vector in words]
    (folder / "vectors.txt").write_text("\n".join(lines) + "\n")
    for name, epochs in (("short", 2), ("long", int(40 * size))):
        (folder / f"{name}.toml").write_text(RECIPE.format(epochs=epochs))


def _write_posts(path: Path, posts: int, draw: random.Random) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "created_at", "text", "tags", "emotion"))
        for number in range(posts):
            emotion = draw.choice([*EMOTIONS])
            words = [*draw.choices(FILLERS, k=14), draw.choice(EMOTIONS[emotion]), f"n{number % 50}"]
            draw.shuffle(words)
            day = f"20{draw.randint(10, 19)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}T12:00:00Z"
            writer.writerow((f"{path.stem}{number}", day, " ".join(words), f"t{number % 7}", emotion))


def jobs() -> dict[str, Job]:
    """Each command by its name."""
    words = ("--words", "vectors.txt")
    build = ("explore", "build")
    compare = ("compare", "few.csv", "--models", "short.toml,long.toml", "--recipes", "paper")
    return {
        "predict jsonl": Job(("predict", "unread.csv", "--out", "out.jsonl"), _rows, resumes=True),
        "predict csv": Job(("predict", "unread.csv", "--out", "out.csv"), _rows),
        "predict parquet": Job(("predict", "unread.csv", "--out", "out.parquet"), _rows),
        "prepare": Job(("prepare", "posts.csv", "dataset", "--labels", "column", "--accept-leak"), _dataset),
        "explore build": Job((*build, "posts.csv", "archive"), _index),
        "explore add": Job(("explore", "add", "more.csv", "archive"), _index, before=[(*build, "few.csv", "archive")]),
        "explore build --rebuild": Job(
            (*build, "posts.csv", "archive", "--rebuild"), _index, before=[(*build, "few.csv", "archive")]
        ),
        "compare": Job(
            (*compare, "--seeds", "2", *words, "--out", "compared", "--processes", "1"),
            _comparison,
        ),
        "words train": Job(
            ("words", "train", "more.csv", "--out", "words", "--recipe", "words.toml"), _vectors, resumes=True
        ),
        "train": Job(("train", "few.csv", "--recipe", "long.toml", *words, "--out", "run"), _run, resumes=True),
        "collect": Job(("collect", "posts.db", "files", "posts.csv", "more.csv"), _store),
    }


def prepared(kind: str, size: float) -> tuple[Path, Path]:
    """A scratch folder for the trials of one command, and the inputs in it."""
    scratch = Path(tempfile.mkdtemp(prefix=f"{kind}-"))
    inputs = scratch / "inputs"
    inputs.mkdir()
    write_inputs(inputs, size)
    small_words(inputs)
    return scratch, inputs


def options(description: str | None) -> argparse.ArgumentParser:
    """What every campaign of commands can be asked for."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--size", type=float, default=1.0, help="of the tables")
    parser.add_argument("--only", default="", metavar="NAME,...", help="the commands to try; all by default")
    return parser


def small_words(folder: Path, epochs: int = 12) -> None:
    """The recipe of word vectors."""
    (folder / "words.toml").write_text(f"width = 24\nepochs = {epochs}\nphrase_discount = 5.0\n")


# What was made


def names(folder: Path) -> list[str]:
    """All files below a folder; TensorBoard's are named by the time."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in files if "tensorboard/" not in name)


def _timeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _timeless(one) for name, one in value.items() if name not in _TIMES}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def _json(path: Path) -> Any:
    return _timeless(json.loads(path.read_text("utf-8")))


def _rows(folder: Path) -> Any:
    (path,) = (path for path in folder.glob("out.*") if not path.name.endswith(".about.json"))  # which has the time
    return path.name, _table(path) if path.suffix == ".parquet" else path.read_bytes()


def _table(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pylist()


def _dataset(folder: Path) -> Any:
    dataset = folder / "dataset"
    return names(dataset), _table(dataset / "posts.parquet"), _json(dataset / "report.json")


def _index(folder: Path) -> Any:
    return index_of(folder / "archive"), [name for name in names(folder) if not name.startswith("archive/")]


def index_of(index: Path) -> Any:
    """Everything that an index holds, and some of its answers."""
    from feelscope.explore.archive import open_archive
    from feelscope.explore.index.about import read_complete
    from feelscope.explore.index.export import documents

    about, facts = read_complete(index)
    posts = sorted(documents(index, about), key=lambda post: post["order"])
    archive = open_archive(index)
    states: list[dict[str, str | None]] = [{"query": ""}, {"query": "river dark", "emotion": "fear"}]
    files = (name.removeprefix(f"{about.inside}/") for name in names(index))
    kinds = sorted(name for name in files if not re.search(r"[0-9a-f]{32}", name))  # the engine's are drawn
    return facts, posts, [archive.views(state, unit="year") for state in states], kinds


def _comparison(folder: Path) -> Any:
    import numpy as np

    scores = [_without_seconds(row) for row in csv.DictReader((folder / "compared" / "scores.csv").open())]
    arrays = {}
    for path in sorted((folder / "compared" / "trainings").glob("*.npz")):
        with np.load(path) as answers:
            arrays[path.name] = {name: answers[name].tolist() for name in answers.files}
    return names(folder / "compared"), scores, arrays


def _without_seconds(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name != "seconds"}


def _vectors(folder: Path) -> Any:
    words = folder / "words"
    return names(words), (words / "vectors.bin").read_bytes(), _json(words / "report.json")


def _run(folder: Path) -> Any:
    run = folder / "run"
    weights, metrics = (run / "model.safetensors").read_bytes(), _json(run / "metrics.json")
    return names(run), weights, metrics, (run / "fusion.onnx").read_bytes()


def _store(folder: Path) -> Any:
    from feelscope.store import Store

    with Store(folder / "posts.db", must_exist=True) as store:
        posts = [_timeless(vars_of(post)) for post in store.posts()]
    salted = re.compile(r"[0-9a-f]{16,}")  # authors are hashed with a salt of the database's own
    return [salted.sub("HASH", repr(post).replace(str(folder), "")) for post in posts], names(folder)


def vars_of(post: Any) -> dict[str, Any]:
    """A post's fields."""
    return {name: getattr(post, name) for name in post.__slots__}


# Running


def start(arguments: Sequence[str], folder: Path) -> "subprocess.Popen[str]":
    """A command in a group of processes of its own, which can be killed together."""
    pipe = subprocess.PIPE
    command = [*COMMAND, *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def finish(arguments: Sequence[str], folder: Path) -> tuple[int, str]:
    """Run a command to its end; its exit code and what it said on stderr."""
    process = start(arguments, folder)
    _, said = process.communicate(timeout=900)
    return process.returncode, said


def inputs_of(job: Job, folder: Path, inputs: Path) -> Path:
    """A folder with the inputs, in which what comes before a job is done."""
    shutil.copytree(inputs, folder)
    for arguments in job.before:
        code, said = finish(arguments, folder)
        assert code == 0, said
    return folder


def error_line(said: str) -> str:
    """The one line of an error; empty for a traceback, for none or for several."""
    lines = [line for line in said.splitlines() if line.startswith(("Error", "error"))]
    return lines[0] if len(lines) == 1 and "Traceback" not in said else ""


def served(process: "subprocess.Popen[str]") -> str:
    """The address that a labelling server says; empty where it ended before."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    return ""


def ask(address: str, path: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
    """One request to a labelling server."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def seconds_of(arguments: Sequence[str], folder: Path) -> tuple[float, int, str]:
    """How long a command takes, its exit code and what it said."""
    started = time.perf_counter()
    code, said = finish(arguments, folder)
    return time.perf_counter() - started, code, said
