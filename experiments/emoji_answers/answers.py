"""Question-emoji networks, from the published one to ours, by the one loop.

    python experiments/emoji_answers/answers.py DATA --data NAME --recipe NAME [--seeds 5] [--work DIR] [--validation]

NAME of the data is `airline`, `tweeteval_emoji`, or `left_out`: tweeteval_emoji with 4 of the 20 emoji left out in
turn. Recipes are below. DIR keeps the feature cache and checkpoints; `--validation` scores a tenth of the training part
instead of the test part, for choices.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from baselines import SETTINGS, minilm, models, tfidf
from data import SENTIMENTS, Texts, airline, tweeteval_emoji, validation
from scores import add, first_by_share, gain, measures, ranks, row
from torch.nn.functional import layer_norm, log_softmax

from feelscope.emoji.answer.reading import questions, spellings
from feelscope.emoji.answer.settings import AnswerSettings
from feelscope.emoji.answer.task import Answered, AnswerTask, answer_scores
from feelscope.encoders.emoji_vectors import by_known, by_names, by_posts, join
from feelscope.models.question_emoji import (
    Attention,
    Average,
    Convolutions,
    JoinedTowers,
    PiecesTower,
    PublishedQuestionEmoji,
    PublishedTower,
    QuestionEmoji,
    SentenceTower,
    WordsTower,
)
from feelscope.saved_model.builtin_sentences import BuiltinSentences
from feelscope.saved_model.sentence_vectors import sentence_vectors
from feelscope.text.emoji import plain
from feelscope.train import loop
from feelscope.train.recipe import StepSettings
from feelscope.words.load import load
from feelscope.words.word_vectors import WordVectors

HERE = Path(__file__).parent
PUBLISHED = StepSettings(optimizer="adamw", learning_rate=1e-3, batch_size=64, epochs=3, max_grad_norm=1.0)
OURS = StepSettings(
    optimizer="adamw", learning_rate=2e-3, schedule="linear", warm_up=0.1, weight_decay=0.1, max_grad_norm=1.0,
    batch_size=128, epochs=6,
)  # fmt: skip
HINGE = AnswerSettings(loss="hinge", drawn="once")
SOFTMAX = AnswerSettings(loss="softmax", balance=0.4, smoothing=0.05)
WIDTH = 64  # D, of the space that texts and emoji share, and of pieces
LEFT_OUT = 4


@dataclass(frozen=True)
class Recipe:
    """Towers, what emoji are known by, the loss and the steps.

    Args:
        texts: The most that are trained on; 0 is all.
        encoders: Whose sentence vectors are read, side by side: `builtin`, `minilm`.
        width: Of what the sentence tower gives.
        pieces: Numbers of hashed pieces.
        dropped_pieces: Dropout of their tower.
        unseen_pieces: Share of a text's pieces that a training step does not see.
        spelled: Pieces are also signs and runs of letters.
        of: Names of recipes that are trained instead, and whose log-probabilities are averaged: an ensemble.
        rarer: The first answer has the highest probability / frequency ** rarer.
        often: The others are in the order of probability * frequency ** often.
    """

    towers: tuple[str, ...]
    emoji: tuple[str, ...] = ("names", "known", "posts")
    settings: AnswerSettings = SOFTMAX
    steps: StepSettings = OURS
    published: bool = False
    texts: int = 0
    dropout: float = 0.3
    encoders: tuple[str, ...] = ("builtin",)
    width: int = 128
    pieces: int = 2**17
    dropped_pieces: float = 0.3
    unseen_pieces: float = 0.0
    spelled: bool = False
    of: tuple[str, ...] = ()
    rarer: float = 0.0
    often: float = 0.0


many = replace(HINGE, drawn="every step", negatives=8)
RECIPES = {
    "published": Recipe(("published",), ("pixels",), HINGE, PUBLISHED, published=True, texts=5000),
    "published, all texts": Recipe(("published",), ("pixels",), HINGE, PUBLISHED, published=True),
    "many negatives": Recipe(("published",), ("pixels",), many, PUBLISHED, published=True),
    "hard negatives": Recipe(("published",), ("pixels",), replace(many, hard=0.5), PUBLISHED, published=True),
    "emoji that know": Recipe(("published",), settings=replace(many, hard=0.5), steps=PUBLISHED, published=True),
    "average": Recipe(("average",)),
    "convolutions": Recipe(("convolutions",), settings=replace(SOFTMAX, balance=0.2)),
    "attention": Recipe(("attention",)),
    "pieces": Recipe(("pieces",)),
    "sentence": Recipe(("sentence",)),
    "sentence, hinge": Recipe(("sentence",), settings=replace(many, hard=0.5, margin=1.0)),
    "words": Recipe(("convolutions", "pieces")),
    "sentence and words": Recipe(("sentence", "convolutions", "pieces")),
    "sentence and pieces": Recipe(("sentence", "pieces")),
    "sentence and spellings, unseen pieces": Recipe(
        ("sentence", "pieces"),
        ("one-hot",),
        replace(SOFTMAX, balance=0.0),
        replace(OURS, batch_size=512, epochs=3, learning_rate=4e-3),
        width=256,
        pieces=2**16,
        unseen_pieces=0.4,
        spelled=True,
        rarer=0.8,
        often=0.8,
    ),
    "sentence, one-hot": Recipe(("sentence",), ("one-hot",), replace(SOFTMAX, balance=0.2)),
    "sentence and spellings": Recipe(
        ("sentence", "pieces"),
        ("one-hot",),
        replace(SOFTMAX, balance=0.2),
        replace(OURS, batch_size=256, learning_rate=3e-3),
        pieces=2**14,
        dropped_pieces=0.5,
        spelled=True,
    ),
    "the last two averaged": Recipe((), of=("sentence, one-hot", "sentence and spellings")),
}


def say(stage, done, total, remark):
    if done and done % 1000 == 0:
        print(stage, done, total, remark, flush=True)


class Material:
    """What networks read of the texts: word vectors, pieces and sentence vectors, as far as a recipe needs them."""

    def __init__(self, given):
        self.given = given
        self.words = None
        self.sentences = None

    def word_vectors(self):
        if self.words is None:
            self.words = load(self.given.data_folder / "words" / "reddit_skipgram_100d_f16.npz")
        return self.words

    def encoder(self):
        if self.sentences is None:
            self.sentences = BuiltinSentences()
        return self.sentences

    def vectors(self, texts, encoders):
        """Sentence vectors (N, S) of the encoders, each at mean 0 and deviation 1 where there are several."""
        cache = self.given.work / "features"
        parts = [
            sentence_vectors(texts, self.encoder(), cache, say)
            if name == "builtin"
            else torch.from_numpy(minilm(texts, cache))
            for name in encoders
        ]
        return parts[0] if len(parts) == 1 else torch.cat([layer_norm(one, one.shape[1:]) for one in parts], dim=1)

    def questions(self, texts, recipe, words):
        read = questions(
            texts,
            words=words,
            piece_count=recipe.pieces if "pieces" in recipe.towers and not recipe.spelled else 0,
            sentences=self.vectors(texts, recipe.encoders) if "sentence" in recipe.towers else None,
        )
        return replace(read, pieces=spellings(texts, recipe.pieces)) if recipe.spelled else read

    def emoji(self, emoji, kinds, training):
        """Vectors (E, F) of the emoji, joined from the kinds."""
        parts = []
        for kind in kinds:
            if kind == "pixels":
                return torch.from_numpy(pixel_codes(self.given.data_folder, emoji))
            if kind == "one-hot":
                return torch.eye(len(emoji))
            if kind == "names":
                parts.append(by_names(emoji, lambda names: self.vectors(names, ("builtin",)).numpy()))
            if kind == "known":
                parts.append(by_known(emoji, load(self.given.data_folder / "emoji" / "emoji2vec.bin")))
            if kind == "posts":
                parts.append(by_posts(emoji, word_means(training.texts, self.word_vectors()), training.answers))
        return torch.from_numpy(join(emoji, parts))


def word_means(texts, words):
    """The mean of each text's word vectors, (N, W)."""
    table = words.table()
    numbers = questions(texts, words=words).words.numpy()
    return np.stack([table[one[one > 0]].mean(axis=0) if one.any() else table[0] for one in numbers])


def pixel_codes(data, emoji):
    """16 numbers of each emoji's picture, scaled over these emoji, as the author did with his autoencoder's codes.

    The numbers are principal components of all pictures: they take the codes' place until an autoencoder is at hand.
    """
    import io

    import pyarrow.parquet as pq
    from PIL import Image
    from sklearn.decomposition import PCA

    table = pq.read_table(data / "emoji" / "twemoji.parquet").to_pydict()
    names = [plain("".join(chr(int(part, 16)) for part in one.split("-"))) for one in table["codepoints"]]
    pictures = np.stack([
        np.asarray(Image.open(io.BytesIO(png)).convert("RGBA").resize((36, 36)), np.float32).ravel() / 255
        for png in table["png"]
    ])  # fmt: skip
    codes = PCA(16, random_state=0).fit_transform(pictures)
    found = np.stack([codes[names.index(one)] for one in emoji])
    return ((found - found.mean(axis=0)) / found.std(axis=0)).astype(np.float32)


def known_words(texts, words, most=None):
    """The word vectors of the texts' words, or of the `most` most frequent."""
    from collections import Counter

    from feelscope.text.tokens import split

    counts = Counter(word for text in texts for word in split(text))
    kept = [word for word, _ in counts.most_common(most) if word in words]
    return WordVectors(tuple(kept), words.vectors[words.rows(kept)])


def tower(name, words, recipe):
    if name == "published":
        return PublishedTower(words.table())
    if name == "sentence":
        return SentenceTower(384 * len(recipe.encoders), recipe.width, recipe.dropout)
    if name == "pieces":
        return PiecesTower(recipe.pieces, WIDTH, recipe.dropped_pieces, recipe.unseen_pieces)
    reader = {"average": Average, "convolutions": Convolutions, "attention": Attention}[name](words.width)
    return WordsTower(words.table(), reader, recipe.dropout)


def train(material, recipe, training, test, emoji, seed, work, answering=None):
    """Train a recipe; scores (N, E) of the test texts, over the emoji or those of `answering`, and the record."""
    if recipe.of:
        parts = [train(material, RECIPES[name], training, test, emoji, seed, work, answering)[0] for name in recipe.of]
        return np.mean(parts, axis=0), []
    if recipe.texts:
        chosen = np.random.default_rng(seed).permutation(len(training))[: recipe.texts]
        training = training.at(np.sort(chosen))
    words = None
    if {"published", "average", "convolutions", "attention"} & {*recipe.towers}:
        # The author knew the 2,000 most frequent words; ours are read by all that have a vector.
        words = known_words(training.texts, material.word_vectors(), 2000 if recipe.published else None)
    everything = [*emoji, *(answering or [])]
    vectors = material.emoji(everything, recipe.emoji, training)
    read, asked = (material.questions(part.texts, recipe, words) for part in (training, test))
    own, others = vectors[: len(emoji)], vectors[len(emoji) :]
    held = None if answering else Answered(asked, torch.from_numpy(test.answers))
    learnt = Answered(read, torch.from_numpy(training.answers))
    torch.manual_seed(seed)
    network = build(recipe, words, vectors.shape[1])
    task = AnswerTask(network, own, learnt, held, recipe.settings, recipe.steps, seed)
    if not recipe.published:  # the test part is for the record of each epoch; the last is kept
        task.score = lambda network: (None, {})
    else:
        scored = task.score
        task.score = lambda network: (None, scored(network)[1])
    folder = None
    if work is not None:
        folder = work / "checkpoints"
        folder.mkdir(parents=True, exist_ok=True)
    history = loop.fit(task, recipe.steps, seed=seed, patience=99, folder=folder, progress=say)
    scores = answer_scores(network, asked, others if answering else own)
    table = (scores if recipe.published else log_softmax(scores, dim=1)).numpy()
    if recipe.rarer or recipe.often:
        counts = np.bincount(training.answers, minlength=len(emoji))
        table = first_by_share(table, counts, recipe.rarer, recipe.often)
    return table, history


def build(recipe, words, width):
    """A new network; `width` is that of the emoji's vectors."""
    towers = [tower(name, words, recipe) for name in recipe.towers]
    question = towers[0] if len(towers) == 1 else JoinedTowers(*towers)
    return PublishedQuestionEmoji(question, width) if recipe.published else QuestionEmoji(question, width, WIDTH)


def left_out(training, test, group):
    """The texts of all emoji but each fifth from `group` on, and the test texts of these."""
    names = training.names
    gone = [*range(group, len(names), len(names) // LEFT_OUT)]
    kept = [number for number in range(len(names)) if number not in gone]

    def of(texts, numbers):
        rows = np.flatnonzero(np.isin(texts.answers, numbers))
        chosen = texts.at(rows)
        return Texts(chosen.texts, np.searchsorted(numbers, chosen.answers), tuple(names[one] for one in numbers))

    return of(training, kept), of(test, gone)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data_folder", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--nine-tenths", action="store_true", help="train without what choices were made on")
    parser.add_argument("--against", action="store_true", help="compare with the TF-IDF rows on the same texts")
    parser.add_argument("--limit", type=int, default=0, help="train on the first so many texts only")
    given = parser.parse_args()
    torch.set_num_threads(1)
    recipe, material = RECIPES[given.recipe], Material(given)
    training, test = {"airline": airline}.get(given.data, tweeteval_emoji)(given.data_folder)
    if given.validation:
        training, test = validation(training)
    if given.nine_tenths:
        training, _ = validation(training)
    if given.limit:
        training = training.at(np.arange(min(given.limit, len(training))))
    title = given.recipe + (f", {given.limit:,} texts" if given.limit else "")
    file = given.work / "validation.csv" if given.validation else HERE / "scores.csv"
    for seed in range(given.first, given.first + given.seeds):
        if given.data == "left_out":
            first = []
            for group in range(len(training.names) // LEFT_OUT):
                kept, asked = left_out(training, test, group)
                blind = replace(recipe, emoji=tuple(kind for kind in recipe.emoji if kind != "posts"))
                table, _ = train(material, blind, kept, asked, kept.names, seed, None, [*asked.names])
                first.append(ranks(table, asked.answers) == 0)
                print(group, asked.names, len(asked), first[-1].mean(), flush=True)
            from feelscope.metrics.intervals import mean_interval

            right = np.concatenate(first)
            add(file, row(given.data, title, seed, {"accuracy": (float(right.mean()), mean_interval(right))}))
            continue
        emoji = [SENTIMENTS[name] for name in training.names] if given.data == "airline" else [*training.names]
        emoji = [plain(one) for one in emoji]
        table, history = train(material, recipe, training, test, emoji, seed, given.work)
        add(file, row(given.data, title, seed, measures(table, test.answers)))
        if given.against:
            vectors, others = tfidf(training, test)
            for name, model in models(*SETTINGS[given.data]).items():
                other = model.fit(vectors, training.answers).decision_function(others)
                print(f"seed {seed}, more than {name}: {gain(table, other, test.answers)}", flush=True)
        if recipe.published:
            print([round(one["validation_loss"], 4) for one in history], flush=True)


if __name__ == "__main__":
    main()
