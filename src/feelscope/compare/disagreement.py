"""The posts on which the models disagree, whole and with one half missing, as tables 6 and 7 of the paper show them.

A model's answer is that of its probabilities averaged over seeds.

Source: Duong, Lebret, Aberer 2017, tables 6 and 7.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from feelscope.compare.training import Outcome
from feelscope.metrics.scores import answer
from feelscope.post import Post

Row = dict[str, object]


def disagreements(
    outcomes: Mapping[str, Sequence[Outcome]],
    posts: Sequence[Post],
    emotions: Sequence[str],
    asked: Mapping[str, np.ndarray],
) -> list[Row]:
    """Complete posts that some models read rightly and others do not, the most divided first within each way.

    Args:
        asked: By way, the posts that it has, bool (N,).

    Returns:
        Rows of `way`, `id`, `text`, `image`, `emotion`, and each model's answer by its name, empty where it reads
        nothing of the kind.
    """
    complete = asked["text"] & asked["image"]
    rows: list[Row] = []
    for way in ("both", "text", "image"):
        answers = {
            model: answer(np.mean([one.probabilities[way] for one in some], axis=0))
            for model, some in outcomes.items()
            if some and way in some[0].probabilities
        }
        found = []
        for at in np.flatnonzero(complete if complete.any() else asked[way]).tolist():
            truth = str(posts[at].emotion)
            said = {model: emotions[int(one[at])] if one[at] >= 0 else "" for model, one in answers.items()}
            right = sum(one == truth for one in said.values())
            if 0 < right < len(said):
                divided = (min(right, len(said) - right), len({*said.values()}))
                found.append((divided, _row(way, posts[at], said, list(outcomes))))
        rows += [row for _, row in sorted(found, key=lambda pair: pair[0], reverse=True)]
    return rows


def _row(way: str, post: Post, said: Mapping[str, str], models: Sequence[str]) -> Row:
    image = post.image.name if isinstance(post.image, Path) else ""
    return {
        "way": way,
        "id": post.id,
        "text": " / ".join(" ".join(one.split()) for one in post.texts),
        "image": image,
        "emotion": post.emotion,
        **{model: said.get(model, "") for model in models},
    }
