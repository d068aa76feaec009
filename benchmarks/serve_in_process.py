"""`predict` in process, for as long as each line of the input says: what the service is measured beside.

echo 15 | python benchmarks/serve_in_process.py TABLE --threads 2
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from serve_posts import read_posts

from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args()
    posts = read_posts(given.table)
    classifier = EmotionClassifier.load(given.model, workers=given.threads)
    for line in sys.stdin:
        emotions = {}
        used, started = time.process_time(), time.perf_counter()
        done = 0
        for answer in classifier.stream(until(started + float(line), posts)):
            emotions[answer.id] = answer.emotion
            done += 1
        seconds = time.perf_counter() - started
        found = {
            "seconds": seconds,
            "processor_seconds": time.process_time() - used,
            "posts_per_second": done / seconds,
        }
        print(json.dumps({**found, "emotions": emotions}), flush=True)


def until(end: float, posts: Sequence[Post]) -> Iterator[Post]:
    """Posts again and again, until the time is over."""
    return itertools.takewhile(lambda _: time.perf_counter() < end, itertools.cycle(posts))


if __name__ == "__main__":
    main()
