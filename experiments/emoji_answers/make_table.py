"""The table that the built-in answer model is trained on: texts of four public sets, and an emoji for each.

    python experiments/emoji_answers/make_table.py DATA TABLE.csv
    feelscope emoji train-answers TABLE.csv --vectors DATA/emoji/emoji2vec.bin --out RUN

tweeteval_emoji has emoji that people chose. The labels of GoEmotions, Emotion (`feelings`) and the airline tweets are
put into emoji below; the choice is ours. Only training parts are read, and no text of a test part.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from data import Texts, airline, key, read, tweeteval_emoji

MOST = {"tweeteval_emoji": 300, "goemotions": 200, "feelings": 150, "airline": 300}  # texts of an emoji
EMOJI = {
    "goemotions": {
        "admiration": "👏", "amusement": "🤣", "anger": "😡", "annoyance": "😒", "approval": "👍", "caring": "🤗",
        "confusion": "😕", "curiosity": "🤔", "desire": "🤤", "disappointment": "😞", "disapproval": "👎",
        "disgust": "🤮", "embarrassment": "😳", "excitement": "🤩", "fear": "😨", "gratitude": "🙏", "grief": "💔",
        "joy": "😃", "love": "🥰", "nervousness": "😬", "optimism": "🤞", "pride": "🏆", "realization": "💡",
        "relief": "😌", "remorse": "😔", "sadness": "😢", "surprise": "😲", "neutral": "😐",
    },
    "feelings": {
        "happy": "😃", "sadness": "😢", "anger": "😡", "fear": "😨", "love": "🥰", "surprise": "😲",
    },
    "airline": {"positive": "👍", "neutral": "🤔", "negative": "😡"},
}  # fmt: skip


def labelled(data, name, column, table="train.csv"):
    """Texts of a set whose label is one of those that have an emoji."""
    rows = [row for row in read(data / name / table) if row[column] in EMOJI[name]]
    return [(row["text"], EMOJI[name][row[column]]) for row in rows]


def of(texts: Texts, emoji=None):
    return [
        (text, emoji[texts.names[one]] if emoji else texts.names[one])
        for text, one in zip(texts.texts, texts.answers, strict=True)
    ]


def at_most(pairs, most, seed=0):
    """The pairs in a drawn order, no more than so many of each emoji."""
    counts, kept = {}, []
    for number in np.random.default_rng(seed).permutation(len(pairs)):
        text, emoji = pairs[number]
        counts[emoji] = counts.get(emoji, 0) + 1
        if counts[emoji] <= most:
            kept.append((text, emoji))
    return kept


def main():
    data, out = map(Path, sys.argv[1:])
    tweets, tweets_dev = tweeteval_emoji(data)
    flights, flights_test = airline(data)
    sets = {
        "tweeteval_emoji": of(tweets),
        "goemotions": labelled(data, "goemotions", "emotions"),
        "feelings": labelled(data, "feelings", "emotion", next((data / "feelings").glob("*.csv")).name),
        "airline": of(flights, EMOJI["airline"]),
    }
    closed = {key(text) for text in (*tweets_dev.texts, *flights_test.texts)}
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "text", "emotion"])
        for name, pairs in sets.items():
            kept = [pair for pair in at_most(pairs, MOST[name]) if key(pair[0]) not in closed]
            writer.writerows([f"{name}:{number}", *pair] for number, pair in enumerate(kept))
            print(name, len(kept), "texts of", len({emoji for _, emoji in kept}), "emoji")


if __name__ == "__main__":
    main()
