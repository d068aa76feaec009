"""A soup of trainings: the mean of weights that began alike and saw other draws."""

from dataclasses import replace

import pytest
import torch
from small_training import RECIPE, corpus, towers

from feelscope.progress import silent
from feelscope.train import checkpoint, soup, tuning

THREE = replace(RECIPE, trainings=3)


class Stop(Exception):
    pass


@pytest.fixture(scope="module")
def cooked(tmp_path_factory):
    out = tmp_path_factory.mktemp("soup")
    return out, soup.fit_soup(towers, corpus(), THREE, out, resume=False, progress=silent)


def test_the_weights_are_the_mean_of_trainings_that_differ(cooked):
    out, fitted = cooked
    ends = []
    for folder in sorted(soup.folders(out)):
        network = towers()
        checkpoint.load_best(folder, network)
        ends.append(network.state_dict())
    assert len(ends) == 3
    name = "fusion.head.3.weight"
    assert not torch.equal(ends[0][name], ends[1][name])
    for name, value in fitted.towers.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, sum(end[name] for end in ends) / 3)


def test_the_record_has_every_training_and_their_mean(cooked):
    _, fitted = cooked
    told = [record["part"] for record in fitted.history]
    assert told == ["training 1"] * 3 + ["training 2"] * 3 + ["training 3"] * 3 + ["their mean"]
    answers = tuning.answer(fitted.towers, corpus().tuning, corpus().trunk)
    assert fitted.history[-1]["tuning_macro_f1"] == tuning.mean_macro_f1(answers)
    assert fitted.temperature == tuning.fit_temperature(answers)
    assert 1 <= fitted.epochs <= 3


def test_one_training_is_the_training_itself(tmp_path):
    fitted = soup.fit_soup(towers, corpus(), RECIPE, tmp_path, resume=False, progress=silent)
    assert not soup.folders(tmp_path)
    assert all("part" not in record for record in fitted.history)


def test_stopped_within_the_second_training_and_resumed_it_is_the_same(cooked, tmp_path):
    def stop(stage, done, total, detail):
        if stage == "training 2" and done == 7:
            raise Stop

    with pytest.raises(Stop):
        soup.fit_soup(towers, corpus(), THREE, tmp_path, resume=False, progress=stop)
    begun = []

    def note(stage, done, total, detail):
        begun.append(stage)

    fitted = soup.fit_soup(towers, corpus(), THREE, tmp_path, resume=True, progress=note)
    assert "training 1" not in begun  # it was done, and is read from its checkpoint
    for name, value in cooked[1].towers.state_dict().items():
        torch.testing.assert_close(fitted.towers.state_dict()[name], value, rtol=0, atol=0)
