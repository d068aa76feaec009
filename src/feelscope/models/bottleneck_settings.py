"""The settings of a recipe's `[bottleneck]`: which text takes the picture's place, and how it is learnt. All ours."""

from dataclasses import dataclass

from feelscope.config import check_ranges


@dataclass(frozen=True, slots=True)
class BottleneckSettings:
    """`[bottleneck]`: a caption and a quiz in place of the picture. `[steps]` says how all of it learns together."""

    questions: int = 64  # the most that are asked of a picture; 0 asks none
    least_captions: int = 20  # that must have a word before it is asked for
    answers: int = 4  # 2 no, yes; 3 with perhaps; 4 no, hardly, probably, yes
    answer_epochs: int = 8  # in which the heads learn what captions say, before anything is decided from it
    question_weight: float = 1.0  # of what captions say beside the emotion, when all learns together
    decide_epochs: int = 8  # in which the classifier learns to read answers of heads that no longer learn
    dropout: float = 0.3  # on image vectors, also while the classifier alone learns
    text_dropout: float = 0.2  # on the text's words and answers
    text_hidden: int = 0  # width of the text classifier's layer between; 0 has none
    balance: float = 0.5  # 0 counts all posts alike, 1 all emotions; in between by a power of their frequency
    caption_words: int = 20  # the longest caption; 0 writes none
    caption_least: int = 5  # captions that must have a word before the captioner knows it
    caption_size: int = 192  # width of the captioner's LSTM; of a word, half of it
    caption_epochs: int = 6
    caption_rate: float = 3e-3  # the captioner's learning rate
    beam: int = 3  # beginnings of a caption that are followed; 1 takes the likeliest word each time

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_ranges(
            self,
            ("questions", lambda value: 0 <= value <= 64, "0 to 64"),
            ("answers", lambda value: 2 <= value <= 4, "2 to 4"),
            ("least_captions caption_least", lambda value: 1 <= value <= 10**6, "1 to 1,000,000"),
            ("answer_epochs decide_epochs caption_epochs", lambda value: 1 <= value <= 10**4, "1 to 10,000"),
            ("question_weight", lambda value: 0 <= value <= 1000, "0 to 1,000"),
            ("dropout text_dropout", lambda value: 0 <= value < 1, "0 or more and less than 1"),
            ("text_hidden", lambda value: 0 <= value <= 4096, "0 to 4,096"),
            ("balance", lambda value: 0 <= value <= 1, "0 to 1"),
            ("caption_words", lambda value: 0 <= value <= 100, "0 to 100"),
            ("caption_size", lambda value: 2 <= value <= 2048, "2 to 2,048"),
            ("caption_rate", lambda value: 0 < value <= 1, "more than 0 and at most 1"),
            (
                "questions caption_words",
                lambda value: bool(self.questions or self.caption_words),
                "questions, a caption or both",
            ),
            ("beam", lambda value: 1 <= value <= 20, "1 to 20"),
        )
