"""From posts to rows: the label is read, its words are taken out, and what is not English or empty is left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from feelscope.post import Post
from feelscope.prepare import weak_labels
from feelscope.prepare.clean import Clean
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.passed_on import PassedOn, shared_id
from feelscope.prepare.report import Report
from feelscope.prepare.row_file import Row
from feelscope.prepare.settings import Settings
from feelscope.progress import Progress
from feelscope.text import language

NOT_ENGLISH, TOO_FEW = "not English", f"too few words, no more than {language.MIN_WORDS} different ones"


@dataclass(frozen=True, slots=True)
class Labelled:
    """What became of a post: its row, or why it has none.

    Args:
        changed: Whether the label's words were taken out of its own.
    """

    row: Row | None
    dropped: str = ""
    changed: bool = False


class Labelling:
    """Turns posts into rows, one at a time.

    Args:
        clean: Takes the label's words out of a text.
        pictures: Whether a post without words is kept for its picture.
    """

    def __init__(self, settings: Settings, words: LabelWords, clean: Clean, *, pictures: bool) -> None:
        self._settings, self._words, self._clean, self._pictures = settings, words, clean, pictures
        self._read_label = weak_labels.SOURCES[settings.labels]
        self._is_english = language.CHOICES[settings.language]()
        self.passed_on = PassedOn(settings.kept_columns, settings.urls)

    def __call__(self, post: Post) -> Labelled:
        emotions = self._read_label(post, self._words)
        if not emotions and self._settings.labels != "none":
            return Labelled(None, "no emotion of the label set is named")
        title, text = self._clean(post.title), self._clean(post.text)
        changed = title != post.title or text != post.text
        whole = f"{title} {text}" if title else text
        has_picture = post.image is not None or bool(post.other.get("image_url"))
        if not whole.strip() and not (has_picture and self._pictures):
            return Labelled(None, "nothing is left to read", changed)
        if whole.strip() and not self._is_english(whole):
            return Labelled(None, TOO_FEW if language.has_few_words(whole) else NOT_ENGLISH, changed)
        return Labelled(self._row(post, title, text, emotions), "", changed)

    def _row(self, post: Post, title: str, text: str, emotions: list[str]) -> Row:
        row: Row = {"id": shared_id(post.id), "title": title, "text": text, "image": ""}
        row |= {"emotion": emotions[0] if emotions else "", "emotions_found": emotions}
        row["tags"] = [tag for tag in post.tags if not self._words.gives_away(tag)]
        row |= {name: value for name, value in self.passed_on(post).items() if name not in row}
        return row


def labelled_rows(
    posts: Iterable[Post], labelling: Labelling, report: Report, progress: Progress
) -> Iterator[tuple[Row, Post]]:
    """The rows of the posts that are kept, each with its post.

    Args:
        report: Counts what is read, changed and left out.
    """
    for post in posts:
        report.read += 1
        if report.read % 1000 == 0:
            progress("cleaning", report.read, 0, f"{report.read:,} posts")
        labelled = labelling(post)
        report.changed += labelled.changed
        if labelled.row is None:
            report.dropped[labelled.dropped] += 1
        else:
            yield labelled.row, post
