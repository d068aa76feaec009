"""How a dataset is prepared."""

from dataclasses import dataclass

from feelscope.emotions import LABEL_SETS
from feelscope.errors import ConfigError
from feelscope.prepare import weak_labels
from feelscope.text import language

SPLITS = ("author", "votes")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a dataset is prepared.

    Args:
        labels: Where the label is read from, one of `weak_labels.SOURCES`.
        emotions: A label set's name.
        split: One of `SPLITS`.
        strict: Also take out plain words and emoji of the label set.
        language: How English is recognised, one of `language.CHOICES`.
        duplicates: Whether near-duplicates are looked for; equal texts always are.
        hard_negatives: How they are harvested; empty for none.
        urls: Keep the addresses of posts, which may name their authors.
    """

    labels: str
    emotions: str = "seven"
    split: str = "author"
    strict: bool = False
    language: str = "words"
    duplicates: bool = True
    hard_negatives: str = ""
    urls: bool = False

    def __post_init__(self) -> None:
        for name, value, known in (
            ("labels", self.labels, weak_labels.SOURCES),
            ("emotions", self.emotions, LABEL_SETS),
            ("split", self.split, SPLITS),
            ("language", self.language, language.CHOICES),
        ):
            if value not in known:
                raise ConfigError(f"--{name} {value}: expected one of {', '.join(known)}")
        if self.hard_negatives and self.labels == "none":
            raise ConfigError("--hard-negatives needs labels")
