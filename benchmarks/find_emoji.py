"""Milliseconds for finding the emoji of 1,000 posts: `find_emoji`, and the `emoji` package given the whole texts.

python benchmarks/find_emoji.py posts.csv --posts 10000
"""

import argparse
import time
from pathlib import Path

from emoji import analyze

from feelscope.table import PostsTable
from feelscope.text.emoji import find_emoji


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("table", type=Path)
    given.add_argument("--posts", type=int, default=10_000)
    asked = given.parse_args()
    texts = [f"{post.title} {post.text}" for post in PostsTable(asked.table, limit=asked.posts)]
    print(f"{len(texts):,} posts, {sum(not text.isascii() for text in texts):,} of them not ASCII")
    for name, find in {"find_emoji": find_emoji, "analyze": lambda text: list(analyze(text))}.items():
        seconds = []
        for _ in range(3):
            started = time.process_time()
            for text in texts:
                find(text)
            seconds.append(time.process_time() - started)
        print(f"{name}: {min(seconds) * 1e6 / len(texts):.1f} ms")


if __name__ == "__main__":
    main()
