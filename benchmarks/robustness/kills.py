"""Every command that writes is killed at random moments and run again: is what it makes that of an uninterrupted run?

    python benchmarks/robustness/kills.py --count 20 --seed 0

A kill is `kill -9`, at a moment drawn from the time that an uninterrupted run takes. Then the same command runs to its
end, with --resume where it has one and something was kept. While an index is rebuilt, it must also be complete after
the kill. Labelling is a server: people answer it until it is killed, and go on once it runs again; every answer that it
confirmed must be kept. Needs the extras explore, label, train and words.
"""

import http.client
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from small_jobs import (
    Job,
    ask,
    error_line,
    finish,
    index_of,
    inputs_of,
    jobs,
    options,
    prepared,
    seconds_of,
    served,
    start,
)


def kill(process: Any) -> None:
    """Kill a command and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def go_on(job: Job, folder: Path) -> str:
    """Run a killed command to its end; what is wrong, if anything."""
    arguments = [*job.arguments, *["--resume"] * job.resumes]
    code, said = finish(arguments, folder)
    if code and job.resumes and "without --resume" in error_line(said):  # nothing was kept, and it says so
        code, said = finish(job.arguments, folder)
    if code and "complete" in error_line(said):  # it was complete before it was killed
        code = 0
    return f"exit code {code}: {said.strip().splitlines()[-1:]}" if code else ""


def try_job(name: str, job: Job, inputs: Path, scratch: Path, count: int, draw: random.Random) -> tuple[Counter, float]:
    """Kill a job so often; how often each thing happened, and how long it takes uninterrupted."""
    ready = inputs_of(job, scratch / "ready", inputs)
    shutil.copytree(ready, scratch / "whole")
    seconds, code, said = seconds_of(job.arguments, scratch / "whole")
    assert code == 0, said
    expected = job.made(scratch / "whole")
    before = index_of(ready / "archive") if "--rebuild" in job.arguments else None
    found: Counter = Counter()
    for number in range(count):
        folder = scratch / str(number)
        shutil.copytree(ready, folder)
        process = start(job.arguments, folder)
        time.sleep(draw.uniform(0, seconds))
        found["ended before"] += process.poll() is not None
        kill(process)
        wrong = ""
        try:
            if before is not None and index_of(folder / "archive")[:3] not in (before[:3], expected[0][:3]):
                wrong = "the index is neither the old nor the new one"
            wrong = wrong or go_on(job, folder)
            if not wrong and job.made(folder) != expected:
                wrong = "other data"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault of that trial
            wrong = repr(error)
        found["as uninterrupted" if not wrong else "WRONG"] += 1
        if wrong:
            print(f"{name}, kill {number}: {wrong} (in {folder})", file=sys.stderr)
        else:
            shutil.rmtree(folder)
    return found, seconds


def try_label(inputs: Path, scratch: Path, count: int, draw: random.Random) -> tuple[Counter, float]:
    """Kill labelling so often while two people answer."""
    folder = scratch / "label"
    shutil.copytree(inputs, folder)
    code, said = finish(("prepare", "few.csv", "dataset", "--labels", "column", "--accept-leak"), folder)
    assert code == 0, said
    from feelscope.label.answers import Answers

    answers = folder / "dataset" / "answers.jsonl"
    confirmed: dict[str, dict[str, str]] = {"Zoë": {}, "two\u2028lines": {}}
    found: Counter = Counter()
    for number in range(count):
        process = start(("label", "dataset", "--port", "0"), folder)
        address = served(process)
        wrong = "" if address else "did not start"
        killer = threading.Timer(draw.uniform(0, 1.5), os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        try:
            while address and process.poll() is None:
                for name, known in confirmed.items():
                    person = name if "\u2028" not in name else "two lines"
                    state = ask(address, f"/next.json?annotator={quote(person)}")
                    if "id" not in state:
                        continue
                    choice = draw.choice(state["choices"])
                    ask(address, "/answer", {"annotator": person, "id": state["id"], "answer": choice})
                    known[state["id"]] = choice
        except (OSError, http.client.HTTPException):
            pass  # it was killed in the middle
        finally:
            killer.cancel()
            kill(process)
        kept = Answers(answers, "label").by_person if answers.exists() else {}
        for name, known in confirmed.items():
            person = name if "\u2028" not in name else "two lines"
            lost = [id for id, choice in known.items() if kept.get(person, {}).get(id) != choice]
            extra = len(kept.get(person, {})) - len(known)
            if lost or extra > 1:  # one may have been written and not confirmed
                wrong = f"lost {lost}, {extra} too many"
            known.update(kept.get(person, {}))
        found["as uninterrupted" if not wrong else "WRONG"] += 1
        if wrong:
            print(f"label, kill {number}: {wrong} (in {folder})", file=sys.stderr)
    return found, 1.5


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    wrong = 0
    print(f"{'command':<24} {'kills':>5} {'as uninterrupted':>17} {'wrong':>5} {'ended before':>12} {'seconds':>8}")
    known = jobs()
    for name in given.only.split(",") if given.only else [*known, "label"]:
        draw = random.Random(f"{given.seed} {name}")
        scratch, inputs = prepared("kills", given.size)
        if name == "label":
            found, seconds = try_label(inputs, scratch, given.count, draw)
        else:
            found, seconds = try_job(name, known[name], inputs, scratch, given.count, draw)
        wrong += found["WRONG"]
        numbers = f"{given.count:5} {found['as uninterrupted']:17} {found['WRONG']:5} {found['ended before']:12}"
        print(f"{name:<24} {numbers} {seconds:8.1f}", flush=True)
        if not found["WRONG"]:
            shutil.rmtree(scratch)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
