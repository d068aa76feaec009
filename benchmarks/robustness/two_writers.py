"""Two processes start together on one output: one finishes, the other is refused in one line, nothing is mixed.

    python benchmarks/robustness/two_writers.py --count 20

Where the first has ended before the second began to write, the second does the same again or says that something is
there already; these are counted apart. Labelling ends when it is told to: the second process must be refused while the
first runs, and `prepare` into the same dataset too. Needs the extras explore, label, train and words.
"""

import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

from small_jobs import Job, ask, error_line, finish, inputs_of, jobs, options, prepared, served, start

BUSY = "another process is writing"
THERE = ("something is there already", "is not empty", "there are vectors already", "is a complete index")
NAMES = ("predict jsonl", "predict csv", "predict parquet", "prepare", "train", "compare", "explore build")
NAMES += ("explore add", "explore build --rebuild", "words train", "label")


def try_job(name: str, job: Job, inputs: Path, scratch: Path, count: int) -> Counter:
    """Start a job twice at once, so often; how often each thing happened."""
    ready = inputs_of(job, scratch / "ready", inputs)
    shutil.copytree(ready, scratch / "whole")
    code, said = finish(job.arguments, scratch / "whole")
    assert code == 0, said
    expected = job.made(scratch / "whole")
    found: Counter = Counter()
    for number in range(count):
        folder = scratch / str(number)
        shutil.copytree(ready, folder)
        both = [start(job.arguments, folder) for _ in range(2)]
        ends = [(process.communicate(timeout=900)[1], process.returncode) for process in both]
        lines = [error_line(said) for said, code in ends if code]
        wrong = ""
        if any(code not in (0, 1) or (code and not error_line(said)) for said, code in ends):
            wrong = f"not one line: {ends}"
        elif len(lines) == 2:
            wrong = f"both were refused: {lines}"
        elif lines and BUSY not in lines[0] and not any(said in lines[0] for said in THERE):
            wrong = lines[0]
        elif job.made(folder) != expected:
            wrong = "other data than a single run"
        outcome = "refused" if lines and BUSY in lines[0] else "one after the other"
        found["WRONG" if wrong else outcome] += 1
        if wrong:
            print(f"{name}, try {number}: {wrong} (in {folder})", file=sys.stderr)
        else:
            shutil.rmtree(folder)
    return found


def try_label(inputs: Path, scratch: Path, count: int) -> Counter:
    """The same for labelling, and for `prepare` meanwhile."""
    folder = scratch / "label"
    shutil.copytree(inputs, folder)
    prepare = ("prepare", "few.csv", "dataset", "--labels", "column", "--accept-leak")
    code, said = finish(prepare, folder)
    assert code == 0, said
    before = (folder / "dataset" / "posts.parquet").read_bytes()
    found: Counter = Counter()
    for number in range(count):
        first = start(("label", "dataset", "--port", "0"), folder)
        address = served(first)
        refused = [finish(other, folder) for other in (("label", "dataset", "--port", "0"), prepare)]
        state = ask(address, f"/next.json?annotator=p{number}")
        ask(address, "/answer", {"annotator": f"p{number}", "id": state["id"], "answer": state["choices"][0]})
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
        is_right = all(code == 1 and BUSY in error_line(said) for code, said in refused)
        answers = (folder / "dataset" / "answers.jsonl").read_bytes().count(b"\n")
        is_right = is_right and answers == number + 1 and (folder / "dataset" / "posts.parquet").read_bytes() == before
        found["refused" if is_right else "WRONG"] += 1
        if not is_right:
            print(f"label, try {number}: {refused}, {answers} answers (in {folder})", file=sys.stderr)
    return found


def main() -> int:
    given = options(__doc__).parse_args()
    known, wrong = jobs(), 0
    print(f"{'command':<24} {'tries':>5} {'one refused':>12} {'one after the other':>20} {'wrong':>5}")
    for name in given.only.split(",") if given.only else NAMES:
        scratch, inputs = prepared("writers", given.size)
        is_label = name == "label"
        trying = try_label(inputs, scratch, given.count) if is_label else None
        found = trying or try_job(name, known[name], inputs, scratch, given.count)
        wrong += found["WRONG"]
        counts = f"{found['refused']:12} {found['one after the other']:20} {found['WRONG']:5}"
        print(f"{name:<24} {given.count:5} {counts}", flush=True)
        if not found["WRONG"]:
            shutil.rmtree(scratch)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
