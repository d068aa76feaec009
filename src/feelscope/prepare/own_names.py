"""The emotions of a table, whatever they are called: the names in its column, each as it is spelled most often."""

from collections import Counter
from collections.abc import Iterable

from feelscope.emotions import is_name, usual_names
from feelscope.errors import TableError
from feelscope.post import Post

MOST = 100  # names; a column with more is hardly one of emotions


def own_names(posts: Iterable[Post]) -> tuple[str, ...]:
    """The names, in the order of the alphabet; capitals and surrounding blanks do not count.

    Raises:
        TableError: There are none, or too many.
    """
    counts: Counter[str] = Counter()
    for post in posts:
        if post.emotion:
            counts.update(name for part in post.emotion.split("|") if is_name(name := part.strip()))
            if len(counts) > 10 * MOST:
                break
    names = sorted({*usual_names(counts, str.casefold).values()})
    if not names:
        raise TableError("no post has an emotion; name the column that has it with --columns emotion=NAME")
    if len(names) > MOST:
        raise TableError(
            f"over {MOST} different emotions, such as {', '.join(name[:40] for name, _ in counts.most_common(3))}; "
            "name the column that has them with --columns emotion=NAME, or a label set with --emotions"
        )
    return tuple(names)
