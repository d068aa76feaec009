"""The text that takes a picture's place: a caption, then a line for each question and its answer.

    a young woman smiles at the camera
    does a caption say "smiling"? yes
    does a caption say "crying"? hardly

There is one such form, and it is parsed back: what decides reads this text and nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from feelscope.errors import FeelscopeError

MOST_CHARACTERS = 100_000  # of a text
_LINE = re.compile(r"(?P<question>[^?]+\?) (?P<answer>[^?]+)")


@dataclass(frozen=True, slots=True)
class BottleneckText:
    """What is said of a picture.

    Args:
        caption: One line; may be empty.
        answers: By question, in their order; a question ends with its only question mark, an answer has none.
    """

    caption: str
    answers: Mapping[str, str]

    def __post_init__(self) -> None:
        """Bring what others say to one line each."""
        tidy = {_question(question): _answer(answer) for question, answer in self.answers.items()}
        object.__setattr__(self, "caption", _flat(self.caption))
        object.__setattr__(self, "answers", MappingProxyType(tidy))

    @property
    def said(self) -> dict[str, str]:
        """The answers but for those that say no."""
        return {question: answer for question, answer in self.answers.items() if answer != "no"}

    def __str__(self) -> str:
        return "\n".join([self.caption, *(f"{question} {answer}" for question, answer in self.answers.items())])

    @classmethod
    def parse(cls, text: str) -> "BottleneckText":
        """Read the text form.

        Raises:
            FeelscopeError: A line after the first is not a question and its answer, or a question is asked twice.
        """
        if len(text) > MOST_CHARACTERS:
            raise FeelscopeError(f"the text has {len(text):,} characters, more than {MOST_CHARACTERS:,}; shorten it")
        caption, *lines = text.split("\n")
        answers: dict[str, str] = {}
        for number, line in enumerate(lines, 2):
            if not line.strip():
                continue
            match = _LINE.fullmatch(line.strip())
            if match is None or match["question"] in answers:
                found = "the question of an earlier line" if match else repr(line[:60])
                raise FeelscopeError(
                    f"line {number}: expected a new question and its answer, as in 'QUESTION? yes', found {found}"
                )
            answers[match["question"]] = match["answer"]
        return cls(caption, answers)


def question_about(word: str) -> str:
    """The question whether a caption of the picture would have a word."""
    return f'does a caption say "{word}"?'


def _question(text: str) -> str:
    return f"{_flat(text.replace('?', ' ')) or 'what'}?"


def _answer(text: str) -> str:
    return _flat(text.replace("?", " ")) or "nothing"


def _flat(text: str) -> str:
    return " ".join(text.split())
