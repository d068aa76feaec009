"""One training of a comparison: a recipe and a seed in, what it answers about the scored posts out.

The network answers in torch, in full precision; nothing is exported. A saved model, whose encoders are 8-bit integers,
answers a little differently.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from feelscope.compare.material import Material
from feelscope.compare.missing import LOSES, draw
from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.models.network import Network
from feelscope.progress import Progress
from feelscope.train.device import CPU
from feelscope.train.fit import fit_classifier
from feelscope.train.recipe import Recipe

FACTS = ("seconds", "parameters", "epochs")
_POSTS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a training answered, and what it cost.

    Args:
        probabilities: By combination (`both`, `text`, `image`), float32 (N, K), zeros where nothing could be read;
            only those whose modality the model reads.
        missing: By `LOSES RATE`, int16 (N,): the emotion that is answered when posts lose a modality, -1 for none.
        facts: By FACTS: `seconds` of one processor core, `parameters` that learnt, `epochs` of all its networks.
        history: The records of its epochs; of a training that finished before, none.
    """

    probabilities: Mapping[str, np.ndarray]
    missing: Mapping[str, np.ndarray]
    facts: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]] = ()


def train_once(
    recipe: Recipe,
    seed: int,
    material: Material,
    rates: tuple[float, ...],
    progress: Progress,
    device: torch.device = CPU,
) -> Outcome:
    """Train and answer.

    Args:
        rates: Of posts that lose a modality; the seed's pattern says which.
        device: Where it trains; it answers on the processor.
    """
    started = time.process_time()
    recipe = replace(recipe, seed=seed)
    fitted = fit_classifier(recipe, material.corpus(recipe), None, device=device, progress=progress)
    seconds = time.process_time() - started
    posts = material.scored(recipe)
    combinations = {"both": posts}
    for name, other in (("text", "image"), ("image", "text")):
        if name in posts.present:
            combinations[name] = posts.without(other) if other in posts.present else posts
    pattern = draw(material.posts["scored"], seed)
    lost = {f"{loses} {rate:g}": pattern.apply(posts, loses, rate) for loses in LOSES for rate in rates}
    logits = _answers(fitted.network, {**combinations, **lost})
    learnt = sum(value.numel() for value in fitted.network.parameters() if value.requires_grad)
    return Outcome(
        {name: _probabilities(logits[name], posts, fitted.temperature) for name, posts in combinations.items()},
        {name: _answered(logits[name], posts) for name, posts in lost.items()},
        {"seconds": seconds, "parameters": learnt, "epochs": sum("epoch" in record for record in fitted.history)},
        fitted.history,
    )


@torch.inference_mode()
def _answers(network: Network, variants: Mapping[str, EncodedPosts]) -> dict[str, torch.Tensor]:
    """Logits (N, K) of variants that differ in presence alone, so that the vectors are read once."""
    network.eval()
    first = next(iter(variants.values()))
    logits: dict[str, list[torch.Tensor]] = {name: [] for name in variants}
    for index in torch.arange(len(first)).split(_POSTS_AT_ONCE):
        vectors = network.vectors(first.rows(index).inputs)
        for name, posts in variants.items():
            present = {modality: value[index] for modality, value in posts.present.items()}
            logits[name].append(network.emotions(network.fused(vectors, present)))
    return {name: torch.cat(batches) for name, batches in logits.items()}


def _probabilities(logits: torch.Tensor, posts: EncodedPosts, temperature: float) -> np.ndarray:
    readable = (posts.counts() > 0).unsqueeze(1)  # (N, 1)
    return ((logits / temperature).softmax(dim=1) * readable).numpy().astype(np.float32)  # (N, K)


def _answered(logits: torch.Tensor, posts: EncodedPosts) -> np.ndarray:
    answer = torch.where(posts.counts() > 0, logits.argmax(dim=1), torch.tensor(-1))  # (N,)
    return answer.numpy().astype(np.int16)
