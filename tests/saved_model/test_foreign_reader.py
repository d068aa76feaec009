import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import psutil
import pytest
from onnx import TensorProto, helper
from small_model import LABELS, added, alter_json, alter_network, before_the_answer, tensor, write_small_model

from feelscope.errors import ModelError
from feelscope.post import Post
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.foreign_reader import ForeignReader
from feelscope.saved_model.reader import Asked, OwnReader

HAPPY = Post("1", "so happy")
RGB = np.random.default_rng(0).integers(0, 256, (LABELS.size, LABELS.size, 3), np.uint8)
TOTAL = helper.make_node("ReduceSum", ["much"], ["more"], keepdims=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_model(tmp_path / "model")


def refused(folder: Path) -> str:
    """The one line that a model, or its first post, is refused with."""
    with pytest.raises(ModelError) as caught:
        EmotionClassifier.load(folder, workers=1).predict([HAPPY])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_answers_as_it_would_in_this_process(folder: Path) -> None:
    own, foreign = OwnReader(folder, LABELS), ForeignReader(folder, LABELS, 2)
    assert foreign.widths == own.widths == {"text": 4, "image": 4}
    for texts in (["so happy"], ["a", "sad day"], [""], ["day " * 30]):
        assert foreign.encode(texts, False) == own.encode(texts, False)
        ids = own.encode(texts, False).ids
        for rgb in (None, RGB):
            first, second = own.probabilities(ids, rgb, {}), foreign.probabilities(ids, rgb, {})
            assert first.tobytes() == second.tobytes() and second.dtype == np.float32


def test_an_answer_that_nobody_waited_for_is_not_given_to_the_next_question(folder: Path) -> None:
    reader = ForeignReader(folder, LABELS, 1)
    stopped = reader._free.get()

    class Stopping:
        def poll(self, seconds: float) -> bool:
            raise KeyboardInterrupt

        def __getattr__(self, name: str) -> Any:
            return getattr(stopped, name)

    reader._free.put(Stopping())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        reader.encode(["so happy"], False)
    reader._free.get()
    reader._free.put(stopped)
    with pytest.raises(ModelError, match="the process of this model ended"):
        reader.encode(["a", "sad day"], False)


@pytest.mark.parametrize("limit", ["RLIMIT_CPU", "RLIMIT_DATA"])
def test_it_asks_for_no_more_than_it_may_have(limit: str) -> None:
    code = f"""
import resource
from feelscope.saved_model.foreign_reader import _Limits
resource.setrlimit(resource.{limit}, (600_000_000, 700_000_000))
with _Limits(10**12, 10**9).of(1):
    print(*resource.getrlimit(resource.{limit}))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.split() == ["700000000", "700000000"], ran.stderr


def test_more_threads_than_workers_each_get_their_own_answer(folder: Path) -> None:
    reader = ForeignReader(folder, LABELS, 2)
    wanted = [reader.probabilities([number % 7], None, {}).tolist() for number in range(40)]
    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(lambda n: reader.probabilities([n % 7], None, {}).tolist(), range(40))) == wanted
    assert len({*map(tuple, wanted)}) == 7


def test_what_is_asked_together_is_answered_as_each_alone(folder: Path) -> None:
    reader, own = ForeignReader(folder, LABELS, 1), OwnReader(folder, LABELS)
    texts = [(["so happy"], False), (["a", "sad day"], True), (["!!!"], False)]
    tokens = reader.encode_all(texts)
    assert tokens == [reader.encode(*one) for one in texts] == own.encode_all(texts)
    asked: list[Asked] = [(one.ids, None, {}) for one in tokens]
    rows = [row.tolist() for row in reader.probabilities_all(asked)]
    assert rows == [reader.probabilities(*one).tolist() for one in asked]
    assert rows == [row.tolist() for row in own.probabilities_all(asked)]


def test_posts_that_are_asked_together_have_the_time_of_each() -> None:
    code = """
import resource
from feelscope.saved_model.foreign_reader import _Limits
limits, found = _Limits(10**12, 5), []
for posts in (1, 64):
    with limits.of(posts):
        found.append(resource.getrlimit(resource.RLIMIT_CPU)[0])
print(found[1] - found[0])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert int(ran.stdout) in (5 * 63, 5 * 63 + 1), ran.stderr  # a second of its own may have passed


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is one clock")
def test_its_time_is_counted_by_the_clock_that_the_limit_goes_by() -> None:
    code = """
import resource
import time
from feelscope.saved_model.foreign_reader import _Limits
print(time.clock_gettime(-8))  # there is such a clock
time.clock_gettime = {-8: 500.5}.get  # ticks are ahead of getrusage, as after hours beside other programs
with _Limits(10**12, 5).of(1):
    print(resource.getrlimit(resource.RLIMIT_CPU)[0])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    now, limit = ran.stdout.split()
    assert 0 <= float(now) < 60
    assert int(limit) == 500 + 1 + 5, ran.stderr


def test_its_process_goes_with_the_classifier_and_is_not_left_behind_by_a_killed_one(folder: Path) -> None:
    classifier = EmotionClassifier.load(folder, workers=3)
    child = psutil.Process(classifier._reader._process.pid)  # type: ignore[attr-defined]
    assert classifier.predict([HAPPY])[0].emotion and child.is_running()
    del classifier
    assert not child.is_running()
    code = f"""
import os, signal
from feelscope.saved_model.classifier import EmotionClassifier
classifier = EmotionClassifier.load({str(folder)!r}, workers=3)
print(classifier._reader._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 60
    while psutil.pid_exists(pid := int(ran.stdout)) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_process_that_ends_is_one_line_for_every_post_from_then_on(folder: Path) -> None:
    classifier = EmotionClassifier.load(folder, workers=2)
    classifier._reader._process.kill()  # type: ignore[attr-defined]
    for _ in range(3):
        with pytest.raises(ModelError, match=r"the process of this model ended \(SIGKILL\)"):
            classifier.predict([HAPPY])


def test_nothing_of_the_current_folder_is_run_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text(f"open({str(tmp_path / 'owned')!r}, 'w').write('owned')")
    code = f"import sys; sys.path[:] = {sys.path!r}; from feelscope import EmotionClassifier, Post; "
    code += f"print(EmotionClassifier.load({str(folder)!r}).predict([Post('1', 'so happy')])[0].emotion)"
    ran = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout.strip() in LABELS.emotions, ran.stderr
    assert not (tmp_path / "owned").exists()


def asks(length: int) -> Callable[[onnx.ModelProto], None]:
    """A network that asks for so many numbers."""
    shape = tensor("shape", [length], np.int64)
    return added(helper.make_node("ConstantOfShape", ["shape"], ["much"]), TOTAL, constants=[shape])


def by_the_post(factor: float) -> Callable[[onnx.ModelProto], None]:
    """A network that asks for as many numbers as the sum of its answer times a factor."""
    nodes = [
        helper.make_node("ReduceL1", ["old"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "factor"], ["scaled"]),
        helper.make_node("Cast", ["scaled"], ["length"], to=TensorProto.INT64),
        helper.make_node("Range", ["from", "length", "step"], ["long"]),
        helper.make_node("Cast", ["long"], ["much"], to=TensorProto.FLOAT),
    ]
    constants = [tensor("factor", factor), tensor("from", 0, np.int64), tensor("step", 1, np.int64)]
    return added(*nodes, TOTAL, constants=constants)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("text.onnx", asks(2**40)),
        ("fusion.onnx", asks(200_000_000)),
        ("text.onnx", by_the_post(1e9)),
        ("fusion.onnx", by_the_post(1e15)),
    ],
)
def test_a_network_that_asks_for_gigabytes_is_refused_without_them(
    folder: Path, name: str, change: Callable[[onnx.ModelProto], None]
) -> None:
    alter_network(folder, name, change)
    assert refused(folder).startswith(f"{folder / name}: ONNX Runtime cannot ")


def test_a_network_may_take_the_memory_that_models_need(folder: Path) -> None:
    alter_network(folder, "fusion.onnx", asks(10_000_000))
    assert EmotionClassifier.load(folder, workers=1).predict([HAPPY])[0].emotion


@pytest.mark.slow
def test_a_network_that_computes_for_ever_is_stopped(folder: Path) -> None:
    nodes = [
        helper.make_node("Expand", ["old", "shape"], ["spread"]),
        helper.make_node("Reshape", ["spread", "square"], ["m0"]),
        *(helper.make_node("MatMul", [f"m{n}", "m0"], [f"m{n + 1}"]) for n in range(3000)),
        helper.make_node("ReduceSum", ["m3000"], ["more"], keepdims=0),
    ]
    shapes = [tensor("shape", [270_000, 3], np.int64), tensor("square", [900, 900], np.int64)]
    alter_network(folder, "fusion.onnx", added(*nodes, constants=shapes))
    assert "reading with this model took over 3 seconds of processor time" in refused(folder)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([float("nan"), 0.5, 0.5], "its answer to a post is no probabilities"),
        ([float("inf"), 0, 0], "its answer to a post is no probabilities"),
        ([2, -1, 0], "its answer to a post is no probabilities"),
        ([0.5, 0.3, 0.1], "its answer to a post is no probabilities"),
        ([0.5, 0.5], "it is made for 2, and labels.json says 3"),
    ],
)
def test_an_answer_that_is_no_probabilities_is_no_emotion(folder: Path, row: list[float], said: str) -> None:
    node = helper.make_node("Constant", [], ["new"], value=tensor("row", [row]))
    alter_network(folder, "fusion.onnx", before_the_answer(node))
    message = refused(folder)
    assert message.startswith(f"{folder / 'fusion.onnx'}: ") and said in message


def kind(index: int, kind: int, inputs: bool = True) -> Callable[[onnx.ModelProto], None]:
    def change(made: onnx.ModelProto) -> None:
        entries = made.graph.input if inputs else made.graph.output
        entries[index].type.tensor_type.elem_type = kind

    return change


def shape(index: int, *sides: int, inputs: bool = True) -> Callable[[onnx.ModelProto], None]:
    def change(made: onnx.ModelProto) -> None:
        entry = (made.graph.input if inputs else made.graph.output)[index].type.tensor_type.shape
        del entry.dim[:]
        for side in sides:
            entry.dim.add(dim_value=side)

    return change


def cast(made: onnx.ModelProto) -> None:
    before_the_answer(helper.make_node("Cast", ["old"], ["new"], to=TensorProto.DOUBLE))(made)
    kind(0, TensorProto.DOUBLE, inputs=False)(made)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (
            "text.onnx",
            kind(0, TensorProto.INT32),
            "the input ids: expected tensor(int64) [1, '?'], found tensor(int32)",
        ),
        ("text.onnx", shape(0, 1, 9), ""),  # any length but 9 fails
        ("text.onnx", cast, "the output: expected tensor(float) [1, 4], found tensor(double)"),
        ("image.onnx", shape(0, 1, 9, 9, 3), "it is made for 9, and labels.json says 8"),
        ("image.onnx", kind(0, TensorProto.INT8), "the input rgb: expected tensor(uint8) [1, '?', '?', 3]"),
        ("fusion.onnx", lambda made: made.graph.input.append(tensor_input("more")), "it needs 'more' too"),
        ("fusion.onnx", lambda made: made.graph.input.pop(), "expected"),
    ],
)
def test_a_network_of_other_inputs_or_outputs_is_refused(
    folder: Path, name: str, change: Callable[[onnx.ModelProto], None], said: str
) -> None:
    alter_network(folder, name, change)
    if said == "":
        assert EmotionClassifier.load(folder, workers=1)
    else:
        message = refused(folder)
        assert message.startswith(f"{folder / name}: ") and (said in message or "cannot open" in message), message


def tensor_input(name: str) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"type": "WordLevel", "vocab": {"so": 4_000_000_000, "[UNK]": 0}, "unk_token": "[UNK]"}},
        {"model": {"type": "WordLevel", "vocab": {"so": 99, "[UNK]": 0}, "unk_token": "[UNK]"}},
        {"normalizer": {"type": "Replace", "pattern": {"Regex": "("}, "content": "x"}},
        {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a|aa)+$|(" + "a?" * 40 + ")b"}}},
        {"normalizer": None, "model": []},
    ],
    ids=["huge id", "unknown id", "no pattern", "no splitter", "no model"],
)
def test_a_tokenizer_that_is_none_is_one_line(folder: Path, change: dict[str, Any]) -> None:
    alter_json(folder, "tokenizer.json", lambda content: content.update(change))
    assert refused(folder).startswith((f"{folder / 'tokenizer.json'}: ", f"{folder / 'text.onnx'}: "))


def test_a_text_that_grows_without_end_ends_the_other_process_alone(folder: Path) -> None:
    more = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 100}
    normalizer = {"type": "Sequence", "normalizers": [more] * 60}
    alter_json(folder, "tokenizer.json", lambda content: content.update(normalizer=normalizer))
    assert "of this model ended (SIGABRT), which may have taken over" in refused(folder)


def test_a_process_that_does_not_answer_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = EmotionClassifier.load(folder, workers=1)
    monkeypatch.setattr("feelscope.saved_model.foreign_reader._PATIENCE", 0.1)
    os.kill(classifier._reader._process.pid, signal.SIGSTOP)  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match=r"ended \(SIGKILL\)"):
        classifier.predict([HAPPY])
