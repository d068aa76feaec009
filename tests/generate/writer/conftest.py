import pytest
import small_writer

from feelscope.generate.writer.train import train_writer


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The folder of a writer of words; not to be changed."""
    folder = tmp_path_factory.mktemp("writer")
    train_writer(small_writer.posts(), folder / "run", small_writer.SETTINGS, cache=folder / "features")
    return folder / "run"


@pytest.fixture(scope="session")
def spelling_run(tmp_path_factory):
    """The folder of a writer of characters, of one emotion; not to be changed."""
    folder = tmp_path_factory.mktemp("spelling")
    settings = small_writer.changed(small_writer.SPELLING, only="sadness")
    train_writer(small_writer.posts() * 2, folder / "run", settings, cache=folder / "features")
    return folder / "run"
