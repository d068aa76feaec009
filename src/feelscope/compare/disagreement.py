"""The posts on which the models disagree, whole and with one modality missing, as tables 6 and 7 of the paper show.

A model's answer is that of its probabilities averaged over seeds.

Source: Duong, Lebret, Aberer 2017, tables 6 and 7.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from feelscope.compare.training import Outcome
from feelscope.metrics.scores import answer
from feelscope.post import COMBINATIONS, Post

Row = dict[str, object]


def disagreements(
    outcomes: Mapping[str, Sequence[Outcome]],
    posts: Sequence[Post],
    emotions: Sequence[str],
    counting: Mapping[str, np.ndarray],
) -> list[Row]:
    """Complete posts that some models read correctly and others do not; within a combination, the most divided first.

    Args:
        counting: By combination, the posts that have it, bool (N,).

    Returns:
        Rows of `combination`, `id`, `text`, `image`, `emotion`, and each model's answer by its name, empty where it
        reads nothing of it.
    """
    complete = counting["text"] & counting["image"]
    rows: list[Row] = []
    for combination in COMBINATIONS:
        answers = {
            model: answer(np.mean([outcome.probabilities[combination] for outcome in seeds], axis=0))
            for model, seeds in outcomes.items()
            if seeds and combination in seeds[0].probabilities
        }
        divided = []
        for position in np.flatnonzero(complete if complete.any() else counting[combination]).tolist():
            post = posts[position]
            said = {model: _name(answer[position], emotions) for model, answer in answers.items()}
            right = sum(emotion == post.emotion for emotion in said.values())
            if 0 < right < len(said):
                order = (min(right, len(said) - right), len({*said.values()}))
                divided.append((order, _row(combination, post, said, list(outcomes))))
        rows += [row for _, row in sorted(divided, key=lambda pair: pair[0], reverse=True)]
    return rows


def _name(number: int, emotions: Sequence[str]) -> str:
    return emotions[int(number)] if number >= 0 else ""


def _row(combination: str, post: Post, said: Mapping[str, str], models: Sequence[str]) -> Row:
    image = post.image.name if isinstance(post.image, Path) else ""
    return {
        "combination": combination,
        "id": post.id,
        "text": " / ".join(" ".join(text.split()) for text in post.texts),
        "image": image,
        "emotion": post.emotion,
        **{model: said.get(model, "") for model in models},
    }
