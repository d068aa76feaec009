import shutil

import pytest
import small_answers
import small_emoji

from feelscope.emoji.answer.fit_drawing import add_drawing, open_autoencoder
from feelscope.emoji.answer.folder import FOLDER
from feelscope.emoji.autoencoder.train import train_autoencoder


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The folder of an answer model; not to be changed."""
    return small_answers.train(tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="session")
def autoencoder(tmp_path_factory):
    """The folder of an emoji autoencoder; not to be changed."""
    folder = tmp_path_factory.mktemp("emoji")
    return train_autoencoder(small_emoji.discs(folder), small_emoji.SETTINGS, folder / "run")


@pytest.fixture(scope="session")
def drawing_run(tmp_path_factory, autoencoder):
    """The built-in answer model, which draws by that autoencoder; not to be changed."""
    folder = shutil.copytree(FOLDER, tmp_path_factory.mktemp("drawing") / "run")
    add_drawing(folder, open_autoencoder(autoencoder))
    return folder
