"""What is read in posts that were written: the wanted emotion, copies, variety.

python experiments/writer/readings.py DATA WORK [--seeds 3] [--choose]

The judge is a TF-IDF with a logistic regression, trained on the half of MSED's train that the writers of
`train.py --posts half` never saw; it reads 504 posts of each seed, 84 an emotion, written without a picture, and the
posts of dev as they are. All texts go through the same words and are written the same way, so that nothing but the
words tells them apart. `--choose` tries sampling settings without the judge and without dev. Another classifier, of the
writer's half, reads what was written, and the posts of the judge's half: an emotion counts by the ratio of the two, 1
at most. Of the settings whose distinct-2 is at least 0.95 of those posts', and whose 6-grams of training are at most
those of a tenth of the writer's half in the rest of it, equal posts left out, the one of the highest mean is taken.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import data
import numpy as np
import scores
from bigrams import Bigrams
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline

from feelscope.emotions import MSED
from feelscope.generate.writer import folder
from feelscope.generate.writer.reading import words_of, written
from feelscope.generate.writer.sampling import SamplingSettings
from feelscope.generate.writer.verbatim import runs, share_known, words
from feelscope.generate.writer.writing import PostWriter
from feelscope.metrics.intervals import wilson
from feelscope.post import Post

EACH = 84  # posts an emotion, 504 in all
REAL, BIGRAMS = "real posts of dev", "bigrams of the emotion's posts"
GRAM = 6  # words of the copies that are counted
CHOSEN = SamplingSettings(1.0, 0.95, 2.0)  # by --choose
TRIED = [  # temperature, nucleus, emphasis
    *((0.9, 1.0, emphasis) for emphasis in (0, 1, 2, 3)),
    *((0.9, 0.95, 2), (1.0, 0.95, 2), (1.0, 0.95, 3), (1.0, 1.0, 3), (1.0, 0.95, 4)),
]
WANTED = [emotion for emotion in MSED for _ in range(EACH)]
CANDIDATES = 4
RESAMPLES = 1000


def told(posts: Sequence[Post], longest: int) -> list[str]:
    """Real posts as a writer would write them."""
    return [written(words_of(post)[:longest], {}) for post in posts]


def written_by(writer: PostWriter, emotions: Sequence[str], seed: int, sampling: SamplingSettings) -> list[str]:
    """A post of each of some emotions."""
    conditions = [writer.condition(None, emotion) for emotion in emotions]
    return [post.text for post in writer.write_each(conditions, seed=seed, sampling=sampling)]


def grams_of(posts: Sequence[Post]) -> set[tuple[str, ...]]:
    """All runs of 6 words in posts."""
    return {run for post in posts for run in runs("\n".join(post.texts), GRAM) if len(run) == GRAM}


def copied(texts: Sequence[str], known: set[tuple[str, ...]]) -> tuple[float, float, float]:
    """The share of all runs of 6 words that are known, and its 95% interval over texts."""
    counts = np.array([share_known(text, known, GRAM) for text in texts])  # (N, 2)
    draws = np.random.default_rng(0).multinomial(len(texts), np.full(len(texts), 1 / len(texts)), RESAMPLES)
    shares = (draws @ counts[:, 0]) / (draws @ counts[:, 1])
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(counts[:, 0].sum() / counts[:, 1].sum()), float(low), float(high)


def distinct(texts: Sequence[str]) -> float:
    """Different pairs of words among all pairs of some texts."""
    pairs = [pair for text in texts for pair in runs(text, 2) if len(pair) == 2]
    return len(set(pairs)) / len(pairs)


def alike(posts: Sequence[Post], draws: np.random.Generator) -> list[Post]:
    """As many real posts of each emotion as are written."""
    chosen: list[Post] = []
    for emotion in MSED:
        own = [post for post in posts if post.emotion == emotion]
        chosen += [own[row] for row in draws.permutation(len(own))[:EACH]]
    return chosen


def judge_of(posts: Sequence[Post], longest: int):
    """A classifier of words and pairs of words; its C is chosen on its own posts, in five folds."""
    made = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=None, tokenizer=words),
        LogisticRegressionCV(Cs=[1, 3, 10, 30], cv=5, class_weight="balanced", scoring="f1_macro", max_iter=2000),
    )
    return made.fit(told(posts, longest), [post.emotion for post in posts])


def new_of(posts: Sequence[Post], learnt: Sequence[Post], longest: int) -> list[str]:
    """Real posts whose words are not those of a training post."""
    seen = {" ".join(words(text)) for text in told(learnt, longest)}
    return [text for text in told(posts, longest) if " ".join(words(text)) not in seen]


def choose(given: argparse.Namespace, half: list[Post], other: list[Post], longest: int) -> None:
    """Try sampling settings."""
    known, real = grams_of(half), told(alike(other, np.random.default_rng(0)), longest)
    kept, held = data.tuning(half)
    share = copied(new_of(held, kept, longest), grams_of(kept))[0]
    print(f"real: distinct-2 {distinct(real):.4f}; 6-grams of a tenth of the half in the rest {share:.4f}")
    chooser = judge_of(half, longest)
    of_real = hits(chooser, told(other, longest), [str(post.emotion) for post in other])
    writer = PostWriter(folder.read(given.work / "half-0"))
    for temperature, nucleus, emphasis in TRIED:
        texts = written_by(writer, WANTED, 1000, SamplingSettings(temperature, nucleus, emphasis))
        of_texts = hits(chooser, texts, WANTED)
        shares = {emotion: np.mean(of_texts[emotion]) / np.mean(of_real[emotion]) for emotion in MSED}
        capped = np.mean([min(1.0, share) for share in shares.values()])
        print(
            f"{temperature:.1f} {nucleus:.2f} {emphasis:.0f}: distinct-2 {distinct(texts) / distinct(real):.3f} of "
            f"real posts', 6-grams {copied(texts, known)[0]:.4f}, capped {capped:.3f},",
            ", ".join(f"{emotion} {share:.2f}" for emotion, share in shares.items()),
            flush=True,
        )


def hits(classifier: Any, texts: Sequence[str], emotions: Sequence[str]) -> dict[str, list[bool]]:
    """Of each emotion which of its texts are read as it."""
    found: dict[str, list[bool]] = {emotion: [] for emotion in MSED}
    for answer, emotion in zip(classifier.predict(texts), emotions, strict=True):
        found[emotion].append(answer == emotion)
    return found


def kept(path: Path, make: Callable[[], list[str]]) -> list[str]:
    """Texts that were written before, or are written now: it takes a while."""
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(make()), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def selected(writer: PostWriter, chooser: Any, seed: int) -> list[str]:
    """Of several posts of each wanted emotion the one that a classifier of the writer's own posts reads best."""
    rounds = [written_by(writer, WANTED, 10_000 + 100 * number + seed, CHOSEN) for number in range(CANDIDATES)]
    columns = [[*chooser.classes_].index(emotion) for emotion in WANTED]
    shares = np.stack([chooser.predict_proba(texts)[range(len(WANTED)), columns] for texts in rounds])  # (C, N)
    return [rounds[best][row] for row, best in enumerate(shares.argmax(axis=0))]


def main() -> None:
    """Measure and write the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--choose", action="store_true")
    given = parser.parse_args()
    train = data.read(given.data, "train")
    half, other = data.halves(train)
    longest = folder.read(given.work / "half-0").settings.longest
    print(f"{len(half):,} posts of the writer, {len(other):,} of the judge")
    if given.choose:
        choose(given, half, other, longest)
        return
    table = scores.Table("read as wanted")
    dev = data.read(given.data, "dev")
    judge, chooser = judge_of(other, longest), judge_of(half, longest)
    known, all_known, fresh = grams_of(half), grams_of(train), [*dev, *other]
    texts_of = given.work / "texts"

    def read(row: str, seed: int, texts: Sequence[str], emotions: Sequence[str]) -> None:
        found = hits(judge, texts, emotions)
        shares = [float(np.mean(found[emotion])) for emotion in MSED]
        for emotion, share in zip(MSED, shares, strict=True):
            table.add(row, seed, share, *wilson(sum(found[emotion]), len(found[emotion])), emotion=emotion)
        mean, count = float(np.mean(shares)), len(emotions)
        table.add(row, seed, mean, *wilson(mean * count, count), emotion="mean")

    for emotion in MSED:
        count = sum(post.emotion == emotion for post in dev)
        table.add(REAL, 0, count, count, count, emotion=emotion, what="posts of dev")
    read(REAL, 0, told(dev, longest), [str(post.emotion) for post in dev])
    for seed in range(given.seeds):
        draws = np.random.default_rng(seed)
        writer, full = (PostWriter(folder.read(given.work / f"{name}-{seed}")) for name in ("half", "all"))
        asked = list(draws.permutation(WANTED))
        by = {
            "writer": lambda writer=writer, seed=seed: written_by(writer, WANTED, seed, CHOSEN),
            "writer, the best of four by another classifier": lambda writer=writer, seed=seed: selected(
                writer, chooser, seed
            ),
            "writer, asked for a shuffled emotion": lambda writer=writer, asked=asked, seed=seed: written_by(
                writer, asked, seed + 100, CHOSEN
            ),
        }
        texts = {row: kept(texts_of / f"{seed} {row}.json", make) for row, make in by.items()}
        bigrams = {
            emotion: Bigrams([words_of(post) for post in half if post.emotion == emotion], longest) for emotion in MSED
        }
        texts[BIGRAMS] = [written(bigrams[emotion].draw(draws), {}) for emotion in WANTED]
        for row, some in texts.items():
            read(row, seed, some, WANTED)
        texts["real posts"] = told(alike(fresh, draws), longest)
        for row, some in texts.items():
            value = distinct(some)
            table.add(row, seed, value, value, value, what="distinct-2")
            table.add(row, seed, *copied(some, known), what="6-grams of the writer's half")
        by_full = kept(
            texts_of / f"{seed} all.json", lambda full=full, seed=seed: written_by(full, WANTED, seed, CHOSEN)
        )
        table.add("writer", seed, *copied(by_full, all_known), what="6-grams of train")
    full = PostWriter(folder.read(given.work / "all-0"))
    some = kept(texts_of / "defaults.json", lambda: written_by(full, WANTED, 0, SamplingSettings()))
    table.add("writer, the command's defaults", 0, *copied(some, all_known), what="6-grams of train")
    table.add("writer, the command's defaults", 0, *[distinct(some)] * 3, what="distinct-2")
    new = new_of(dev, train, longest)
    table.add(REAL, 0, *copied(told(dev, longest), all_known), what="6-grams of train")
    table.add("real posts of dev, without equal ones", 0, *copied(new, all_known), what="6-grams of train")
    table.write(given.work / "readings.csv")


if __name__ == "__main__":
    main()
