"""`feelscope` has at most ten public names, each the thing its module has, imported when asked for."""

from importlib import import_module

import pytest

import feelscope


def test_there_are_at_most_ten() -> None:
    assert 0 < len(feelscope.__all__) <= 10
    assert set(feelscope.__all__) <= set(dir(feelscope))


@pytest.mark.parametrize("name", feelscope.__all__)
def test_a_public_name_is_the_modules_own(name: str) -> None:
    found = getattr(feelscope, name)
    assert found.__module__.startswith("feelscope.")
    assert getattr(import_module(found.__module__), name) is found
    assert found.__doc__


def test_a_wrong_name_says_which_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'Clasifier'; it has Post, .*EmotionClassifier"):
        feelscope.Clasifier  # noqa: B018
    with pytest.raises(ImportError):
        exec("from feelscope import Clasifier")


def test_the_verbs_stay_modules() -> None:
    import feelscope.evaluate.evaluate
    import feelscope.predict

    assert feelscope.evaluate.evaluate.__name__ == "feelscope.evaluate.evaluate"
    assert not {"evaluate", "predict", "train"} & set(feelscope.__all__)
