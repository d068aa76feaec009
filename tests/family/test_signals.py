import pytest
import torch
from small_family import signals

from feelscope.family.signals import Signals, drop_modalities


def test_rows_are_the_posts_asked_for_without_needless_padding():
    ids = torch.tensor([[3, 1, 0, 0], [0, 0, 0, 0], [2, 0, 0, 0]])
    posts = Signals({"text": ids}, {"text": torch.tensor([1.0, 0, 1])}, torch.tensor([0, 1, 2]))
    two = posts.rows(torch.tensor([2, 0]))
    assert two.inputs["text"].tolist() == [[2, 0], [3, 1]]
    assert two.labels.tolist() == [2, 0]
    assert posts.rows(torch.tensor([1])).inputs["text"].tolist() == [[0]]
    assert len(posts.rows(torch.tensor([], dtype=torch.long))) == 0


def test_only_and_without_take_modalities_from_all_posts():
    posts = signals(12)
    assert set(posts.only("image", "tags").inputs) == {"image", "tags"}
    without = posts.without("image")
    assert without.present["image"].sum() == 0
    assert torch.equal(without.present["text"], posts.present["text"])
    assert posts.present["image"].sum() > 0, "the posts themselves stay as they are"
    assert posts.counts().tolist() == [sum(int(one[row]) for one in posts.present.values()) for row in range(12)]


def test_dropping_takes_at_most_one_modality_and_never_the_last():
    posts = signals(600)
    kept = drop_modalities(posts.present, 0.5, torch.Generator().manual_seed(0))
    before, after = (torch.stack([one[name] for name in posts.present], 1) for one in (posts.present, kept))
    lost = (before - after).sum(dim=1)
    assert set(lost.tolist()) == {0.0, 1.0}
    assert ((before - after) >= 0).all()
    assert after.sum(dim=1).min() >= 1
    complete = before.sum(dim=1) == 3
    assert lost[complete].mean().item() == pytest.approx(0.5, abs=0.08)
    each = (before - after)[complete].sum(dim=0) / lost[complete].sum()
    assert each.tolist() == pytest.approx([1 / 3] * 3, abs=0.1)


def test_dropping_none_and_all():
    posts = signals(60)
    draws = torch.Generator().manual_seed(0)
    assert all(torch.equal(one, posts.present[name]) for name, one in drop_modalities(posts.present, 0, draws).items())
    alone = posts.only("text").present
    assert torch.equal(drop_modalities(alone, 1, draws)["text"], alone["text"])
    kept = torch.stack(list(drop_modalities(posts.present, 1, draws).values())).sum(dim=0)
    assert torch.equal(kept, (posts.counts() - 1).clamp(min=1))
