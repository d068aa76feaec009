"""What is audited, as a function that scores sentences: an emotion classifier, or a language model of the project's.

classifier: a sentence -> the probability of each emotion
writer: a sentence cut at its subject -> ln Pr[subject | what is before it]
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from feelscope.audit.templates import Sentence
from feelscope.errors import ModelError
from feelscope.generate.writer import folder as writer_folder
from feelscope.generate.writer.scoring import WordScorer
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier

if TYPE_CHECKING:
    from feelscope.progress import Count

BUILTIN_WRITER = "builtin-writer"
LOG_PROBABILITY = "ln probability"


@dataclass(frozen=True, slots=True)
class Scored:
    """A model as the audit asks it.

    Args:
        kind: What its scores are: probabilities that sum to one, or logarithms of a word's probability.
        measures: S names, of the scores: emotions, or `LOG_PROBABILITY`.
        score: N sentences to (N, S); NaN where one cannot be scored.
        knows: Whether a phrase has no word that the model does not know.
        folder: Of its files.
        modalities: What it reads of a post.
    """

    name: str
    kind: Literal["probabilities", "logarithms"]
    measures: tuple[str, ...]
    score: Callable[[Sequence[Sentence]], np.ndarray]
    knows: Callable[[str], bool]
    folder: Path
    modalities: tuple[str, ...] = ("text",)


def open_scored(model: str, progress: "Count | None" = None) -> Scored:
    """The built-in model (`builtin`), the built-in writer (`builtin-writer`), or the folder of either kind.

    Args:
        progress: Called after each sentence with the number done and the number of all.

    Raises:
        ModelError: It is not there or damaged, or reads no words.
    """
    folder = writer_folder.FOLDER if model == BUILTIN_WRITER else Path(model)
    if model != "builtin" and (folder / writer_folder.SETTINGS).is_file():
        return of_writer(WordScorer(writer_folder.read(folder)), folder)
    return of_classifier(EmotionClassifier.load(model), progress)


def of_classifier(classifier: EmotionClassifier, progress: "Count | None" = None) -> Scored:
    """An emotion classifier.

    Raises:
        ModelError: It reads no words.
    """
    if "text" not in classifier.modalities:
        raise ModelError(
            f"{classifier.name}: this model reads no words ({', '.join(classifier.modalities)} alone), and an audit "
            "asks it sentences; give a model that does"
        )

    def score(sentences: Sequence[Sentence]) -> np.ndarray:
        posts = (Post(str(number), sentence.text) for number, sentence in enumerate(sentences))
        table = np.full((len(sentences), len(classifier.emotions)), np.nan)
        for number, prediction in enumerate(classifier.stream(posts)):
            if prediction.emotion is not None:
                table[number] = [prediction.probabilities[emotion] for emotion in classifier.emotions]
            if progress:
                progress(number + 1, len(sentences))
        return table

    return Scored(
        *(classifier.name, "probabilities", tuple(classifier.emotions), score, lambda phrase: True),
        *(classifier.folder, classifier.modalities),
    )


def of_writer(writer: WordScorer, folder: Path) -> Scored:
    """A writer, which is asked how probable the subject is after what is before it."""

    def score(sentences: Sequence[Sentence]) -> np.ndarray:
        given, following = ([getattr(one, part) for one in sentences] for part in ("before", "subject"))
        return writer.log_probabilities(given, following)[:, None]

    return Scored(
        writer.name, "logarithms", (LOG_PROBABILITY,), score, lambda phrase: not writer.unknown(phrase), folder
    )
