"""Emoji as evidence of emotion: posts of semeval2018 that have an emoji, read from words, from emoji, and from both.

    python experiments/emoji_answers/emotions.py DATA --work DIR

Five folds by the hash of the text. Words are read by frozen MiniLM as published, without the emoji (the built-in text
network was trained on some of these posts), emoji by one number each, by the mean of their emoji2vec vectors, or by the
same vectors dealt to other emoji. On each, one logistic regression an emotion; of both, the sum of their log-odds.

Joint rows: a logistic regression on the words of all 6,858 posts of the other folds, whose log-odds of a post are then
corrected by its emoji: the attention of the package (`models/emoji_attention.py`), whose query is the words' vector,
and a linear layer. The correction learns beside log-odds of words that had not seen the post. Its weight decay, and the
log-odds above which an emotion is said, are chosen by folds within the training folds.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from baselines import minilm
from data import FOLDS, fraction, key, read, semeval2018
from scores import add, row
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from feelscope.encoders.emoji_vectors import by_known, join, reduce
from feelscope.metrics.intervals import draw, interval, with_interval
from feelscope.models.emoji_attention import EmojiAttention
from feelscope.text.emoji import find_emoji, name_of
from feelscope.text.without_emoji import without_emoji
from feelscope.words.load import load

HERE = Path(__file__).parent
loss = torch.nn.functional.binary_cross_entropy_with_logits
LEAST = 20  # posts that must have an emotion before it is scored
MOST = 12  # emoji of a post, as the package reads
DECAYS = (1.0, 3.0, 10.0, 30.0)  # of the correction, of which one is chosen
SEEDS = 3  # whose corrections are averaged


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


class Words:
    """One logistic regression an emotion, of vectors (N, S) of all posts that have words."""

    def __init__(self, texts, emotions, steps=150):
        self.middle, self.scale = texts.mean(dim=0), texts.std(dim=0) + 1e-6
        self.layer = torch.nn.Linear(texts.shape[1], emotions.shape[1])
        torch.nn.init.zeros_(self.layer.weight)
        optimizer = torch.optim.AdamW(self.layer.parameters(), 0.02, weight_decay=1.0)
        scaled = (texts - self.middle) / self.scale
        for _ in range(steps):
            optimizer.zero_grad()
            loss(self.layer(scaled), emotions).backward()
            optimizer.step()

    @torch.no_grad()
    def __call__(self, texts):
        return self.layer((texts - self.middle) / self.scale)  # (N, K)


class Correction(torch.nn.Module):
    """What the emoji of posts (N, MOST * D) add to the words' log-odds (N, K)."""

    def __init__(self, width, text_width, emotions):
        super().__init__()
        self.attention, self.layer = EmojiAttention(width, text_width), torch.nn.Linear(width, emotions)
        torch.nn.init.zeros_(self.layer.weight)

    def forward(self, emoji, texts):
        there = torch.ones(len(emoji))
        return self.layer(self.attention({"emoji": emoji, "text": texts}, {"text": there, "emoji": there}))


def corrected(emoji, texts, odds, emotions, seed, decay, steps=80):
    """A correction fitted beside log-odds (N, K) of words that did not learn from these posts."""
    torch.manual_seed(seed)
    model = Correction(emoji.shape[1] // MOST, texts.shape[1], emotions.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), 0.02, weight_decay=decay)
    for _ in range(steps):
        optimizer.zero_grad()
        kept = torch.rand(emoji.shape[0], MOST, 1) > 0.2  # some emoji of each post
        shown = (emoji.unflatten(1, (MOST, -1)) * kept).flatten(1)
        loss(odds + model(shown, texts), emotions).backward()
        optimizer.step()
    return model.eval()


def cuts(odds, true):
    """Of each emotion the log-odds that are exceeded as often as posts have it, (K,)."""
    return np.array([np.quantile(one, 1 - said.mean()) for one, said in zip(odds.T, true.T, strict=True)])


def cross_fitted(folds, among, learn):
    """Log-odds (N, K) of the posts of each of some folds, by what learnt from the other ones of them."""
    found = None
    for held in among:
        answer = learn([fold for fold in among if fold != held])
        rows = folds == held
        part = answer(rows)
        found = np.zeros((len(folds), part.shape[1]), np.float32) if found is None else found
        found[rows] = part
    return found


def joint(posts, texts, everything, words, table=None):
    """Log-odds (N, K) less the cuts; of words alone without a table of the posts' emoji (N, MOST * D).

    Args:
        everything: Vectors, emotions and folds of all posts, with emoji or without.
        words: What was learnt of these, by folds.
    """
    all_texts, all_emotions, all_folds = everything
    vectors = torch.from_numpy(texts)
    true = torch.from_numpy(posts.emotions.astype(np.float32))

    def by_words(learnt):
        if (chosen := tuple(learnt)) not in words:
            rows = torch.from_numpy(np.isin(all_folds, chosen))
            words[chosen] = Words(all_texts[rows], all_emotions[rows])
        return words[chosen]

    def of_words(learnt):
        return lambda rows: by_words(learnt)(vectors[torch.from_numpy(rows)]).numpy()

    def with_emoji(learnt, decay, seeds):
        """Words learnt from folds and the correction from the same, beside words cross-fitted within them."""
        beside = torch.from_numpy(cross_fitted(posts.folds, learnt, of_words))
        rows = torch.from_numpy(np.isin(posts.folds, learnt))
        models = [corrected(table[rows], vectors[rows], beside[rows], true[rows], seed, decay) for seed in range(seeds)]

        @torch.no_grad()
        def answer(asked):
            asked = torch.from_numpy(asked)
            more = torch.stack([model(table[asked], vectors[asked]) for model in models]).mean(dim=0)
            return (by_words(learnt)(vectors[asked]) + more).numpy()

        return answer

    found = np.zeros(posts.emotions.shape)
    for fold in range(FOLDS):
        others = [one for one in range(FOLDS) if one != fold]
        learnt, held = np.isin(posts.folds, others), posts.folds == fold
        if table is None:
            inner, answer = cross_fitted(posts.folds, others, of_words), of_words(others)
        else:
            tried = {decay: cross_fitted(posts.folds, others, lambda some, decay=decay: with_emoji(some, decay, 1))
                     for decay in DECAYS}  # fmt: skip
            losses = {
                decay: float(
                    torch.nn.functional.binary_cross_entropy_with_logits(torch.from_numpy(odds[learnt]), true[learnt])
                )
                for decay, odds in tried.items()
            }
            decay = min(losses, key=losses.__getitem__)
            inner, answer = tried[decay], with_emoji(others, decay, SEEDS)
            print("fold", fold, "decay", decay, losses, flush=True)
        found[held] = answer(held) - cuts(inner[learnt], posts.emotions[learnt])
    return found


def all_posts(data, names, cache, first):
    """Vectors (M, S) of words, emotions (M, K) and folds (M,) of the first posts and of all with an emoji."""
    rows = read(data / "semeval2018" / "train.csv")
    rows = [row for number, row in enumerate(rows) if number < first or find_emoji(row["text"])]
    texts = [without_emoji(row["text"]) for row in rows]
    emotions = np.array([[name in row["emotions"].split("|") for name in names] for row in rows], np.float32)
    folds = np.array([int(fraction(key(text)) * FOLDS) for text in texts])
    return torch.from_numpy(minilm(texts, cache)), torch.from_numpy(emotions), folds


def rows_of(posts, emoji, table):
    """The vectors (N, MOST * D) of each post's different emoji, zeros where it has no more."""
    numbers = {one: number for number, one in enumerate(emoji, 1)}
    padded = np.concatenate([np.zeros((1, table.shape[1]), np.float32), table])
    chosen = [[numbers[one] for one in dict.fromkeys(said)][:MOST] for said in posts.emoji]
    return torch.from_numpy(padded[np.array([[*some, *[0] * (MOST - len(some))] for some in chosen])]).flatten(1)


def joint_rows(posts, texts, given, vectors):
    """The rows of words and emoji by one model."""
    cache = given.work / "features"
    everything = all_posts(given.data, posts.names, cache, given.posts)
    emoji = sorted({one for said in posts.emoji for one in said})
    names = dict(zip(emoji, minilm([name_of(one) or "sign" for one in emoji], cache), strict=True))
    known = reduce(join(emoji, [names, by_known(emoji, vectors)]), 100)  # (E, D)
    order = np.random.default_rng(0).permutation(len(emoji))
    tables = {
        "one-hot": np.eye(len(emoji), dtype=np.float32) * len(emoji) ** 0.5,  # of mean square 1, as the others
        "known": known,
        "known, shuffled": known[order],
    }
    words = {}
    found = {"words, all posts": joint(posts, texts, everything, words)}
    return found | {
        f"joint, attention: {name}": joint(posts, texts, everything, words, rows_of(posts, emoji, table))
        for name, table in tables.items()
    }


def macro_f1(said, true, draws):
    """Of every draw of posts (R, N) the mean F1 over the emotions: (R,)."""
    hits, sums = draws @ (said & true), draws @ said.astype(int) + draws @ true.astype(int)  # (R, K)
    return (2 * hits / np.maximum(sums, 1)).mean(axis=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--joint", action="store_true", help="only the joint rows")
    parser.add_argument("--posts", type=int, default=10_000, help="words learn from the first so many posts too")
    given = parser.parse_args()
    posts = semeval2018(given.data)
    kept = posts.emotions.sum(axis=0) >= LEAST
    print(len(posts.texts), "posts,", kept.sum(), "of", len(kept), "emotions")
    texts = minilm(posts.texts, given.work / "features")
    vectors = load(given.data / "emoji" / "emoji2vec.bin")
    odds = {"words": scores(texts, posts)} | joint_rows(posts, texts, given, vectors)
    if not given.joint:
        emoji = {
            "one-hot": one_hot(posts),
            "emoji2vec": known_vectors(posts, vectors),
            "emoji2vec, shuffled": known_vectors(posts, vectors, 0),
        }
        bag = TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform(posts.texts).toarray()
        odds |= {"words: TF-IDF, logistic regression": scores(bag, posts)}
        odds |= {f"emoji: {name}": scores(table, posts) for name, table in emoji.items()}
        odds |= {f"words and emoji: {name}": odds["words"] + odds[f"emoji: {name}"] for name in emoji}
    draws, resampled = draw(len(posts.texts)), {}
    for name, table in odds.items():
        resampled[name] = macro_f1(table[:, kept] > 0, posts.emotions[:, kept], draws)
        found = (float(resampled[name][0]), interval(resampled[name][1:]))
        add(HERE / "scores.csv", row("semeval2018", name, 0, {"macro_f1": found}))
    for name, other in (
        ("joint, attention: known", "words, all posts"),
        ("joint, attention: known", "joint, attention: one-hot"),
        ("joint, attention: known", "joint, attention: known, shuffled"),
        ("joint, attention: one-hot", "words, all posts"),
        ("words, all posts", "words"),
        ("words and emoji: emoji2vec", "words"),
        ("words and emoji: emoji2vec", "emoji: emoji2vec"),
        ("words and emoji: emoji2vec", "words and emoji: one-hot"),
        ("words and emoji: emoji2vec", "words and emoji: emoji2vec, shuffled"),
        ("emoji: emoji2vec", "emoji: one-hot"),
        ("emoji: emoji2vec", "emoji: emoji2vec, shuffled"),
    ):
        if not {name, other} <= resampled.keys():
            continue
        more = resampled[name] - resampled[other]
        print(f"{name}, more than {other}: {with_interval(more[0], interval(more[1:]), ' to ')}")


if __name__ == "__main__":
    main()
