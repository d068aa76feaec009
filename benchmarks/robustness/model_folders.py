"""Mutations of model folders and recipes, each opened by the command that a user would give it to.

    python benchmarks/robustness/model_folders.py [--count 1000] [--seed 0] [--jobs 2] [--only KIND]

Each must work, or be refused in one line with exit code 1, within 10 seconds of processor time, a minute of the clock
where others use the machine too, and 1 GB, of all processes of the command (looked at a hundred times a second).
Folders are altered as their maker could: the manifest fits. Prints a table of kinds and a line for every failure; exit
code 1 if there is any. Needs the extras `train` and `dev`.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import onnx
import psutil
from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from small_model import (  # noqa: E402
    WIDTH,
    added,
    alter_json,
    alter_network,
    before_the_answer,
    sign,
    small_tokenizer,
    tensor,
    write_small_model,
)

from feelscope.saved_model.folder import BUILTIN  # noqa: E402
from feelscope.train.recipe import FOLDER as RECIPES  # noqa: E402
from feelscope.train.recipe import names  # noqa: E402

SECONDS, CLOCK, BYTES = 10, 60, 10**9
PICTURE = ROOT / "examples" / "images" / "fireworks.jpg"
POSTS = ("so happy", "a" * 60 + "!", "sad " * 300, "🎉 so 😭 \ud83d happy 12345")
NODE = helper.make_node
Make = Callable[[random.Random, Path], str]
KINDS: dict[str, Make] = {}


def kind(make: Make) -> Make:
    KINDS[make.__name__] = make
    return make


def odd(draw: random.Random) -> Any:
    """A value that no file of Feelscope has."""
    return draw.choice(
        [
            *(0, -1, 1, 30000, 2**31, 2**63, 10**400, 1.5, -0.0, float("nan"), float("inf"), 1e308, True, False, None),
            *(
                "",
                "x",
                "a" * 10**6,
                "\0",
                "a\nb",
                "\x1b[31m",
                "\ud83d",
                "../../etc/passwd",
                "/etc/passwd",
                "224",
                [],
                {},
            ),
            *([[]], [None], ["a", "a"], [1, 2], ["a"] * 7, {"a": 1}, [["a"], ["b"]], [str(n) for n in range(100_000)]),
        ]
    )


def nested(draw: random.Random) -> str:
    depth = draw.choice([500, 990, 5_000, 100_000])
    return draw.choice([f"{'[' * depth}{']' * depth}", '{"a":' * depth + "1" + "}" * depth, "[" * depth])


def torn(draw: random.Random, content: bytes) -> bytes:
    """The bytes of a file cut, with others among them, or not at all those."""
    place = draw.randrange(len(content) + 1)
    way = draw.randrange(7)
    if way == 0:
        return content[:place]
    if way == 1:
        return content[:place] + draw.randbytes(draw.randrange(1, 9)) + content[place:]
    if way == 2:
        return content[:place] + draw.randbytes(64) + content[place + 64 :]
    if way == 3:
        changed = bytearray(content)
        for _ in range(draw.choice([1, 10, 100])):
            changed[draw.randrange(len(content))] = draw.randrange(256)
        return bytes(changed)
    if way == 4:
        return content + draw.randbytes(100)
    if way == 5:
        return content[:place] + content[draw.randrange(len(content) + 1) :]
    return draw.choice(
        [b"", b"\0" * 1000, b"\xef\xbb\xbf" + content, draw.randbytes(1000), nested(draw).encode(), b"9" * 5000]
    )


@kind
def labels_value(draw: random.Random, folder: Path) -> str:
    name = draw.choice(["name", "emotions", "tokens", "size", "modalities", "further", "pairs", "temperature"])
    value = odd(draw)
    if draw.random() < 0.3 and name == "emotions":
        value = draw.choice([["joy"] * 7, ["joy"], [*"abcd"], ["", " ", "x"], ["a", "b", 3], ["a" * 10**6, "b", "c"]])
    if draw.random() < 0.3 and name in ("modalities", "further"):
        value = draw.choice(
            [["text", "text"], ["text"], ["tags"], ["audio"], ["text", "image", "tags"], [{"kind": "x"}]]
        )
    alter_json(folder, "labels.json", lambda labels: labels.update({name: value}))
    return f"{name} = {value!r:.60}"


@kind
def labels_further(draw: random.Random, folder: Path) -> str:
    further = draw.choice(
        [
            {"kind": "tags", "tags": ["a", "b"]},
            {"kind": "tags", "tags": odd(draw)},
            {"kind": "emoji", "emoji": odd(draw)},
            {"kind": "numbers", "columns": odd(draw), "means": odd(draw), "deviations": odd(draw)},
            {"kind": odd(draw)},
            {"kind": "tags", "tags": [str(n) for n in range(300_000)]},
            {"kind": "numbers", "columns": ["a"], "means": [0], "deviations": [0]},
        ]
    )
    modality = further["kind"] if isinstance(further["kind"], str) else "tags"
    alter_json(folder, "labels.json", lambda labels: labels.update(modalities=["text", modality], further=[further]))
    return f"{further!r:.60}"


@kind
def torn_json(draw: random.Random, folder: Path) -> str:
    name = draw.choice(["labels.json", "manifest.json"])
    (folder / name).write_bytes(torn(draw, (folder / name).read_bytes()))
    if name == "labels.json":
        sign(folder)
    return name


@kind
def manifest(draw: random.Random, folder: Path) -> str:
    content = json.loads((folder / "manifest.json").read_text())
    name = draw.choice(
        ["../x", "/etc/passwd", "/dev/zero", ".", "..", "", "a/b", "\0", "x" * 5000, "extra", "a\\b", "text.onnx"]
    )
    content[name] = draw.choice(["0" * 64, "g" * 64, "", 7, None, "0" * 63, [1], "A" * 64])
    if draw.random() < 0.2:
        content |= {f"file{n}": "0" * 64 for n in range(draw.choice([60, 50_000]))}
    (folder / "manifest.json").write_text(json.dumps(content))
    return f"{name!r:.60}"


@kind
def no_regular_file(draw: random.Random, folder: Path) -> str:
    name = draw.choice(["text.onnx", "image.onnx", "fusion.onnx", "tokenizer.json", "labels.json", "manifest.json"])
    path, way = (
        folder / name,
        draw.choice(["pipe", "zero", "folder", "socket", "circle", "outside", "gone", "huge", "terabyte"]),
    )
    content = path.read_bytes()
    path.unlink()
    if way == "pipe":
        os.mkfifo(path)
    elif way == "folder":
        path.mkdir()
    elif way == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(path))
    elif way == "outside":
        (folder.parent / f"{folder.name}-{name}").write_bytes(content)
        path.symlink_to(folder.parent / f"{folder.name}-{name}")
    elif way in ("zero", "circle"):
        path.symlink_to({"zero": "/dev/zero", "circle": name}[way])
    elif way in ("huge", "terabyte"):
        path.touch()
        os.truncate(path, {"huge": 500_000_000, "terabyte": 10**12}[way])
        if way == "huge" and name != "manifest.json":
            sign(folder)
    return f"{name}: {way}"


@kind
def torn_network(draw: random.Random, folder: Path) -> str:
    name = draw.choice(["text.onnx", "image.onnx", "fusion.onnx"])
    (folder / name).write_bytes(torn(draw, (folder / name).read_bytes()))
    sign(folder)
    return name


@kind
def torn_builtin_network(draw: random.Random, folder: Path) -> str:
    for old in folder.iterdir():
        old.unlink()
    for file in BUILTIN.iterdir():
        if file.suffix in (".onnx", ".json"):
            shutil.copyfile(file, folder / file.name)
    return torn_network(draw, folder)


def whole_numbers(*values: int) -> Any:
    return tensor("numbers", values, "int64")


def bombs(draw: random.Random) -> tuple[str, Callable[[onnx.ModelProto], None]]:
    """A network that asks for too much; what it computes is added to the answer, times 0."""
    big = draw.choice([30_000, 10**6, 10**9, 2**40])
    total = NODE("ReduceSum", ["much"], ["more"], keepdims=0)
    ones = tensor("ones", [1.0])
    body = helper.make_graph(
        [NODE("Identity", ["go"], ["on"]), NODE("Add", ["x", "x"], ["y"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, None),
        ],
    )
    then = helper.make_graph(
        [NODE("Identity", ["old"], ["y"])], "then", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    )
    square = [NODE("Expand", ["ones", "numbers"], ["wide"]), NODE("MatMul", ["wide", "wide"], ["much"]), total]
    doubled = [NODE("Concat", [f"d{n}", f"d{n}"], [f"d{n + 1}"], axis=0) for n in range(draw.choice([20, 28, 40]))]
    seen = [
        NODE("ReduceSum", ["old"], ["sum"], keepdims=0),
        NODE("Mul", ["sum", "factor"], ["scaled"]),
        NODE("Cast", ["scaled"], ["length"], to=TensorProto.INT64),
    ]
    return draw.choice(
        [
            (
                "loop",
                added(
                    NODE("Loop", ["times", "yes", "ones"], ["more"], body=body),
                    constants=[tensor("times", 2**62, "int64"), tensor("yes", True, bool), ones],
                ),
            ),
            (
                "if",
                before_the_answer(
                    NODE("If", ["yes"], ["new"], then_branch=then, else_branch=then),
                    constants=[tensor("yes", True, bool)],
                ),
            ),
            (
                "constant of shape",
                added(
                    NODE("ConstantOfShape", ["numbers"], ["much"]),
                    total,
                    constants=[whole_numbers(big, draw.choice([1, 1000, big]))],
                ),
            ),
            (
                "expand",
                added(NODE("Expand", ["ones", "numbers"], ["much"]), total, constants=[ones, whole_numbers(big, 1000)]),
            ),
            (
                "expand of the answer",
                added(NODE("Expand", ["old", "numbers"], ["much"]), total, constants=[whole_numbers(big, 1, 1)]),
            ),
            ("tile", added(NODE("Tile", ["ones", "numbers"], ["much"]), total, constants=[ones, whole_numbers(big)])),
            ("pad", added(NODE("Pad", ["ones", "numbers"], ["much"]), total, constants=[ones, whole_numbers(0, big)])),
            (
                "range",
                added(
                    NODE("Range", ["from", "to", "step"], ["long"]),
                    NODE("Cast", ["long"], ["much"], to=TensorProto.FLOAT),
                    total,
                    constants=[tensor("from", 0, "int64"), tensor("to", 2**62, "int64"), tensor("step", 1, "int64")],
                ),
            ),
            (
                "range by the post",
                added(
                    *seen,
                    NODE("Range", ["from", "length", "step"], ["long"]),
                    NODE("Cast", ["long"], ["much"], to=TensorProto.FLOAT),
                    total,
                    constants=[
                        tensor("factor", draw.choice([1e7, 1e9, 1e15])),
                        tensor("from", 0, "int64"),
                        tensor("step", 1, "int64"),
                    ],
                ),
            ),
            (
                "one hot",
                added(
                    NODE("OneHot", ["numbers", "depth", "pair"], ["much"]),
                    total,
                    constants=[whole_numbers(1, 2, 3), tensor("depth", big, "int64"), tensor("pair", [0.0, 1.0])],
                ),
            ),
            ("matrices", added(*square, constants=[ones, whole_numbers(*[draw.choice([3000, 6000, 10_000])] * 2)])),
            (
                "doubling",
                added(
                    NODE("Identity", ["ones"], ["d0"]),
                    *doubled,
                    NODE("ReduceSum", [f"d{len(doubled)}"], ["more"], keepdims=0),
                    constants=[ones],
                ),
            ),
            (
                "outer products",
                added(
                    NODE("Expand", ["ones", "numbers"], ["line"]),
                    NODE("Transpose", ["line"], ["column"]),
                    NODE("MatMul", ["column", "line"], ["much"]),
                    total,
                    constants=[ones, whole_numbers(1, big)],
                ),
            ),
            (
                "resize",
                added(
                    NODE("Resize", ["square", "", "", "numbers"], ["much"]),
                    total,
                    constants=[tensor("square", [[[[1.0]]]]), whole_numbers(1, 1, big, 30_000)],
                ),
            ),
            (
                "convolution",
                added(
                    NODE("Expand", ["ones", "numbers"], ["wide"]),
                    NODE("Conv", ["wide", "wide"], ["much"], pads=[3000] * 4),
                    total,
                    constants=[ones, whole_numbers(1, 1, 2000, 2000)],
                ),
            ),
            (
                "long chain",
                added(
                    *[NODE("Identity", ["old" if n == 0 else f"c{n}"], [f"c{n + 1}"]) for n in range(50_000)],
                    NODE("ReduceSum", ["c50000"], ["more"], keepdims=0),
                ),
            ),
            (
                "eye",
                added(
                    NODE("EyeLike", ["wide"], ["much"]),
                    NODE("ConstantOfShape", ["numbers"], ["wide"]),
                    total,
                    constants=[whole_numbers(big, big)],
                ),
            ),
            (
                "cumulated",
                added(
                    NODE("Expand", ["ones", "numbers"], ["wide"]),
                    *[NODE("CumSum", ["wide" if n == 0 else f"s{n}", "axis"], [f"s{n + 1}"]) for n in range(200)],
                    NODE("ReduceSum", ["s200"], ["more"], keepdims=0),
                    constants=[ones, whole_numbers(20_000_000), tensor("axis", 0, "int64")],
                ),
            ),
            (
                "string",
                added(
                    NODE("Cast", ["old"], ["words"], to=TensorProto.STRING),
                    NODE("StringConcat", ["words", "words"], ["twice"]),
                    NODE("Cast", ["twice"], ["much"], to=TensorProto.FLOAT),
                    total,
                ),
            ),
            (
                "einsum",
                added(
                    NODE("Expand", ["ones", "numbers"], ["wide"]),
                    NODE("Einsum", ["wide", "wide"], ["much"], equation="ab,cd->abcd"),
                    total,
                    constants=[ones, whole_numbers(1000, 1000)],
                ),
            ),
        ]
    )


@kind
def bomb(draw: random.Random, folder: Path) -> str:
    name = draw.choice(["text.onnx", "image.onnx", "fusion.onnx"])
    title, change = bombs(draw)
    alter_network(folder, name, change)
    return f"{name}: {title}"


@kind
def foreign_graph(draw: random.Random, folder: Path) -> str:
    """Data elsewhere, other operators, other types and shapes, answers that are none."""
    name = draw.choice(["text.onnx", "image.onnx", "fusion.onnx"])

    def elsewhere(tensor_proto: Any) -> None:
        tensor_proto.data_location = TensorProto.EXTERNAL
        place = draw.choice(["../secret", "/etc/passwd", "labels.json", "/dev/zero", "tokenizer.json"])
        tensor_proto.external_data.add(key="location", value=place)
        tensor_proto.ClearField("raw_data")

    def external_attribute(made: onnx.ModelProto) -> None:
        held = tensor("held", 1.0)
        elsewhere(held)
        added(NODE("Constant", [], ["more"], value=held))(made)

    def sparse(made: onnx.ModelProto) -> None:
        entry = made.graph.sparse_initializer.add()
        entry.values.CopyFrom(tensor("sparse", [1.0]))
        entry.indices.CopyFrom(tensor("indices", [0], "int64"))
        entry.dims.append(draw.choice([10, 2**40]))
        if draw.random() < 0.5:
            elsewhere(entry.values)

    def shape(made: onnx.ModelProto) -> None:
        entry = draw.choice([*made.graph.input, *made.graph.output])
        del entry.type.tensor_type.shape.dim[:]
        for side in draw.choice([[], [1], [1, 5], [2, WIDTH], [1, 2**40], [1, 1, 1, 1, 1], [-1, WIDTH]]):
            entry.type.tensor_type.shape.dim.add(dim_value=side)

    def kind_of(made: onnx.ModelProto) -> None:
        draw.choice([*made.graph.input, *made.graph.output]).type.tensor_type.elem_type = draw.randrange(0, 25)

    def renamed(made: onnx.ModelProto) -> None:
        draw.choice([*made.graph.input, *made.graph.output, *made.graph.node]).name = draw.choice(
            ["", "x", "\x1b[2J", "a" * 10**5]
        )

    def dims(made: onnx.ModelProto) -> None:
        entry = draw.choice(made.graph.initializer)
        entry.dims[draw.randrange(len(entry.dims))] = draw.choice([-1, 0, 2**40, 2**62, 3])

    def constant_answer(*row: float) -> Callable[[onnx.ModelProto], None]:
        return before_the_answer(NODE("Constant", [], ["new"], value=tensor("row", [row])))

    change, title = draw.choice(
        [
            (lambda made: elsewhere(made.graph.initializer[0]), "external data"),
            (external_attribute, "external attribute"),
            (sparse, "sparse"),
            (
                lambda made: setattr(
                    draw.choice(made.graph.node),
                    "domain",
                    draw.choice(["com.evil", "ai.onnx.ml", "com.microsoft", "ai.onnx"]),
                ),
                "domain",
            ),
            (
                lambda made: setattr(
                    draw.choice(made.graph.node), "op_type", draw.choice(["Evil", "", "Loop", "Add", "Softmax", "Cast"])
                ),
                "operator",
            ),
            (
                lambda made: made.functions.append(
                    helper.make_function(
                        "com.evil", "F", ["a"], ["b"], [NODE("Identity", ["a"], ["b"])], [helper.make_opsetid("", 20)]
                    )
                ),
                "function",
            ),
            (shape, "shape"),
            (kind_of, "type"),
            (renamed, "name"),
            (dims, "dims"),
            (lambda made: made.graph.ClearField(draw.choice(["node", "input", "output", "initializer"])), "without"),
            (lambda made: made.graph.input.add(name="more"), "one input more"),
            (lambda made: setattr(made, "ir_version", draw.choice([0, 99, 2**40])), "version"),
            (
                lambda made: setattr(made.opset_import[0], "version", draw.choice([0, 1, 99, 2**40])),
                "operators' version",
            ),
            (constant_answer(float("nan"), 0.5, 0.5), "NaN"),
            (constant_answer(float("inf"), 0, 0), "infinite"),
            (constant_answer(2, -1, 0), "negative"),
            (constant_answer(1, 1, 1), "sum of 3"),
            (constant_answer(1.0), "too few"),
            (constant_answer(*[0.001] * 1000), "too many"),
            (lambda made: made.metadata_props.add(key="a", value="b" * 10**7), "metadata"),
            (lambda made: setattr(made.graph, "doc_string", "\0" * 10**7), "words"),
        ]
    )
    alter_network(folder, name, change)
    return f"{name}: {title}"


@kind
def tokenizer(draw: random.Random, folder: Path) -> str:
    evil = draw.choice(
        [
            "(a+)+$",
            "(a|aa)+$",
            "(a*)*b",
            "((a?){60})a{60}",
            "(?:a|a)*c",
            "(.*)*x",
            "a{1,30000}{1,30000}",
            "(" * 5000,
            "\\p{L}" * 10**5,
        ]
    )
    split = {"type": "Split", "pattern": {"Regex": evil}, "behavior": "Isolated", "invert": draw.random() < 0.5}
    replace = {"type": "Replace", "pattern": {"Regex": evil}, "content": "x"}
    grow = {
        "type": "Replace",
        "pattern": {"String": draw.choice(["a", "", " "])},
        "content": draw.choice(["aa", "a" * 10**6]),
    }
    token = {
        "id": 7,
        "content": "[X]",
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
    words = {f"w{n}": n for n in range(300_000)}
    special = {"id": "[X]", "ids": [7], "tokens": ["[X]"]}
    template = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[X]", "type_id": 0}}] * draw.choice([5, 20, 10**5])
        + [{"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"[X]": special},
    }
    title, change = draw.choice(
        [
            ("evil split", {"pre_tokenizer": split}),
            ("evil replace", {"normalizer": replace}),
            ("evil decoder", {"decoder": replace}),
            ("growth", {"normalizer": {"type": "Sequence", "normalizers": [grow] * draw.choice([1, 25, 60])}}),
            (
                "prepend",
                {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "a" * 10**6}] * 20}},
            ),
            (
                "vocabulary",
                {
                    "model": {
                        "type": "WordLevel",
                        "vocab": {"so": draw.choice([2**32 - 1, 2**31, 99, -1, 2**40]), "[UNK]": 0},
                        "unk_token": "[UNK]",
                    }
                },
            ),
            ("many words", {"model": {"type": "WordLevel", "vocab": words, "unk_token": "w0"}}),
            ("no unknown", {"model": {"type": "WordLevel", "vocab": {}, "unk_token": "[UNK]"}}),
            ("added tokens", {"added_tokens": [token | {"content": f"[{n}]", "id": n + 7} for n in range(60_000)]}),
            ("one huge token", {"added_tokens": [token | {"content": "x" * 10**7, "id": draw.choice([7, 2**32 - 1])}]}),
            ("empty token", {"added_tokens": [token | {"content": ""}]}),
            ("template", {"post_processor": template}),
            (
                "truncation",
                {"truncation": {"max_length": 0, "strategy": "LongestFirst", "stride": 5, "direction": "Right"}},
            ),
            (
                "padding",
                {
                    "padding": {
                        "strategy": {"Fixed": 10**9},
                        "direction": "Right",
                        "pad_to_multiple_of": 10**9,
                        "pad_id": 0,
                        "pad_type_id": 0,
                        "pad_token": "x",
                    }
                },
            ),
            ("model", {"model": odd(draw)}),
            ("version", {"version": odd(draw)}),
            ("normalizer", {"normalizer": odd(draw)}),
            ("splitter", {"pre_tokenizer": odd(draw)}),
            (
                "bpe",
                {
                    "model": {
                        "type": "BPE",
                        "vocab": {"a": 0, "aa": 1},
                        "merges": ["a a"] * 10**5,
                        "dropout": draw.choice([0.5, 7.0, None]),
                    }
                },
            ),
            ("bpe without merges' words", {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["x y"]}}),
            (
                "unigram",
                {
                    "model": {
                        "type": "Unigram",
                        "vocab": [["a", float("1e308")], ["aa", -1e308]],
                        "unk_id": draw.choice([0, 99, None]),
                    }
                },
            ),
            (
                "word pieces",
                {
                    "model": {
                        "type": "WordPiece",
                        "vocab": {"a": 0},
                        "unk_token": "[UNK]",
                        "continuing_subword_prefix": "",
                        "max_input_chars_per_word": 10**9,
                    }
                },
            ),
            (
                "precompiled",
                {
                    "normalizer": {
                        "type": "Precompiled",
                        "precompiled_charsmap": draw.choice(["", "AAAA", "//////////8=", "!"]),
                    }
                },
            ),
        ]
    )
    alter_json(folder, "tokenizer.json", lambda content: content.update(change))
    return title


@kind
def torn_tokenizer(draw: random.Random, folder: Path) -> str:
    content = draw.choice([json.dumps(small_tokenizer()).encode(), (BUILTIN / "tokenizer.json").read_bytes()])
    (folder / "tokenizer.json").write_bytes(torn(draw, content))
    sign(folder)
    return "tokenizer.json"


@kind
def metrics(draw: random.Random, folder: Path) -> str:
    """Read by `feelscope models`."""
    good = {"set": {"both": {"macro_f1": 0.5}, "text": None, "image": {"macro_f1": 0.25}}}
    content = draw.choice(
        [
            {"scores": odd(draw)},
            {"scores": {"set": odd(draw)}},
            {"scores": {"set": {"both": odd(draw)}}},
            odd(draw),
            {"scores": {"set": {"both": {"macro_f1": odd(draw)}}}},
            {"scores": {"\x1b[31m\n": good["set"]}},
            {"scores": good},
        ]
    )
    path, way = folder / "metrics.json", draw.randrange(8)
    path.write_bytes(torn(draw, json.dumps({"scores": good}).encode()) if way < 2 else json.dumps(content).encode())
    if way == 2:
        path.unlink()
        draw.choice([os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir()])(path)
    return "metrics.json"


@kind
def recipe(draw: random.Random, folder: Path) -> str:
    """Read by `feelscope train`."""
    lines = (RECIPES / f"{draw.choice(names())}.toml").read_text().splitlines()
    settings = [number for number, line in enumerate(lines) if " = " in line]
    literal = draw.choice(
        [
            *(
                "-1",
                "0",
                "1",
                "1e999",
                "inf",
                "-inf",
                "nan",
                "9" * 5000,
                "0x" + "f" * 5000,
                str(10**12),
                str(2**63),
                "1.5",
                "true",
                '"x"',
                '""',
                "[]",
                "{}",
            ),
            *(
                "1979-05-27",
                "0000-00-00",
                "07:32:00",
                '"\\u0000"',
                '"\\ud800"',
                "'''\n\n'''",
                "[1, 'a', 1.5]",
                f'"{"a" * 100_000}"',
                nested(draw),
                "[[]]",
            ),
            *("{ a = " * 50_000, "0o777", "1_000_000_000_000", '["text", "text"]', "1e308", "5e-324"),
        ]
    )
    way = draw.randrange(10)
    if way < 6:
        place = draw.choice(settings)
        lines[place] = f"{lines[place].partition(' = ')[0]} = {literal}"
        if draw.random() < 0.1:
            lines.insert(place, lines[place])
    elif way < 8:
        lines.insert(
            draw.randrange(len(lines)),
            draw.choice(
                [
                    *(
                        "[a]\n[a]",
                        "[[data.tables]]",
                        f"[{'a.' * 50_000}b]",
                        f"{'a.' * 50_000}b = 1",
                        "\x00",
                        "﻿",
                        "x",
                        "= 1",
                        f"{'k' * 100_000} = 1",
                    ),
                    *(
                        "[data]\nemotions = ['a', 'a']",
                        "[data]\nemotions = ['a\\nb', 'c']",
                        "seed = 1",
                        "\n".join(f"k{n} = 1" for n in range(20_000)),
                        "[text",
                        "a = [" * 1000,
                    ),
                ]
            ),
        )
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    path = folder / "recipe.toml"
    path.write_bytes(torn(draw, content) if way == 8 else content)
    if way == 9:
        path.unlink()
        choices = [
            os.mkfifo,
            lambda path: path.symlink_to("/dev/zero"),
            lambda path: path.mkdir(),
            lambda path: path.write_bytes(b"#" * 10**8),
        ]
        draw.choice(choices)(path)
    return f"{literal!r:.60}"


@dataclass
class Result:
    kind: str
    what: str
    code: int
    error: str
    seconds: float
    processor: float
    bytes: int

    @property
    def fault(self) -> str:
        lines = self.error.splitlines()
        return "; ".join(
            [
                *([f"exit code {self.code}"] if self.code not in (0, 1) else []),
                *([f"{len(lines)} lines"] if self.code and len(lines) != 1 else []),
                *(["no error"] if self.code and not self.error.startswith("Error: ") else []),
                *(["control characters"] if any(not line.isprintable() for line in lines) else []),
                *([f"a line of {len(self.error)}"] if len(self.error) > 1500 else []),
                *([f"{self.seconds:.1f} s"] if self.seconds > CLOCK else []),
                *([f"{self.processor:.1f} s of processor time"] if self.processor > SECONDS else []),
                *([f"{self.bytes / 1e6:.0f} MB"] if self.bytes > BYTES else []),
            ]
        )


def run(number: int, seed: int, name: str, scratch: Path) -> Result:
    """Make one mutation and give it to its command."""
    draw, folder = random.Random(f"{seed} {number} {name}"), scratch / str(number)
    write_small_model(folder)
    what = KINDS[name](draw, folder)
    post = draw.choice(POSTS).encode("utf-8", "replace").decode()
    command = {
        "metrics": ["models", str(folder)],
        "recipe": ["train", "nothere.csv", "--recipe", str(folder / "recipe.toml"), "--out", str(folder / "out")],
    }.get(name, ["predict", "--model", str(folder), "--text", post, "--image", str(PICTURE)])
    started = time.monotonic()
    process = psutil.Popen(
        [sys.executable, "-m", "feelscope.cli", *command],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=scratch,
        start_new_session=True,
    )
    peak, used = 0, {}
    while process.poll() is None and time.monotonic() - started < CLOCK + 1:
        seen = tree(process)
        peak = max(peak, sum(map(resident, seen)))
        used |= {one.pid: processor(one) or used.get(one.pid, 0.0) for one in seen}
        time.sleep(0.01)
    seconds = time.monotonic() - started
    if process.poll() is None:
        for one in tree(process):
            one.send_signal(signal.SIGKILL)
    error = process.stderr.read().decode(errors="replace").strip("\n")
    code = process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return Result(name, f"{number}: {what}", code, error, seconds, sum(used.values()), peak)


def tree(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def processor(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:2])
    except psutil.Error:
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=KINDS, help="one kind alone")
    options = parser.parse_args()
    kinds = [options.only] if options.only else list(KINDS)

    def jobs() -> Iterator[tuple[int, str]]:
        yield from ((number, kinds[number % len(kinds)]) for number in range(options.count))

    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(options.jobs) as pool:
        results = list(
            pool.map(lambda job: run(job[0], options.seed, job[1], Path(scratch)), islice(jobs(), options.count))
        )
    print("| kind | mutations | worked | refused | failed | most seconds | of a processor | most MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in [*kinds, "all"]:
        own = [result for result in results if name in (result.kind, "all")]
        if own:
            failed = sum(bool(result.fault) for result in own)
            good = [result.code for result in own if not result.fault]
            clock, processors = (max(getattr(result, key) for result in own) for key in ("seconds", "processor"))
            cells = [name, len(own), good.count(0), good.count(1), failed, f"{clock:.1f}", f"{processors:.1f}"]
            print("|", " | ".join(map(str, cells)), f"| {max(result.bytes for result in own) / 1e6:,.0f} |")
    for result in results:
        if result.fault:
            print(f"\n{result.kind} {result.what!r}: {result.fault}\n    {result.error[-300:]!r}")
    sys.exit(any(result.fault for result in results))


if __name__ == "__main__":
    main()
