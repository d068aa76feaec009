"""Semantic bottleneck: a picture becomes the words of a text, and the decision is made from that text alone.

    image vector (B, D) -> answer heads -> logits (B, Q) -> answers, one word for each question (B, Q, A) --\\
                                                                                        text classifier -> (B, K)
    caption (captioner.py or any other) -> which words it has (B, W) --------------------------------------/

An answer is one of A words, from "no" to "yes". Forward it is that word and nothing else, so what the classifier reads
can be written down, read and edited; backward its gradient is that of a soft answer (straight-through), so that heads
learn to answer for the task. They keep their meaning by a second loss: whether a caption of the picture has the word.

Source: Bucher, Herbin and Jurie 2018, "Semantic bottleneck for computer vision tasks", for the idea: caption and quiz
in place of the picture, tuned end to end. Its networks and its questions are not known to us: heads, answers in grades,
and the classifier are ours. Straight-through: Bengio, Leonard and Courville 2013, "Estimating or propagating gradients
through stochastic neurons", section 4.
Relations: `single` decides from the vector itself and is more accurate; this one shows all that the decision rests on.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

GRADES = {2: ("no", "yes"), 3: ("no", "perhaps", "yes"), 4: ("no", "hardly", "probably", "yes")}  # answers, by A
# The share of pictures that an answer or a surer one is given to: some times the share of captions that have the word,
# but at most so many.
_SHARES = {2: ((1, 0.5),), 3: ((3, 0.5), (1, 0.3)), 4: ((10, 0.6), (3, 0.4), (1, 0.25))}


class Outputs(NamedTuple):
    """What the network says of B pictures."""

    questions: torch.Tensor  # logits (B, Q): a caption has the word
    decision: torch.Tensor  # logits (B, K)


class AnswerHeads(nn.Module):
    """Image vectors (B, D) to answers to Q questions.

    Args:
        grades: A, how many different answers there are.
        dropout: Share of the vector's numbers that a training step leaves out.
    """

    def __init__(self, width: int, questions: int, grades: int, dropout: float):
        super().__init__()
        self.grades = grades
        self.scale = nn.LayerNorm(width, elementwise_affine=False)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.utils.skip_init(nn.Linear, width, questions)
        if questions:  # where none is asked, there is nothing to draw, and torch would warn
            self.heads.reset_parameters()
        self.bounds: torch.Tensor  # of the logits, between an answer and the next surer one
        self.softness: torch.Tensor  # how far around a bound a logit has a gradient
        self.register_buffer("bounds", torch.zeros(questions, grades - 1))
        self.register_buffer("softness", torch.ones(questions))

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Vectors (B, D) to logits (B, Q)."""
        return self.heads(self.dropout(self.scale(vectors)))  # (B, Q)

    def answers(self, logits: torch.Tensor) -> torch.Tensor:
        """Logits (B, Q) to answers (B, Q, A): one 1 for each question, with the gradient of a soft answer."""
        above = logits[:, :, None] - self.bounds  # (B, Q, A - 1)
        hard = F.one_hot((above > 0).sum(dim=2), self.grades).to(logits.dtype)  # (B, Q, A)
        reached = torch.sigmoid(above / self.softness[:, None])  # (B, Q, A - 1)
        ones = torch.ones_like(logits)[:, :, None]  # (B, Q, 1)
        soft = torch.cat([ones, reached], dim=2) - torch.cat([reached, 0 * ones], dim=2)  # (B, Q, A)
        return hard + soft - soft.detach()

    @torch.no_grad()
    def set_bounds(self, logits: torch.Tensor, truth: torch.Tensor) -> None:
        """Say "yes" as often as captions have the word, and the answers below it some times as often.

        Args:
            logits: Of the pictures that are trained on, (N, Q).
            truth: Whether a caption has the word, (N, Q), 1 or 0.
        """
        ordered = logits.sort(dim=0, descending=True).values  # (N, Q)
        for grade, (times, most) in enumerate(_SHARES[self.grades]):
            rank = (len(logits) * (truth.mean(dim=0) * times).clamp(max=most)).long().clamp(1, len(logits) - 1)  # (Q,)
            self.bounds[:, grade] = ordered.gather(0, rank[None])[0]
        self.softness.copy_(logits.std(dim=0, correction=0).clamp(min=1e-3) / 2)


class TextClassifier(nn.Module):
    """The words of a caption and the answers to Q questions to logits over K labels.

    Args:
        words: W, how many words of captions count; 0 reads no caption.
        hidden: Width of the layer between; 0 has none, so that each word and each answer adds its own share.
        dropout: Before the last layer.
    """

    def __init__(self, words: int, questions: int, grades: int, labels: int, hidden: int, dropout: float):
        super().__init__()
        width = words + questions * grades
        last = nn.Linear(hidden or width, labels)
        between = [nn.Linear(width, hidden), nn.ReLU()] if hidden else []
        self.layers = nn.Sequential(*between, nn.Dropout(dropout), last)

    def forward(self, words: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Words (B, W), 1 where the caption has one, and answers (B, Q, A), 1 for that given, to logits (B, K)."""
        return self.layers(torch.cat([words, answers.flatten(1)], dim=1))  # (B, W + Q * A) -> (B, K)


class SemanticBottleneck(nn.Module):
    """Image vectors (B, D) to answers, and these with a caption's words to logits (B, K)."""

    def __init__(self, heads: AnswerHeads, classifier: TextClassifier):
        super().__init__()
        self.heads, self.classifier = heads, classifier

    def forward(self, vectors: torch.Tensor, words: torch.Tensor) -> Outputs:
        """Vectors (B, D), and which words each picture's caption has (B, W)."""
        questions = self.heads(vectors)  # (B, Q)
        return Outputs(questions, self.classifier(words, self.heads.answers(questions)))


def answers_of(grades: int) -> Sequence[str]:
    """The A words that a question may be answered with, from the least sure to the surest."""
    return GRADES[grades]
