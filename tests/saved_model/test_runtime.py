from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from feelscope.errors import ModelError
from feelscope.saved_model.folder import BUILTIN, read_labels
from feelscope.saved_model.runtime import NETWORKS, Runtime

LABELS = read_labels(BUILTIN)
IDS = [101, 2023, 2003, 6581, 102]
OTHER_IDS = [101, 1045, 5223, 2009, 2061, 2172, 102]
RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 255, (LABELS.size, LABELS.size, 3), dtype=np.uint8)
OTHER_RGB = np.full((LABELS.size, LABELS.size, 3), 200, dtype=np.uint8)


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime(BUILTIN)


@pytest.mark.parametrize(("ids", "rgb"), [(IDS, RGB), (IDS, None), (None, RGB)])
def test_probabilities_sum_to_one(runtime: Runtime, ids: list[int] | None, rgb: np.ndarray | None) -> None:
    row = runtime.probabilities(ids, rgb)
    assert row.shape == (len(LABELS.emotions),) and row.dtype == np.float32
    assert np.isfinite(row).all() and (row >= 0).all()
    assert row.sum() == pytest.approx(1, abs=1e-5)


def test_each_half_counts_with_and_without_the_other(runtime: Runtime) -> None:
    def differ(*posts: tuple[list[int] | None, np.ndarray | None]) -> bool:
        first, second = (runtime.probabilities(*post) for post in posts)
        return bool(np.abs(first - second).max() > 1e-5)

    assert differ((IDS, None), (OTHER_IDS, None))
    assert differ((None, RGB), (None, OTHER_RGB))
    assert differ((IDS, RGB), (OTHER_IDS, RGB))
    assert differ((IDS, RGB), (IDS, OTHER_RGB))
    assert differ((IDS, RGB), (IDS, None))
    assert differ((IDS, RGB), (None, RGB))


def test_an_absent_half_is_not_looked_at() -> None:
    """What stands in for the vector of an absent half must not matter."""
    session = onnxruntime.InferenceSession(BUILTIN / "fusion.onnx", providers=["CPUExecutionProvider"])
    widths = {entry.name: entry.shape[1] for entry in session.get_inputs()[:2]}
    assert list(widths) == ["text", "image"]

    def answer(seed: dict[str, int], has_text: float, has_image: float) -> np.ndarray:
        vectors = {
            name: np.random.default_rng(seed[name]).normal(size=(1, width)).astype(np.float32)
            for name, width in widths.items()
        }
        presence = {"has_text": np.array([has_text], np.float32), "has_image": np.array([has_image], np.float32)}
        return session.run(None, vectors | presence)[0]

    one, other_text, other_image = {"text": 0, "image": 1}, {"text": 2, "image": 1}, {"text": 0, "image": 2}
    assert np.array_equal(answer(one, 1, 0), answer(other_image, 1, 0))
    assert not np.array_equal(answer(one, 1, 0), answer(other_text, 1, 0))
    assert np.array_equal(answer(one, 0, 1), answer(other_text, 0, 1))
    assert not np.array_equal(answer(one, 0, 1), answer(other_image, 0, 1))


@pytest.mark.parametrize(("ids", "rgb"), [(IDS, RGB), (IDS, None), (None, RGB)])
def test_the_networks_are_run_one_after_the_other(
    runtime: Runtime, ids: list[int] | None, rgb: np.ndarray | None
) -> None:
    def run(name: str, **inputs: np.ndarray) -> np.ndarray:
        return onnxruntime.InferenceSession(BUILTIN / f"{name}.onnx").run(None, inputs)[0]

    expected = run(
        "fusion",
        text=np.zeros((1, 384), np.float32) if ids is None else run("text", ids=np.array([ids])),
        image=np.zeros((1, 1280), np.float32) if rgb is None else run("image", rgb=rgb[np.newaxis]),
        has_text=np.array([ids is not None], np.float32),
        has_image=np.array([rgb is not None], np.float32),
    )[0]
    assert runtime.probabilities(ids, rgb).tolist() == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize("length", [2, 3, LABELS.tokens])
def test_any_number_of_tokens(runtime: Runtime, length: int) -> None:
    row = runtime.probabilities([101, *[2023] * (length - 2), 102], None)
    assert row.sum() == pytest.approx(1, abs=1e-5)


def test_many_threads_give_what_one_gives(runtime: Runtime) -> None:
    posts = [(IDS, None), (OTHER_IDS, RGB), (None, OTHER_RGB), (IDS, OTHER_RGB)] * 8
    want = [runtime.probabilities(*post).tobytes() for post in posts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda post: runtime.probabilities(*post).tobytes(), posts))
    assert found == want


@pytest.mark.parametrize("kept", [0, 1000])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_cannot_be_opened(tmp_path: Path, name: str, kept: int) -> None:
    for other in NETWORKS:
        (tmp_path / other).symlink_to(BUILTIN / other)
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes((BUILTIN / name).read_bytes()[:kept])
    with pytest.raises(ModelError) as caught:
        Runtime(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / name}: ONNX Runtime cannot open this network (")
    assert "\n" not in message and message.endswith("train or copy the model again")
