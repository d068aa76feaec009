"""Captioner: a picture's vector to a sentence, a word at a time.

    image vector (B, D) -> linear, tanh -> the LSTM's first state (1, B, H) twice
    words so far (B, T) -> embedding (B, T, E) -> LSTM -> (B, T, H) -> linear -> (B, T, E) -> scores of words (B, T, V)

The last layer is the embedding once more, so that a word is written by the vector it is read by.

Source: Vinyals, Toshev, Bengio and Erhan 2015, "Show and tell", section 3; shown once, as the first state, as in
Karpathy and Fei-Fei 2015. Tied embeddings: Press and Wolf 2017. The size is ours, for a few thousand captions.
Relations: `semantic_bottleneck` decides from what is written here; it knows nothing of this network.
"""

import torch
from torch import nn
from torch.nn import functional as F

from feelscope.text.vocabulary import END, PADDING, START, UNKNOWN


class Captioner(nn.Module):
    """Image vectors (B, D) to sentences over V words.

    Args:
        width: D.
        vocabulary: V, with the four marks.
        embedding: E.
        hidden: H.
        dropout: On the vector, on the words that are read and on the state that writes.
    """

    def __init__(self, width: int, vocabulary: int, embedding: int, hidden: int, dropout: float):
        super().__init__()
        self.scale = nn.LayerNorm(width, elementwise_affine=False)
        self.dropout = nn.Dropout(dropout)
        self.first = nn.Linear(width, 2 * hidden)
        self.words = nn.Embedding(vocabulary, embedding, padding_idx=PADDING)
        self.recurrence = nn.LSTM(embedding, hidden, batch_first=True)
        self.write_word = nn.Linear(hidden, embedding)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        nn.init.normal_(self.words.weight, std=embedding**-0.5)

    def forward(self, vectors: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Vectors (B, D) and words (B, T), the first of them START, to scores (B, T, V) of the word after each."""
        return self._step(words, self._begin(vectors))[0]  # (B, T, V)

    @torch.no_grad()
    def caption(self, vectors: torch.Tensor, beam: int, longest: int) -> list[list[int]]:
        """The likeliest sentences, by the mean log-probability of their words, by beam search.

        Args:
            vectors: (B, D).
            beam: How many beginnings of a sentence are followed, S; 1 takes the likeliest word each time.
            longest: Words.

        Returns:
            Of each picture the words' numbers, without marks.
        """
        self.eval()
        count, rows = len(vectors), torch.arange(len(vectors))[:, None]  # (B, 1)
        hidden, cell = (one.repeat_interleave(beam, dim=1) for one in self._begin(vectors))  # (1, B * S, H) each
        words = torch.full((count, beam, 1), START)  # (B, S, 1), one longer with each step
        scores = torch.full((count, beam), -torch.inf)  # (B, S)
        scores[:, 0] = 0.0  # at first all beginnings are the same one
        for _ in range(longest):
            written, (hidden, cell) = self._step(words[:, :, -1].reshape(-1, 1), (hidden, cell))
            written[:, :, [PADDING, UNKNOWN, START]] = -torch.inf
            chances = F.log_softmax(written[:, 0], dim=1).view(count, beam, -1)  # (B, S, V)
            ended = words[:, :, -1] < UNKNOWN  # padding; (B, S)
            ended |= words[:, :, -1] == END
            chances[ended] = -torch.inf
            chances[:, :, PADDING] = torch.where(ended, 0.0, -torch.inf)  # what has ended stays as it is
            scores, places = (scores[:, :, None] + chances).flatten(1).topk(beam)  # (B, S) each
            kept = places // chances.shape[2]  # (B, S), the beginning that each goes on from
            words = torch.cat([words[rows, kept], (places % chances.shape[2])[:, :, None]], dim=2)
            states = (rows * beam + kept).flatten()  # (B * S,)
            hidden, cell = hidden[:, states].contiguous(), cell[:, states].contiguous()
            if (words[:, :, -1] != PADDING).logical_and(words[:, :, -1] != END).sum() == 0:
                break
        lengths = (words[:, :, 1:] != PADDING).sum(dim=2).clamp(min=1)  # (B, S), the mark of the end included
        best = words[rows[:, 0], (scores / lengths).argmax(dim=1)]  # (B, T)
        return [[word for word in sentence if word > END] for sentence in best.tolist()]

    def _begin(self, vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden, cell = self.first(self.dropout(self.scale(vectors))).tanh().chunk(2, dim=1)  # (B, H) each
        return hidden[None].contiguous(), cell[None].contiguous()  # (1, B, H) each

    def _step(
        self, words: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor]
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        read, state = self.recurrence(self.dropout(self.words(words)), state)  # (B, T, H)
        written = self.write_word(self.dropout(read))  # (B, T, E)
        return F.linear(written, self.words.weight, self.bias), state  # (B, T, V)
