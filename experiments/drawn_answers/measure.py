"""Does the picture of an emoji alone tell which text it answers? And what is drawn for some texts?

    python experiments/drawn_answers/measure.py DATA AUTOENCODER --cache DIR

For the 20 emoji of tweeteval_emoji, whose base forms the fit never sees, and the texts of its dev part: how often the
right one is first of 4 (each fifth of the 20, in turn) and of all 20, by the picture alone. Every emoji counts alike,
so chance is 0.25 and 0.05. Beside it codes dealt to other emoji, a linear map from codes to answer vectors, and the
emoji's own answer vectors, which were trained. Intervals: 95%, over the 20 emoji drawn with replacement.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "emoji_answers"))

from data import tweeteval_emoji  # noqa: E402

from feelscope.emoji import catalogue  # noqa: E402
from feelscope.emoji.answer.answering import EmojiAnswers  # noqa: E402
from feelscope.emoji.answer.drawn import nearness  # noqa: E402
from feelscope.emoji.answer.fit_drawing import fit, open_autoencoder  # noqa: E402
from feelscope.images.sheet import write_sheet  # noqa: E402
from feelscope.progress import silent  # noqa: E402
from feelscope.saved_model.sentence_vectors import sentence_vectors  # noqa: E402
from feelscope.text.emoji import plain  # noqa: E402

GROUPS, DEALS, RESAMPLES, LINEAR = 5, 3, 2000, 100.0
TEXTS = (
    "flight is awful", "I love you so much", "merry christmas everyone", "we won the cup", "I am so scared of the dark",
    "the food was disgusting", "what a beautiful sunny day", "this is so funny", "thank you for your help",
    "I miss my grandmother",
)  # fmt: skip


def firsts(asked, right, guesses):
    """By emoji, how often the right one is first of its four, and of all: (20, 2)."""
    scores, found = asked @ guesses.T, []
    for emoji in range(len(guesses)):
        four = np.arange(emoji % GROUPS, len(guesses), GROUPS)
        rows = scores[right == emoji]
        found.append([(four[rows[:, four].argmax(axis=1)] == emoji).mean(), (rows.argmax(axis=1) == emoji).mean()])
    return np.array(found)


def kernel(codes, vectors, new):
    weight, _, reach = fit(codes, vectors)
    return nearness(new, codes, reach) @ weight  # the mean is the same for all, so it changes no order


def linear(codes, vectors, new):
    mean = codes.mean(axis=0)
    inner = (codes - mean).T @ (codes - mean) + LINEAR * np.eye(codes.shape[1])
    return (new - mean) @ np.linalg.solve(inner, (codes - mean).T @ (vectors - vectors.mean(axis=0)))


def interval(values):
    """Mean and interval of values (20,)."""
    drawn = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("autoencoder", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    given = parser.parse_args()
    answers, saved = EmojiAnswers.load(drawing=True), open_autoencoder(given.autoencoder)
    model = answers._model
    codes = dict(zip(map(catalogue.bare, saved.sequences), saved.codes.numpy(), strict=True))
    _, dev = tweeteval_emoji(given.data)
    names = [plain(name) for name in dev.names]
    bases = {catalogue.base_form(name) for name in names}
    rows = [
        row for row, one in enumerate(model.settings.emoji)
        if one in codes and catalogue.base_form(one) == one and one not in bases
    ]  # fmt: skip
    known = np.stack([codes[model.settings.emoji[row]] for row in rows])
    vectors, new = model.arrays["answers"][rows], np.stack([codes[name] for name in names])
    read = sentence_vectors(dev.texts, answers._sentences, given.cache, silent).numpy()
    asked = np.stack([answers.asked(one) for one in read])
    generator = np.random.default_rng(0)
    pixels = firsts(asked, dev.answers, kernel(known, vectors, new))
    dealt = np.mean(
        [firsts(asked, dev.answers, kernel(generator.permutation(known), vectors, new)) for _ in range(DEALS)], axis=0
    )
    own = model.arrays["answers"][[model.settings.emoji.index(name) for name in names]]
    table = {
        "picture alone": pixels,
        "codes dealt to other emoji": dealt,
        "picture alone less dealt codes": pixels - dealt,
        "picture alone, linear": firsts(asked, dev.answers, linear(known, vectors, new)),
        "the emoji's own answer vectors": firsts(asked, dev.answers, own),
    }
    with (HERE / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["by", "first of 4", "first of 20"])
        for name, found in table.items():
            writer.writerow([name, interval(found[:, 0]), interval(found[:, 1])])
    print((HERE / "scores.csv").read_text(encoding="utf-8"), len(rows), "emoji,", len(dev), "texts")
    print({name: found.round(2).tolist() for name, found in zip(names, pixels, strict=True)})
    drawn = [answers.draw(text, seed) for seed in range(3) for text in TEXTS]
    write_sheet(HERE / "drawn.png", np.stack([one.pixels for one in drawn]), len(TEXTS), 2)
    for text, one in zip(TEXTS * 3, drawn, strict=True):
        print(f"{text}: {one.score:.2f}, {', '.join(known.name for known in one.similar)}")


if __name__ == "__main__":
    main()
