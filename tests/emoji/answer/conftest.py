import pytest
import small_answers


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The folder of an answer model; not to be changed."""
    return small_answers.train(tmp_path_factory.mktemp("answers"))
