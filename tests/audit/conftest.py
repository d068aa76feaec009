import pytest
import small_bias
from small_audit import WOMEN, WORK, scored

from feelscope.audit.found import CONTROL
from feelscope.audit.measure import ask, audit
from feelscope.audit.swaps import GENDER, NEUTRAL


@pytest.fixture(scope="session")
def planted():
    """The audit of a made-up model that finds women angrier."""
    model = scored()
    return audit(model, "gender", ("men", "women"), [ask(model, WORK, {"gender": GENDER, CONTROL: NEUTRAL})], WOMEN)


@pytest.fixture(scope="session")
def biased_run(tmp_path_factory):
    """The folder of a text model whose training posts about women are angry ones; not to be changed."""
    return small_bias.train_biased(tmp_path_factory.mktemp("biased"))
