"""Train an answer model: posts and the emoji of each in, a folder that `EmojiAnswers.load` opens out."""

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from feelscope import emotions
from feelscope.emoji.answer import folder as answer_folder
from feelscope.emoji.answer.fit_drawing import add_drawing, open_autoencoder
from feelscope.emoji.answer.folder import AnswerModel
from feelscope.emoji.answer.reading import questions
from feelscope.emoji.answer.settings import AnswerSettings
from feelscope.emoji.answer.task import Answered, AnswerTask
from feelscope.encoders.emoji_vectors import by_known, by_names, join
from feelscope.errors import ModelError, TableError
from feelscope.files import read_json, remove_partials, write_json, write_text, writing_folder
from feelscope.models.question_emoji import QuestionEmoji, SentenceTower
from feelscope.post import Post
from feelscope.prepare.split import fraction
from feelscope.progress import Progress, silent
from feelscope.saved_model.builtin_sentences import BuiltinSentences
from feelscope.saved_model.sentence_vectors import sentence_vectors
from feelscope.text.emoji import all_emoji, plain
from feelscope.text.near_duplicates import fold
from feelscope.train import checkpoint, loop, run_folder
from feelscope.train.device import CPU
from feelscope.train.fit import remove_checkpoints
from feelscope.train.recipe import StepSettings
from feelscope.words.load import load

DEFAULT_EPOCHS = 12  # the most; the validation split chooses
VALIDATION = 0.1  # of the posts, by the hash of their words
WIDTH = 64  # D, of the space that texts and emoji share; ours, like what follows
STEPS = StepSettings(
    optimizer="adamw", learning_rate=2e-3, schedule="linear", warm_up=0.1, weight_decay=0.1, max_grad_norm=1.0,
    batch_size=128,
)  # fmt: skip
SETTINGS = AnswerSettings(loss="softmax", balance=0.4, smoothing=0.05)
DROPOUT, PATIENCE = 0.2, 4


def train_answers(
    posts: Iterable[Post],
    out: Path,
    *,
    vectors: Path | None = None,
    autoencoder: Path | None = None,
    epochs: int = DEFAULT_EPOCHS,
    seed: int = 0,
    cache: Path,
    resume: bool = False,
    device: torch.device = CPU,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Train an answer model and save it.

    Args:
        posts: With an emoji, or one of the built-in model's emotions, as `emotion`.
        vectors: A file with vectors of emoji, such as emoji2vec.
        autoencoder: A folder of `emoji train-autoencoder`, by which the model also draws new emoji.
        cache: The folder of the feature cache.

    Returns:
        What metrics.json has: texts, emoji, and the record of every epoch.

    Raises:
        TableError: No post has an emoji that is known.
        ModelError, WordsError: One line that says what to do.
    """
    with ExitStack() as held:
        held.enter_context(writing_folder(out, ModelError))
        if not resume:
            run_folder.check_is_free(out)
        elif (out / answer_folder.MANIFEST).is_file():
            return dict(read_json(out / run_folder.METRICS, ModelError, "train the model again"))
        else:
            checkpoint.find(out)
        drawing = None if autoencoder is None else open_autoencoder(autoencoder)
        remove_partials(out)
        texts, labels = labelled(posts)
        counts = Counter(labels)
        if len(counts) < 2:
            raise TableError(f"all {len(texts):,} texts have {labels[0]}; give texts of two different emoji or more")
        seen = sorted(counts, key=lambda one: (-counts[one], one))
        every = [*seen, *(one for one in all_emoji() if one not in counts)]
        encoder = BuiltinSentences()
        progress("reading emoji", 0, 0, "")
        parts = [by_names(every, encoder)]
        if vectors is not None:
            parts.append(by_known(every, load(vectors)))
        table = torch.from_numpy(join(every, parts))  # (E, F)
        read = questions(texts, sentences=sentence_vectors(texts, encoder, cache, progress))
        right = torch.tensor([seen.index(label) for label in labels])
        chosen = torch.tensor([fraction(fold(text) or text) < VALIDATION for text in texts])
        training, validation = (
            Answered(read.rows(rows), right[rows])
            for rows in (torch.nonzero(~chosen)[:, 0], torch.nonzero(chosen)[:, 0])
        )
        torch.manual_seed(seed)
        network = QuestionEmoji(SentenceTower(encoder.width, WIDTH, DROPOUT), table.shape[1], WIDTH)
        steps = replace(STEPS, epochs=epochs)
        task = AnswerTask(
            network, table[: len(seen)], training, validation if len(validation) else None, SETTINGS, steps, seed
        )
        history = loop.fit(
            task, steps, seed=seed, patience=PATIENCE, folder=out, resume=resume, device=device, progress=progress
        )
        report = {"texts": len(texts), "emoji": len(seen), "seed": seed, "validation": history}
        settings = answer_folder.AnswerSettings(
            out.resolve().name, encoder.identity, tuple(every), tuple(counts[one] for one in every)
        )
        write_json(out / run_folder.METRICS, report)
        write_text(out / answer_folder.CARD, card(report, counts, vectors is not None, drawing is not None))
        answer_folder.write(out, AnswerModel(settings, arrays(network, table)))
        if drawing is not None:
            add_drawing(out, drawing)
        remove_checkpoints(out)
    return report


def labelled(posts: Iterable[Post]) -> tuple[list[str], list[str]]:
    """The texts of the posts, and the emoji of each, without skin tones; posts without a known one are left out.

    Raises:
        TableError: None is left.
    """
    texts, labels = [], []
    for post in posts:
        label = str(post.emotion).strip()
        emoji = plain(label) or emotions.EMOJI.get(label.lower(), "")
        if emoji and post.has_text:
            texts.append(" ".join(post.texts))
            labels.append(emoji)
    if not texts:
        raise TableError(
            "no post has words and, in its column 'emotion', one emoji or one of the emotions "
            f"{', '.join(emotions.EMOJI)}; name the column with --columns emotion=NAME"
        )
    return texts, labels


@torch.no_grad()
def arrays(network: QuestionEmoji, emoji: torch.Tensor) -> dict[str, np.ndarray]:
    """A network whose tower is a `SentenceTower`, and the vectors (E, F) of all emoji, as a saved model has them."""
    tower = network.question
    assert isinstance(tower, SentenceTower)
    answers, often = network.eval().answers(emoji)
    layers = {
        "norm": tower.norm, "direct": tower.direct, "hidden": tower.hidden, "out": tower.out, "asked": network.asked
    }  # fmt: skip
    found = {
        f"{name}_{part}": getattr(layer, part).numpy() for name, layer in layers.items() for part in ("weight", "bias")
    }
    return found | {
        "scale": network.log_scale.exp().numpy(),
        "answers": answers.numpy(),
        "often": often.numpy(),
    }


def card(report: dict[str, Any], counts: Counter[str], known: bool, draws: bool) -> str:
    """The model card."""
    best = max(report["validation"], key=lambda one: one.get("validation_macro_f1", 0) + one.get("validation_top_5", 0))
    scores = ", ".join(
        f"{name.removeprefix('validation_').replace('_', ' ')} {value:.3f}"
        for name, value in best.items()
        if name.startswith("validation_")
    )
    rows = "\n".join(f"| {emoji} | {count:,} |" for emoji, count in counts.most_common())
    drawing = (
        "\nIt also draws new emoji (`--novel`): a guess from pictures alone, whose licence may cover it.\n" * draws
    )
    return f"""# An answer model

Answers a text with emoji: `feelscope emoji answer TEXT --model RUN`. The built-in model's text network reads the text;
small layers and a vector for each emoji are what was trained, on {report["texts"]:,} texts of {report["emoji"]} emoji.
Emoji are known by their names{" and by the vectors of a file" if known else ""}, so those that no text had can answer
too, which is less certain (`--unseen`).
{drawing}
Not for deciding about a person: an emoji is a guess at what people would write, not at what its author feels.

On the validation split, which chose the epoch, so a little too high: {scores or "none was kept apart"}.

| emoji | training texts |
| --- | --- |
{rows}
"""
