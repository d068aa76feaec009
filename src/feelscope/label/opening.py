"""What labelling opens: the dataset, the answers, the model's predictions."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from feelscope.config import did_you_mean
from feelscope.emotions import LABEL_SETS, match
from feelscope.errors import ConfigError, FeelscopeError, LabelError, PictureError, needs_extra
from feelscope.explain.post import QUICK
from feelscope.explain.record import strongest
from feelscope.files import writing
from feelscope.label.answers import JUDGE, LABEL, Answers
from feelscope.label.asking import in_order
from feelscope.label.results import against_model, agreement_lines, judged_lines
from feelscope.label.session import Session, shuffled
from feelscope.post import Post
from feelscope.prepare.folder import ANSWERS, POSTS
from feelscope.table import BadRow, PostsTable
from feelscope.table.opening import open_rows

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

_CONDITIONS = {None: "", True: "with the picture in words", False: "without"}
T = TypeVar("T")


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
    model: str = "builtin",
    explain: bool = True,
    explanations: Path | None = None,
    bottleneck: Path | None = None,
    *,
    order: str = "random",
    sample: int | None = None,
    seed: int = 0,
) -> Iterator[Session]:
    """The round of labelling that the options describe; until the block ends, no other process writes the dataset.

    Args:
        order: What is asked next, one of `asking.ORDERS`.
    """
    from feelscope.saved_model.classifier import EmotionClassifier

    _check_is_dataset(dataset)
    with writing(dataset, LabelError):
        posts = shuffled(read_posts(dataset), show, seed)
        if sample is not None and sample > len(posts):
            raise LabelError(
                f"{dataset}: {sample:,} posts are asked for, and {len(posts):,} can be shown; give a smaller --sample"
            )
        if emotions and emotions not in LABEL_SETS:
            raise ConfigError(f"no label set is named {emotions!r}; {did_you_mean(emotions, LABEL_SETS)}")
        own = sorted({post.emotion for post in posts if post.emotion})
        choices: Sequence[str] = LABEL_SETS[emotions] if emotions else own if len(own) > 1 else LABEL_SETS["seven"]
        answers = Answers(dataset / ANSWERS, JUDGE if judge else LABEL)
        if order != "random":
            known = {id for own in answers.by_person.values() for id in own}
            posts = in_order(posts, order, EmotionClassifier.load(model), known)
        posts = posts[:sample]
        if not judge:
            yield Session(posts, choices, answers, show)
        else:
            classifier = EmotionClassifier.load(model)
            predictions = {id: emotion for id, (emotion, _) in rated_predictions(posts, classifier).items()}
            words = given_words(explanations) if explanations else why(classifier, predictions) if explain else None
            in_words = described(bottleneck) if bottleneck else None
            yield Session(posts, ("right", "wrong"), answers, show, predictions, words, in_words)


def rated_predictions(posts: Sequence[Post], classifier: "EmotionClassifier") -> dict[str, tuple[str, float]]:
    """Post to the model's answer and how probable it is, for those it can read."""
    return {
        prediction.id: (prediction.emotion, max(prediction.probabilities.values()))
        for prediction in classifier.stream(posts)
        if prediction.emotion is not None
    }


def given_words(path: Path) -> Callable[[Post], Sequence[Sequence[float]]]:
    """Spans of a post's text as `read_words` finds them."""
    words = read_words(path)
    return lambda post: words.get(post.id, ())


def why(classifier: "EmotionClassifier", predictions: Mapping[str, str]) -> Callable[[Post], Sequence[Sequence[float]]]:
    """Spans of the words in a post's text that speak most for its prediction, asked when a post is first shown."""

    def spans(post: Post) -> Sequence[Sequence[float]]:
        try:
            found = classifier.explain(post, predictions[post.id], QUICK).words if post.id in predictions else ()
        except FeelscopeError:  # the picture is gone since, or nothing but tags was read
            return ()
        words = strongest([word for word in found if word.field == "text"])
        return [[word.start, word.end, round(word.weight, 3)] for word in words]

    return _once(spans)


def described(bottleneck: Path) -> Callable[[Post], str]:
    """A post's picture in the words of a saved bottleneck, asked when it is first shown; "" where it cannot be read.

    Raises:
        ModelError: It is no such folder, or damaged.
        MissingExtra: torch is not installed.
    """
    with needs_extra("a bottleneck", "train"):
        from feelscope.bottleneck.reading import Bottleneck

    opened = Bottleneck.load(bottleneck)

    def in_words(post: Post) -> str:
        if post.image is None:
            return ""
        try:
            text = opened.read(post.image)
        except PictureError:
            return ""
        return "\n".join([text.caption, *(f"{question} {answer}" for question, answer in text.said.items())])

    return _once(in_words)


def _once(ask: Callable[[Post], T]) -> Callable[[Post], T]:
    """The same, but each post is asked about once, and one at a time."""
    known: dict[str, T] = {}
    lock = threading.Lock()

    def asked(post: Post) -> T:
        with lock:
            if post.id not in known:
                known[post.id] = ask(post)
            return known[post.id]

    return asked


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
    from feelscope.saved_model.classifier import EmotionClassifier

    posts = read_posts(dataset)
    given = Answers(dataset / ANSWERS, JUDGE if judge else LABEL)
    answers = given.by_person
    if not answers:
        raise LabelError(f"{dataset}: nobody has answered yet; begin with feelscope label {dataset}")
    posts = [post for post in posts if any(post.id in own for own in answers.values())]
    names, _ = match({post.emotion for post in posts if post.emotion}, LABEL_SETS["seven"])
    rated = rated_predictions(posts, EmotionClassifier.load(model))
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
