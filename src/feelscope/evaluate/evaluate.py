"""Score a classifier on a posts table: on posts as they are, and with each of their modalities alone."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from feelscope.config import did_you_mean
from feelscope.emotions import match
from feelscope.encoders.further.emoji import emoji_of, words_of
from feelscope.errors import ModelError, TableError
from feelscope.evaluate.evaluation import Evaluation
from feelscope.memory import with_answers
from feelscope.metrics.intervals import RESAMPLES
from feelscope.metrics.scores import score
from feelscope.post import COMBINATIONS, WITH_EMOJI, Post, combinations_of
from feelscope.progress import Count
from feelscope.table import Quarantine
from feelscope.table.unused_pictures import count_warned

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

_SHOWN = 3  # unknown labels that an error lists


def evaluate(
    classifier: "EmotionClassifier",
    posts: Iterable[Post],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    progress: Count | None = None,
) -> Evaluation:
    """Score a classifier on labelled posts, as they are and with each modality alone.

    Every combination of modalities is scored as a table of its own, with the emotions its posts have: `text` is what
    the words would score if nobody had posted a picture. Of a model that reads emoji, the seven combinations of
    words, picture and emoji are; words are then without emoji, and emoji without words. A post of which nothing
    could be read (a broken picture without words, say) counts as wrong in each combination it belongs to, and
    `Scores.unread` counts them. The classifier never sees the labels. A post with one modality only is predicted
    once. Kept in memory for each post and combination: its label's number and its probabilities.

    Args:
        classifier: Or anything with `name`, `emotions`, `modalities`, and such a `stream`.
        posts: Read twice, for the labels and for the rest, so give a list or a `PostsTable`, whose number of bad rows
            goes into the result; an iterator is made into a list.
        resamples: Of the bootstrap behind the 95% intervals; 0 leaves the intervals out.
        progress: Called after each post with the number done and the number of all.

    Raises:
        ModelError: A label has no match among the model's emotions; raised before the first prediction.
        TableError: No post has a label.
    """
    if isinstance(posts, Iterator):
        posts = list(posts)
    labels, mapped = match_labels(classifier, posts)
    unlabelled = labels.pop("", 0)
    quarantine = getattr(posts, "quarantine", None)  # a PostsTable has one, a list of posts has none
    bad_rows = 0 if quarantine is None else quarantine.count  # now: the second reading meets the same ones again
    index = {label: classifier.emotions.index(emotion) for label, emotion in mapped.items()}
    true, probabilities = _predict(classifier, posts, index, progress, labels.total(), quarantine)
    scores = {
        key: score(
            np.frombuffer(true[key], dtype=np.int32),
            np.frombuffer(probabilities[key], dtype=np.float32).reshape(-1, len(classifier.emotions)),
            classifier.emotions,
            seed=seed,
            resamples=resamples,
            restricted=True,
        )
        for key in (*COMBINATIONS, *WITH_EMOJI)
        if true[key]
    }
    with_emoji = {key: scores[key] for key in WITH_EMOJI if key in scores}
    return Evaluation(
        model=classifier.name,
        emotions=tuple(classifier.emotions),
        mapped={label: emotion for label, emotion in mapped.items() if label != emotion},
        posts=labels.total(),
        unlabelled=unlabelled,
        quarantined=bad_rows,
        both=scores["both"],
        text=scores.get("text"),
        image=scores.get("image"),
        with_emoji=with_emoji if "emoji" in classifier.modalities else None,
        seed=seed,
        resamples=resamples,
    )


class Answers(Protocol):
    """Whatever answers with emotions."""

    @property
    def name(self) -> str:
        """As messages call it."""

    @property
    def emotions(self) -> tuple[str, ...]:
        """Those it answers with."""


def match_labels(classifier: Answers, posts: Iterable[Post]) -> tuple[Counter[str], dict[str, str]]:
    """How many posts have each label, of "" those without one, and each label's emotion among the model's.

    Raises:
        ModelError: A label has no match among the model's emotions.
        TableError: No post has a label.
    """
    labels = Counter(map(label_of, posts))
    if not labels.total() - labels[""]:
        raise TableError("no post has a label: give a table whose column `emotion` names what each post expresses")
    mapped, unknown = match([label for label in labels if label], classifier.emotions)
    if unknown:
        raise ModelError(_unknown_labels({label: labels[label] for label in unknown}, posts, classifier))
    return labels, mapped


def variants(post: Post, *, emoji: bool = False) -> Iterator[tuple[Post, tuple[str, ...]]]:
    """The post as it is and with each modality alone, without its label; and the combinations each answer counts in.

    Args:
        emoji: Whether emoji are a modality: then with each combination of words, picture and emoji.
    """
    post = replace(post, emotion=None)
    if emoji:
        yield from _variants_with_emoji(post)
    elif post.has_text and post.image is not None:
        yield post, ("both",)
        yield replace(post.words_alone, id=f"{post.id}#text"), ("text",)
        yield replace(post, id=f"{post.id}#image", text="", title=""), ("image",)
    elif post.has_text:
        yield post, ("both", "text")
    elif post.image is not None:
        yield post, ("both", "image")
    else:
        yield post, ("both",)


def _variants_with_emoji(post: Post) -> Iterator[tuple[Post, tuple[str, ...]]]:
    """The post as it is, and with every combination of its words, picture and emoji."""
    emoji = " ".join(emoji_of(post))
    words = words_of(post)
    has = [("text", words.has_text), ("image", post.image is not None), ("emoji", bool(emoji))]
    names = [name for name, there in has if there]
    yield post, ("both", *(["+".join(names)] if names else []))
    for kept in combinations_of(names)[:-1]:
        shown = words if "image" in kept else words.words_alone
        if "text" not in kept:
            shown = replace(shown, title="", text=emoji if "emoji" in kept else "")
        elif "emoji" in kept:
            shown = replace(shown, title=post.title, text=post.text)
        yield replace(shown, id=f"{post.id}#{'+'.join(kept)}"), ("+".join(kept),)


def label_of(post: Post) -> str:
    """A post's label, empty without one."""
    return (post.emotion or "").strip()


def _predict(
    classifier: "EmotionClassifier",
    posts: Iterable[Post],
    index: Mapping[str, int],
    progress: Count | None,
    total: int,
    quarantine: Quarantine | None,
) -> tuple[dict[str, array], dict[str, array]]:
    """Labels and flat probabilities by combination of modalities, from one stream of all variants of all posts."""
    true = {key: array("i") for key in (*COMBINATIONS, *WITH_EMOJI)}
    probabilities = {key: array("f") for key in (*COMBINATIONS, *WITH_EMOJI)}
    emoji = "emoji" in classifier.modalities
    labelled = ((post, index[label_of(post)]) for post in posts if label_of(post))
    asked = ((*variant, label) for post, label in labelled for variant in variants(post, emoji=emoji))
    answers = with_answers(asked, lambda several: classifier.stream(variant for variant, _, _ in several))
    done = 0
    for (post, combinations, label), prediction in answers:
        assert prediction.id == post.id, f"the classifier answered {prediction.id} where {post.id} was next"
        row = [prediction.probabilities.get(emotion, 0.0) for emotion in classifier.emotions]  # zeros: no answer
        for key in combinations:
            true[key].append(label)
            probabilities[key].extend(row)
        if "both" in combinations:
            done += 1
            if quarantine is not None:
                count_warned(quarantine, post, prediction.warnings)
            if progress:
                progress(done, total)
    return true, probabilities


def _unknown_labels(counts: Mapping[str, int], posts: Iterable[Post], classifier: Answers) -> str:
    shown = sorted(counts, key=lambda label: -counts[label])[:_SHOWN]
    first: dict[str, str] = {}
    for post in posts:
        first.setdefault(label_of(post), post.id)
    listed = ", ".join(f"{label[:40]!r} (posts: {counts[label]:,}, first {first[label][:40]!r})" for label in shown)
    more = f" and {len(counts) - _SHOWN:,} more labels" if len(counts) > _SHOWN else ""
    hints = sorted({did_you_mean(label.lower(), classifier.emotions) for label in shown}, reverse=True)
    do = "rename the label, remove these posts, or give a model that was trained with it"
    return f"the model {classifier.name} does not know the label {listed}{more}: {do}; {'; '.join(hints)}"
