"""How fast posts are read, beside the same encoders in torch and beside the bare networks; see README.md.

    python benchmarks/predict.py TABLE [--posts 1 100 10000] [--rounds 3] [--out results.json]

This process stays small and starts every measurement as a process of its own: Linux counts the memory of the
starting process into the peak of the one it starts.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PARTS = ("text", "image", "both")
DTYPES = ("float32", "bfloat16")
WAYS = ("feelscope", "torch", "limit", "clip")
PACKAGES = ("feelscope", "onnxruntime", "torch", "transformers", "tokenizers", "numpy", "pillow")
COLD_START = ("--text", "We won the cup!", "--image", str(HERE.parent / "examples" / "images" / "fireworks.jpg"))
MB = 1e6 if sys.platform == "darwin" else 1e3 / 1.024  # what ru_maxrss counts, in a megabyte


def main() -> None:
    options = read_options()
    tuned: dict[str, dict[str, Any]] = {}
    rounds = []
    jobs = [(posts, part) for posts in options.posts for part in options.parts]
    for posts, part in jobs if "torch" in options.ways else ():  # found once, before anything is measured
        say(f"torch, {part}, {posts} posts: trying settings")
        tuned[f"{posts} {part}"] = work(options, "tune", posts, part, {"dtypes": options.dtypes})
    for number in range(options.rounds):
        for posts, part in jobs:
            settings = tuned.get(f"{posts} {part}", {"posts": posts, "best": {}})
            if not settings["posts"]:
                continue
            for way in options.ways:
                if way == "clip" and part != "both":
                    continue
                found = work(options, way, posts, part, settings["best"])
                rounds.append({"round": number, "posts": posts, "part": part, "way": way, **found})
                say(f"round {number + 1}, {posts} posts, {part}, {way}: {found['posts_per_second']:.1f} posts/s")
    cold = [cold_start(options.model) for _ in range(options.cold_starts)]
    result = {
        "command": command(options),
        "date": datetime.date.today().isoformat(),
        "processors": options.threads,
        "machine": f"{processor()}, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": versions(),
        "summary": [one for posts, part in jobs if (one := summary(rounds, posts, part, tuned)) is not None],
        "cold_start": {key: statistics.median(one[key] for one in cold) for key in cold[0]} if cold else None,
        "torch_settings": tuned,
        "rounds": rounds,
        "cold_starts": cold,
    }
    if options.out is not None:
        options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(to_markdown(result))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path, metavar="TABLE", help="posts with words and pictures, repeated as needed")
    parser.add_argument("--posts", type=int, nargs="+", default=[1, 100, 10_000], help="how many are read at once")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="feelscope must be among them")
    parser.add_argument("--rounds", type=int, default=3, help="each way is measured once per round")
    parser.add_argument("--cold-starts", type=int, default=5)
    parser.add_argument("--threads", type=int, default=processors(), help="for every way")
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES), help="that torch may use")
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--out", type=Path, metavar="FILE.json")
    return parser.parse_args()


def work(options: argparse.Namespace, way: str, posts: int, part: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Start a measurement as a process of its own and read the line it prints."""
    job = {
        "way": way,
        "table": str(options.table),
        "model": options.model,
        "part": part,
        "posts": posts,
        "threads": options.threads,
        "settings": settings,
    }
    done = subprocess.run(
        [sys.executable, HERE / "predict_ways.py", json.dumps(job)], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{way}, {part}, {posts} posts: failed, see above")
    return json.loads(done.stdout.splitlines()[-1])


def cold_start(model: str) -> dict[str, float]:
    """One post by the command, as a whole process: seconds and peak memory."""
    start = time.perf_counter()
    arguments = [sys.executable, "-m", "feelscope.cli", "predict", *COLD_START, "--model", model, "--json"]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("feelscope predict: failed, see above")
    return {"seconds": seconds, "peak_mb": usage.ru_maxrss / MB}


def summary(
    rounds: Sequence[dict[str, Any]], posts: int, part: str, tuned: dict[str, dict[str, Any]]
) -> dict[str, Any] | None:
    """Medians over the rounds; ratios are taken within a round, where the machine was the same."""
    found = {
        way: several
        for way in WAYS
        if (several := [one for one in rounds if (one["posts"], one["part"], one["way"]) == (posts, part, way)])
    }
    if "feelscope" not in found:
        return None
    speeds = {way: [one["posts_per_second"] for one in several] for way, several in found.items()}

    def ratio(other: str) -> float | None:
        if other not in speeds:
            return None
        return statistics.median(ours / theirs for ours, theirs in zip(speeds["feelscope"], speeds[other], strict=True))

    best = tuned[f"{posts} {part}"]["best"] if "torch" in found else None
    return {
        "posts": posts,
        "part": part,
        "posts_per_second": {way: statistics.median(several) for way, several in speeds.items()},
        "peak_mb": {way: statistics.median(one["peak_mb"] for one in several) for way, several in found.items()},
        "times_torch": ratio("torch"),
        "share_of_limit": ratio("limit"),
        "times_clip": ratio("clip"),
        "torch": f"batches of {best['batch']}, {best['dtype']}" if best else "",
    }


def to_markdown(result: dict[str, Any]) -> str:
    lines = [
        f"`{result['command']}`",
        "",
        f"{result['date']}, {result['processors']} threads, {result['machine']};",
        ", ".join(f"{name} {number}" for name, number in result["versions"].items()) + ".",
        "",
        "| posts | read | Feelscope posts/s | torch posts/s | limit posts/s | CLIP posts/s | times torch "
        "| share of limit | times CLIP | peak MB: Feelscope | torch | limit | CLIP | torch's best |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for one in result["summary"]:
        speeds = " | ".join(shown(one["posts_per_second"].get(way), ",.1f") for way in WAYS)
        peaks = " | ".join(shown(one["peak_mb"].get(way), ",.0f") for way in WAYS)
        kinds = {"times_torch": ".2f", "share_of_limit": ".0%", "times_clip": ".1f"}
        ratios = " | ".join(shown(one[key], kind) for key, kind in kinds.items())
        lines.append(f"| {one['posts']:,} | {one['part']} | {speeds} | {ratios} | {peaks} | {one['torch']} |")
    if cold := result["cold_start"]:
        runs = len(result["cold_starts"])
        lines += ["", f"Cold start, one post with words and picture, whole process: {cold['seconds']:.2f} s, "]
        lines[-1] += f"{cold['peak_mb']:.0f} MB (median of {runs})."
    return "\n".join(lines)


def shown(value: float | None, kind: str) -> str:
    return "–" if value is None else format(value, kind)


def command(options: argparse.Namespace) -> str:
    """The command again, with the table's name only: where it lies is nobody's business."""
    given = [options.table.name if argument == str(options.table) else argument for argument in sys.argv[1:]]
    return " ".join(["python benchmarks/predict.py", *given])


def versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def processors() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    about = Path("/proc/cpuinfo")
    if about.exists():
        for line in about.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
