"""A text is a question, an emoji its answer: both become vectors in one space, and the nearest emoji answer.

As published, Siamese: after a layer of their own, question and answer go through the same three.

    word ids (B, T) -> lookup -> biLSTM (B, T, 2 H) -> max of every 10 words -> dense (B, 10) \\
                                                                                 shared 100, 50, 10 tanh -> (B, E)
    emoji vectors (E, F) ----------------------------------------------> dense (E, 10) /

Ours, which ends in one score for each emoji:

    question (any of the towers below) -> (B, D) \\
                                                    scale * cosine + how often each is an answer -> scores (B, E)
    emoji vectors (E, F) -> linear -----> (E, D) /

An emoji is nothing but its vector, so one that no training text had can answer too.

Source: W. Wolf, "Neurally Embedded Emojis" (question-emoji models); Feng et al. 2015, "Applying Deep Learning to Answer
Selection", for convolutions and the cosine; Tan et al. 2015, "LSTM-based Deep Learning Models for Non-factoid Answer
Selection", for attention, which here is the text's own and not asked by an answer.
Relations: the towers differ in what they read. `SentenceTower` is the best by itself where texts are few and the only
one that the built-in model needs; `WordsTower` needs word vectors; `PiecesTower` learns signs and spellings that both
pass over, from many texts. `JoinedTowers` reads by several.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

_NOTHING = -1e4  # before a softmax: no weight


@dataclass(frozen=True, slots=True)
class Questions:
    """Texts as towers read them; each reads its own part, and the others may be (B, 0).

    Args:
        words: int64 (B, T), rows of the word vectors; 0 is padding and every unknown word.
        pieces: int64 (B, G), numbers of hashed pieces; 0 is padding.
        sentences: float32 (B, S), by a frozen sentence encoder.
    """

    words: torch.Tensor
    pieces: torch.Tensor
    sentences: torch.Tensor

    def __len__(self) -> int:
        return len(self.words)

    def rows(self, index: torch.Tensor) -> "Questions":
        """Those at an index, without columns that are padding in all of them."""
        return Questions(_narrowed(self.words[index]), _narrowed(self.pieces[index]), self.sentences[index])


def _narrowed(ids: torch.Tensor) -> torch.Tensor:
    """Ids (B, T), padded with 0 after their end, to the longest of them; at least one column where there was one."""
    longest = int((ids > 0).sum(dim=1).max()) if len(ids) and ids.shape[1] else 0
    return ids[:, : max(1, longest)]


class PublishedTower(nn.Module):
    """Word vectors, a bidirectional LSTM, the maximum of every 10 words, and a dense layer: (B, T) to (B, 10).

    Args:
        table: float32 (V + 1, W), row 0 for padding; it learns.
        words: T, to which texts are cut and padded in front, as Keras does.
    """

    def __init__(self, table: np.ndarray, words: int = 20, hidden: int = 50, pool: int = 10, width: int = 10):
        super().__init__()
        self.width, self.words = width, words
        self.lookup = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=False)
        self.layer = nn.LSTM(table.shape[1], hidden, batch_first=True, bidirectional=True)
        self.pool = nn.MaxPool1d(pool)
        self.dense = nn.Linear(words // pool * 2 * hidden, width)

    def forward(self, questions: Questions) -> torch.Tensor:
        """Questions to vectors (B, 10)."""
        states, _ = self.layer(self.lookup(in_front(questions.words, self.words)))  # (B, T, 2 H)
        pooled = self.pool(states.transpose(1, 2)).transpose(1, 2)  # (B, T / 10, 2 H)
        return F.relu(self.dense(pooled.flatten(1)))  # (B, 10)


def in_front(ids: torch.Tensor, words: int) -> torch.Tensor:
    """Ids (B, T) without what is unknown, the last `words` of each, with padding before them: (B, words)."""
    out = torch.zeros(len(ids), words, dtype=ids.dtype, device=ids.device)
    for row, text in enumerate(ids):
        known = text[text > 0][-words:]
        out[row, words - len(known) :] = known
    return out


class WordsTower(nn.Module):
    """Word vectors read by convolutions or by an LSTM with attention, or averaged: (B, T) to (B, D).

    Args:
        table: float32 (V + 1, W), row 0 for padding; it learns.
        reader: `Average`, `Convolutions` or `Attention` of width W.
        dropout: Share of the numbers after the lookup that a training step leaves out.
    """

    def __init__(self, table: np.ndarray, reader: nn.Module, dropout: float):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=False, padding_idx=0)
        self.reader, self.dropout = reader, nn.Dropout(dropout)
        self.width: int = reader.width  # type: ignore[assignment]

    def forward(self, questions: Questions) -> torch.Tensor:
        """Questions to vectors (B, D)."""
        known = questions.words > 0  # (B, T)
        return self.reader(self.dropout(self.lookup(questions.words)), known)  # (B, D)


class Average(nn.Module):
    """The mean and the maximum over the words: (B, T, W) to (B, 2 W), zeros without words."""

    def __init__(self, width: int):
        super().__init__()
        self.width = 2 * width

    def forward(self, vectors: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """Vectors (B, T, W) and which are words (B, T) to (B, 2 W)."""
        mask = known.unsqueeze(2)  # (B, T, 1)
        mean = (vectors * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)  # (B, W)
        return torch.cat([mean, highest(vectors, known)], dim=1)  # (B, 2 W)


class Convolutions(nn.Module):
    """1-D convolutions over 1, 2 and 3 words, then the highest of each filter: (B, T, W) to (B, 3 * filters)."""

    def __init__(self, width: int, filters: int = 100, spans: tuple[int, ...] = (1, 2, 3)):
        super().__init__()
        self.width = filters * len(spans)
        self.layers = nn.ModuleList(nn.Conv1d(width, filters, span, padding=span // 2) for span in spans)

    def forward(self, vectors: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """Vectors (B, T, W) and which are words (B, T) to (B, 3 * filters)."""
        words = (vectors * known.unsqueeze(2)).transpose(1, 2)  # (B, W, T)
        found = [F.relu(layer(words))[:, :, : known.shape[1]].transpose(1, 2) for layer in self.layers]  # (B, T, f)
        return torch.cat([highest(one, known) for one in found], dim=1)


class Attention(nn.Module):
    """A bidirectional LSTM whose states are averaged by a learnt attention: (B, T, W) to (B, 2 H)."""

    def __init__(self, width: int, hidden: int = 50):
        super().__init__()
        self.width = 2 * hidden
        self.layer = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.inner, self.asked = nn.Linear(2 * hidden, hidden), nn.Linear(hidden, 1, bias=False)

    def forward(self, vectors: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """Vectors (B, T, W) and which are words (B, T) to (B, 2 H)."""
        lengths = known.sum(dim=1).clamp(min=1).cpu()  # packed, so that the way back does not begin in the padding
        packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.layer(packed)[0], True, total_length=known.shape[1])  # (B, T, 2 H)
        weights = self.asked(torch.tanh(self.inner(states))).squeeze(2)  # (B, T)
        weights = weights.masked_fill(~known, _NOTHING).softmax(dim=1) * known  # (B, T), all zeros without words
        return (states * weights.unsqueeze(2)).sum(dim=1)  # (B, 2 H)


def highest(vectors: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """The maximum over the words (B, T, W) to (B, W); zeros without words."""
    top = vectors.masked_fill(~known.unsqueeze(2), _NOTHING).amax(dim=1)  # (B, W)
    return torch.where(known.any(dim=1, keepdim=True), top, torch.zeros_like(top))


class PiecesTower(nn.Module):
    """A vector for each hashed piece of a text (words, pairs of words), averaged: (B, G) to (B, D).

    Source: Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification".

    Args:
        count: Numbers of pieces, 0 for padding among them.
        left_out: Share of a text's pieces that a training step does not see.
    """

    def __init__(self, count: int, width: int, dropout: float, left_out: float = 0.0):
        super().__init__()
        self.width, self.left_out = width, left_out
        self.lookup = nn.Embedding(count, width, padding_idx=0)
        nn.init.normal_(self.lookup.weight, std=0.01)  # what no training text has stays as it is, so it must say little
        with torch.no_grad():
            self.lookup.weight[0] = 0
        self.dropout = nn.Dropout(dropout)

    def forward(self, questions: Questions) -> torch.Tensor:
        """Questions to vectors (B, D)."""
        pieces = questions.pieces  # (B, G)
        if self.training and self.left_out:
            pieces = pieces * (torch.rand(pieces.shape, device=pieces.device) >= self.left_out)
        there = (pieces > 0).unsqueeze(2)  # (B, G, 1)
        total = self.lookup(pieces).sum(dim=1)  # (B, D)
        return self.dropout(total / there.sum(dim=1).clamp(min=1).sqrt())  # (B, D)


class SentenceTower(nn.Module):
    """A frozen sentence encoder's vector, brought to its usual size, and a hidden layer beside it: (B, S) to (B, D)."""

    def __init__(self, encoded: int, width: int, dropout: float):
        super().__init__()
        self.width = width
        self.norm, self.dropout = nn.LayerNorm(encoded), nn.Dropout(dropout)
        self.direct = nn.Linear(encoded, width)
        self.hidden, self.out = nn.Linear(encoded, 2 * width), nn.Linear(2 * width, width)

    def forward(self, questions: Questions) -> torch.Tensor:
        """Questions to vectors (B, D)."""
        read = self.dropout(self.norm(questions.sentences))  # (B, S)
        return self.direct(read) + self.out(self.dropout(F.relu(self.hidden(read))))  # (B, D)


class JoinedTowers(nn.Module):
    """Several towers side by side: (B, the sum of their widths)."""

    def __init__(self, *towers: nn.Module):
        super().__init__()
        self.towers = nn.ModuleList(towers)
        self.width = sum(tower.width for tower in towers)  # type: ignore[misc]

    def forward(self, questions: Questions) -> torch.Tensor:
        """Questions to vectors (B, D)."""
        return torch.cat([tower(questions) for tower in self.towers], dim=1)


class PublishedQuestionEmoji(nn.Module):
    """The published network.

    Args:
        question: A `PublishedTower`.
        emoji: F, the width of the emoji's vectors.
    """

    def __init__(self, question: PublishedTower, emoji: int):
        super().__init__()
        self.question, self.answer = question, nn.Linear(emoji, question.width)
        self.shared = nn.Sequential(
            nn.Linear(question.width, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10), nn.Tanh()
        )

    def forward(self, questions: Questions, emoji: torch.Tensor) -> torch.Tensor:
        """Questions, and emoji vectors (E, F), to cosines (B, E)."""
        asked = F.normalize(self.shared(self.question(questions)), dim=1)  # (B, 10)
        answers = F.normalize(self.shared(F.relu(self.answer(emoji))), dim=1)  # (E, 10)
        return asked @ answers.T  # (B, E)


class QuestionEmoji(nn.Module):
    """Our network: a tower, and a linear layer over the emoji's vectors.

    Args:
        question: Any tower.
        emoji: F, the width of the emoji's vectors.
        width: D, of the space they share.
    """

    def __init__(self, question: nn.Module, emoji: int, width: int):
        super().__init__()
        self.question = question
        self.asked = nn.Linear(question.width, width)  # type: ignore[arg-type]
        self.answer, self.often = nn.Linear(emoji, width), nn.Linear(emoji, 1)
        self.log_scale = nn.Parameter(torch.tensor(2.0))  # exp(2) is about 7; ours
        nn.init.zeros_(self.often.weight)
        nn.init.zeros_(self.often.bias)

    def ask(self, questions: Questions) -> torch.Tensor:
        """Questions to vectors (B, D) of length `scale`."""
        return F.normalize(self.asked(self.question(questions)), dim=1) * self.log_scale.exp()

    def answers(self, emoji: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Emoji vectors (E, F) to vectors (E, D) of length one, and how often each is an answer (E,)."""
        return F.normalize(self.answer(emoji), dim=1), self.often(emoji).squeeze(1)

    def forward(self, questions: Questions, emoji: torch.Tensor) -> torch.Tensor:
        """Questions, and emoji vectors (E, F), to scores (B, E)."""
        answers, often = self.answers(emoji)
        return self.ask(questions) @ answers.T + often  # (B, E)
