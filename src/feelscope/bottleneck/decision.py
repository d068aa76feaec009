"""From a bottleneck's text to probabilities: a string in, and nothing of the picture.

A probability of its own for each label is for the experiment of Bucher's two chains.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from feelscope.bottleneck.bottleneck_text import BottleneckText
from feelscope.models.semantic_bottleneck import TextClassifier, answers_of
from feelscope.text.tokens import split
from feelscope.text.vocabulary import Vocabulary


class TextDecision:
    """Decides from texts.

    Args:
        words: Of captions that are read; others say nothing.
        questions: In the order of training; other questions of a text say nothing.
        grades: A.
        temperature: That the logits are divided by; None gives each label a probability of its own.
    """

    def __init__(
        self,
        classifier: TextClassifier,
        words: Vocabulary,
        questions: Sequence[str],
        grades: int,
        temperature: float | None,
    ):
        self.questions, self.answers = tuple(questions), tuple(answers_of(grades))
        self._classifier, self._words, self._temperature = classifier.eval(), words, temperature

    @torch.no_grad()
    def decide(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probabilities (N, K) of the text forms of N bottleneck texts.

        Raises:
            FeelscopeError: One has not the form of `BottleneckText`.
        """
        read = [BottleneckText.parse(text) for text in texts]
        words = torch.from_numpy(self._words.presence([split(one.caption) for one in read]))  # (N, W)
        answers = torch.zeros(len(read), len(self.questions), len(self.answers))  # (N, Q, A)
        for row, one in enumerate(read):
            for column, question in enumerate(self.questions):
                answer = one.answers.get(question)
                if answer in self.answers:  # any other counts as not answered
                    answers[row, column, self.answers.index(answer)] = 1.0
        logits = self._classifier(words, answers)  # (N, K)
        several = self._temperature is None
        return (logits.sigmoid() if several else (logits / self._temperature).softmax(dim=1)).numpy()

    def unread(self, text: str) -> tuple[str, ...]:
        """The questions that a text does not answer in a word that was learnt."""
        given = BottleneckText.parse(text).answers
        return tuple(question for question in self.questions if given.get(question) not in self.answers)
