"""Near-duplicates by Feelscope, datasketch and ImageHash: are the groups the same, and what do they cost?

python experiments/near_duplicates/libraries.py texts feelscope posts.parquet 40000
python experiments/near_duplicates/libraries.py texts datasketch posts.parquet 40000
python experiments/near_duplicates/libraries.py pictures images/ 4000
"""

import hashlib
import resource
import sys
import time
from pathlib import Path

import imagehash
from datasketch import MinHash, MinHashLSH
from PIL import Image

from feelscope import PostsTable
from feelscope.images import read_rgb
from feelscope.prepare.picture_hashes import SIZE, group_hashes, perceptual_hash
from feelscope.text.near_duplicates import fold, group
from feelscope.text.union_find import UnionFind


def by_datasketch(texts: list[str], similarity: float = 0.7) -> list[int]:
    """The same method: 20 bands of 4 rows, every candidate checked."""
    sets = [frozenset(fold(text).encode(errors="replace").split()) for text in texts]
    first: dict[frozenset[bytes], int] = {}
    groups = UnionFind([first.setdefault(words, position) for position, words in enumerate(sets)])
    positions = [position for words, position in first.items() if words]
    index = MinHashLSH(params=(20, 4), num_perm=80)
    sketches = MinHash.generator([sets[position] for position in positions], num_perm=80, seed=1)
    for position, sketch in zip(positions, sketches, strict=True):
        for candidate in index.query(sketch):
            shared, union = len(sets[position] & sets[candidate]), len(sets[position] | sets[candidate])
            if shared >= similarity * union:
                groups.join(position, candidate)
        index.insert(position, sketch, check_duplication=False)
    return groups.firsts()


def peak() -> float:
    """The most memory used so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def texts(library: str, table: str, limit: str) -> None:
    posts = [f"{post.title} {post.text}" for post in PostsTable(table, limit=int(limit))]
    before, started = peak(), time.process_time()
    groups = group(posts) if library == "feelscope" else by_datasketch(posts)
    seconds = time.process_time() - started
    joined = sum(position != first for position, first in enumerate(groups))
    digest = hashlib.sha256(repr(groups).encode()).hexdigest()[:8]
    print(f"{library}: {len(posts):,} texts, {seconds:.2f} s, {peak() - before:.0f} MB, {joined} joined, {digest}")


def pictures(folder: str, limit: str) -> None:
    pixels = [read_rgb(file, SIZE) for file in sorted(Path(folder).iterdir())[: int(limit)]]
    hashes = {
        "feelscope": perceptual_hash,
        "ImageHash": lambda square: int(str(imagehash.phash(Image.fromarray(square))), 16),
    }
    found = {}
    for library, hash_of in hashes.items():
        started = time.process_time()
        values = [hash_of(square) for square in pixels]
        seconds = time.process_time() - started
        found[library] = {pair for pair in enumerate(group_hashes(values)) if pair[0] != pair[1]}
        print(f"{library}: {len(pixels):,} pictures, {seconds:.2f} s, {len(found[library])} joined")
    print(f"joined by both: {len(set.intersection(*found.values()))}")


if __name__ == "__main__":
    {"texts": texts, "pictures": pictures}[sys.argv[1]](*sys.argv[2:])
