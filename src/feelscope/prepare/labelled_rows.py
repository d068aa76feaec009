"""From posts to rows: the label is read, its words are taken out, and what is not English or empty is left out."""

from collections.abc import Iterable, Iterator

from feelscope.post import Post
from feelscope.prepare import weak_labels
from feelscope.prepare.clean import Clean
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.report import Report
from feelscope.prepare.row_file import Row
from feelscope.prepare.settings import Settings
from feelscope.progress import Progress
from feelscope.text import language

PRIVATE = ("url", "image_url", "images")  # addresses that may name the author


def labelled_rows(
    posts: Iterable[Post],
    settings: Settings,
    words: LabelWords,
    clean: Clean,
    report: Report,
    *,
    pictures: bool,
    progress: Progress,
) -> Iterator[tuple[Row, Post]]:
    """The rows of the posts that are kept, each with its post.

    Args:
        clean: Takes the label's words out of a text.
        report: Counts what is read, changed and left out.
        pictures: Whether a post without words is kept for its picture.
    """
    read_label = weak_labels.SOURCES[settings.labels]
    is_english = language.CHOICES[settings.language]()
    for post in posts:
        report.read += 1
        if report.read % 1000 == 0:
            progress("cleaning", report.read, 0, f"{report.read:,} posts")
        emotions = read_label(post, words)
        if not emotions and settings.labels != "none":
            report.dropped["no emotion of the label set is named"] += 1
            continue
        title, text = clean(post.title), clean(post.text)
        report.changed += title != post.title or text != post.text
        whole = f"{title} {text}" if title else text
        has_picture = post.image is not None or bool(post.other.get("image_url"))
        if not whole.strip() and not (has_picture and pictures):
            report.dropped["nothing is left to read"] += 1
        elif whole.strip() and not is_english(whole):
            report.dropped["not English, or too few words"] += 1
        else:
            yield _row(post, title, text, emotions, settings, words), post


def _row(post: Post, title: str, text: str, emotions: list[str], settings: Settings, words: LabelWords) -> Row:
    row: Row = {"id": post.id, "title": title, "text": text, "image": ""}
    row |= {"emotion": emotions[0] if emotions else "", "emotions_found": emotions}
    row["tags"] = [tag for tag in post.tags if not words.gives_away(tag)]
    for name, value in post.other.items():
        if name not in row and (settings.urls or name not in PRIVATE) and not isinstance(value, bytes):
            row[name] = value
    return row
