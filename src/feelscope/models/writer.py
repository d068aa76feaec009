"""Writer: a post, one word after another, from a picture and the emotion it is to express.

    picture (B, D) -> norm, linear, tanh (B, P), or a learnt vector without one -+-> condition (B, P + M)
    emotion (B,) -> learnt vector (B, M) ----------------------------------------+
    condition -> linear, tanh -> the LSTM's first state (1, B, H) twice
    words so far (B, T) -> embedding (B, T, E), the condition beside -> LSTM (B, T, H)
      -> linear (B, T, E) -> the embedding once more -> scores of the word after each (B, T, V)

Source: thesis of Hu 2017, section 6.4: word vectors, one LSTM layer of 512 units whose
first state comes from the picture, posts of 50 words. Ours: the emotion and the vector of no picture, the condition at
every step (Vinyals et al. 2015 found a picture at every step to overfit; with strong dropout it does not here), the
tied embedding (Press and Wolf 2017), one mask of dropout for all steps of a post (Gal and Ghahramani 2016).
Relations: `captioner` says what a picture shows, by the likeliest words; this one draws words, and knows emotions.
"""

import torch
from torch import nn
from torch.nn import functional as F

from feelscope.text.vocabulary import END, PADDING, UNKNOWN


class Writer(nn.Module):
    """Pictures (B, D) and emotions (B,) to posts over V words.

    Args:
        vocabulary: V, with the four marks.
        emotions: K.
        picture: D.
        embedding: E.
        hidden: H; the thesis has 512.
        condition: P, of the picture in the condition.
        feeling: M, of the emotion in the condition.
        dropout: On the words that are read, on what the LSTM gives, and on the picture; a mask for a whole post.
        word_dropout: Share of the words that are read as unknown.
        picture_dropout: Share of the pictures that are left out.
    """

    def __init__(
        self,
        vocabulary: int,
        emotions: int,
        picture: int,
        *,
        embedding: int,
        hidden: int,
        condition: int,
        feeling: int,
        dropout: float,
        word_dropout: float,
        picture_dropout: float,
    ):
        super().__init__()
        self.dropout, self.word_dropout, self.picture_dropout = dropout, word_dropout, picture_dropout
        self.scale = nn.LayerNorm(picture, elementwise_affine=False)
        self.see = nn.Linear(picture, condition)
        self.no_picture = nn.Parameter(torch.zeros(condition))
        self.emotions = nn.Embedding(emotions, feeling)
        self.first = nn.Linear(condition + feeling, 2 * hidden)
        self.words = nn.Embedding(vocabulary, embedding, padding_idx=PADDING)
        self.recurrence = nn.LSTM(embedding + condition + feeling, hidden, batch_first=True)
        self.write_word = nn.Linear(hidden, embedding)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        nn.init.normal_(self.words.weight, std=embedding**-0.5)
        nn.init.normal_(self.emotions.weight, std=feeling**-0.5)

    def forward(
        self, pictures: torch.Tensor, seen: torch.Tensor, emotions: torch.Tensor, words: torch.Tensor
    ) -> torch.Tensor:
        """Scores (R, V) of the word after each real word, all posts' in a row; R words are no padding.

        Args:
            pictures: (B, D); those that are not seen may be anything finite.
            seen: bool (B,), whether a post has a picture.
            emotions: int (B,).
            words: int (B, T), the first of them START, padded at the end.
        """
        condition = self.condition(pictures, seen, emotions)  # (B, P + M)
        read = self.words(self._forgotten(words))  # (B, T, E)
        beside = condition[:, None].expand(-1, words.shape[1], -1)  # (B, T, P + M)
        read = torch.cat([self._masked(read), beside], dim=2)  # (B, T, E + P + M)
        hidden, _ = self.recurrence(read, self.begin(condition))  # (B, T, H)
        real = self._masked(hidden)[words != PADDING]  # (R, H)
        return F.linear(self._dropped(self.write_word(real)), self.words.weight, self.bias)  # (R, V)

    def condition(self, pictures: torch.Tensor, seen: torch.Tensor, emotions: torch.Tensor) -> torch.Tensor:
        """What a post is to be about, (B, P + M); in training some pictures are left out."""
        if self.training:
            seen = seen & (torch.rand(len(seen), device=seen.device) >= self.picture_dropout)
        looked = self.see(self._dropped(self.scale(pictures))).tanh()  # (B, P)
        looked = torch.where(seen[:, None], looked, self.no_picture)  # (B, P)
        return torch.cat([looked, self.emotions(emotions)], dim=1)  # (B, P + M)

    def begin(self, condition: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The LSTM's first state of a condition (B, P + M): (1, B, H) twice."""
        hidden, cell = self.first(condition).tanh().chunk(2, dim=1)  # (B, H) each
        return hidden[None].contiguous(), cell[None].contiguous()

    def _forgotten(self, words: torch.Tensor) -> torch.Tensor:
        if not (self.training and self.word_dropout):
            return words
        lost = (torch.rand(words.shape, device=words.device) < self.word_dropout) & (words > END)
        return words.masked_fill(lost, UNKNOWN)

    def _dropped(self, values: torch.Tensor) -> torch.Tensor:
        return F.dropout(values, self.dropout, self.training)

    def _masked(self, values: torch.Tensor) -> torch.Tensor:
        """Values (B, T, D) with one mask for all steps of a post."""
        if not self.training:
            return values
        return values * F.dropout(torch.ones_like(values[:, :1]), self.dropout)


def writing_loss(
    scores: torch.Tensor, words: torch.Tensor, usual: float, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """The cross entropy of the words that came next, summed over a post's real words; padding is no word.

    Args:
        scores: (R, V), as `Writer` gives them.
        words: int (B, T + 1), from START to END, padded.
        usual: By how many words a post's sum is divided, the same for all posts, such as the mean of their lengths.
        weights: (B,), how much each post counts, 1 on average; None counts them alike.

    Source:
        Thesis of Hu 2017, equation 6.3, a sum over a post's words. Its C, the classes of each word, is written as the
        number of emotions; they are the words of the vocabulary. Divided by one number it is still a sum: the mean
        over a batch's own words would count a word the less, the longer the posts of its batch are, and batches are
        of posts about as long.
    """
    following = words[:, 1:]
    real = following != PADDING  # (B, T)
    each = F.cross_entropy(scores, following[real], reduction="none")  # (R,)
    if weights is not None:
        each = each * weights.repeat_interleave(real.sum(dim=1))
    return each.sum() / (len(words) * usual)
