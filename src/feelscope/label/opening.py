"""What a round of labelling is made of: the posts in their order, the choices, the model's predictions."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from feelscope.emotions import LABEL_SETS
from feelscope.errors import ConfigError, FeelscopeError, LabelError, PictureError, needs_extra
from feelscope.explain.post import QUICK
from feelscope.explain.record import strongest
from feelscope.label.answers import ADJUDICATE, JUDGE, LABEL, Answers, check_answers
from feelscope.label.asking import in_order
from feelscope.label.codebook import Codebook, of_names
from feelscope.label.opened import Opened, answering, answers_of, read
from feelscope.label.session import Session, shuffled
from feelscope.label.verdicts import disagreements
from feelscope.post import Post
from feelscope.table import BadRow
from feelscope.table.opening import open_rows

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Round:
    """What people are asked, and about which posts.

    Args:
        question: `label`, `judge` or `adjudicate`.
        codebook: What they may answer; None takes that of the answers so far, or the posts' own emotions, or the seven.
        explain, explanations: With `judge`, whether the words that speak for the model's answer are marked, and the
            file that has others instead.
        bottleneck: With `judge`, whose words for the picture are shown beside half of the posts.
        order: What is asked next, one of `asking.ORDERS`.
        sample: How many posts; None asks about all.
    """

    question: str = LABEL
    show: str = "both"
    codebook: Codebook | None = None
    model: str = "builtin"
    explain: bool = True
    explanations: Path | None = None
    bottleneck: Path | None = None
    order: str = "random"
    sample: int | None = None
    seed: int = 0


@contextmanager
def open_session(path: Path, of: Round, answers: Path | None = None) -> Iterator[Session]:
    """Open a table, a folder or a dataset for a round; until the block ends, no other process writes its answers."""
    with answering(path, answers or answers_of(path)):
        yield session(read(path, answers), of)


def session(opened: Opened, of: Round) -> Session:
    """The round of labelling that the settings describe.

    Raises:
        LabelError: There is nothing to ask, or people have answered otherwise than the codebook allows.
    """
    if of.question == JUDGE:
        return _judging(opened, of)
    labels = Answers(opened.answers, LABEL)
    codebook = codebook_of(opened, labels, of.codebook)
    check_answers(labels, codebook)
    if of.codebook is not None:
        labels.keep_codebook(of.codebook)
    if of.question == ADJUDICATE:
        return _adjudicating(opened, of, labels, codebook)
    known = {id for own in labels.by_person.values() for id in own}
    posts = _chosen(opened, opened.posts, of, known)
    return Session(posts, codebook.names, labels, of.show, codebook=codebook, name=opened.path.name)


def codebook_of(opened: Opened, labels: Answers, given: Codebook | None = None) -> Codebook:
    """What people may answer: what is given, or was before, or the posts' own emotions, or the seven."""
    if found := given or labels.codebook:
        return found
    own = opened.emotions
    if len(own) < 2:
        return of_names(LABEL_SETS["seven"])
    try:
        return of_names(own)
    except ConfigError as error:
        raise LabelError(f"{opened.path}, its emotions: {error}; name those to choose from with --emotions") from None


def _chosen(opened: Opened, posts: Sequence[Post], of: Round, known: set[str]) -> list[Post]:
    """The posts that are asked about, in their order."""
    fit = shuffled(posts, of.show, of.seed)
    if of.sample is not None and of.sample > len(fit):
        there = f"{of.sample:,} posts are asked for, and {len(fit):,} can be shown"
        raise LabelError(f"{opened.path}: {there}; give a smaller --sample")
    if of.order != "random":
        from feelscope.saved_model.classifier import EmotionClassifier

        fit = in_order(fit, of.order, EmotionClassifier.load(of.model), known)
    return fit[: of.sample]


def _judging(opened: Opened, of: Round) -> Session:
    from feelscope.saved_model.classifier import EmotionClassifier

    posts = _chosen(opened, opened.posts, of, set())
    classifier = EmotionClassifier.load(of.model)
    predictions = {id: emotion for id, (emotion, _) in rated_predictions(posts, classifier).items()}
    if not predictions:
        raise LabelError(f"{opened.path}: the model can read none of the posts")
    if of.explanations:
        words: Callable[[Post], Sequence[Sequence[float]]] | None = given_words(of.explanations)
    else:
        words = why(classifier, predictions) if of.explain else None
    return Session(
        [post for post in posts if post.id in predictions],
        ("right", "wrong"),
        Answers(opened.answers, JUDGE),
        of.show,
        predictions,
        words,
        described(of.bottleneck) if of.bottleneck else None,
        name=opened.path.name,
    )


def _adjudicating(opened: Opened, of: Round, labels: Answers, codebook: Codebook) -> Session:
    people = sorted(labels.by_person)
    if len(people) < 2:
        who = f"only {people[0]} has answered" if people else "nobody has answered yet"
        raise LabelError(f"{labels.path}: {who}; there is nothing to adjudicate before two people have answered")
    differ = disagreements(labels.by_person)
    posts = [post for post in opened.posts if post.id in differ]
    if not posts:
        raise LabelError(
            f"{labels.path}: the {len(people)} people agree wherever two have answered; nothing is left to decide"
        )
    others = {
        id: {who: (answer, labels.notes.get(who, {}).get(id, "")) for who, answer in given.items()}
        for id, given in differ.items()
    }
    return Session(
        _chosen(opened, posts, of, set()),
        codebook.names,
        Answers(opened.answers, ADJUDICATE),
        of.show,
        codebook=codebook,
        others=others,
        name=opened.path.name,
    )


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
