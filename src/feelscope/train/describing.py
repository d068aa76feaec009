"""What a trained network is, for its card: what reads each modality and how they are fused, by what was built.

Each encoder and each fusion describes itself from its own layers, so that no table of names can say something else.
"""

from collections.abc import Mapping, Sequence

from feelscope.encoders.encoder import Encoder
from feelscope.models.network import Network

_CALLED = {"text": "Words", "image": "Pictures"}


def describe(network: Network, encoders: Mapping[str, Encoder], had: Sequence[str]) -> str:
    """A sentence for each modality, and one for the fusion.

    Args:
        encoders: By modality, those that the network was trained with.
        had: The modalities that some post of the training had.
    """
    sentences = []
    for name, encoder in encoders.items():
        never = "" if name in had else "; no post of the training had any"
        sentences.append(f"{_CALLED.get(name, name.capitalize())}: {encoder.describe(network.embedders[name])}{never}.")
    together = "Answer" if len(encoders) == 1 else "Together"
    return " ".join([*sentences, f"{together}: {network.describe()}."])
