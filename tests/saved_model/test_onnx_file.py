from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from small_model import added, before_the_answer, fusion_network, tensor

from feelscope.errors import ModelError
from feelscope.saved_model.folder import BUILTIN
from feelscope.saved_model.onnx_file import check_alone
from feelscope.saved_model.runtime import NETWORKS


def elsewhere(held: onnx.TensorProto) -> onnx.TensorProto:
    held.ClearField("raw_data")
    held.data_location = TensorProto.EXTERNAL
    held.external_data.add(key="location", value="../../secret")
    return held


def in_an_initializer(made: onnx.ModelProto) -> None:
    elsewhere(made.graph.initializer[0])


def in_an_attribute(made: onnx.ModelProto) -> None:
    added(helper.make_node("Constant", [], ["more"], value=elsewhere(tensor("held", 1.0))))(made)


def in_a_list_of_an_attribute(made: onnx.ModelProto) -> None:
    attribute = made.graph.node[0].attribute.add(name="held", type=onnx.AttributeProto.TENSORS)
    attribute.tensors.append(elsewhere(tensor("held", 1.0)))


def in_sparse_values(made: onnx.ModelProto) -> None:
    elsewhere(made.graph.sparse_initializer.add().values)


def in_sparse_indices(made: onnx.ModelProto) -> None:
    elsewhere(made.graph.sparse_initializer.add().indices)


def in_a_sparse_attribute(made: onnx.ModelProto) -> None:
    elsewhere(made.graph.node[0].attribute.add(name="held").sparse_tensor.values)


def without_saying_so(made: onnx.ModelProto) -> None:
    made.graph.initializer[0].external_data.add(key="location", value="labels.json")


def in_a_function(made: onnx.ModelProto) -> None:
    node = helper.make_node("Identity", ["a"], ["b"])
    made.functions.append(helper.make_function("own", "F", ["a"], ["b"], [node], [helper.make_opsetid("", 20)]))


def in_a_training(made: onnx.ModelProto) -> None:
    made.training_info.add()


def in_a_branch(made: onnx.ModelProto) -> None:
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    then = helper.make_graph([helper.make_node("Identity", ["old"], ["y"])], "then", [], [answer])
    made.graph.initializer.append(tensor("yes", True, bool))
    before_the_answer(helper.make_node("If", ["yes"], ["new"], then_branch=then, else_branch=then))(made)


def of_another_domain(made: onnx.ModelProto) -> None:
    made.graph.node[2].domain = "com.own"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        *((change, "data in another file") for change in (in_an_initializer, in_an_attribute, in_sparse_values)),
        *((change, "data in another file") for change in (in_sparse_indices, in_a_sparse_attribute, without_saying_so)),
        (in_a_list_of_an_attribute, "data in another file"),
        (in_a_function, "functions of its own"),
        (in_a_training, "a training of its own"),
        (in_a_branch, "a graph within an operator"),
        (of_another_domain, "operators of b'com.own'"),
    ],
)
def test_what_is_not_in_the_file_or_the_standard_is_refused(
    tmp_path: Path, change: Callable[[onnx.ModelProto], None], said: str
) -> None:
    made, path = fusion_network(), tmp_path / "fusion.onnx"
    path.write_bytes(made.SerializeToString())
    check_alone(path)
    change(made)
    path.write_bytes(made.SerializeToString())
    with pytest.raises(ModelError) as caught:
        check_alone(path)
    assert str(caught.value).startswith(f"{path}: it has {said}")


def test_data_that_says_it_is_in_the_file_is_no_fault(tmp_path: Path) -> None:
    made = fusion_network()
    made.graph.initializer[0].data_location = TensorProto.DEFAULT
    (tmp_path / "fusion.onnx").write_bytes(made.SerializeToString())
    check_alone(tmp_path / "fusion.onnx")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_builtin_networks_stand_alone(name: str) -> None:
    check_alone(BUILTIN / name)


def test_a_file_cut_anywhere_is_refused_or_whole_fields(tmp_path: Path) -> None:
    content, path = fusion_network().SerializeToString(), tmp_path / "fusion.onnx"
    refused = 0
    for cut in range(len(content)):
        path.write_bytes(content[:cut])
        try:
            check_alone(path)
        except ModelError as error:
            assert str(error).startswith(f"{path}: not a whole ONNX file (")
            refused += 1
    assert refused > 0.9 * len(content)


@pytest.mark.parametrize("content", [b"\0" * 2_000_000, b"\x08\0" * 1_000_000])
def test_a_file_of_nothing_but_small_fields_is_not_read_to_its_end(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fusion.onnx").write_bytes(content)
    with pytest.raises(ModelError, match="over 500,000 fields"):
        check_alone(tmp_path / "fusion.onnx")
