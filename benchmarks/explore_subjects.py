"""How many posts per second are searched for subjects, on one processor, and how many subjects are found.

    python benchmarks/explore_subjects.py TABLE [--limit N] [--treebank FILE.conllu]

With a treebank in CoNLL-U (the test split of the English Web Treebank) also how accurate the tagger is: share of words
whose letter of the grammar is right, and precision and recall of the phrases that follow. Punctuation is left out of
it, as the tagger never sees it.
"""

import argparse
import resource
import time
from collections import Counter
from pathlib import Path

import numpy as np

from feelscope.explore.index.subjects import LETTERS, Subject, find_subjects, phrase_spans
from feelscope.table import PostsTable
from feelscope.text.tagger import load_tagger


def speed(table: Path, limit: int | None) -> None:
    texts = ["\n".join(post.texts) for post in PostsTable(table, limit=limit)]
    before = time.process_time()
    load_tagger()
    print(f"loading the tagger: {time.process_time() - before:.2f} s")
    found: Counter[Subject] = Counter()
    before, number = time.process_time(), 0
    for some in find_subjects(texts):
        number += len(some)
        found.update(some)
    seconds = time.process_time() - before
    print(f"{len(texts):,} posts in {seconds:.1f} s of one processor: {len(texts) / seconds:,.0f} per second")
    often = sum(posts >= 5 for posts in found.values())
    print(
        f"{number / len(texts):.1f} subjects per post, {len(found):,} different, {often:,} of them in 5 posts or more"
    )
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB, texts and counts among them")


def accuracy(treebank: Path) -> None:
    rows = [block.splitlines() for block in treebank.read_text(encoding="utf-8").split("\n\n")]
    words = [[line.split("\t") for line in block if line[:1].isdigit()] for block in rows]
    kept = [[row for row in block if row[0].isdigit() and row[3] not in ("PUNCT", "SYM")] for block in words]
    tagger = load_tagger()
    lengths = np.array([len(block) for block in kept])
    numbers = tagger.tag([row[1] for block in kept for row in block], lengths)
    found = iter(LETTERS.get(tagger.tags[number].partition("|")[0], "O") for number in numbers.tolist())
    right = hits = guessed = there = 0
    for block in kept:
        gold = "".join(LETTERS.get(row[3], "O") for row in block)
        ours = "".join(next(found) for _ in block)
        right += sum(a == b for a, b in zip(gold, ours, strict=True))
        real, said = (set(phrase_spans(letters)) for letters in (gold, ours))
        hits, guessed, there = hits + len(real & said), guessed + len(said), there + len(real)
    print(f"{int(lengths.sum()):,} words: {right / int(lengths.sum()):.4f} right")
    print(f"phrases: precision {hits / guessed:.3f}, recall {hits / there:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--treebank", type=Path)
    given = parser.parse_args()
    speed(given.table, given.limit)
    if given.treebank:
        accuracy(given.treebank)
