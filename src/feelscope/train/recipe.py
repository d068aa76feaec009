"""A recipe: everything that decides what a training makes, in one TOML file.

Settings marked "ours" were chosen on the tuning part of MSED's train; docs/notes/ keeps what was tried.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.config import build, did_you_mean, parse_toml
from feelscope.errors import ConfigError
from feelscope.train.fusion_recipe import FusionRecipe

FOLDER = Path(__file__).parents[1] / "recipes"
FUSIONS = ("gated", "deep_sentiment")


@dataclass(frozen=True, slots=True)
class Source:
    """One posts table that a recipe names itself, below the folder given as `--data`."""

    table: str
    name: str
    licence: str
    dev: str = ""  # a table of the same kind that is opened once, at the end, for the scores
    column: str = "emotion"  # of the label; several labels in one cell are joined by |
    finer: str = ""  # a column that tells parts of an emotion apart; it is learnt beside the label and never read
    map: str = ""  # a name of emotions.MAPS; empty: names are matched as they are
    posts_per_epoch: int = 0  # drawn anew each epoch; 0 is all
    balance: float = 0.0  # with posts_per_epoch: 0 draws as they are, 1 draws every emotion equally often
    borrow_picture: float = 0.0  # share of these posts that are shown beside a random picture of another post


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: the data, the model and the steps."""

    purpose: str
    data: tuple[Source, ...] = ()  # empty: the table on the command line
    emotions: tuple[str, ...] = ()  # order of the probabilities; empty: the table's emotions, by frequency
    finer: str = ""  # such a column of the table on the command line, see Source
    seed: int = 0
    # the model
    fusion: str = "gated"  # or "deep_sentiment", whose widths are the thesis'
    width: int = 384  # of gated: both halves are projected to it
    dropout: float = 0.1  # of gated, before and after the projections; ours
    tokens: int = 96  # the most that are read of a post in training and in use
    # the steps
    epochs: int = 4  # ours
    batch: int = 32  # posts
    train_words: bool = True  # whether the text encoder's word vectors learn too, half of all weights; ours
    text_rate: float = 1.2e-4  # learning rate of the text encoder's last layer; ours
    layer_decay: float = 0.85  # each layer further down learns this much slower
    image_rate: float = 4e-4  # of the image encoder's tuned half; ours
    fusion_rate: float = 1e-3  # of the projections, gate and head; ours
    weight_decay: float = 0.01
    warm_up: float = 0.08  # share of the steps in which the rates rise; they fall to zero after
    clip: float = 1.0  # norm of the gradient
    label_smoothing: float = 0.05
    erase: float = 0.5  # share of the pictures of which a rectangle is blanked (Zhong et al. 2020)
    text_weight: float = 0.5  # of a post's words alone in the loss, beside 1 for the post as it is
    image_weight: float = 0.5  # of its picture alone
    teacher_share: float = 0.5  # of the loss, for posts that teachers answered for (--teacher); ours
    average: float = 0.99  # decay of the exponential moving average of the weights, which is the model that is kept
    half_precision: bool = True  # text encoder in bfloat16 while training, where the processor has it: twice as fast
    # the choices
    trainings: int = 1  # of other draws from the same beginning, whose weights are averaged; each takes the whole time
    tuning: float = 0.1  # share of the posts kept apart to choose the epoch and the temperature; 0 keeps none
    refit: bool = True  # with a dev table for the scores: after the choices, train again on all posts
    patience: int = 2  # epochs without a better macro-F1 on the tuning part before stopping
    temperature: float = 1.0  # of the probabilities; fitted on the tuning part where there is one

    def __post_init__(self) -> None:
        """Refuse what would fail, or silently train nothing, much later."""
        for names, right, wanted in _RANGES:
            for name in names.split():
                if not right(value := getattr(self, name)):
                    raise ConfigError(f"{name}: expected {wanted}, found {value!r}")


_RANGES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("purpose", lambda value: bool(value.strip()), "a sentence for the model card"),
    ("fusion", lambda value: value in FUSIONS, "gated or deep_sentiment"),
    ("width epochs batch patience trainings", lambda value: value >= 1, "1 or more"),
    ("seed text_weight image_weight weight_decay", lambda value: value >= 0, "0 or more"),
    ("text_rate image_rate fusion_rate layer_decay clip temperature", lambda value: value > 0, "more than 0"),
    ("tokens", lambda value: 2 <= value <= 512, "2 to 512, the most the text encoder reads"),
    ("dropout label_smoothing average tuning erase", lambda value: 0 <= value < 1, "0 or more and less than 1"),
    ("warm_up teacher_share", lambda value: 0 <= value <= 1, "0 to 1"),
    ("emotions", lambda value: len(set(value)) == len(value) != 1, "two different names or more, or none"),
)


def names() -> list[str]:
    """The recipes that come with Feelscope, as in `fusion` and `paper/joint`."""
    return sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.toml"))


def read_recipe(name: str | Path) -> Recipe | FusionRecipe:
    """Read a recipe by its name, or from a TOML file; one that names a `model` is of the fusion family.

    Raises:
        ConfigError: There is no such recipe, or a setting in it is wrong.
    """
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in names():
            raise ConfigError(f"no recipe is named {str(name)!r}; {did_you_mean(str(name), names())}")
        path = FOLDER / f"{name}.toml"
    values = parse_toml(path)
    if "model" in values:
        return build(values, FusionRecipe, str(path))
    return build(values, Recipe, str(path))


def find_tables(sources: Iterable[Source], data: Path) -> list[Path]:
    """The files of a recipe's tables below `data`.

    Raises:
        ConfigError: One of them is missing.
    """
    sources = list(sources)
    paths = [data / source.table for source in sources]
    for path in [*paths, *(data / source.dev for source in sources if source.dev)]:
        if not path.is_file():
            raise ConfigError(f"{path}: this table of the recipe is missing; docs/data.md says where it comes from")
    return paths
