"""A recipe: everything that decides what a training makes, in one TOML file.

    [data] [text] [image] [further] [fusion] [steps] [choices], and a table for each objective beside the labels;
    with [augmentation], posts are learnt with words swapped, too; with [bottleneck], a semantic bottleneck takes the
    place of the fusion

Settings marked "ours" were chosen on a validation split of MSED's train; docs/notes/ keeps what was tried. Those of
Duong, Lebret and Aberer 2017 have their section beside them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from feelscope.config import build, check_choices, check_ranges, did_you_mean, parse_toml
from feelscope.emotions import LONGEST, is_name
from feelscope.encoders.settings import TRANSFORMING, FurtherSettings, ImageSettings, TextSettings
from feelscope.errors import ConfigError
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.models.settings import TWO, FusionSettings
from feelscope.objectives.settings import (
    CombinationSettings,
    CommonSpaceSettings,
    DeltaSettings,
    DistillationSettings,
    DropoutSettings,
    DSRegSettings,
    EnAETSettings,
    SecretSettings,
)
from feelscope.prepare.counterfactual import AugmentationSettings
from feelscope.train.old_names import refuse_old_names

FOLDER = Path(__file__).parents[1] / "recipes"


@dataclass(frozen=True, slots=True)
class Source:
    """`[[data.tables]]`: one posts table that a recipe names itself, below the folder given as `--data`."""

    table: str
    name: str
    licence: str
    dev: str = ""  # a table of the same kind that is opened once, at the end, for the scores
    column: str = "emotion"  # of the label; several labels in one cell are joined by |
    subclass: str = ""  # a column that tells subclasses of an emotion apart; it is learnt beside the label, never read
    map: str = ""  # a name of emotions.MAPS; empty: names are matched as they are
    posts_per_epoch: int = 0  # drawn again each epoch; 0 is all
    balance: float = 0.0  # with posts_per_epoch: 0 draws posts as they are, 1 draws every emotion equally often
    borrow_picture: float = 0.0  # share of its posts that are shown beside another post's picture

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_ranges(
            self,
            ("posts_per_epoch", lambda value: 0 <= value <= 10**8, "0 to 100,000,000"),
            ("balance borrow_picture", lambda value: 0 <= value <= 1, "0 to 1"),
        )


LABELS = ("by-meaning", "as-they-are")


@dataclass(frozen=True, slots=True)
class DataSettings:
    """`[data]`: which posts, and which emotions."""

    emotions: tuple[str, ...] = ()  # order of the probabilities; empty: the table's emotions, by frequency
    labels: str = LABELS[0]  # or `as-they-are`: names that mean the same, happy and joy, are told apart
    subclass: str = ""  # such a column of the table on the command line, see `Source`
    tables: tuple[Source, ...] = ()  # empty: the table on the command line

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_choices(self, labels=LABELS)
        check_ranges(
            self,
            ("emotions", lambda value: len(set(value)) == len(value) != 1, "two different names or more, or none"),
            ("emotions", lambda value: all(map(is_name, value)), f"names of at most {LONGEST} printable characters"),
        )
        if self.tables and self.subclass:
            raise ConfigError("subclass: this recipe names its own tables, and the column beside each; leave it out")


@dataclass(frozen=True, slots=True)
class StepSettings:
    """`[steps]`: how the weights move."""

    optimizer: str = "sgd"  # or `adamw`; 4.3. Without weight_decay, adamw is Adam
    learning_rate: float = 0.01  # of whatever has none of its own; 5.4
    schedule: str = "constant"  # or `linear`: the rates rise over warm_up of the steps, then fall to zero
    warm_up: float = 0.0  # share of the steps
    lr_halving_steps: int = 0  # steps after which the rates are halved, again and again; 0 never
    momentum: float = 0.0  # of sgd; ours
    beta2: float = 0.999  # of adamw, decay of the mean of squared gradients
    weight_decay: float = 0.0  # of matrices; norms and biases do not decay
    max_grad_norm: float = 0.0  # that the gradient is clipped to; 0 does not
    batch_size: int = 8  # posts; ours
    epochs: int = 60  # the most; ours
    max_steps: int = 0  # the most; 0 leaves it to epochs
    label_smoothing: float = 0.0  # Szegedy et al. 2016, section 7
    ema_decay: float = 0.0  # of the moving average of the weights, which is the model that is kept; 0 takes none
    complete_only: bool = False  # train on posts that have every modality alone

    def __post_init__(self) -> None:
        """Refuse what would fail, or silently train nothing, much later."""
        check_choices(self, optimizer=("sgd", "adamw"), schedule=("constant", "linear"))
        check_ranges(
            self,
            ("batch_size", lambda value: 1 <= value <= 100_000, "1 to 100,000"),
            ("epochs", lambda value: 1 <= value <= 10**6, "1 to 1,000,000"),
            ("lr_halving_steps max_steps", lambda value: 0 <= value <= 10**12, "0 to 1,000,000,000,000"),
            ("weight_decay max_grad_norm", lambda value: value >= 0, "0 or more"),
            ("learning_rate", lambda value: value > 0, "more than 0"),
            ("momentum beta2 label_smoothing ema_decay", lambda value: 0 <= value < 1, "0 or more and less than 1"),
            ("warm_up", lambda value: 0 <= value <= 1, "0 to 1"),
        )
        if self.warm_up and self.schedule != "linear":
            raise ConfigError("warm_up: belongs to schedule = 'linear', found 'constant'")
        if self.lr_halving_steps and self.schedule != "constant":
            raise ConfigError("lr_halving_steps: belongs to schedule = 'constant', found 'linear'")
        if self.momentum and self.optimizer != "sgd":
            raise ConfigError("momentum: belongs to optimizer = 'sgd', found 'adamw'")

    @property
    def takes_sparse_gradients(self) -> bool:
        """Whether gradients may name only the words of a batch: gradient descent without anything that needs all."""
        return self.optimizer == "sgd" and not (self.momentum or self.weight_decay or self.max_grad_norm)


@dataclass(frozen=True, slots=True)
class ChoiceSettings:
    """`[choices]`: what is chosen on posts that are not trained on, and how often is trained."""

    validation: float = 0.1  # share of the posts kept apart to choose the epoch and the temperature; 0 keeps none
    patience: int = 8  # epochs without a better macro-F1 on the validation split before stopping; ours
    temperature: float = 1.0  # of the probabilities; fitted on the validation split where there is one
    refit: bool = False  # with a dev table for the scores: after the choices, train again on all posts
    skip_pictures: float = 1.0  # in use, how sure of the words before the picture is left out; 1 reads every picture
    trainings: int = 1  # of other draws from the same start, whose weights are averaged; each takes the whole time

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_ranges(
            self,
            ("patience", lambda value: 1 <= value <= 10**6, "1 to 1,000,000"),
            ("trainings", lambda value: 1 <= value <= 1000, "1 to 1,000"),
            ("temperature", lambda value: 0.001 <= value <= 1000, "0.001 to 1,000"),
            ("skip_pictures", lambda value: 0 <= value <= 1, "0 to 1"),
            ("validation", lambda value: 0 <= value < 1, "0 or more and less than 1"),
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: what is read, how it is fused, what is asked, and the steps."""

    purpose: str
    fusion: FusionSettings
    seed: int = 0
    data: DataSettings = field(default_factory=DataSettings)
    text: TextSettings = field(default_factory=TextSettings)
    image: ImageSettings = field(default_factory=ImageSettings)
    further: FurtherSettings = field(default_factory=FurtherSettings)
    steps: StepSettings = field(default_factory=StepSettings)
    choices: ChoiceSettings = field(default_factory=ChoiceSettings)
    augmentation: AugmentationSettings | None = None
    distillation: DistillationSettings = field(default_factory=DistillationSettings)
    combinations: CombinationSettings | None = None
    modality_dropout: DropoutSettings | None = None
    common_space: CommonSpaceSettings | None = None
    delta: DeltaSettings | None = None
    dsreg: DSRegSettings | None = None
    secret: SecretSettings | None = None
    enaet: EnAETSettings | None = None
    bottleneck: BottleneckSettings | None = None

    def __post_init__(self) -> None:
        """Refuse what would fail, or silently train nothing, much later."""
        check_ranges(
            self,
            ("purpose", lambda value: bool(value.strip()), "a sentence for the model card"),
            ("seed", lambda value: 0 <= value <= 10**9, "0 to 1,000,000,000"),
        )
        model, modalities = self.fusion.model, self.modalities
        alone = {"text_only": ("text",), "image_only": ("image",), **dict.fromkeys(TWO, ("text", "image"))}
        needed = alone.get(model, modalities)
        shown = ", ".join(modalities) or "none"
        if modalities != needed:
            raise ConfigError(f"fusion, model: {model} reads {' and '.join(needed)} and nothing else, found {shown}")
        if len(modalities) < 2 and not model.endswith("_only"):
            raise ConfigError(f"fusion, model: {model} fuses two modalities or more, found {shown}")
        if self.choices.skip_pictures < 1 and {"text", "image"} - {*modalities}:
            raise ConfigError(f"choices, skip_pictures: belongs to recipes of words and pictures, found {shown}")
        if self.common_space and model != "common_space":
            raise ConfigError(f"common_space: belongs to the fusion of that name, found {model}")
        for table in ("dsreg", "secret"):
            if getattr(self, table) and model == "late":
                raise ConfigError(f"{table}: late fusion has no features of all modalities; give another fusion")
        trainings = {"text_only": self.text.training, "image_only": self.image.training}
        if self.dsreg and trainings.get(model) == "frozen":
            raise ConfigError(f"dsreg: of {model} over a frozen encoder only the last layer learns; tune the encoder")
        if self.secret and (self.data.subclass or any(source.subclass for source in self.data.tables)):
            raise ConfigError("secret: subclasses have no words of their own; leave one of the two out")
        for table in ("combinations", "modality_dropout"):
            if getattr(self, table) and not self.sees_modalities_together:
                raise ConfigError(f"{table}: {model} never sees two modalities at once; leave it out")
        if self.combinations and self.modality_dropout:
            raise ConfigError("combinations: asks for what modality_dropout draws; leave one of the two out")
        if self.augmentation and not self.text.encoder:
            raise ConfigError("augmentation: this recipe reads no words, so there are none to swap; leave it out")
        if self.delta:
            self._check_delta()
        if self.enaet:
            self._check_enaet(self.enaet)
        if self.bottleneck:
            self._check_bottleneck()

    def _check_delta(self) -> None:
        """Refuse what has no word vectors to move, or would move all of them."""
        if self.text.encoder != "words" or not self.text.train_words:
            raise ConfigError("delta: it needs [text] encoder = 'words' and train_words = true")
        if self.steps.weight_decay or self.steps.ema_decay or self.choices.trainings > 1:
            raise ConfigError(
                "delta: it takes no weight_decay, no ema_decay and one training, as these move every word"
            )

    def _check_enaet(self, settings: EnAETSettings) -> None:
        """Refuse an encoder that its transformations cannot teach, and what has no place beside guesses."""
        if self.fusion.model == "late":
            raise ConfigError("enaet: late fusion never reads a whole post to guess from; give another fusion")
        for table in ("common_space", "delta", "dsreg", "secret", "bottleneck"):
            if getattr(self, table):
                raise ConfigError(f"enaet: it does not go together with [{table}]; leave one of the two out")
        if self.fusion.model == "common_space":
            raise ConfigError("enaet: the second task of common_space needs labels of all posts; give another fusion")
        if self.data.subclass or any(source.subclass for source in self.data.tables):
            raise ConfigError("enaet: guesses are of emotions; leave subclass out")
        if self.image.views == "shared":
            raise ConfigError("enaet: its transformations are views of their own; leave views of [image] out")
        alone = "families = [] and gamma = 0 in [enaet] for MixMatch alone"
        if settings.transforms and not self.image.encoder:
            raise ConfigError(f"enaet: it transforms pictures, and this recipe reads none; write {alone}")
        if settings.transforms and (self.image.encoder, self.image.training) not in TRANSFORMING:
            able = " or ".join(f"encoder = {name!r} with training = {how!r}" for name, how in TRANSFORMING)
            found = f"{self.image.training} {self.image.encoder}"
            raise ConfigError(
                f"enaet: transformations teach the encoder of pictures, and {found} cannot learn from them; write "
                f"{able} in [image], or {alone}"
            )

    def _check_bottleneck(self) -> None:
        """Refuse what a semantic bottleneck would not heed."""
        if self.fusion.model != "image_only" or self.image.training != "frozen":
            raise ConfigError("bottleneck: it needs [fusion] model = 'image_only' and a frozen encoder of pictures")
        if self.choices.refit or self.choices.trainings > 1 or self.steps.ema_decay or self.data.subclass:
            raise ConfigError("bottleneck: it takes no refit, no further trainings, no ema_decay and no subclass")
        tables: list[tuple[str, Any, str]] = [
            ("[steps]", self.steps, "complete_only"),
            ("[choices]", self.choices, "temperature"),
            ("[image]", self.image, "normalise dropout learning_rate"),
            ("[distillation]", self.distillation, "share"),
            *(
                ("[[data.tables]]", table, "dev subclass posts_per_epoch balance borrow_picture")
                for table in self.data.tables
            ),
        ]
        for title, settings, unheeded in tables:
            usual = {one.name: one.default for one in fields(settings)}
            for name in unheeded.split():
                if getattr(settings, name) != usual[name]:
                    raise ConfigError(f"bottleneck: it does not heed {name} of {title}; leave it out")

    @property
    def modalities(self) -> tuple[str, ...]:
        """The names of what is read: `text`, `image`, then further ones."""
        own = {"text": self.text.encoder, "image": self.image.encoder}
        return (*(name for name, encoder in own.items() if encoder), *self.further.names)

    @property
    def sees_modalities_together(self) -> bool:
        """Whether a network of it ever sees two modalities at once."""
        return len(self.modalities) > 1 and self.fusion.model != "late"

    @property
    def shows_whole_posts_only(self) -> bool:
        """Whether no post is shown without one of its modalities."""
        return self.combinations is None and self.modality_dropout is None


def names() -> list[str]:
    """The recipes that come with Feelscope, as in `fusion` and `paper/joint`."""
    return sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.toml"))


def read_recipe(name: str | Path) -> Recipe:
    """Read a recipe by its name, or from a TOML file.

    Raises:
        ConfigError: There is no such recipe, a setting in it is wrong, or it has the names of an older version.
    """
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in names():
            raise ConfigError(f"no recipe is named {str(name)!r}; {did_you_mean(str(name), names())}")
        path = FOLDER / f"{name}.toml"
    values: dict[str, Any] = parse_toml(path)
    refuse_old_names(values, path)
    return build(values, Recipe, str(path))


def change(
    recipe: Recipe,
    *,
    seed: int | None = None,
    epochs: int | None = None,
    subclass: str | None = None,
    labels: str | None = None,
) -> Recipe:
    """The recipe with some settings changed; None leaves one as it is.

    Raises:
        ConfigError: A value is out of range.
    """
    if seed is not None:
        recipe = replace(recipe, seed=seed)
    if epochs is not None:
        recipe = replace(recipe, steps=replace(recipe.steps, epochs=epochs))
    if subclass is not None:
        recipe = replace(recipe, data=replace(recipe.data, subclass=subclass))
    if labels is not None:
        recipe = replace(recipe, data=replace(recipe.data, labels=labels))
    return recipe


def find_tables(sources: Iterable[Source], data: Path) -> list[Path]:
    """The files of a recipe's tables below `data`.

    Raises:
        ConfigError: One of them is missing.
    """
    sources = list(sources)
    paths = [data / source.table for source in sources]
    for path in [*paths, *(data / source.dev for source in sources if source.dev)]:
        if not path.is_file():
            raise ConfigError(
                f"{path}: this table of the recipe is missing; `feelscope docs data` says where it comes from"
            )
    return paths
