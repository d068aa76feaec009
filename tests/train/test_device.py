"""Where a training computes: names, what is moved, and every task on a device that is not the processor."""

from dataclasses import dataclass, replace

import pytest
import small_bottleneck
import small_emoji
import small_enaet
import small_training
import torch
from small_device import OTHER, held, other_device
from small_family import Stopped, Words, corpus, posts, recipe, stop_at
from torch import nn
from torch.optim import AdamW

from feelscope.bottleneck.fit import new_captioner, new_network
from feelscope.bottleneck.tasks import BottleneckTask, CaptionTask, ReadPictures, Sentences
from feelscope.emoji.answer.settings import AnswerSettings
from feelscope.emoji.answer.task import Answered, AnswerTask
from feelscope.emoji.autoencoder import task as autoencoder
from feelscope.emoji.autoencoder.train import split
from feelscope.encoders.settings import ImageSettings
from feelscope.errors import ConfigError
from feelscope.models.question_emoji import (
    Average,
    Convolutions,
    JoinedTowers,
    PiecesTower,
    PublishedTower,
    QuestionEmoji,
    Questions,
    SentenceTower,
    WordsTower,
)
from feelscope.objectives.settings import (
    CombinationSettings,
    CommonSpaceSettings,
    DropoutSettings,
    DSRegSettings,
    EnAETSettings,
)
from feelscope.progress import silent
from feelscope.train import checkpoint, device
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.fit import fit_classifier
from feelscope.train.loop import fit
from feelscope.train.recipe import StepSettings

# What torch says of a real tensor on `meta`, which has no numbers to copy to.
pytestmark = pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter")
STEPS = StepSettings(learning_rate=0.05, momentum=0.9, batch_size=8, epochs=2, ema_decay=0.9)


def test_a_name_is_a_device():
    assert device.choose("cpu") == torch.device("cpu")
    assert device.choose("auto") == torch.device("cuda" if torch.cuda.is_available() else "cpu")


def test_a_gpu_is_taken_where_there_is_one_unless_the_processor_is_asked_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [device.choose(name).type for name in device.NAMES] == ["cuda", "cpu", "cuda"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gpu", "known are auto, cpu, cuda"),
        ("", "known are auto, cpu, cuda"),
        ("cuda", "torch sees no GPU here; leave"),
    ],
)
def test_another_name_or_no_gpu_is_one_line(name, said, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=f"^--device {name}: ") as caught:
        device.choose(name)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@dataclass(frozen=True)
class Pair:
    first: torch.Tensor
    second: object


def test_all_tensors_of_a_batch_are_moved_and_nothing_else_is_touched():
    draws, one = object(), torch.ones(2)
    batch = (Pair(one, {"a": [one, "word"]}), draws, None, 3)
    with other_device():
        (pair, *others) = device.moved(batch, OTHER)
        assert pair.first.device == pair.second["a"][0].device == OTHER
        assert pair.second["a"][1] == "word"
        assert others == [draws, None, 3]
    assert device.moved(one, torch.device("cpu")) is one


def test_draws_are_those_of_torchs_own_seed():
    for seed in (0, 7, 3 * 1_000_003):
        torch.manual_seed(seed)
        wanted = torch.rand(5)
        torch.rand(3)
        device.seed_draws(seed, torch.device("cpu"))
        assert torch.equal(torch.rand(5), wanted)


def test_a_gpu_is_seeded_too(monkeypatch):
    seeded = []
    monkeypatch.setattr(torch.cuda, "manual_seed", seeded.append)
    device.seed_draws(5, torch.device("cpu"))
    device.seed_draws(6, torch.device("cuda"))
    assert seeded == [6]


# Every task on a device that is not the processor: with the losses that it has there


def texts(count, seed):
    draws = torch.Generator().manual_seed(seed)
    right = torch.arange(count) % 4
    words, pieces = (torch.randint(0, 9, (count, 5), generator=draws) for _ in range(2))
    sentences = torch.randn(count, 6, generator=draws)
    sentences[torch.arange(count), right] += 2
    return Answered(Questions(words, pieces, sentences), right)


def answers(settings):
    table = torch.randn(9, 4, generator=torch.Generator().manual_seed(0)).numpy()
    words = [WordsTower(table.copy(), reader, 0.0) for reader in (Average(4), Convolutions(4, 3))]
    towers = JoinedTowers(
        SentenceTower(6, 8, 0.0), PiecesTower(9, 3, 0.0, left_out=0.2), PublishedTower(table, 20, 3), *words
    )
    return AnswerTask(QuestionEmoji(towers, 4, 8), torch.eye(4), texts(24, 0), texts(8, 1), settings, STEPS, 0)


def captions():
    pictures = small_bottleneck.pictures(24)
    numbers = torch.randint(3, 12, (24, 6), generator=torch.Generator().manual_seed(0))
    sides = [Sentences(pictures.vectors, torch.arange(24), numbers) for _ in range(2)]
    return CaptionTask(new_captioner(12, 12, small_bottleneck.SETTINGS), *sides, STEPS, small_bottleneck.SETTINGS, 0)


def bottleneck(question, decision):
    pictures = small_bottleneck.pictures(24)
    presence = (torch.rand(24, 5, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    read = ReadPictures(pictures.vectors, presence, presence[:, :4], pictures.labels)
    network = new_network(12, 5, 4, 3, small_bottleneck.SETTINGS)
    learns = {"learns": network, "weights": torch.tensor([1.0, 2.0, 0.5])}
    return BottleneckTask(network, read, read, STEPS, 0, question_weight=question, decision_weight=decision, **learns)


def emoji(settings, folder):
    parts = split(small_emoji.discs(folder), settings)
    return autoencoder.AutoencoderTask(
        autoencoder.new_network(settings), parts.training, parts.held_out, replace(settings, batch_size=32)
    )


def classifier(model, data=None, **changes):
    made = recipe(model, steps__ema_decay=0.9, **changes)
    return ClassifierTask(made, data or corpus("text", "image", words=Words(dropout=0.2)), 0)


def hard():
    training = posts(names=("text", "image"), words=True)
    marks = (torch.arange(len(training))[:, None] % torch.tensor([5, 7, 11]) == 1).float()
    return corpus("text", "image", words=Words(dropout=0.2), training=replace(training, hard=marks))


def few_labels(**enaet):
    """Pictures alone, most of them without a label."""
    tables = {"image": ImageSettings("lite0", "tuned"), "enaet": EnAETSettings(beta=1.0, **enaet)}
    return classifier("image_only", small_enaet.corpus(32, labelled=12).only("image"), **tables)


TASKS = {
    "early, all combinations": lambda _: classifier("early", combinations=CombinationSettings()),
    "early, modality dropout": lambda _: classifier("early", modality_dropout=DropoutSettings(0.5)),
    "common space": lambda _: classifier("common_space", common_space=CommonSpaceSettings()),
    "DSReg": lambda _: classifier("early", hard(), dsreg=DSRegSettings()),
    "late": lambda _: classifier("late"),
    "joint": lambda _: classifier("joint"),
    "tuned pictures": lambda _: classifier("image_only", small_training.corpus(30).only("image")),
    "EnAET": lambda _: few_labels(),
    "EnAET, vectors mixed": lambda _: few_labels(mix="vectors", families_a_step=2, pictures=5),
    "answers, softmax": lambda _: answers(AnswerSettings(balance=0.5)),
    "answers, hinge": lambda _: answers(AnswerSettings(loss="hinge", negatives=3, hard=0.4)),
    "answers, drawn once": lambda _: answers(AnswerSettings(loss="hinge", drawn="once")),
    "captions": lambda _: captions(),
    "bottleneck": lambda _: bottleneck(1.0, 1.0),
    "its questions": lambda _: bottleneck(1.0, 0.0),
    "emoji autoencoder": lambda folder: emoji(replace(small_emoji.SETTINGS, augment=True), folder),
    "published one": lambda folder: emoji(small_emoji.WOLF, folder),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_learns_the_same_on_another_device(name, tmp_path, monkeypatch):
    """Anything that the task leaves on the processor fails there."""
    monkeypatch.setattr(torch.optim, "AdamW", lambda groups, fused, **given: AdamW(groups, **given))
    histories, states = [], []
    for where in (torch.device("cpu"), OTHER):
        torch.manual_seed(0)
        task = TASKS[name](tmp_path)
        with other_device():
            history = fit(task, STEPS, seed=0, patience=9, folder=None, device=where, progress=silent)
        histories.append(history)
        states.append(task.network.state_dict())
    assert histories[0] == [pytest.approx(record) for record in histories[1]]
    assert [value.device.type for value in states[1].values()] == ["cpu"] * len(states[0])
    assert all(torch.allclose(held(value), states[0][name], atol=1e-5) for name, value in states[1].items())


def test_what_stays_on_the_processor_is_found():
    """The other device of these tests is one: mixing fails."""
    with other_device():
        network = nn.Linear(2, 1).to(OTHER)
        with pytest.raises(AssertionError, match="tensors of two devices"):
            network(torch.ones(1, 2))


# A training that moves between devices


def test_a_training_that_was_stopped_goes_on_elsewhere(tmp_path):
    data = corpus("text", "image", words=Words())
    made = recipe("early", steps__ema_decay=0.9, steps__epochs=3)
    whole = fit_classifier(made, data, None, progress=silent)
    with other_device(), pytest.raises(Stopped):
        fit_classifier(made, data, tmp_path, device=OTHER, progress=stop_at("training", 20))
    assert (tmp_path / checkpoint.FILE).is_file()
    resumed = fit_classifier(made, data, tmp_path, resume=True, progress=silent)
    assert resumed.history == [pytest.approx(record) for record in whole.history]

    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(Stopped):
        fit_classifier(made, data, other, progress=stop_at("training", 20))
    with other_device():
        back = fit_classifier(made, data, other, resume=True, device=OTHER, progress=silent)
    assert back.history == [pytest.approx(record) for record in whole.history]
