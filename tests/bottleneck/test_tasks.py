from dataclasses import replace

import pytest
import small_bottleneck
import torch

from feelscope.bottleneck.fit import new_captioner, new_network
from feelscope.bottleneck.tasks import BottleneckTask, CaptionTask, ReadPictures, Sentences

SETTINGS, STEPS = small_bottleneck.SETTINGS, small_bottleneck.STEPS
TRAINING = ReadPictures(torch.zeros(4, 12), torch.zeros(4, 5), torch.zeros(4, 6), torch.tensor([0, 1, 2, 0]))
VALIDATION = TRAINING.rows(torch.tensor([0, 1]))
SENTENCES = Sentences(torch.zeros(2, 12), torch.tensor([0, 1]), torch.ones(2, 4, dtype=torch.long))


def bottleneck_identity(settings=SETTINGS, stage="deciding", training=TRAINING, validation=VALIDATION):
    network = new_network(12, 5, 6, 3, SETTINGS)
    return BottleneckTask(
        network, training, validation, STEPS, 0, learns=network.classifier, question_weight=0.0, decision_weight=1.0,
        weights=torch.ones(3), stage=stage, settings=settings,
    ).identity  # fmt: skip


def caption_identity(settings=SETTINGS, training=SENTENCES, validation=SENTENCES):
    return CaptionTask(new_captioner(12, 9, SETTINGS), training, validation, STEPS, settings, 0).identity


@pytest.mark.parametrize(
    "change",
    [
        {"settings": replace(SETTINGS, dropout=0.5)},
        {"stage": "refining"},
        {"training": TRAINING.rows(torch.tensor([1, 0, 2, 3]))},
        {"validation": TRAINING.rows(torch.tensor([0, 2]))},
        {"validation": TRAINING.rows(torch.tensor([], dtype=torch.long))},
    ],
)
def test_a_checkpoint_of_another_bottleneck_is_not_continued(change):
    assert bottleneck_identity(**change) != bottleneck_identity() == bottleneck_identity()


@pytest.mark.parametrize(
    "change",
    [
        {"settings": replace(SETTINGS, caption_rate=0.5)},
        {"training": replace(SENTENCES, picture=torch.tensor([1, 0]))},
        {"validation": replace(SENTENCES, vectors=torch.ones(2, 12))},
        {"validation": None},
    ],
)
def test_a_checkpoint_of_another_captioner_is_not_continued(change):
    assert caption_identity(**change) != caption_identity() == caption_identity()
