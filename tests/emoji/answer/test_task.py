import numpy as np
import pytest
import torch
from torch import nn

from feelscope.emoji.answer.settings import AnswerSettings
from feelscope.emoji.answer.task import Answered, AnswerTask, answer_scores
from feelscope.errors import ConfigError, ModelError
from feelscope.models.question_emoji import QuestionEmoji, Questions, SentenceTower
from feelscope.progress import silent
from feelscope.train import loop
from feelscope.train.checkpoint import FILE
from feelscope.train.recipe import StepSettings

STEPS = StepSettings(optimizer="adamw", learning_rate=1e-2, batch_size=16, epochs=12)
EMOJI = torch.eye(4)
HINGE = AnswerSettings(loss="hinge", negatives=2)


def texts(count=96, seed=0):
    """Texts whose first four numbers say which of four emoji is right."""
    right = torch.from_numpy(np.random.default_rng(seed).integers(0, 4, count))
    noise = torch.from_numpy(np.random.default_rng((seed, 1)).normal(0, 0.3, (count, 6)).astype(np.float32))
    noise[torch.arange(count), right] += 2
    none = torch.zeros(count, 0, dtype=torch.long)
    return Answered(Questions(none, none, noise), right)


def network(seed=0):
    torch.manual_seed(seed)
    return QuestionEmoji(SentenceTower(6, 8, 0.0), 4, 8)


def task(settings=HINGE, training=None, validation=None, net=None, emoji=EMOJI, seed=0):
    return AnswerTask(net or network(), emoji, training or texts(), validation or texts(40, 7), settings, STEPS, seed)


def run(made, **given):
    return loop.fit(made, STEPS, seed=0, patience=50, progress=silent, **{"folder": None, **given})


@pytest.mark.parametrize(
    "settings",
    [
        AnswerSettings(),
        AnswerSettings(balance=0.5, smoothing=0.1),
        AnswerSettings(loss="hinge", drawn="once"),
        HINGE,
        AnswerSettings(loss="hinge", negatives=4, hard=0.5, margin=1.0),
    ],
)
def test_the_right_emoji_is_learnt(settings):
    made = task(settings)
    history = run(made)
    assert history[-1]["validation_accuracy"] > 0.95
    assert history[-1]["validation_top_5"] == 1.0
    assert ("validation_loss" in history[-1]) == (settings.loss == "hinge")


class Table(nn.Module):
    """Gives back scores that it was made with, row by the text's first number."""

    def __init__(self, scores):
        super().__init__()
        self.scores = nn.Parameter(torch.tensor(scores))

    def forward(self, questions, emoji):
        return self.scores[questions.sentences[:, 0].long()]


def test_the_hinge_is_that_of_a_plain_loop():
    scores, right = [[0.9, 0.8, 0.1], [0.2, 0.3, 0.4], [0.0, 0.5, 0.0]], [0, 1, 2]
    none = torch.zeros(3, 0, dtype=torch.long)
    training = Answered(Questions(none, none, torch.arange(3.0)[:, None]), torch.tensor(right))
    settings = AnswerSettings(loss="hinge", negatives=3, hard=1.0)
    made = AnswerTask(Table(scores), torch.eye(3), training, None, settings, STEPS, 0)
    (loss,) = made.losses(torch.arange(3))
    # Of three negatives two can be hard, as two are wrong; the third is drawn.
    chosen = made._negatives(torch.arange(3), torch.tensor(scores))
    assert all(sorted(row[:2].tolist()) == sorted({0, 1, 2} - {one}) for row, one in zip(chosen, right, strict=True))
    plain = [
        max(0.0, 0.2 - scores[row][one] + scores[row][int(wrong)])
        for row, one in enumerate(right)
        for wrong in chosen[row]
    ]
    assert float(loss.detach()) == pytest.approx(sum(plain) / 9)


def test_negatives_are_never_right_and_are_drawn_again():
    made, batch = task(), torch.arange(16)
    list(made.batches(0, 0))
    scores, right = torch.zeros(16, 4), made._training.right[:16]
    first = made._negatives(batch, scores)
    assert (first != right[:, None]).all()
    assert set(first.flatten().tolist()) == {0, 1, 2, 3}
    list(made.batches(1, 0))
    assert (made._negatives(batch, scores) != first).any()
    once = task(AnswerSettings(loss="hinge", drawn="once"))
    kept = once._negatives(batch, scores)
    list(once.batches(1, 0))
    assert (once._negatives(batch, scores) == kept).all()


def test_resumed_is_as_uninterrupted(tmp_path):
    whole, stopped = task(AnswerSettings(loss="hinge", hard=0.5, negatives=2)), network()
    run(whole)

    def stop(stage, done, total, remark):
        if done == 20:
            raise KeyboardInterrupt

    begun = task(AnswerSettings(loss="hinge", hard=0.5, negatives=2), net=stopped)
    with pytest.raises(KeyboardInterrupt):
        loop.fit(begun, STEPS, seed=0, patience=50, folder=tmp_path, progress=stop)
    again = task(AnswerSettings(loss="hinge", hard=0.5, negatives=2))
    run(again, folder=tmp_path, resume=True)
    asked = texts(8, 3).questions
    assert torch.equal(answer_scores(whole.network, asked, EMOJI), answer_scores(again.network, asked, EMOJI))


def test_a_checkpoint_of_another_training_is_not_continued():
    first = task().identity
    assert first == task().identity
    assert first != task(AnswerSettings()).identity
    assert first != task(training=texts(seed=2)).identity
    assert first != task(emoji=torch.eye(4) * 2).identity
    assert first != task(seed=1).identity


def test_one_emoji_only_is_refused():
    alone = Answered(texts().questions, torch.zeros(96, dtype=torch.long))
    with pytest.raises(ModelError, match="two different emoji or more, found 96 texts of 1"):
        task(training=alone)


def test_vectors_that_are_not_numbers_are_refused():
    bad = texts()
    bad.questions.sentences[2, 1] = torch.nan
    with pytest.raises(ModelError, match="the texts' vectors: row 3 has numbers that are not finite"):
        task(training=bad)
    with pytest.raises(ModelError, match="the emoji's vectors: row 1"):
        task(emoji=torch.full((4, 4), torch.inf))


def test_nan_in_training_stops_and_keeps_the_last_good_checkpoint(tmp_path):
    made = task()
    real, steps = made.losses, []

    def spoiled(batch):
        steps.append(1)
        for loss in real(batch):
            yield loss * (torch.nan if len(steps) == 9 else 1)

    made.losses = spoiled
    with pytest.raises(ModelError, match=r"loss is nan at step 9: .* has the last good state"):
        run(made, folder=tmp_path)
    assert (tmp_path / FILE).is_file()


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"negatives": 0}, {"hard": 2.0}, {"loss": "hing"}])
def test_settings_out_of_range(wrong):
    with pytest.raises(ConfigError):
        AnswerSettings(**wrong)
