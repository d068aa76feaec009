"""How many posts per second are searched for subjects, on one processor, and how many subjects are found.

    python benchmarks/explore_subjects.py TABLE [--limit N] [--treebank FILE.conllu]
    python benchmarks/explore_subjects.py INDEX --first-rows

With a treebank in CoNLL-U (the test split of the English Web Treebank) also how accurate the tagger is: share of words
whose letter of the grammar is right, and precision and recall of the phrases that follow. Punctuation is left out of
it, as the tagger never sees it.

With an index and `--first-rows`: of the ten first subjects of 32 queries, those of `explore_questions.toml` and twelve
everyday words, how many have two words or more, of all and of those whose row has such a subject, how many are nouns
that any post may have, and how many are of under five posts.
"""

import argparse
import resource
import time
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np

from feelscope.explore.archive import open_archive
from feelscope.explore.index.subjects import LETTERS, Subject, find_subjects, phrase_spans
from feelscope.table import PostsTable
from feelscope.text.tagger import load_tagger

FURTHER = ("boston", "house", "people", "war", "israel", "cat", "school", "police", "job", "game", "google", "china")
EVERYDAY = {
    *("people person time times day days today year years week weeks month months night way ways thing things".split()),
    *("something anything everything nothing someone anyone everyone one ones lot lots bit edit guy guys".split()),
    *("thanks question questions point fact end part kind life reason idea problem post reddit".split()),
}


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


def first_rows(folder: Path) -> None:
    archive = open_archive(folder)
    questions = tomllib.loads((Path(__file__).parent / "explore_questions.toml").read_text(encoding="utf-8"))
    queries = [one["query"] for one in questions["question"]] + [*FURTHER]
    rows, several, could, everyday, rare = 0, 0, 0, 0, 0
    for query in queries:
        shown = archive.views({"query": query}, parts=("subjects",))["subjects"]["rows"]
        rows += len(shown)
        for row in shown:
            several += " " in row["subject"]
            could += any(" " in subject for subject in (row["subject"], *row["merged"]))
            everyday += row["subject"] in EVERYDAY
            rare += row["posts"] < 5
        print(f"{query}: {', '.join(row['subject'] for row in shown)}")
    print(f"{len(queries)} queries, {rows} first rows: {several} of two words or more, {several / rows:.1%};")
    print(f"{could} have a subject of two words or more, {several / max(1, could):.1%} of these are named by one;")
    print(f"{everyday} nouns that any post may have, {everyday / rows:.1%}; {rare} of under five posts")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--treebank", type=Path)
    parser.add_argument("--first-rows", action="store_true", help="TABLE is an index; look at its first subjects")
    given = parser.parse_args()
    if given.first_rows:
        first_rows(given.table)
    else:
        speed(given.table, given.limit)
        if given.treebank:
            accuracy(given.treebank)
