"""What a network answers: logits of posts as they are, and of complete posts with their words or picture alone.

The ways are those of `evaluate`: further modalities stay in each of them.
"""

from collections.abc import Mapping

import torch

from feelscope.family.network import Network
from feelscope.family.signals import Signals
from feelscope.train.tuning import Answers

_POSTS_AT_ONCE = 512


@torch.inference_mode()
def answer(network: Network, signals: Signals) -> torch.Tensor:
    """Logits (N, K) of posts."""
    network.eval()
    parts = [signals.rows(index) for index in torch.arange(len(signals)).split(_POSTS_AT_ONCE)]
    return torch.cat([network(part.inputs, part.present) for part in parts])


def answer_every_way(network: Network, signals: Signals) -> dict[str, Answers]:
    """Answers by way: `both` is posts as they are, `text` and `image` complete ones with one of the two alone.

    Posts of which nothing is left are left out, and so are ways without posts.
    """
    ways = {"both": signals}
    if {"text", "image"} <= signals.present.keys():
        complete = signals.rows((signals.present["text"] * signals.present["image"]).nonzero()[:, 0])
        ways |= {"text": complete.without("image"), "image": complete.without("text")}
    answers = {}
    for way, posts in ways.items():
        readable = posts.rows(posts.counts().nonzero()[:, 0])
        if len(readable):
            answers[way] = Answers(answer(network, readable), readable.labels)
    return answers


def probabilities(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Logits (N, K) to probabilities (N, K)."""
    return (logits / temperature).softmax(dim=1)


def by_modality(network: Network, signals: Signals) -> Mapping[str, torch.Tensor]:
    """Logits (N, K) of all posts as they are, and with each modality alone, by its name."""
    alone = {}
    for name in signals.present:
        rest = signals
        for other in signals.present:
            rest = rest if other == name else rest.without(other)
        alone[name] = answer(network, rest)
    return {"both": answer(network, signals), **alone}
