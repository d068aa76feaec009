"""The end of `early` and `joint`: a hidden space before the last layer.

    post (B, D) -> linear -> (B, H) -> linear -> logits (B, K)

Two linear layers are one of low rank, which regularises where D and K are large (section 5.4 of Duong, Lebret, Aberer
2017); a non-linearity between them is ours, for the `strong` recipes.
"""

from torch import nn

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError

ACTIVATIONS: dict[str, type[nn.Module]] = {"none": nn.Identity, "relu": nn.ReLU, "gelu": nn.GELU}

_CALLED = {nn.Identity: "linear", nn.ReLU: "ReLU", nn.GELU: "GELU"}


def describe_layers(layers: nn.Sequential) -> str:
    """Layers up to the logits, for people, by what they are: "a linear layer", or with a hidden one before."""
    *hidden, last = layers
    assert isinstance(last, nn.Linear)
    if not hidden:
        return "a linear layer"
    widths = [layer.out_features for layer in hidden if isinstance(layer, nn.Linear)]
    activation = next(_CALLED[type(layer)] for layer in hidden if type(layer) in _CALLED)
    return f"a hidden layer of {widths[-1]:,} ({activation}) and a linear layer"


def through_hidden_space(width: int, hidden: int, emotions: int, activation: str = "none") -> nn.Sequential:
    """Post vectors (B, D) to logits (B, K).

    Raises:
        ConfigError: No activation has this name.
    """
    if activation not in ACTIVATIONS:
        raise ConfigError(f"no activation is named {activation!r}; {did_you_mean(activation, ACTIVATIONS)}")
    return nn.Sequential(nn.Linear(width, hidden), ACTIVATIONS[activation](), nn.Linear(hidden, emotions))
