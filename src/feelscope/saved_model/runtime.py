"""The networks of a model folder in ONNX Runtime, one post at a time.

A post is computed alone: its probabilities cannot depend on the posts beside it, no words are padded, and a post
with one modality missing does not pay for the other. Throughput comes from posts side by side, one thread each.

    ids (1, T) --text.onnx--> (1, 384)  \\
                                          fusion.onnx --> probabilities (1, K)
    rgb (1, H, W, 3) --image.onnx--> (1, 1280) /

A model of one modality has no network for the other, and one of more than two takes further vectors (1, F) as they are.
Words may be read by another package's network in place of text.onnx.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from feelscope.errors import ModelError, one_line
from feelscope.post import MODALITIES
from feelscope.saved_model.onnx_file import last_shared, with_output

NETWORKS = ("text.onnx", "image.onnx", "fusion.onnx")
_Kind = tuple[str, list[int | None]]  # a tensor's type, and its shape with None for what may be any
_INPUTS: Mapping[str, Mapping[str, _Kind]] = {
    "text": {"ids": ("int64", [1, None])},
    "image": {"rgb": ("uint8", [1, None, None, 3])},
}
_WIDEST = 1_000_000  # numbers of a vector
_ROUNDING = 1e-3  # that probabilities may miss one by
_PRESENT = np.ones(1, np.float32)


class WordNetwork(Protocol):
    """What reads words where a model's folder has no text.onnx. Safe to call from many threads."""

    width: int

    def vector(self, ids: Sequence[int]) -> np.ndarray:
        """float32 (F,) of token ids."""


class Runtime:
    """Text, image and fusion networks, opened from a folder. Safe to call from many threads.

    Args:
        modalities: Those the model was trained on; of `text` and `image`, only their networks are opened.
        words: Reads words in place of text.onnx.

    Raises:
        ModelError: One of the networks cannot be opened, or does not take what is fed to it.

    Attributes:
        widths: Of the vectors that the fusion takes, by modality.
        answers: K, of the probabilities; None where the network does not say.
        size: Pixels a side of the picture; None without, or where the network does not say.
    """

    def __init__(self, folder: Path, modalities: Collection[str] = MODALITIES, words: WordNetwork | None = None):
        self._folder, self._words = folder, words
        own = [name for name in MODALITIES if name in modalities and not (name == "text" and words is not None)]
        self._encoders = {name: _open(folder / f"{name}.onnx") for name in own}
        self._fusion = _open(folder / "fusion.onnx")
        self._modalities = tuple(modalities)
        self.size: int | None = None
        inputs = {entry.name: entry for entry in self._fusion.get_inputs()}
        self.widths = {name: entry.shape[-1:] for name, entry in inputs.items() if f"has_{name}" in inputs}
        self.widths = {name: width[0] for name, width in self.widths.items() if width and isinstance(width[0], int)}
        expected: dict[str, _Kind] = {name: ("float", [1, width]) for name, width in self.widths.items()}
        expected |= {f"has_{name}": ("float", [1]) for name in self.widths}
        if missing := [name for name in modalities if name not in self.widths]:
            raise self._unfit("fusion", f"it has no input {missing[0]!r} with a presence and a width")
        if any(not 0 < width <= _WIDEST for width in self.widths.values()):
            raise self._unfit("fusion", f"expected vectors of 1 to {_WIDEST:,} numbers, found {self.widths}")
        if words is not None and words.width != self.widths["text"]:
            raise self._unfit("fusion", f"it takes words as {self.widths['text']} numbers, and they are {words.width}")
        (answers,) = self._check("fusion", self._fusion, expected, [1, None])[1:]
        self.answers = answers if isinstance(answers, int) else None
        for name, network in self._encoders.items():
            self._check(name, network, _INPUTS[name], [1, self.widths[name]])
            if name == "image" and isinstance(side := network.get_inputs()[0].shape[1], int):
                self.size = side
        absent = {name: np.zeros((1, width), np.float32) for name, width in self.widths.items()}
        self._nothing = absent | {f"has_{name}": np.zeros(1, np.float32) for name in self.widths}

    def vectors(self, ids: list[int] | None, rgb: np.ndarray | None) -> dict[str, np.ndarray]:
        """Vectors (F,) of a post's words and picture, by modality.

        Args:
            ids: Token ids; None without words.
            rgb: The picture, uint8 (H, W, 3) at the model's size; None without a picture.

        Raises:
            ModelError: A network fails on them.
        """
        vectors = {}
        if ids is not None and self._words is not None:
            vectors["text"] = self._words.vector(ids)
        elif ids is not None:
            vectors["text"] = self._run("text", self._encoders["text"], {"ids": np.array([ids], np.int64)})[0]
        if rgb is not None:
            vectors["image"] = self._run("image", self._encoders["image"], {"rgb": rgb[np.newaxis]})[0]
        return vectors

    def probabilities(
        self, ids: list[int] | None, rgb: np.ndarray | None, known: Mapping[str, np.ndarray] | None = None
    ) -> np.ndarray:
        """Probabilities (K,) of one post.

        Args:
            ids, rgb: As `vectors` takes them.
            known: Vectors (F,) that are there already, by modality.

        Raises:
            ModelError: A network fails on them, or gives no probabilities.
        """
        feed = self._nothing.copy()
        for name, vector in {**(known or {}), **self.vectors(ids, rgb)}.items():
            feed[name], feed[f"has_{name}"] = vector[np.newaxis], _PRESENT
        row = self._run("fusion", self._fusion, feed)[0]  # (K,)
        numbers = row.tolist()  # of so few, sums in NumPy take five times as long
        if not (min(numbers) >= 0 and abs(sum(numbers) - 1) < _ROUNDING):  # NaN is neither
            raise self._unfit("fusion", "its answer to a post is no probabilities")
        return row

    def fused(self, known: Mapping[str, np.ndarray]) -> np.ndarray:
        """What the last layer takes of a post, (F,): one vector of all its modalities.

        Args:
            known: Vectors (F,) by modality, of those that the post has.

        Returns:
            Of a network whose modalities do not meet before the last layer, no numbers, (0,).

        Raises:
            ModelError: The network fails on them.
        """
        if self._fused_network is None:
            return np.zeros(0, np.float32)
        feed = self._nothing.copy()
        for name, vector in known.items():
            feed[name], feed[f"has_{name}"] = vector[np.newaxis], _PRESENT
        return self._run("fusion", self._fused_network, feed, -1).reshape(-1)

    @cached_property
    def _fused_network(self) -> Any:
        """The fusion with the last layer's input as a further output; None where there is no such."""
        path = self._folder / "fusion.onnx"
        content = path.read_bytes()
        name = last_shared(content, self._modalities)
        return None if name is None else _open(path, with_output(content, name))

    def _run(self, name: str, network: Any, feed: Mapping[str, np.ndarray], output: int = 0) -> np.ndarray:
        """An output (1, D) of a network."""
        try:
            return network.run(None, feed)[output]
        except Exception as error:  # see `_open`
            raise self._unfit(name, f"ONNX Runtime cannot run it ({one_line(error)[:200]})") from error

    def _check(self, name: str, network: Any, inputs: "Mapping[str, _Kind]", output: Sequence[int | None]) -> list[Any]:
        """Refuse a network of other inputs or another output; returns the output's shape."""
        (answer, *_), given = network.get_outputs(), network.get_inputs()
        found = {entry.name: (entry.type, entry.shape) for entry in given}
        for what, kind, shape, entry in (
            *((f"the input {key}", f"tensor({kind})", shape, found.get(key)) for key, (kind, shape) in inputs.items()),
            ("the output", "tensor(float)", output, (answer.type, answer.shape)),
        ):
            if entry is None or entry[0] != kind or not _fits(entry[1], shape):
                wanted = f"{kind} {[side or '?' for side in shape]}"
                raise self._unfit(name, f"{what}: expected {wanted}, found {entry and f'{entry[0]} {entry[1]}'}")
        if more := [key for key in found if key not in inputs]:
            raise self._unfit(name, f"it needs {more[0]!r} too, which no post has")
        return answer.shape

    def _unfit(self, name: str, what: str) -> ModelError:
        return ModelError(f"{self._folder / f'{name}.onnx'}: {what}; train or copy the model again")


def _fits(shape: Sequence[int | str | None], wanted: Sequence[int | None]) -> bool:
    """Whether a network's shape, with names for what it leaves open, is one that is wanted; None wants any."""
    return len(shape) == len(wanted) and all(
        right is None or not isinstance(side, int) or side == right for side, right in zip(shape, wanted, strict=True)
    )


def _open(path: Path, content: bytes | None = None) -> Any:
    """A network, from its file or from what is given in its place."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(content or str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no other class in common, and their names change
        reason = one_line(error)[:200]
        raise ModelError(
            f"{path}: ONNX Runtime cannot open this network ({reason}); train or copy the model again"
        ) from error
