"""How a dataset is prepared."""

from dataclasses import dataclass

from feelscope.config import check_choices
from feelscope.emotions import label_set
from feelscope.errors import ConfigError
from feelscope.prepare import hard_negatives, weak_labels
from feelscope.text import language

SPLITS = ("author", "votes")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a dataset is prepared."""

    labels: str  # where they are read from, one of `weak_labels.SOURCES`
    emotions: str = "seven"  # a label set's name, or names between commas; empty for those of the column
    split: str = "author"  # one of SPLITS
    strict: bool = False  # also take out plain words and emoji of the label set
    language: str = "words"  # how English is recognised, one of `language.CHOICES`
    duplicates: bool = True  # whether near-duplicates are looked for; equal texts always are
    hard_negatives: str = ""  # how they are harvested; empty for none
    urls: bool = False  # keep the addresses of posts, which may name their authors
    keep: tuple[str, ...] = ()  # further columns to pass on, see `passed_on.py`
    names: tuple[str, ...] = ()  # of the emotions, where they are the column's own, see `own_names.py`

    def __post_init__(self) -> None:
        choices = {"labels": weak_labels.SOURCES, "split": SPLITS, "language": language.CHOICES}
        for name, known in choices.items():
            check_choices({f"--{name}": getattr(self, name)}, **{f"--{name}": known})
        if not self.emotions and self.labels != "column":
            raise ConfigError(f"--emotions: expected a label set, as --labels {self.labels} has no names of its own")
        try:
            self.emotions and label_set(self.emotions)
        except ConfigError as error:
            raise ConfigError(f"--emotions: {error}") from None
        if self.hard_negatives:
            hard_negatives.parse(self.hard_negatives)
            if self.labels == "none":
                raise ConfigError("--hard-negatives needs labels")

    @property
    def takes_own_names(self) -> bool:
        """Whether the emotions are those of the column, which are still to be read."""
        return not self.emotions and not self.names

    @property
    def label_set(self) -> tuple[str, ...]:
        """The emotions."""
        return self.names or label_set(self.emotions)

    @property
    def kept_columns(self) -> tuple[str, ...]:
        """The columns that are passed on by name: those that were asked for, and the one that scores hard negatives."""
        method, column = hard_negatives.parse(self.hard_negatives) if self.hard_negatives else ("", "")
        return (*self.keep, *([column] if method == "score" else []))
