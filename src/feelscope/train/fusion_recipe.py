"""A recipe of the fusion family: which modalities are read and how, how they are fused, and the steps of the training.

Settings of Duong, Lebret, Aberer 2017 have their section beside them; those of the thesis of Hu 2017 are named so.
Where neither says anything, "ours" stands, and the value was chosen on the tuning part of MSED's train.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError

MODELS = ("text_only", "image_only", "late", "early", "joint", "common_space", "gated", "deep_sentiment")
TWO = ("gated", "deep_sentiment")  # which take words and a picture, and nothing else
HUB = "hub:"  # before the name of an encoder of the hub
INCEPTION_ROWS = ("stem", "3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b", "last")


@dataclass(frozen=True, slots=True)
class FusionRecipe:
    """How to train a model of the family from a posts table."""

    purpose: str
    model: str  # one of MODELS
    text: str = ""  # `words` (word vectors, given as --words FILE) or `minilm`; empty: words are not read
    image: str = ""  # `lite0`, `inception`; empty: pictures are not read
    unfreeze: str = "5b"  # of inception with published weights, the first row that learns; thesis 6.1
    modalities: tuple[str, ...] = ()  # beside them: `tags`, `emoji`, `numbers:COLUMN,COLUMN`
    emotions: tuple[str, ...] = ()  # order of the probabilities; empty: the table's emotions, by frequency
    seed: int = 0
    # reading
    tokens: int = 96  # the most that are read of a post in training and in use; ours
    vocabulary: int = 60_000  # words the saved model knows: the posts' own, then the first of the file; ours
    aggregate: str = "max"  # over a text's words, or `mean`; table 3. `lstm`, `rnn`: read in their order
    units: int = 512  # width of the state of `lstm` and `rnn`; thesis 5.4
    train_words: bool = True  # whether word vectors learn too; 4.2
    text_dropout: float = 0.25  # behind the lookup (5.4), or on a sentence's vector
    image_dropout: float = 0.0  # on a picture's vector
    normalise: bool = False  # whether a sentence's and a picture's vector are brought to mean 0 and deviation 1
    # fusing
    hidden: int = 100  # width of the space before the last layer; table 3
    activation: str = "none"  # in that space, or `relu`, `gelu`; 5.4 has two linear layers
    pooling: str = "max"  # over modalities, of joint and common_space, or `mean`; table 3
    text_features: int = 2048  # of deep_sentiment, before fusing; thesis 6.1
    image_features: int = 128  # of deep_sentiment, before fusing; thesis 6.1
    negatives: int = 4  # texts of other emotions for each post, of common_space; table 3
    main_weight: float = 3.0  # lambda, of the classification in common_space's loss; table 3
    # the steps
    optimizer: str = "sgd"  # or `adamw`; 4.3. Without weight_decay, adamw is Adam
    rate: float = 0.01  # 5.4
    halve: int = 0  # steps after which the rate is halved, again and again; 0 never
    clip: float = 0.0  # norm that the gradient is cut to; 0 does not
    steps: int = 0  # the most; 0 leaves it to epochs
    momentum: float = 0.0  # of sgd; ours
    weight_decay: float = 0.0
    batch: int = 8  # posts; ours
    epochs: int = 60  # the most; ours
    complete_only: bool = False  # train on posts that have every modality alone
    modality_dropout: float = 0.0  # share of the complete posts of a step that lose one modality, drawn anew
    # the choices
    tuning: float = 0.1  # share of the posts kept apart to choose the epoch and the temperature; 0 keeps none
    patience: int = 8  # epochs without a better macro-F1 on the tuning part before stopping; ours
    temperature: float = 1.0  # of the probabilities; fitted on the tuning part where there is one

    def __post_init__(self) -> None:
        """Refuse what would fail, or silently train nothing, much later."""
        for names, known in _CHOICES.items():
            for name in names.split():
                value = getattr(self, name)
                if value not in known and not (value.startswith(HUB) and name in ("text", "image")):
                    raise ConfigError(f"{name}: {value!r} is not known; {did_you_mean(value, filter(None, known))}")
        for names, right, wanted in _RANGES:
            for name in names.split():
                if not right(value := getattr(self, name)):
                    raise ConfigError(f"{name}: expected {wanted}, found {value!r}")
        kinds = [kind.partition(":")[0] for kind in self.modalities]
        if len(set(kinds)) < len(kinds):
            raise ConfigError(f"modalities: expected each kind once, found {', '.join(self.modalities)}")
        read = [name for name in ("text", "image") if getattr(self, name)] + kinds
        only = {"text_only": ["text"], "image_only": ["image"], **{name: ["text", "image"] for name in TWO}}.get(
            self.model, read
        )
        if read != only:
            found = ", ".join(read) or "none"
            raise ConfigError(f"model: {self.model} reads {' and '.join(only)} and nothing else, found {found}")
        if len(read) < 2 and self.model not in ("text_only", "image_only"):
            raise ConfigError(f"model: {self.model} fuses two modalities or more, found {', '.join(read) or 'none'}")


_CHOICES: dict[str, tuple[str, ...]] = {
    "model": MODELS,
    "text": ("", "words", "minilm"),
    "image": ("", "lite0", "inception"),
    "unfreeze": INCEPTION_ROWS,
    "aggregate": ("max", "mean", "lstm", "rnn"),
    "pooling": ("max", "mean"),
    "activation": ("none", "relu", "gelu"),
    "optimizer": ("sgd", "adamw"),
}
_RANGES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("purpose", lambda value: bool(value.strip()), "a sentence for the model card"),
    (
        "hidden negatives batch epochs patience vocabulary units text_features image_features",
        lambda value: value >= 1,
        "1 or more",
    ),
    ("seed weight_decay halve clip steps", lambda value: value >= 0, "0 or more"),
    ("rate main_weight temperature", lambda value: value > 0, "more than 0"),
    ("tokens", lambda value: 2 <= value <= 512, "2 to 512"),
    ("text_dropout image_dropout tuning momentum", lambda value: 0 <= value < 1, "0 or more and less than 1"),
    ("modality_dropout", lambda value: 0 <= value <= 1, "0 to 1"),
    ("emotions", lambda value: len(set(value)) == len(value) != 1, "two different names or more, or none"),
)
