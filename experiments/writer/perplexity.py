"""The perplexity of MSED's dev posts: Kneser-Ney and the writers of `train.py --posts all`.

python experiments/writer/perplexity.py DATA WORK [--seeds 3]

Words are those of `generate.writer.reading`, the first 50 of a post; the vocabulary is that of the writer (words of two
training posts or more), all others are one unknown word, and the end of a post counts where it was not cut. All rows
guess the same words. With --choices, everything on the part of train kept for choices, of writers of `--posts kept`.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import data
import numpy as np
import scores
import torch
from kneser_ney import KneserNey

from feelscope.generate.writer import folder
from feelscope.generate.writer.folder import SavedWriter
from feelscope.generate.writer.reading import words_of
from feelscope.generate.writer.task import LearntPosts, new_network, numbered, surprises
from feelscope.models.writer import Writer
from feelscope.post import Post
from feelscope.saved_model.builtin_pictures import BuiltinPictures
from feelscope.saved_model.picture_vectors import picture_vectors
from feelscope.text.vocabulary import MARKS, UNKNOWN, Vocabulary

RESAMPLES = 2000


def closed(posts: list[Post], vocabulary: Vocabulary, longest: int) -> list[list[str]]:
    """The words of posts as all rows guess them."""
    found = []
    for words in map(words_of, posts):
        known = [word if word in vocabulary else MARKS[UNKNOWN] for word in words[:longest]]
        found.append([*known, *(["</s>"] if len(words) <= longest else [])])
    return found


def opened(saved: SavedWriter, posts: list[Post], cache: Path) -> tuple[Writer, LearntPosts]:
    """A writer's network again, and posts as it reads them."""
    vectors, seen, _ = picture_vectors([post.image for post in posts], BuiltinPictures(), cache, lambda *_: None)
    network = new_network(saved.settings, len(saved.vocabulary), len(saved.emotions), vectors.shape[1])
    network.load_state_dict({name: torch.from_numpy(value) for name, value in saved.weights.items()})
    emotions = torch.tensor([saved.emotions.index(str(post.emotion)) for post in posts])
    words = numbered([words_of(post) for post in posts], saved.vocabulary, saved.settings.longest)
    return network.eval(), LearntPosts(vectors, seen, emotions, words)


def moved(count: int) -> torch.Tensor:
    """An order in which no post keeps its picture."""
    order = np.random.default_rng(0).permutation(count)
    places = np.empty(count, int)
    places[order] = np.roll(order, 1)
    return torch.from_numpy(places)


def per_post(each: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Sum of surprises and count of words by post."""
    return np.array([one.sum() for one in each]), np.array([len(one) for one in each])


def with_interval(each: list[np.ndarray], against: list[np.ndarray] | None = None) -> tuple[float, float, float]:
    """A perplexity and its 95% interval over posts; with `against`, how many times that one's, paired."""
    sums, counts = per_post(each)
    if against is not None:
        sums = sums - per_post(against)[0]
    draws = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), RESAMPLES)
    means = np.exp((draws @ sums) / (draws @ counts))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(np.exp(sums.sum() / counts.sum())), float(low), float(high)


def main() -> None:
    """Measure and write the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--choices", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    train = data.read(given.data, "train")
    learnt, held = data.tuning(train) if given.choices else (train, data.read(given.data, "dev"))
    name = "kept" if given.choices else "all"
    table = scores.Table("perplexity, choices" if given.choices else "perplexity")
    writers = [folder.read(given.work / f"{name}-{seed}") for seed in range(given.seeds)]
    vocabulary, longest = writers[0].vocabulary, writers[0].settings.longest
    texts, held_texts = closed(learnt, vocabulary, longest), closed(held, vocabulary, longest)
    size = len(vocabulary.words) + 2  # with the unknown word and the end
    by_neighbours: dict[bool, list[np.ndarray]] = {}
    for several in (False, True):
        model = KneserNey(texts, size, 5, several)
        by_neighbours[several] = [-np.log(model.probabilities(words)) for words in held_texts]
        row = "Kneser-Ney 5-gram, three discounts" if several else "Kneser-Ney 5-gram, one discount"
        table.add(row, 0, *with_interval(by_neighbours[several]))
    best = by_neighbours[True]
    order = moved(len(held))
    for seed, saved in enumerate(writers):
        assert saved.vocabulary.words == vocabulary.words
        network, posts = opened(saved, held, given.work / "features")
        found = [one.numpy() for one in surprises(network, posts)]
        assert [len(one) for one in found] == [len(one) for one in best], "all rows guess the same words"
        table.add("writer", seed, *with_interval(found))
        table.add("writer, times Kneser-Ney's", seed, *with_interval(found, best))
        other = replace(posts, pictures=posts.pictures[order], seen=posts.seen[order])
        shuffled = [one.numpy() for one in surprises(network, other)]
        table.add("writer, pictures shuffled", seed, *with_interval(shuffled))
        table.add("pictures shuffled, times the writer's", seed, *with_interval(shuffled, found))
        blind = [one.numpy() for one in surprises(network, replace(posts, seen=torch.zeros_like(posts.seen)))]
        table.add("writer, no pictures", seed, *with_interval(blind))
        mixed = [-np.logaddexp(np.log(0.7) - own, np.log(0.3) - its) for own, its in zip(found, best, strict=True)]
        table.add("0.7 writer and 0.3 Kneser-Ney", seed, *with_interval(mixed))
    print(f"{len(held):,} posts, {sum(map(len, best)):,} words of {size:,}; trained on {sum(map(len, texts)):,}")
    table.write(given.work / "perplexity.csv")


if __name__ == "__main__":
    main()
