"""Which library finds the name that was meant, difflib or rapidfuzz: typos corrected, and time to import.

python benchmarks/close_matches.py        (needs rapidfuzz)
"""

import difflib
import subprocess
import sys
from collections.abc import Callable, Sequence

from rapidfuzz import distance, fuzz, process

from feelscope.emotions import GOEMOTIONS, SEVEN
from feelscope.table import STANDARD_COLUMNS

SETTINGS = (
    *("learning_rate", "dropout", "epochs", "seed", "batch_size", "weight_decay", "hidden_size", "ema_decay", "width"),
    *("max_grad_norm", "lr_halving_steps", "warm_up", "patience", "modalities", "text_weight", "soup", "refit"),
    *("subclasses", "length"),
)
COLUMNS = tuple(STANDARD_COLUMNS)
TABLE = ("Caption", "Likes", "created_utc", "num_comments", "post_id", "image_url", "selftext", "subreddit")
SOURCES = ("tumblr", "reddit", "flickr", "bluesky", "mastodon", "dumps", "files", "sync")
EMOTIONS = (*GOEMOTIONS, "happiness")
TYPOS = {  # what was typed, what was meant
    SETTINGS: "lerning_rate learning_rate learnig_rate learning_rate rate_learning learning_rate droput dropout "
    "drop_out dropout epoch epochs seeds seed bach_size batch_size batchsize batch_size weight_decy weight_decay "
    "decay_weight weight_decay hiden_size hidden_size size_hidden hidden_size warmup warm_up patiance patience "
    "modalites modalities",
    COLUMNS: "txt text tittle title imgae image emotoin emotion emotions emotion create_at created_at createdat "
    "created_at autor author tag tags sorce source txet text Text text",
    EMOTIONS: "suprise surprise hapiness happiness happines happiness sadnes sadness angr anger digust disgust nutral "
    "neutral embarassment embarrassment excitment excitement admiraton admiration nervousnes nervousness gratitud "
    "gratitude Anger anger SURPRISE surprise HAPPINESS happiness",
    TABLE: "caption Caption num_comment num_comments comments num_comments created created_utc likes Likes self_text "
    "selftext imageurl image_url postid post_id",
    SOURCES: "tumbler tumblr redit reddit flikr flickr flicker flickr file files dump dumps",
}
UNRELATED = {
    SETTINGS: "banana foo x optimizer gamma",
    COLUMNS: "location votes likes geo",
    SEVEN: "hunger tired ecstatic",
    GOEMOTIONS: "hungry nostalgia",
    SOURCES: "twitter instagram facebook threads",
    TABLE: "price weight",
}
Find = Callable[[str, Sequence[str]], str | None]


def standard(name: str, known: Sequence[str]) -> str | None:
    """As `feelscope.config.did_you_mean` does it."""
    by_word = {word.lower(): word for word in known}
    close = difflib.get_close_matches(name.lower(), by_word, n=1)
    return by_word[close[0]] if close else None


def fuzzy(scorer: Callable[..., float], least: float) -> Find:
    def find(name: str, known: Sequence[str]) -> str | None:
        found = process.extractOne(name, known, scorer=scorer, score_cutoff=least, processor=str.lower)
        return found[0] if found else None

    return find


FINDERS: dict[str, Find] = {
    "difflib": standard,
    "rapidfuzz ratio, 60": fuzzy(fuzz.ratio, 60),
    "rapidfuzz WRatio, 60": fuzzy(fuzz.WRatio, 60),
    "rapidfuzz WRatio, 80": fuzzy(fuzz.WRatio, 80),
    "rapidfuzz JaroWinkler, 0.8": fuzzy(distance.JaroWinkler.normalized_similarity, 0.8),
    "rapidfuzz DamerauLevenshtein, 0.6": fuzzy(distance.DamerauLevenshtein.normalized_similarity, 0.6),
}


def main() -> None:
    """Print a line for each way of matching."""
    typos = [(*pair, known) for known, said in TYPOS.items() for pair in zip(*[iter(said.split())] * 2, strict=True)]
    unrelated = [(name, known) for known, said in UNRELATED.items() for name in said.split()]
    for name, find in FINDERS.items():
        right = sum(find(typed, known) == meant for typed, meant, known in typos)
        guessed = sum(find(typed, known) is not None for typed, known in unrelated)
        print(f"{name}: {right} of {len(typos)} typos corrected, {guessed} of {len(unrelated)} unrelated names guessed")
    for module in ("difflib", "rapidfuzz.process"):
        code = f"import re, collections, time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in range(5)]
        print(f"{module}: {sorted(float(run.stdout) for run in runs)[2] * 1000:.1f} ms to import")


if __name__ == "__main__":
    main()
