"""Texts by MiniLM, which learns together with the fusion.

    text --tokenizer--> token ids (N, T) --MiniLM, each step--> (B, 384) --normalise, dropout--> (B, 384)

Relations: `sentence_encoder` reads each text once by the published weights, which takes minutes where this takes hours,
and misses what posts say in their own way.
"""

import copy
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import nn

from feelscope.encoders import minilm
from feelscope.encoders.encoder import TextEncoder
from feelscope.encoders.feature_cache import Refuse
from feelscope.encoders.fixed_vectors import FixedVectors
from feelscope.encoders.onnx import export_text
from feelscope.encoders.sentence_networks import MiniLMSentences
from feelscope.encoders.settings import TextSettings
from feelscope.encoders.tokenizer import Tokenizer, pad
from feelscope.post import Post
from feelscope.progress import Progress


class TunedMiniLM(TextEncoder):
    """Texts to token ids, and an embedder that learns from a layer on.

    Args:
        weights: A folder with the published weights; None looks in installed packages, then on the hub.
    """

    width = minilm.WIDTH
    pairs = True

    def __init__(self, settings: TextSettings, weights: Path | None):
        self._settings, self.tokens = settings, settings.tokens
        self._published = MiniLMSentences(settings.tokens, weights)
        self.reading = settings.reading
        self._tokenizer = Tokenizer(self._published.tokenizer_file, settings.tokens, reading=settings.reading)

    def encode(self, posts: Sequence[Post], progress: Progress, refuse: Refuse) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids (N, T) padded with 0, and presence (N,)."""
        progress("encoding words", 0, 0, "")
        texts = [self._tokenizer(post).ids if post.has_text else [] for post in posts]
        return pad(texts), torch.tensor([float(bool(ids)) for ids in texts])

    def embedder(self) -> "MiniLMEmbedder":
        """A new embedder of ids (B, T), with the published weights."""
        return MiniLMEmbedder(copy.deepcopy(self._published.network), self._settings)

    def describe(self, embedder: nn.Module) -> str:
        """The network, and from where on it learnt."""
        assert isinstance(embedder, MiniLMEmbedder)
        return f"{embedder.network.describe()}, {embedder.learnt()}, in 8-bit integers"

    def write(self, folder: Path, embedder: nn.Module, posts: Sequence[Post]) -> nn.Module:
        """Write text.onnx, in integers, and tokenizer.json; what follows MiniLM is left for the fusion."""
        assert isinstance(embedder, MiniLMEmbedder)
        export_text(embedder.network, folder)
        self._published.write_tokenizer(folder / "tokenizer.json")
        return embedder.after


class MiniLMEmbedder(nn.Module):
    """Token ids to vectors.

    Args:
        network: Its embeddings and layers before `settings.tune_from` do not learn.
    """

    def __init__(self, network: minilm.MiniLM, settings: TextSettings):
        super().__init__()
        self.network, self._settings = network, settings
        self.after = FixedVectors(minilm.WIDTH, normalise=settings.normalise, dropout=settings.dropout)
        if settings.tune_from != "words":
            first = int(settings.tune_from)
            network.bert.embeddings.requires_grad_(False)
            network.bert.encoder.layer[:first].requires_grad_(False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Ids (B, T), padded with 0, to vectors (B, 384)."""
        mask = (ids > 0).long()  # (B, T)
        mask[:, 0] = 1  # a post without words still needs one token to take a mean over; its vector is not used
        half = self.training and self._settings.half_precision and (ids.is_cuda or computes_bfloat16())
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=half):
            vectors = self.network(ids, mask)  # (B, 384)
        return self.after(vectors.float())

    def learnt(self) -> str:
        """What of it learnt, for people."""
        bert = self.network.bert
        learns = [any(value.requires_grad for value in layer.parameters()) for layer in bert.encoder.layer]
        if any(value.requires_grad for value in bert.embeddings.parameters()):
            return "tuned, all of it"
        return f"tuned from layer {learns.index(True) + 1} on"

    def rates(self, learning_rate: float) -> Iterator[tuple[nn.Parameter, float]]:
        """Every parameter with its learning rate: layers learn slower the further down they are."""
        for name, parameter in self.network.named_parameters():
            layer = int(name.split("layer.")[1].split(".")[0]) if "layer." in name else -1  # -1: embeddings
            yield parameter, learning_rate * self._settings.layer_decay ** (minilm.LAYERS - 1 - layer)


@functools.cache
def computes_bfloat16() -> bool:
    """Whether this processor has instructions for bfloat16; others would compute it several times slower."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16"))
