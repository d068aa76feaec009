"""The settings of a recipe's `[text]`, `[image]` and `[further]`: by what each modality of a post is read.

An encoder is `frozen` (its vectors are computed once and kept), `tuned` (it learns from a layer on) or `new` (nothing
of it was trained before but word vectors). Settings of Duong, Lebret and Aberer 2017 have their section beside them,
those of the thesis of Hu 2017 are named so; "ours" was chosen on a validation split of MSED's train.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from feelscope.config import check_choices, check_ranges
from feelscope.encoders.tokenizer import READINGS
from feelscope.errors import ConfigError
from feelscope.images.unlike_photos import KINDS
from feelscope.text.other_language import NAMES
from feelscope.web.hub import PREFIX

TRAININGS = ("frozen", "tuned", "new")
TEXT_TRAININGS = {"words": ("new",), "tfidf": ("new",), "minilm": ("frozen", "tuned"), "builtin": ("frozen",)}
IMAGE_TRAININGS = {
    "lite0": ("frozen", "tuned"),
    "inception": ("tuned", "new"),
    "wide-resnet": ("new",),
    "builtin": ("frozen",),
}
# Encoders whose published weights may be given.
PUBLISHED = {*TEXT_TRAININGS, *IMAGE_TRAININGS} - {"words", "tfidf", "wide-resnet", "builtin"}
# Encoders of pictures that can learn from transformations, and how they learn.
TRANSFORMING = (("lite0", "tuned"), ("wide-resnet", "new"))
FURTHER = ("tags", "emoji", "numbers")
MINILM_LAYERS = ("words", "0", "1", "2", "3", "4", "5")
INCEPTION_ROWS = ("stem", "3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b", "last")


@dataclass(frozen=True, slots=True)
class TextSettings:
    """`[text]`: by what the words of a post are read."""

    encoder: str = ""  # `words` (of --words), `tfidf` (n-grams), `minilm`, `builtin`, `hub:ORG/NAME`; empty: not read
    training: str = "frozen"  # of `words` and `tfidf` `new`; of `minilm` also `tuned`
    tune_from: str = "words"  # of a tuned MiniLM, the first that learns: its word vectors, or layer `0` to `5`
    tokens: int = 96  # the most that are read of a post in training and in use; ours
    reading: str = "plain"  # or `normalised`: names, hashtags, emoticons and the like in one form; `text/normalise.py`
    languages: tuple[str, ...] = ()  # codes of those its posts are in, as `en`; words in others are then warned about
    vocabulary: int = 60_000  # n-grams, or words: the posts' own, then the first of the file; ours
    width: int = 64  # of the vector that `tfidf` learns of a text; ours
    pooling: str = "max"  # over a text's word vectors, or `mean`, table 3; `lstm`, `rnn`: read in their order
    hidden_size: int = 512  # of `lstm` and `rnn`; thesis 5.4
    train_words: bool = True  # whether word vectors learn too; 4.2
    dropout: float = 0.25  # after the lookup of word vectors (5.4), of n-grams, or on a text's vector
    normalise: bool = False  # whether a text's vector is brought to mean 0 and deviation 1
    learning_rate: float = 0.0  # of what learns here; 0 is that of [steps]
    layer_decay: float = 1.0  # of a tuned MiniLM: each layer further down learns this much slower
    half_precision: bool = False  # tuned in bfloat16, where the processor has it: twice as fast

    def __post_init__(self) -> None:
        """Refuse what would fail, or silently train nothing, much later."""
        _check_encoder(self.encoder, self.training, TEXT_TRAININGS)
        check_choices(self, tune_from=MINILM_LAYERS, pooling=("max", "mean", "lstm", "rnn"), reading=READINGS)
        if self.encoder == "words" and self.reading != READINGS[0]:
            raise ConfigError(f"reading: word vectors are of words as they are, found {self.reading!r}; leave it out")
        check_ranges(
            self,
            ("languages", lambda value: {*value} <= {*NAMES}, f"some of {', '.join(NAMES)}"),
            ("vocabulary", lambda value: 1 <= value <= 10**7, "1 to 10,000,000"),
            ("hidden_size width", lambda value: 1 <= value <= 8192, "1 to 8,192"),
            ("learning_rate", lambda value: value >= 0, "0 or more"),
            ("layer_decay", lambda value: 0 < value <= 1, "more than 0 and at most 1"),
            ("tokens", lambda value: 2 <= value <= 512, "2 to 512, the most that a text encoder reads"),
            ("dropout", lambda value: 0 <= value < 1, "0 or more and less than 1"),
        )


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """`[image]`: by what the picture of a post is read."""

    encoder: str = ""  # `lite0`, `inception`, `wide-resnet`, `builtin` or `hub:ORG/NAME`; empty: not read
    training: str = "frozen"  # of `lite0` also `tuned` (its upper half), of `inception` `tuned`; of both others `new`
    tune_from: str = "5b"  # of a tuned Inception, the first row that learns; thesis 6.1
    dropout: float = 0.0  # on a picture's vector
    normalise: bool = False  # whether a picture's vector is brought to mean 0 and deviation 1
    views: str = "squares"  # of a tuned `lite0`; or `shared`: also grey, turned, as a screenshot and so on
    warns_of: tuple[str, ...] = ()  # pictures warned about in use: `blank`, `noise`, `flat`; `images/unlike_photos.py`
    unframe: bool = False  # whether a photo is taken out of the bars or page around it, in use alone
    erase: float = 0.0  # of a tuned `lite0`: share of the pictures of which a rectangle is blanked; Zhong et al. 2020
    channels: tuple[int, ...] = (16, 32, 64, 128)  # of `wide-resnet`: its first convolution and three groups
    blocks: int = 4  # of `wide-resnet`, in each of its groups; 4 make WRN-28
    learning_rate: float = 0.0  # of what learns here; 0 is that of [steps]

    def __post_init__(self) -> None:
        """Refuse what would fail, or silently train nothing, much later."""
        _check_encoder(self.encoder, self.training, IMAGE_TRAININGS)
        check_choices(self, tune_from=INCEPTION_ROWS, views=("squares", "shared"))
        if self.views == "shared" and (self.encoder, self.training) != ("lite0", "tuned"):
            raise ConfigError("views: altered ones are kept for encoder = 'lite0' with training = 'tuned' alone")
        check_ranges(
            self,
            ("warns_of", lambda value: {*value} <= {*KINDS}, f"some of {', '.join(KINDS)}"),
            ("channels", lambda value: len(value) == 4, "four numbers"),
            ("channels", lambda value: all(1 <= one <= 4096 for one in value), "numbers of 1 to 4,096"),
            ("blocks", lambda value: 1 <= value <= 100, "1 to 100"),
            ("learning_rate", lambda value: value >= 0, "0 or more"),
            ("dropout erase", lambda value: 0 <= value < 1, "0 or more and less than 1"),
        )


@dataclass(frozen=True, slots=True)
class FurtherSettings:
    """`[further]`: what else of a post is read."""

    modalities: tuple[str, ...] = ()  # `tags`, `emoji`, `numbers:COLUMN,COLUMN`

    def __post_init__(self) -> None:
        """Refuse a kind that is not known, or named twice."""
        for name in self.names:
            check_choices({"modalities": name}, modalities=FURTHER)
        if len(set(self.names)) < len(self.names):
            raise ConfigError(f"modalities: expected each kind once, found {', '.join(self.modalities)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities' names, without their columns."""
        return tuple(kind.partition(":")[0] for kind in self.modalities)


def _check_encoder(encoder: str, training: str, known: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse an encoder that is not known, or not trained in this way."""
    in_hub = encoder.startswith(PREFIX)
    if encoder and not in_hub:
        check_choices({"encoder": encoder}, encoder=tuple(known))
    check_choices({"training": training}, training=TRAININGS)
    possible = ("frozen",) if in_hub else known.get(encoder, TRAININGS)
    if training not in possible:
        raise ConfigError(f"training: {encoder} can be {' or '.join(possible)}, found {training!r}")
