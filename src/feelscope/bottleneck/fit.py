"""From pictures with captions and labels to a bottleneck: the order in which its parts learn.

captions written    the captioner learns from people's captions, then writes one of each picture
questions chosen    among the words of people's captions (quiz.py)
answering           heads learn whether a caption has the word; their answers are put into words
deciding            the text classifier learns to read captions and answers; the heads' dropout stays on, which is ours
refining            all but the captioner learn together for the labels, while answers keep meaning what they say

Pictures with several labels are those of the experiment of Bucher's two chains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from feelscope.bottleneck import quiz
from feelscope.bottleneck.pictures import Pictures
from feelscope.bottleneck.tasks import BottleneckTask, CaptionTask, ReadPictures, Sentences, score
from feelscope.bottleneck.vocabulary import Vocabulary
from feelscope.errors import TableError
from feelscope.metrics.trust import auroc, risk_coverage
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.models.captioner import Captioner
from feelscope.models.semantic_bottleneck import AnswerHeads, SemanticBottleneck, TextClassifier
from feelscope.progress import Progress
from feelscope.text.tokens import split
from feelscope.train import checkpoint, loop, selection
from feelscope.train.device import CPU
from feelscope.train.recipe import StepSettings

_AT_ONCE = 128  # pictures whose captions are written at a time
_LEAST_WRITTEN = 5  # captions written in training that must have a word before the classifier reads it


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained bottleneck.

    Args:
        captioner, vocabulary: What writes captions.
        words: Those of captions that the classifier reads, W.
        asked: The words that are asked for, Q.
        network: Heads and classifier.
        temperature: Of the probabilities of one label; 1 where there is no validation split.
        record: What was measured on the validation split, before and after refining.
    """

    captioner: Captioner
    vocabulary: Vocabulary
    words: Vocabulary
    asked: tuple[str, ...]
    network: SemanticBottleneck
    temperature: float
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Training:
    """How a bottleneck is trained, apart from what it is.

    Args:
        patience: Epochs without a better score before a part stops learning.
        folder: For checkpoints, one folder within it for each part; None keeps none.
        resume: Continue those that have a checkpoint there.
        device: Where parts learn; between them all is on the processor.
    """

    steps: StepSettings
    seed: int
    patience: int
    folder: Path | None
    resume: bool
    progress: Progress
    device: torch.device = CPU

    def run(self, stage: str, task: loop.Task, epochs: int) -> list[dict[str, Any]]:
        """Train one part; returns the record of its epochs."""
        folder = None if self.folder is None else self.folder / f"training-{stage}"
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

        def progress(_: str, done: int, total: int, detail: str) -> None:
            self.progress(stage, done, total, detail)

        return loop.fit(
            task,
            replace(self.steps, epochs=epochs),
            seed=self.seed,
            patience=self.patience,
            folder=folder,
            resume=self.resume and folder is not None and checkpoint.has_begun(folder),
            device=self.device,
            progress=progress,
        )


def fit_captioner(
    training: Pictures, validation: Pictures, settings: BottleneckSettings, how: Training
) -> tuple[Captioner, Vocabulary]:
    """A captioner of the pictures' captions; the validation split chooses the epoch."""
    vocabulary = Vocabulary.of((words for captions in training.captions for words in captions), settings.caption_least)
    torch.manual_seed(how.seed)
    captioner = new_captioner(training.vectors.shape[1], len(vocabulary), settings)
    sentences = [_sentences(pictures, vocabulary, settings.caption_words) for pictures in (training, validation)]
    task = CaptionTask(
        captioner,
        sentences[0],
        sentences[1] if len(sentences[1].numbers) else None,
        how.steps,
        settings,
        how.seed,
    )
    if settings.caption_words:
        how.run("captions", task, settings.caption_epochs)
    return captioner.eval(), vocabulary


def new_captioner(width: int, vocabulary: int, settings: BottleneckSettings) -> Captioner:
    """A captioner that has learnt nothing."""
    size = settings.caption_size
    return Captioner(width, vocabulary, size // 2, size, settings.dropout)


def new_network(
    width: int, words: int, questions: int, labels: int, settings: BottleneckSettings
) -> SemanticBottleneck:
    """Heads and classifier that have learnt nothing."""
    heads = AnswerHeads(width, questions, settings.answers, settings.dropout)
    classifier = TextClassifier(words, questions, settings.answers, labels, settings.text_hidden, settings.text_dropout)
    return SemanticBottleneck(heads, classifier)


def _sentences(pictures: Pictures, vocabulary: Vocabulary, longest: int) -> Sentences:
    pairs = [(row, words) for row, captions in enumerate(pictures.captions) for words in captions if words]
    numbers = vocabulary.numbers([words for _, words in pairs], longest)
    return Sentences(pictures.vectors, torch.tensor([row for row, _ in pairs], dtype=torch.long), numbers)


def write_captions(
    captioner: Captioner, vocabulary: Vocabulary, vectors: torch.Tensor, settings: BottleneckSettings
) -> list[str]:
    """A caption of each picture."""
    return [
        vocabulary.text(numbers)
        for part in vectors.split(_AT_ONCE)
        for numbers in captioner.caption(part, settings.beam, settings.caption_words)
    ]


def fit_bottleneck(
    training: Pictures,
    validation: Pictures,
    settings: BottleneckSettings,
    how: Training,
    *,
    labels: int | None = None,
    written: tuple[Captioner, Vocabulary] | None = None,
) -> Fitted:
    """Train all parts of a bottleneck.

    Args:
        validation: Chooses epochs and temperature; without pictures, the last epoch is kept.
        labels: How many there are; None takes those that the pictures have.
        written: A captioner that has learnt already.

    Raises:
        TableError: There are no captions to learn from, or no word is frequent enough to be asked for.
        ModelError: A loss is no number any more, or a checkpoint belongs to another training.
    """
    training.check()
    captioner, vocabulary = written or fit_captioner(training, validation, settings, how)
    captions = [
        [split(text) for text in write_captions(captioner, vocabulary, pictures.vectors, settings)]
        for pictures in (training, validation)
    ]
    words = Vocabulary.of(captions[0], _LEAST_WRITTEN)
    asked = choose_questions(training, settings)
    reads = [
        _read(pictures, said, words, asked) for pictures, said in zip((training, validation), captions, strict=True)
    ]
    torch.manual_seed(how.seed)
    several = training.labels.ndim > 1
    if labels is None:
        labels = training.labels.shape[1] if several else int(training.labels.max()) + 1
    network = new_network(training.vectors.shape[1], len(words.words), len(asked), labels, settings)
    weights = torch.ones(labels) if several else label_weights(training.labels, labels, settings.balance)

    def learn(stage: str, learns: nn.Module, epochs: int, question: float, decision: float) -> None:
        task = BottleneckTask(
            network,
            reads[0],
            reads[1],
            how.steps,
            how.seed,
            learns=learns,
            question_weight=question,
            decision_weight=decision,
            weights=weights,
            stage=stage,
            settings=settings,
        )
        how.run(stage, task, epochs)
        network.eval()

    if asked:
        learn("answering", network.heads, settings.answer_epochs, 1.0, 0.0)
        with torch.no_grad():
            network.heads.set_bounds(network.heads(reads[0].vectors), reads[0].truth)
    learn("deciding", network.classifier, settings.decide_epochs, 0.0, 1.0)
    before = measure(network, reads[1])
    learn("refining", network, how.steps.epochs, settings.question_weight, 1.0)
    record = {"before_refining": before, "after_refining": measure(network, reads[1])}
    return Fitted(captioner, vocabulary, words, asked, network, _temperature(network, reads[1]), record)


def choose_questions(training: Pictures, settings: BottleneckSettings) -> tuple[str, ...]:
    """The words to ask for; none where the recipe asks none.

    Raises:
        TableError: No word is frequent enough, or none says anything about the labels.
    """
    if not settings.questions:
        return ()
    words = quiz.frequent_words(training.said, settings.least_captions)
    present = quiz.presence(training.said, words)
    chosen = quiz.choose_words(present, training.labels.long().numpy(), settings.questions) if words else []
    if not chosen:
        raise TableError(
            f"no word of the captions of {len(training):,} posts is said of {settings.least_captions} or more and "
            "tells anything about the labels; give more posts, or a smaller least_captions in the recipe"
        )
    return tuple(words[column] for column in chosen)


def label_weights(labels: torch.Tensor, count: int, balance: float) -> torch.Tensor:
    """Of each label, how much its pictures count: 1 for all at balance 0, equal sums for all labels at 1; (K,)."""
    counts = torch.bincount(labels, minlength=count).clamp(min=1)
    return (len(labels) / counts / count) ** balance


def _read(
    pictures: Pictures, captions: Sequence[Sequence[str]], words: Vocabulary, asked: Sequence[str]
) -> ReadPictures:
    truth = torch.from_numpy(quiz.presence(pictures.said, asked))
    return ReadPictures(pictures.vectors, words.presence(captions), truth, pictures.labels)


@torch.no_grad()
def measure(network: SemanticBottleneck, read: ReadPictures) -> dict[str, Any]:
    """How right answers and decisions are; empty without pictures.

    Returns:
        `score`, as `tasks.score` has it; `answer_auc`, the mean area under the questions' ROC curves (0.5 is chance),
        and `answer_accuracy`, how often "yes" is right or wrongly left out, beside always saying "no".
    """
    if not len(read.vectors):
        return {}
    network.eval()
    outputs = network(read.vectors, read.words)
    asked = read.truth.shape[1] > 0
    columns = zip(outputs.questions.numpy().T, read.truth.numpy().T > 0, strict=True)
    areas = np.array([auroc(risk_coverage(scores, said)) for scores, said in columns])  # (Q,)
    yes = (outputs.questions > network.heads.bounds[:, -1]).float()  # (N, Q)
    return {
        "score": score(outputs.decision, read.labels),
        "answer_auc": float(np.nanmean(areas)) if not np.isnan(areas).all() else None,
        "answer_accuracy": float((yes == read.truth).float().mean()) if asked else None,
        "always_no": float((read.truth == 0).float().mean()) if asked else None,
    }


@torch.no_grad()
def _temperature(network: SemanticBottleneck, read: ReadPictures) -> float:
    if not len(read.vectors) or read.labels.ndim > 1:
        return 1.0
    logits = network(read.vectors, read.words).decision
    return selection.fit_temperature({"image": selection.SplitAnswers(logits, read.labels)})
