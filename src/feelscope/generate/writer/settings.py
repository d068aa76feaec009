"""Settings of a writer: of words, and of characters, which the thesis proposes."""

from dataclasses import dataclass

from feelscope.config import check_ranges
from feelscope.emotions import LONGEST
from feelscope.errors import ConfigError
from feelscope.prepare.counterfactual import AugmentationSettings


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """What decides a writer, beside the posts; the defaults are ours where no source is named."""

    characters: bool = False  # write characters instead of words
    only: str = (
        ""  # learn the posts of one emotion, as the thesis does; empty: all, and write the one that is asked for
    )
    longest: int = 50  # words of a post, signs included; thesis, 6.4
    least: int = 2  # posts that have a word which is written; others are read as unknown
    embedding: int = 100  # of word vectors; those of a file have a width of their own
    hidden: int = 512  # units of the LSTM; thesis, 6.4
    condition: int = 32  # of what is seen of a picture
    feeling: int = 16  # of an emotion's vector
    dropout: float = 0.35  # on words that are read, on what the LSTM gives and on pictures
    word_dropout: float = 0.05  # share of the words that are read as unknown
    picture_dropout: float = 0.25  # share of the pictures that are left out, so that a post without one can be written
    balance: float = (
        0.5  # a post counts by its emotion's number of posts to the power of minus this; 0 counts all alike
    )
    learning_rate: float = 3e-3
    weight_decay: float = 0.1
    ema_decay: float = 0.99  # of the moving average of the weights, which is what is kept
    batch_size: int = 32
    epochs: int = 6
    validation: float = 0.1  # share of the posts, by a hash of their words, that choose the epoch; 0 keeps the last
    seed: int = 0
    swaps: str = ""  # `gender` or a file of pairs: posts are learnt a second time with these words swapped
    names: bool = False  # with `gender`, whether first names are swapped too

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_ranges(
            self,
            ("only", lambda value: len(value) <= LONGEST, f"at most {LONGEST} characters"),
            ("longest", lambda value: 2 <= value <= 2000, "2 to 2,000"),
            ("least", lambda value: 1 <= value <= 10**6, "1 to 1,000,000"),
            ("embedding hidden condition feeling", lambda value: 1 <= value <= 4096, "1 to 4,096"),
            ("dropout word_dropout picture_dropout ema_decay", lambda value: 0 <= value < 1, "0 up to, not with, 1"),
            ("balance", lambda value: 0 <= value <= 1, "0 to 1"),
            ("learning_rate", lambda value: 0 < value <= 1, "more than 0, up to 1"),
            ("weight_decay", lambda value: 0 <= value <= 1000, "0 to 1,000"),
            ("batch_size epochs", lambda value: 1 <= value <= 100_000, "1 to 100,000"),
            ("validation", lambda value: 0 <= value <= 0.9, "0 to 0.9"),
            ("seed", lambda value: 0 <= value < 2**31, "0 to 2,147,483,647"),
        )
        if self.names and not self.swaps:
            raise ConfigError("names: belongs to swaps = 'gender', found no swaps; leave it out")
        _ = self.augmentation  # whose settings check themselves

    @property
    def augmentation(self) -> AugmentationSettings | None:
        """The counterfactual copies that are learnt; None for none."""
        return AugmentationSettings(self.swaps, self.names) if self.swaps else None


CHARACTERS = WriterSettings(characters=True, longest=250, embedding=32, dropout=0.2, word_dropout=0.0)
