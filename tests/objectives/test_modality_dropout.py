import numpy as np
import pytest
import torch
from small_family import posts

from feelscope.objectives.modality_dropout import ModalityDropout, drop_modalities
from feelscope.objectives.objective import Batch, Objective, Outputs


def stacked(present):
    return torch.stack(list(present.values()), dim=1)


def test_at_most_one_modality_is_dropped_and_never_the_last():
    present = posts(600).present
    before, after = stacked(present), stacked(drop_modalities(present, 0.5, torch.Generator().manual_seed(0)))
    lost = (before - after).sum(dim=1)
    assert set(lost.tolist()) == {0.0, 1.0}
    assert ((before - after) >= 0).all()
    assert after.sum(dim=1).min() >= 1
    complete = before.sum(dim=1) == 3
    assert lost[complete].mean().item() == pytest.approx(0.5, abs=0.08)
    each = (before - after)[complete].sum(dim=0) / lost[complete].sum()
    assert each.tolist() == pytest.approx([1 / 3] * 3, abs=0.1)


def test_a_share_of_none_and_of_all():
    some = posts(60)
    draws = torch.Generator().manual_seed(0)
    assert torch.equal(stacked(drop_modalities(some.present, 0, draws)), stacked(some.present))
    alone = some.only("text").present
    assert torch.equal(drop_modalities(alone, 1, draws)["text"], alone["text"])
    kept = stacked(drop_modalities(some.present, 1, draws)).sum(dim=1)
    assert torch.equal(kept, (some.counts() - 1).clamp(min=1))


class Counting(Objective):
    """The loss of a post is how many modalities the fusion may use of it."""

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        return stacked(outputs.present).sum(dim=1)


def test_what_it_wraps_sees_posts_that_have_lost_one_and_every_step_draws_again():
    some = posts(60, missing=False)
    outputs = Outputs(None, {}, some.present)
    assert ModalityDropout(Counting(), 1.0).loss(outputs, Batch(some, np.random.default_rng(0))) == 2
    assert ModalityDropout(Counting(), 0.0).loss(outputs, Batch(some, np.random.default_rng(0))) == 3
    dropping = ModalityDropout(Counting(), 0.5)
    by_step = [dropping.per_post(outputs, Batch(some, np.random.default_rng(step))).tolist() for step in (0, 0, 1)]
    assert by_step[0] == by_step[1] != by_step[2], "and a resumed training draws the same"
    draws = np.random.default_rng(0)
    assert len({tuple(dropping.per_post(outputs, Batch(some, draws)).tolist()) for _ in range(100)}) == 100
    assert torch.equal(stacked(outputs.present), torch.ones(60, 3)), "the posts stay as they are for other objectives"


def test_a_post_beside_a_borrowed_picture_keeps_its_words():
    some = posts(60, missing=False)
    some.borrowed[:20] = 1.0
    seen = ModalityDropout(Counting(), 1.0).per_post(
        Outputs(None, {}, some.present), Batch(some, np.random.default_rng(0))
    )
    assert seen.tolist() == [3] * 20 + [2] * 40
