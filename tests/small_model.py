"""Model folders of a few kilobytes, written with the package `onnx`, and what can be wrong with them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from feelscope.files import digest
from feelscope.saved_model.folder import Labels, write

EMOTIONS = ("happiness", "sadness", "fear")
WORDS = ("so", "happy", "sad", "day", "the", "a")
WIDTH, SIZE = 4, 8
LABELS = Labels("small", EMOTIONS, 16, SIZE, ("text", "image"))
FLOAT, INT, BYTE = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8
Change = Callable[[onnx.ModelProto], None]


def value(name: str, kind: int, shape: Sequence[int | str]) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def tensor(name: str, content: Any, dtype: type = np.float32) -> Any:
    return numpy_helper.from_array(np.array(content, dtype), name)


def network(nodes: list[Any], inputs: list[Any], output: Any, constants: list[Any]) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "small", inputs, [output], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def text_network() -> onnx.ModelProto:
    """Token ids (1, T) to the mean of their vectors (1, D)."""
    table = np.random.default_rng(0).normal(size=(len(WORDS) + 1, WIDTH)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["vectors"]),
        helper.make_node("ReduceMean", ["vectors", "axis"], ["mean"], keepdims=0),
    ]
    constants = [tensor("table", table), tensor("axis", [1], np.int64)]
    return network(nodes, [value("ids", INT, [1, "tokens"])], value("mean", FLOAT, [1, WIDTH]), constants)


def image_network() -> onnx.ModelProto:
    """A picture (1, S, S, 3) to the means of its colours and of them all (1, D)."""
    nodes = [
        helper.make_node("Cast", ["rgb"], ["float"], to=FLOAT),
        helper.make_node("ReduceMean", ["float", "sides"], ["colours"], keepdims=0),
        helper.make_node("MatMul", ["colours", "weights"], ["mean"]),
    ]
    constants = [tensor("sides", [1, 2], np.int64), tensor("weights", np.eye(3, WIDTH) / 255)]
    return network(nodes, [value("rgb", BYTE, [1, SIZE, SIZE, 3])], value("mean", FLOAT, [1, WIDTH]), constants)


def fusion_network() -> onnx.ModelProto:
    """The sum of both vectors (1, D) to probabilities (1, K)."""
    nodes = [
        helper.make_node("Mul", ["text", "has_text"], ["words"]),
        helper.make_node("Mul", ["image", "has_image"], ["picture"]),
        helper.make_node("Add", ["words", "picture"], ["both"]),
        helper.make_node("MatMul", ["both", "weights"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["answer"], axis=1),
    ]
    inputs = [value(name, FLOAT, [1, WIDTH]) for name in ("text", "image")]
    inputs += [value(f"has_{name}", FLOAT, [1]) for name in ("text", "image")]
    weights = np.random.default_rng(1).normal(size=(WIDTH, len(EMOTIONS))).astype(np.float32)
    return network(nodes, inputs, value("answer", FLOAT, [1, len(EMOTIONS)]), [tensor("weights", weights)])


NETWORKS: Mapping[str, Callable[[], onnx.ModelProto]] = {
    "text.onnx": text_network,
    "image.onnx": image_network,
    "fusion.onnx": fusion_network,
}


def small_tokenizer() -> dict[str, Any]:
    """A tokenizer.json of whole words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({word: id for id, word in enumerate(("[UNK]", *WORDS))}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return json.loads(made.to_str())


def write_small_model(folder: Path, labels: Labels = LABELS) -> Path:
    """Write a whole model, with labels of these modalities."""

    def write_networks(folder: Path) -> None:
        for name, make in NETWORKS.items():
            onnx.save(make(), folder / name)
        (folder / "tokenizer.json").write_text(json.dumps(small_tokenizer()))

    folder.mkdir(parents=True, exist_ok=True)
    write(folder, labels, write_networks)
    return folder


def sign(folder: Path) -> None:
    """Write the checksums of the files as they are now, as whoever altered them would."""
    names = ("text.onnx", "image.onnx", "fusion.onnx", "tokenizer.json", "labels.json")
    digests = {name: digest(folder / name) for name in names if (folder / name).is_file()}
    (folder / "manifest.json").write_text(json.dumps(digests))


def alter_network(folder: Path, name: str, change: Change) -> None:
    """Change a network and sign it."""
    made = onnx.load(folder / name)
    change(made)
    (folder / name).write_bytes(made.SerializeToString())
    sign(folder)


def alter_json(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change labels.json or tokenizer.json and sign it."""
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))
    sign(folder)


def before_the_answer(*nodes: Any, constants: Sequence[Any] = ()) -> Change:
    """Nodes that make of the tensor `old` the network's answer `new`."""

    def change(made: onnx.ModelProto) -> None:
        answer, graph = made.graph.output[0].name, made.graph
        for node in graph.node:
            node.output[:] = ["old" if name == answer else name for name in node.output]
        for node in nodes:
            node.output[:] = [answer if name == "new" else name for name in node.output]
        graph.node.extend(nodes)
        graph.initializer.extend(constants)

    return change


def added(*nodes: Any, constants: Sequence[Any] = ()) -> Change:
    """Nodes that make a number `more`, which is added to the answer, times 0."""
    zero = helper.make_node("Mul", ["more", "zero"], ["nothing"])
    total = helper.make_node("Add", ["old", "nothing"], ["new"])
    return before_the_answer(*nodes, zero, total, constants=[*constants, tensor("zero", 0)])
