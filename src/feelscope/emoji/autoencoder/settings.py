"""Settings of an emoji autoencoder: the published ones, and ours."""

from dataclasses import dataclass

from feelscope.config import check_choices, check_ranges


@dataclass(frozen=True, slots=True)
class AutoencoderSettings:
    """What decides an autoencoder, beside the pictures; the defaults are ours."""

    network: str = "components"  # ours, or `wolf`, the published one
    code: int = 32  # numbers of a code, Z; his 16
    filters: int = 24  # of the first convolution; his 64, of all
    hidden: int = 256  # of the dense layers of `components`
    dropout: float = 0.0  # of the dense layers; his 0.8, before the last
    bound: float = 8.0  # of the log-variance of `components`: noise is scaled by exp(4) = 55 at most
    kl_weight: float = 1.0  # of KL beside the error, of `components`
    augment: bool = True  # show `components` each picture mirrored, turned, moved, and in other colours
    learning_rate: float = 5e-4  # his 3e-3
    batch_size: int = 64  # his 16
    epochs: int = 20  # his 100
    held_out: float = 0.2  # share of the base forms (of `wolf`: of the pictures) that is not trained on
    fold: int = 1  # which share of the base forms; on fold 0 the design of `components` was chosen
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_choices(self, network=("components", "wolf"))
        check_ranges(
            self,
            ("code filters hidden", lambda value: 1 <= value <= 4096, "1 to 4,096"),
            ("dropout", lambda value: 0 <= value < 1, "0 or more and less than 1"),
            ("bound", lambda value: 0 < value <= 20, "more than 0, up to 20"),
            ("kl_weight", lambda value: 0 <= value <= 1000, "0 to 1,000"),
            ("learning_rate", lambda value: 0 < value <= 1, "more than 0, up to 1"),
            ("batch_size epochs", lambda value: 1 <= value <= 100_000, "1 to 100,000"),
            ("held_out", lambda value: 0 < value <= 0.9, "more than 0, up to 0.9"),
            ("fold", lambda value: 0 <= value < 100, "0 to 99"),
            ("seed", lambda value: 0 <= value < 2**31, "0 to 2,147,483,647"),
        )


# Wolf 2017, "Model emojis" and "Fit model"; `hidden`, `bound`, `kl_weight` and `augment` are not of this network.
PUBLISHED = AutoencoderSettings(
    network="wolf", code=16, filters=64, dropout=0.8, augment=False, learning_rate=3e-3, batch_size=16, epochs=100
)
