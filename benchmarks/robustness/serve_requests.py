"""Requests drawn from the API's own description, right and wrong ones, against `feelscope serve` as a process.

    python benchmarks/robustness/serve_requests.py [--count 10000] [--each 400]

Schemathesis draws them, with another seed each time, until there are as many; the service counts what it answered, by
route and status. Exits with 1 where an answer is not as described, has a status of 500, or the service printed anything
else than where it answers and how it ended.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from small_model import write_small_model  # noqa: E402

CONFIG = ROOT / "tests" / "serve" / "schemathesis.toml"
HOOKED = {**os.environ, "SCHEMATHESIS_HOOKS": str(ROOT / "tests" / "serve" / "schemathesis_hooks.py")}
KEY = "a key of many letters"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="requests in all, at least")
    parser.add_argument("--each", type=int, default=400, help="random requests of each operation, of one seed")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--keys", action="store_true", help="the service asks for a key; schemathesis has one")
    given = parser.parse_args()
    tested = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert tested, "pip install schemathesis"
    faults, seed, count = 0, given.first_seed, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_small_model(folder / "small")
        service = subprocess.Popen(
            [sys.executable, "-m", "feelscope.cli", "serve", "--model", folder / "small", "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **({"FEELSCOPE_API_KEYS": KEY} if given.keys else {})},
        )
        assert service.stderr is not None
        where = re.search(r"http://\S+/(?=,)", service.stderr.readline())
        assert where
        while count < given.count:
            options = ["--phases", "examples,coverage,fuzzing", "--max-examples", str(given.each), "--seed", str(seed)]
            options += ["--header", f"Authorization: Bearer {KEY}"] if given.keys else []
            command = [tested, "--config-file", CONFIG, "run", f"{where[0]}openapi.json", "--no-color", *options]
            ran = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=HOOKED)
            generated = re.search(r"([\d,]+) generated", ran.stdout)
            count += int(generated[1].replace(",", "")) if generated else 0
            print(f"seed {seed}: {ran.stdout.splitlines()[-1].strip('= ')}, {count:,} cases in all", flush=True)
            if ran.returncode:
                faults += 1
                print(ran.stdout[-6000:])
            if not generated:
                break
            seed += 1
        asked = urllib.request.Request(f"{where[0]}metrics", headers={"Authorization": f"Bearer {KEY}"})
        with urllib.request.urlopen(asked) as answer:
            answered = counts(answer.read().decode())
        service.terminate()
        left = service.stderr.read()
    print(f"\n{sum(answered.values()):,} requests were answered\n\n| route | requests | by status |\n|---|---:|---|")
    for route in sorted({route for route, _ in answered}):
        found = {status: number for (place, status), number in sorted(answered.items()) if place == route}
        shown = ", ".join(f"{status}: {number:,}" for status, number in found.items())
        print(f"| `{route}` | {sum(found.values()):,} | {shown} |")
    faults += sum(number for (_, status), number in answered.items() if status.startswith("5") and status != "503")
    if left != "stopped; all that was accepted was answered\n":
        faults += 1
        print(f"on its terminal: {left[-3000:]}")
    print(f"faults: {faults}")
    return int(faults > 0)


def counts(metrics: str) -> Counter[tuple[str, str]]:
    """Requests that were answered, by route and status."""
    lines = re.findall(r'^feelscope_requests_total\{route="(.*)",status="(\d+)"\} (\S+)$', metrics, re.MULTILINE)
    return Counter({(route, status): int(float(number)) for route, status, number in lines})


if __name__ == "__main__":
    sys.exit(main())
