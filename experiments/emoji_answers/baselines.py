"""Baseline rows: by frequency, TF-IDF with logistic regression and linear SVC, frozen MiniLM with a linear layer.

    python experiments/emoji_answers/baselines.py DATA [--only NAME] [--minilm FEATURES]

DATA has the folders `airline` and `tweeteval_emoji`. FEATURES is the folder of the feature cache; with it, the rows of
frozen MiniLM are made too.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from data import airline, tweeteval_emoji
from scores import add, measures, row
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from feelscope.encoders.sentence_encoder import SentenceEncoder
from feelscope.encoders.sentence_networks import MiniLMSentences
from feelscope.encoders.settings import TextSettings
from feelscope.post import Post

HERE = Path(__file__).parent


# C was chosen on a tenth of the training part, by accuracy of airline and by the first five of tweeteval_emoji.
SETTINGS = {"airline": (0.5, 4.0), "tweeteval_emoji": (0.1, 1.0)}


def models(svc, logistic):
    return {
        "TF-IDF, SVC": LinearSVC(C=svc),
        "TF-IDF, SVC, balanced": LinearSVC(C=svc, class_weight="balanced"),
        "TF-IDF, logistic regression": LogisticRegression(C=logistic, max_iter=100),
        "TF-IDF, logistic regression, balanced": LogisticRegression(C=logistic, max_iter=100, class_weight="balanced"),
    }


def tfidf(training, test):
    """Vectors of both parts."""
    bag = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return bag.fit_transform(training.texts), bag.transform(test.texts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--minilm", type=Path)
    given = parser.parse_args()
    for name, split in (("airline", airline), ("tweeteval_emoji", tweeteval_emoji)):
        training, test = split(given.data)
        print(name, len(training), len(test), flush=True)

        def keep(title, table, name=name, test=test):
            add(HERE / "scores.csv", row(name, title, 0, measures(table, test.answers)))

        if given.only in ("", "frequency"):
            shares = np.bincount(training.answers, minlength=len(training.names)) / len(training)
            keep("by frequency", np.tile(shares, (len(test), 1)) - 1e-9 * np.arange(len(shares)))
        vectors, others = tfidf(training, test)
        for title, model in models(*SETTINGS[name]).items():
            if given.only in title:
                keep(title, model.fit(vectors, training.answers).decision_function(others))
        if given.minilm and name == "airline":
            scale = StandardScaler()
            vectors, others = (minilm(part.texts, given.minilm) for part in (training, test))
            model = LogisticRegression(C=0.1, max_iter=300).fit(scale.fit_transform(vectors), training.answers)
            keep("frozen MiniLM, logistic regression", model.decision_function(scale.transform(others)))


class IntegerSentences(MiniLMSentences):
    """MiniLM as published, in integers, as a saved model has it: many times as fast."""

    def __init__(self, length, weights):
        super().__init__(length, weights)
        self.identity += "-integers"
        with tempfile.TemporaryDirectory() as folder:
            self.write(Path(folder))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(Path(folder) / "text.onnx", options)

    def run(self, texts):
        """Token ids of P texts to vectors, float32 (P, 384)."""
        return np.concatenate([self.session.run(None, {"ids": np.array([ids])})[0] for ids in texts])


def minilm(texts, cache):
    """Vectors (N, 384) of MiniLM as published."""
    settings = TextSettings(encoder="minilm", training="frozen", tokens=64)
    encoder = SentenceEncoder(IntegerSentences(settings.tokens, None), settings, cache)
    posts = [Post(str(number), text) for number, text in enumerate(texts)]
    return encoder.encode(posts, lambda *_: None, lambda *problem: print(*problem))[0].numpy()


if __name__ == "__main__":
    main()
