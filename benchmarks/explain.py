"""What explanations of posts are worth: deletion curves, planted evidence, time.

    python benchmarks/explain.py deletion TABLE --posts 500 --part words
    python benchmarks/explain.py planted TABLE --posts 100
    python benchmarks/explain.py time TABLE --posts 20

Deletion: the words (or cells of the picture) of a post leave in an order, and the mean probability of the answered
emotion along the way is compared with that of random orders. An order that knows what matters takes it down sooner; the
area is how much lower it is on average. Orders: Shapley values, one at a time, another random order (which must be 0).

Planted: a word that names an emotion is put among the words of a post. It decides where the answer becomes that emotion
with it, and was another without it; such cases count. Of two words for one emotion, each has to decide alone.
Patches: a picture made small, pasted over four cells of a grey one. It decides where the answer becomes the one to the
whole picture.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from feelscope.explain import regions, shapley, words
from feelscope.explain.post import Settings
from feelscope.images import read_rgb
from feelscope.metrics.intervals import mean_interval, with_interval
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier, Parts
from feelscope.table import PostsTable

RANDOM_ORDERS = 4
STEPS = 16  # of a deletion of cells; words leave one by one
DECIDING = {  # two words for each emotion of the built-in model; ours
    "anger": ("furious", "enraged"),
    "disgust": ("disgusting", "revolting"),
    "fear": ("terrified", "frightened"),
    "happiness": ("delighted", "overjoyed"),
    "sadness": ("heartbroken", "grieving"),
    "surprise": ("astonished", "amazed"),
}


def asked_of(classifier: EmotionClassifier, post: Post, pool: ThreadPoolExecutor) -> Parts:
    answering = classifier._answering
    read = answering.read(post)
    prediction = answering.answer(post.id, read)
    return Parts(post, read, prediction, classifier._labels, classifier._reader, answering.row, pool)


class Deleting:
    """The words or the cells of a post, and what is left of the answer without some."""

    def __init__(self, asked: Parts, part: str):
        self.asked, self.part = asked, part
        self.column = asked.emotions.index(asked.prediction.emotion or "")
        self.post, self.words = words.first_words(asked.post, words.places(asked.post), asked.fits)
        self.count = len(self.words) if part == "words" else regions.COUNT

    def __call__(self, coalitions: np.ndarray) -> np.ndarray:
        if self.part == "words":
            rows = self.asked.of_words(words.without(self.post, self.words, row) for row in coalitions)
        else:
            assert self.asked.picture is not None
            picture = self.asked.picture
            rows = self.asked.of_pictures(regions.hidden(picture, row) for row in coalitions)
        return rows[:, self.column]

    def mean_along(self, order: np.ndarray) -> float:
        """The mean probability as players leave in this order, from all to none."""
        steps = np.unique(np.linspace(0, self.count, min(self.count, STEPS if self.part == "regions" else 999) + 1))
        coalitions = np.ones((len(steps), self.count), bool)
        for row, gone in enumerate(steps.round().astype(int)):
            coalitions[row, order[:gone]] = False
        return float(self(coalitions).mean())


def deletion(posts: Iterator[Post], classifier: EmotionClassifier, given: argparse.Namespace) -> None:
    areas: dict[str, list[float]] = {"shapley": [], "one at a time": [], "random": []}
    with ThreadPoolExecutor(given.threads) as pool:
        for number, post in enumerate(posts, 1):
            asked = asked_of(classifier, post, pool)
            if "text" not in asked.prediction.modalities or asked.picture is None:
                continue
            what = Deleting(asked, given.part)
            if what.count < 2:
                continue
            draw = np.random.default_rng(number)
            chance = np.mean([what.mean_along(draw.permutation(what.count)) for _ in range(RANDOM_ORDERS)])
            blocks = words.neighbours(what.count, given.passes // 4) if given.part == "words" else regions.squares()
            orders = {
                "shapley": shapley.sampled(what, blocks, given.passes, number),
                "one at a time": shapley.one_at_a_time(what, blocks, 10**6),
                "random": draw.random(what.count),
            }
            for name, weights in orders.items():
                areas[name].append(float(chance) - what.mean_along(np.argsort(-weights, kind="stable")))
            if number % 10 == 0:
                show_areas(areas, sys.stderr if number % 50 else sys.stdout)


def show_areas(areas: dict[str, list[float]], file: object) -> None:
    values = {name: np.array(found) for name, found in areas.items()}
    values["shapley over one at a time"] = values["shapley"] - values["one at a time"]
    print(f"posts: {len(values['shapley'])}", file=file, flush=True)  # type: ignore[call-overload]
    for name, found in values.items():
        shown = with_interval(float(found.mean()), mean_interval(found))
        print(f"  {name:<28} {shown}", file=file, flush=True)  # type: ignore[call-overload]


def planted(posts: Iterator[Post], classifier: EmotionClassifier, given: argparse.Namespace) -> None:
    draw = random.Random(0)
    found = {name: {"shapley": 0, "occlusion": 0, "cases": 0} for name in ("one word", "two words")}
    for post in posts:
        bare = (post.title or post.text).split()[:12]
        emotion = draw.choice([*DECIDING])
        first, second = draw.sample(DECIDING[emotion], 2)
        at, other = sorted(draw.choices(range(len(bare) + 1), k=2))
        with_first = [*bare[:at], first, *bare[at:]]
        with_second = [*bare[:other], second, *bare[other:]]
        with_both = [*bare[:at], first, *bare[at:other], second, *bare[other:]]
        texts = (bare, with_first, with_second, with_both)
        before, *after = (
            answer.emotion for answer in classifier.predict([Post("1", " ".join(text)) for text in texts])
        )
        if before == emotion or after[0] != emotion:
            continue
        look(classifier, found["one word"], with_first, {at}, emotion, given.passes)
        if after == [emotion] * 3:
            look(classifier, found["two words"], with_both, {at, other + 1}, emotion, given.passes)
        show_found(found)


def look(
    classifier: EmotionClassifier,
    counts: dict[str, int],
    text: list[str],
    wanted: set[int],
    emotion: str,
    passes: int,
) -> None:
    """Count whether the words at these places have the greatest weights, by either method."""
    post = Post("1", " ".join(text))
    starts = np.cumsum([0, *(len(word) + 1 for word in text)])
    counts["cases"] += 1
    for method in ("shapley", "occlusion"):
        weighed = classifier.explain(post, emotion, Settings(method, passes)).words
        best = sorted(weighed, key=lambda word: -word.weight)[: len(wanted)]
        counts[method] += {int(np.searchsorted(starts, word.start, "right")) - 1 for word in best} == wanted


def show_found(found: dict[str, dict[str, int]]) -> None:
    line = "; ".join(
        f"{name}: {counts['shapley']} by shapley, {counts['occlusion']} one at a time, of {counts['cases']}"
        for name, counts in found.items()
    )
    print(line, flush=True)


def patches(posts: Iterator[Post], classifier: EmotionClassifier, given: argparse.Namespace) -> None:
    """A picture made small, pasted over 2 x 2 cells of another: is one of them the strongest?"""
    draw, flat, cases = random.Random(0), None, 0
    found = {"shapley": 0, "occlusion": 0}
    for post in posts:
        if post.image is None:
            continue
        picture = read_rgb(post.image, 224)
        if flat is None:
            flat = np.full_like(picture, 128)
        top, left = draw.randrange(regions.SIDE - 1), draw.randrange(regions.SIDE - 1)
        cell = 224 // regions.SIDE
        whole = flat.copy()
        whole[top * cell : (top + 2) * cell, left * cell : (left + 2) * cell] = read_rgb(post.image, 2 * cell)
        pictures = (png(flat), png(whole), post.image)
        before, after, own = (
            answer.emotion for answer in classifier.predict([Post("1", image=one) for one in pictures])
        )
        if before == after or after != own or own is None:
            continue
        cases += 1
        wanted = {(top + down) * regions.SIDE + left + right for down in (0, 1) for right in (0, 1)}
        for method in found:
            explanation = classifier.explain(Post("1", image=png(whole)), after, Settings(method, given.passes))
            found[method] += int(np.argmax([region.weight for region in explanation.regions])) in wanted
        print(f"patch: {found['shapley']} by shapley, {found['occlusion']} one at a time, of {cases}", flush=True)


def png(rgb: np.ndarray) -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()


def times(posts: Iterator[Post], classifier: EmotionClassifier, given: argparse.Namespace) -> None:
    ratios, seconds = [], []
    for post in posts:
        classifier.predict([post])
        spent = []
        for work in (classifier.predict, lambda posts: classifier.explain(posts[0])):
            start = time.perf_counter()
            work([post])
            spent.append(time.perf_counter() - start)
        ratios.append(spent[1] / spent[0])
        seconds.append(spent[1])
    print(f"{np.median(seconds):.2f} s, {np.median(ratios):.0f} times a prediction, medians of {len(seconds)} posts")


KINDS: dict[str, Callable] = {"deletion": deletion, "planted": planted, "patches": patches, "time": times}


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("kind", choices=KINDS)
    reading.add_argument("table")
    reading.add_argument("--posts", type=int, default=50)
    reading.add_argument("--part", choices=("words", "regions"), default="words")
    reading.add_argument("--passes", type=int, default=100, help="for words or regions of one post")
    reading.add_argument("--model", default="builtin")
    reading.add_argument("--threads", type=int, default=1)
    reading.add_argument("--seed", type=int, default=0)
    given = reading.parse_args()
    posts = list(PostsTable(given.table))
    random.Random(given.seed).shuffle(posts)
    KINDS[given.kind](iter(posts[: given.posts]), EmotionClassifier.load(given.model, workers=given.threads), given)


if __name__ == "__main__":
    main()
