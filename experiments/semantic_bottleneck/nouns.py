"""Both chains on Flickr8k's pictures: which nouns people's captions have, and finding pictures that share them.

    python experiments/semantic_bottleneck/nouns.py data/flickr8k_1k --work DIR

Five folds of pictures; of the others, a tenth chooses epochs and thresholds. DIR keeps the feature cache (`features`).
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from emotions import RECIPE, say, write

from feelscope.bottleneck.captions import read_captions
from feelscope.bottleneck.fit import Training, fit_bottleneck, new_network
from feelscope.bottleneck.folder import BottleneckParts
from feelscope.bottleneck.pictures import Pictures
from feelscope.bottleneck.reading import Bottleneck
from feelscope.bottleneck.retrieval import cosines, relevance, retrieval_precision, text_vectors
from feelscope.bottleneck.tasks import BottleneckTask, ReadPictures
from feelscope.drawing import canvas, draw_intervals, save
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import open_image
from feelscope.metrics.intervals import draw, interval
from feelscope.metrics.ranking import best_thresholds, mean_average_precision, several_labels_f1
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.models.semantic_bottleneck import answers_of
from feelscope.post import Post
from feelscope.text.stems import stem
from feelscope.text.tagger import load_tagger
from feelscope.text.tokens import split

HERE = Path(__file__).parent
FOLDS = 5
LEAST = 15  # pictures of a fold's training that must have a noun
SHARED = (1, 2, 3)  # nouns that two pictures must share to be relevant to one another
SETTINGS = BottleneckSettings(
    least_captions=15, answer_epochs=30, decide_epochs=15, caption_words=16, caption_least=4, caption_size=128,
    caption_epochs=4,
)  # fmt: skip
STEPS = replace(RECIPE.steps, learning_rate=2e-3, epochs=30, label_smoothing=0.0)


def nouns(captions):
    """The stems of the nouns of a picture's captions."""
    tagger = load_tagger()
    is_noun = np.array([tag.partition("|")[0] == "NOUN" for tag in tagger.tags])
    sentences = [split(caption) for caption in captions]
    words = [word for sentence in sentences for word in sentence]
    tags = tagger.tag(words, np.array([len(sentence) for sentence in sentences]))
    return {stem(word) for word, tag in zip(words, tags, strict=True) if is_noun[tag]}


def labels(said, names):
    return np.array([[name in one for name in names] for one in said], dtype=np.float32)


def logits(network, pictures, settings):
    scaled = torch.nn.functional.layer_norm(pictures.vectors, pictures.vectors.shape[1:])
    with torch.no_grad():
        return network(torch.zeros(len(pictures), 1), scaled).decision.numpy()


def probe(parts, seed, width, count):
    """A linear layer on all of the vectors, by the same steps."""

    def read(pictures):
        scaled = torch.nn.functional.layer_norm(pictures.vectors, pictures.vectors.shape[1:])
        return ReadPictures(torch.zeros(len(pictures), 1), scaled, torch.zeros(len(pictures), 0), pictures.labels)

    torch.manual_seed(seed)
    network = new_network(1, width, 0, count, replace(SETTINGS, text_dropout=SETTINGS.dropout))
    task = BottleneckTask(
        network, read(parts["training"]), read(parts["validation"]), STEPS, seed,
        learns=network.classifier, question_weight=0.0, decision_weight=1.0, weights=torch.ones(count),
    )  # fmt: skip
    Training(STEPS, seed, 50, None, False, lambda *_: None).run("probe", task, STEPS.epochs)
    network.eval()
    return {name: logits(network, one, SETTINGS) for name, one in parts.items()}


def main():
    folder, option, work = sys.argv[1:]
    assert option == "--work", __doc__
    torch.set_num_threads(1)
    folder = Path(folder)
    captions = read_captions(folder / "captions.csv")
    names = sorted(captions)
    encoder = open_image(RECIPE.image, Resources(Path(work) / "features"), seed=0)
    posts = [Post(id=name, image=folder / "images" / name) for name in names]
    vectors, present = encoder.encode(posts, lambda *_: None, lambda *problem: say(*problem))
    assert present.all()
    of_picture = [nouns(captions[name]) for name in names]
    fold = np.random.default_rng(0).permutation(len(names)) % FOLDS
    rows, found = [], {shared: {} for shared in SHARED}
    for number in range(FOLDS):
        rest = np.random.default_rng((1, number)).permutation(np.flatnonzero(fold != number))
        index = {
            "training": rest[len(rest) // 10 :],
            "validation": rest[: len(rest) // 10],
            "test": np.flatnonzero(fold == number),
        }
        counts = {}
        for row in index["training"]:
            for noun in of_picture[row]:
                counts[noun] = counts.get(noun, 0) + 1
        asked_for = sorted(noun for noun, count in counts.items() if count >= LEAST)
        parts = {
            name: Pictures(
                vectors[torch.from_numpy(at)],
                [[split(one) for one in captions[names[row]]] for row in at],
                [{word for one in captions[names[row]] for word in split(one)} for row in at],
                torch.from_numpy(labels([of_picture[row] for row in at], asked_for)),
            )
            for name, at in index.items()
        }
        how = Training(STEPS, number, 50, None, False, lambda *_: None)
        answers, written = {}, None
        for what, settings in (
            ("caption and quiz", SETTINGS),
            ("caption alone", replace(SETTINGS, questions=0)),
            ("quiz alone", replace(SETTINGS, caption_words=0)),
        ):
            fitted = fit_bottleneck(parts["training"], parts["validation"], settings, how, written=written)
            written = written or (fitted.captioner, fitted.vocabulary)
            model = Bottleneck(
                BottleneckParts(
                    what,
                    tuple(asked_for),
                    "lite0",
                    encoder.identity,
                    encoder.width,
                    None,
                    settings,
                    fitted.vocabulary,
                    fitted.words,
                    fitted.asked,
                    fitted.captioner,
                    fitted.network,
                )
            )
            texts = {name: model.texts(one.vectors) for name, one in parts.items()}
            answers[what] = {name: model.probabilities(one) for name, one in texts.items()}
            say(number, what, fitted.record)
            for shared in SHARED:
                relevant = relevance([of_picture[row] for row in index["test"]], shared)
                like = cosines(text_vectors(texts["test"], answers_of(settings.answers)))
                found[shared].setdefault(f"text: {what}", []).append(retrieval_precision(like, relevant))
        answers["linear probe on all 1,280 numbers"] = probe(parts, number, encoder.width, len(asked_for))
        draws = np.random.default_rng(number)
        answers["random"] = {name: draws.random(one.labels.shape) for name, one in parts.items()}
        truth = {name: one.labels.numpy() > 0 for name, one in parts.items()}
        for what, answer in answers.items():
            at = best_thresholds(answer["validation"], truth["validation"])
            macro, micro = several_labels_f1(answer["test"] >= at, truth["test"])
            mean = mean_average_precision(answer["test"].T, truth["test"].T)
            rows.append(
                {
                    "fold": number,
                    "labels": len(asked_for),
                    "what": what,
                    "macro_f1": macro,
                    "micro_f1": micro,
                    "map": mean,
                }
            )
            say(rows[-1])
        plain = parts["test"].vectors.numpy()
        mean, deviation = (getattr(parts["training"].vectors, name)(dim=0).numpy() for name in ("mean", "std"))
        for shared in SHARED:
            relevant = relevance([of_picture[row] for row in index["test"]], shared)
            likes = {
                "image vectors": cosines(plain),
                "image vectors, standardised": cosines((plain - mean) / (deviation + 1e-6)),
                "random order": draws.random((len(plain), len(plain))),
            }
            for what, like in likes.items():
                found[shared].setdefault(what, []).append(retrieval_precision(like, relevant))
        write(HERE / "nouns.csv", rows)
        summarise(found)


def summarise(found):
    """Mean average precision over all queries of the folds so far, with its interval over queries; and the figure."""
    table = []
    for shared, by_what in found.items():
        for what, folds in by_what.items():
            values = np.concatenate(folds)
            values = values[~np.isnan(values)]
            low, high = interval((draw(len(values)) @ values)[1:] / len(values))
            table.append(
                {"shared_nouns": shared, "what": what, "queries": len(values), "map": round(float(values.mean()), 4),
                 "low": round(low, 4), "high": round(high, 4)}
            )  # fmt: skip
            say(table[-1])
    shown = sorted((row for row in table if row["shared_nouns"] == 2), key=lambda row: -row["map"])
    with canvas(5, 1.8) as figure:
        axes = figure.add_subplot()
        draw_intervals(axes, [row["what"] for row in shown], shown, "map")
        axes.set_title("Retrieval: mean average precision, pictures that share two nouns or more")
        save(figure, table, HERE, "retrieval")


if __name__ == "__main__":
    main()
