"""What labelling opens: the dataset, the answers, the model's predictions."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from feelscope.config import did_you_mean
from feelscope.emotions import LABEL_SETS, match
from feelscope.errors import ConfigError, LabelError, PictureError, needs_extra
from feelscope.explain.post import Settings
from feelscope.files import writing
from feelscope.label.answers import JUDGE, LABEL, Answers
from feelscope.label.results import against_model, agreement_lines, judged_lines
from feelscope.label.session import Session, shuffled
from feelscope.post import Post
from feelscope.prepare.folder import ANSWERS, POSTS
from feelscope.table import BadRow, PostsTable
from feelscope.table.posts import open_rows

_SETTINGS = Settings(passes=60)  # a person waits for it
_MOST_WORDS = 3  # that are marked
_LEAST_WEIGHT = 0.03  # of probability that a marked word must give; ours
_CONDITIONS = {None: "", True: "with the picture in words", False: "without"}
_REMEMBERED = 1000  # posts whose words are kept


def read_posts(dataset: Path) -> list[Post]:
    """The posts of a dataset folder."""
    _check_is_dataset(dataset)
    return list(PostsTable(dataset / POSTS))


def _check_is_dataset(folder: Path) -> None:
    if not (folder / POSTS).is_file():
        raise LabelError(f"{folder}: no dataset; make one with feelscope prepare")


@contextmanager
def open_session(
    dataset: Path,
    show: str,
    emotions: str,
    judge: bool,
    explanations: Path | None,
    bottleneck: Path | None,
    model: str,
    sample: int | None,
    seed: int,
) -> Iterator[Session]:
    """The round of labelling that the options describe; until the block ends, no other process writes the dataset."""
    _check_is_dataset(dataset)
    with writing(dataset, LabelError):
        posts = shuffled(read_posts(dataset), show, sample, seed)
        if emotions and emotions not in LABEL_SETS:
            raise ConfigError(f"no label set is named {emotions!r}; {did_you_mean(emotions, LABEL_SETS)}")
        own = sorted({post.emotion for post in posts if post.emotion})
        choices: Sequence[str] = LABEL_SETS[emotions] if emotions else own if len(own) > 1 else LABEL_SETS["seven"]
        answers = Answers(dataset / ANSWERS, JUDGE if judge else LABEL)
        if not judge:
            yield Session(posts, choices, answers, show)
        else:
            predictions = predicted(posts, model)
            words = given_words(explanations) if explanations else why(model, predictions)
            in_words = described(bottleneck) if bottleneck else None
            yield Session(posts, ("right", "wrong"), answers, show, predictions, words, in_words)


def predicted(posts: Sequence[Post], model: str) -> dict[str, str]:
    """Post to the model's answer, for those it can read."""
    return {id: emotion for id, (emotion, _) in rated_predictions(posts, model).items()}


def rated_predictions(posts: Sequence[Post], model: str) -> dict[str, tuple[str, float]]:
    """Post to the model's answer and how probable it is, for those it can read."""
    from feelscope.saved_model.classifier import EmotionClassifier

    predictions = EmotionClassifier.load(model).stream(posts)
    return {
        prediction.id: (prediction.emotion, max(prediction.probabilities.values()))
        for prediction in predictions
        if prediction.emotion is not None
    }


def given_words(path: Path) -> Callable[[Post], Sequence[Sequence[float]]]:
    """Spans of a post's text as `read_words` finds them."""
    words = read_words(path)
    return lambda post: words.get(post.id, ())


def why(model: str, predictions: Mapping[str, str]) -> Callable[[Post], Sequence[Sequence[float]]]:
    """Spans of the words in a post's text that speak most for its prediction, asked when a post is first shown."""
    from feelscope.saved_model.classifier import EmotionClassifier

    classifier, one_at_a_time = EmotionClassifier.load(model), threading.Lock()

    @lru_cache(_REMEMBERED)
    def words(id: str, title: str, text: str, image: Path | bytes | None) -> Sequence[Sequence[float]]:
        found = classifier.explain(Post(id, text, title, image), predictions[id], _SETTINGS).words
        best = sorted((word for word in found if word.field == "text"), key=lambda word: -word.weight)[:_MOST_WORDS]
        return [[word.start, word.end, round(word.weight, 3)] for word in best if word.weight >= _LEAST_WEIGHT]

    def spans(post: Post) -> Sequence[Sequence[float]]:
        if post.id not in predictions:
            return ()
        with one_at_a_time:
            return words(post.id, post.title, post.text, post.image)

    return spans


def described(bottleneck: Path) -> Callable[[Post], str]:
    """A post's picture in the words of a saved bottleneck; "" where it cannot be read.

    Raises:
        ModelError: It is no such folder, or damaged.
        MissingExtra: torch is not installed.
    """
    with needs_extra("a bottleneck", "train"):
        from feelscope.bottleneck.reading import Bottleneck

    opened, one_at_a_time = Bottleneck.load(bottleneck), threading.Lock()

    @lru_cache(_REMEMBERED)
    def in_words(image: Path | bytes) -> str:
        try:
            text = opened.read(image)
        except PictureError:
            return ""
        return "\n".join([text.caption, *(f"{question} {answer}" for question, answer in text.said.items())])

    def of_post(post: Post) -> str:
        with one_at_a_time:
            return "" if post.image is None else in_words(post.image)

    return of_post


def read_words(path: Path | None) -> dict[str, list[list[float]]]:
    """Which words of which post explain the model's answer, from JSON Lines."""
    words: dict[str, list[list[float]]] = {}
    for number, row in enumerate(open_rows(path) if path else (), 1):
        try:
            if isinstance(row, BadRow):
                raise row
            spans: Any = row["words"]
            marked = [[int(start), int(end), float(weight)] for start, end, weight in spans]
            if not all(math.isfinite(weight) for _, _, weight in marked):
                raise ValueError
            words[str(row["id"])] = marked
        except (BadRow, ValueError, KeyError, TypeError, OverflowError) as error:
            raise LabelError(f"{path}, line {number}: expected id and words, [[start, end, weight], ...]") from error
    return words


def report_lines(dataset: Path, model: str, judge: bool) -> list[str]:
    """Agreement of the annotators, and people against the model."""
    posts = read_posts(dataset)
    given = Answers(dataset / ANSWERS, JUDGE if judge else LABEL)
    answers = given.by_person
    if not answers:
        raise LabelError(f"{dataset}: nobody has answered yet; begin with feelscope label {dataset}")
    posts = [post for post in posts if any(post.id in own for own in answers.values())]
    names, _ = match({post.emotion for post in posts if post.emotion}, LABEL_SETS["seven"])
    rated = rated_predictions(posts, model)
    known = {id: emotion for id, (emotion, _) in rated.items()}
    truth = {post.id: names.get(post.emotion, post.emotion) for post in posts if post.emotion}
    if judge:
        confidence = {id: sure for id, (_, sure) in rated.items()}
        lines = agreement_lines(answers)
        for wanted, condition in _CONDITIONS.items():
            own = {who: _of_condition(of, given.described[who], wanted) for who, of in answers.items()}
            if any(own.values()):
                lines += judged_lines({who: of for who, of in own.items() if of}, truth, known, confidence, condition)
        return lines
    in_seven, _ = match({answer for own in answers.values() for answer in own.values()}, LABEL_SETS["seven"])
    same = {who: {id: in_seven.get(answer, answer) for id, answer in own.items()} for who, own in answers.items()}
    return [*agreement_lines(answers), *against_model(same, truth, known)]


def _of_condition(own: Mapping[str, str], shown: Mapping[str, bool], wanted: bool | None) -> dict[str, str]:
    """The answers of a person where the picture was, or was not, shown in words too; None, where it was not asked."""
    return {id: answer for id, answer in own.items() if shown.get(id) is wanted}
