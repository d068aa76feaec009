"""Emoji as evidence of emotion: posts of semeval2018 that have an emoji, read from words, from emoji, and from both.

    python experiments/emoji_answers/emotions.py DATA --work DIR

Five folds by the hash of the text. Words are read by frozen MiniLM as published, without the emoji (the built-in text
network was trained on some of these posts), emoji by one number each, by the mean of their emoji2vec vectors, or by the
same vectors dealt to other emoji. On each, one logistic regression an emotion; of both, the sum of their log-odds. No
attention yet.
"""

import argparse
from pathlib import Path

import numpy as np
from baselines import minilm
from data import FOLDS, semeval2018
from scores import add, row
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from feelscope.metrics.intervals import draw, interval, with_interval
from feelscope.words.load import load

HERE = Path(__file__).parent
LEAST = 20  # posts that must have an emotion before it is scored


def one_hot(posts):
    known = sorted({one for emoji in posts.emoji for one in emoji})
    return np.array([[name in emoji for name in known] for emoji in posts.emoji], float)


def known_vectors(posts, vectors, seed=None):
    """The mean of the emoji's vectors (N, D), zeros where none is known; with a seed, each has another's vector."""
    spelled = {word.replace("\ufe0f", ""): vectors[word] for word in reversed(vectors.words)}
    if seed is not None:
        order = np.random.default_rng(seed).permutation(len(spelled))
        values = [*spelled.values()]
        spelled = {word: values[order[number]] for number, word in enumerate(spelled)}
    none = [np.zeros(vectors.width)]
    return np.array([
        np.mean([spelled[one] for one in emoji if one in spelled] or none, axis=0) for emoji in posts.emoji
    ])  # fmt: skip


def scores(features, posts):
    """Log-odds of each emotion of each post, (N, K), less what is exceeded as often as training posts have it.

    Of the posts of a fold, by models that learnt on the others; divided by their deviation, so that two sum alike.
    """
    found = np.zeros(posts.emotions.shape)
    for fold in range(FOLDS):
        held = posts.folds == fold
        scale = StandardScaler().fit(features[~held])
        for emotion, true in enumerate(posts.emotions.T):
            model = LogisticRegression(C=0.01, max_iter=500).fit(scale.transform(features[~held]), true[~held])
            odds = model.decision_function(scale.transform(features))
            cut = np.quantile(odds[~held], 1 - true[~held].mean())
            found[held, emotion] = (odds[held] - cut) / odds[~held].std()
    return found


def macro_f1(said, true, draws):
    """Of every draw of posts (R, N) the mean F1 over the emotions: (R,)."""
    hits, sums = draws @ (said & true), draws @ said.astype(int) + draws @ true.astype(int)  # (R, K)
    return (2 * hits / np.maximum(sums, 1)).mean(axis=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, default=Path("work"))
    given = parser.parse_args()
    posts = semeval2018(given.data)
    kept = posts.emotions.sum(axis=0) >= LEAST
    print(len(posts.texts), "posts,", kept.sum(), "of", len(kept), "emotions")
    texts = minilm(posts.texts, given.work / "features")
    vectors = load(given.data / "emoji" / "emoji2vec.bin")
    emoji = {
        "one-hot": one_hot(posts),
        "emoji2vec": known_vectors(posts, vectors),
        "emoji2vec, shuffled": known_vectors(posts, vectors, 0),
    }
    bag = TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform(posts.texts).toarray()
    odds = {"words: TF-IDF, logistic regression": scores(bag, posts), "words": scores(texts, posts)}
    odds |= {f"emoji: {name}": scores(table, posts) for name, table in emoji.items()}
    odds |= {f"words and emoji: {name}": odds["words"] + odds[f"emoji: {name}"] for name in emoji}
    draws, resampled = draw(len(posts.texts)), {}
    for name, table in odds.items():
        resampled[name] = macro_f1(table[:, kept] > 0, posts.emotions[:, kept], draws)
        found = (float(resampled[name][0]), interval(resampled[name][1:]))
        add(HERE / "scores.csv", row("semeval2018", name, 0, {"macro_f1": found}))
    for name, other in (
        ("words and emoji: emoji2vec", "words"),
        ("words and emoji: emoji2vec", "emoji: emoji2vec"),
        ("words and emoji: emoji2vec", "words and emoji: one-hot"),
        ("words and emoji: emoji2vec", "words and emoji: emoji2vec, shuffled"),
        ("emoji: emoji2vec", "emoji: one-hot"),
        ("emoji: emoji2vec", "emoji: emoji2vec, shuffled"),
    ):
        more = resampled[name] - resampled[other]
        print(f"{name}, more than {other}: {with_interval(more[0], interval(more[1:]), ' to ')}")


if __name__ == "__main__":
    main()
