import pytest
import small_bottleneck

from feelscope.bottleneck.reading import Bottleneck


@pytest.fixture(scope="session")
def parts():
    """A fitted bottleneck of vectors; no test changes it."""
    return small_bottleneck.fitted_parts()


@pytest.fixture(scope="session")
def bottleneck(parts):
    return Bottleneck(parts)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The folder of a trained bottleneck of coloured pictures, with the pictures beside it."""
    return small_bottleneck.train_run(tmp_path_factory.mktemp("bottleneck"))
