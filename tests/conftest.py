"""What all tests share: one thread for each, and no hurry."""

import functools
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import small_cluster
from hypothesis import settings

# Tests run side by side, and a small training gives the same on every machine only with the same number of threads.
os.environ["OMP_NUM_THREADS"] = "1"

# scikit-learn and Ray import pandas, which fails halfway where it takes tests/bottleneck for a package; its next import
# then leaves Python's import lock held, and every other thread waits for it.
with small_cluster.without_tests(), suppress(ModuleNotFoundError):
    import pandas  # noqa: F401

# A busy machine is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@functools.cache
def _has_one_registry() -> bool:
    """Have torch's exporter read its library of operators once a process, and not for each file, in half a second."""
    from torch.onnx._internal.exporter._registration import ONNXRegistry

    read = functools.cache(ONNXRegistry.from_torchlib)

    def from_torchlib(*given: int, **named: int) -> ONNXRegistry:
        whole, copy = read(*given, **named), ONNXRegistry()
        copy._opset_version = whole._opset_version
        copy.functions = {target: [*metas] for target, metas in whole.functions.items()}
        return copy

    ONNXRegistry.from_torchlib = staticmethod(from_torchlib)  # type: ignore[method-assign, assignment]
    return True


def pytest_runtest_setup() -> None:
    """Where an earlier test has exported a network."""
    if "torch.onnx._internal.exporter._registration" in sys.modules:
        _has_one_registry()


@pytest.fixture(scope="session")
def words_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished training on words, tags and votes, with `posts.csv` beside it; not to be changed."""
    import small_family

    from feelscope.encoders.encoder import Resources
    from feelscope.encoders.settings import FurtherSettings
    from feelscope.train.train import train

    folder = tmp_path_factory.mktemp("words")
    made = small_family.recipe(
        "joint",
        image=small_family.ImageSettings(),
        further=FurtherSettings(("tags", "numbers:votes")),
        choices__validation=0.2,
        steps__epochs=6,
    )
    table = small_family.write_table(folder / "posts.csv", 60)
    resources = Resources(folder / "features", small_family.write_vectors(folder / "vectors.txt"))
    return train(made, folder / "run", table=table, resources=resources)


@pytest.fixture(scope="session")
def pictures_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished training on coloured pictures, by a tiny encoder of 32 pixels; not to be changed."""
    import small_bottleneck
    import small_family
    import small_hub

    from feelscope.encoders.encoder import Resources
    from feelscope.train.train import train

    folder = tmp_path_factory.mktemp("pictures")
    small_hub.save_vit(folder / "vit")
    image = small_family.ImageSettings(f"hub:{folder / 'vit'}", normalise=True)
    made = small_family.recipe("image_only", image=image, choices__validation=0.2)
    table = small_bottleneck.write_posts(folder)
    return train(made, folder / "run", table=table, resources=Resources(folder / "features"))
