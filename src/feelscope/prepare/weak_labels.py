"""Weak labels: the emotion that a post names itself, by a hashtag, a subreddit, an emoji, or a column."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from feelscope.emotions import match
from feelscope.post import Post
from feelscope.prepare.label_words import HASHTAG, LabelWords

WAYS = ("hashtags", "subreddit", "emoji", "column", "none")
# Duong et al. 2017, 5.2, in the names of the seven.
SUBREDDITS: Mapping[str, str] = {"happy": "happiness", "creepy": "fear", "rage": "anger", "gore": "disgust"}

ReadLabel = Callable[[Post], list[str]]


def reader(way: str, words: LabelWords) -> ReadLabel:
    """Make the function that reads the emotions a post names, in its order; the first decides.

    Args:
        way: One of `WAYS`; `none` reads nothing.
    """
    return {
        "hashtags": lambda post: by_hashtags(post, words),
        "subreddit": lambda post: by_subreddit(post, words),
        "emoji": lambda post: by_emoji(post, words),
        "column": lambda post: by_column(post, words),
        "none": lambda post: [],
    }[way]


def by_hashtags(post: Post, words: LabelWords) -> list[str]:
    """The tags in their author's order; where the platform has no tags of its own, the hashtags in the text."""
    named = [words.of_tag(tag) for tag in post.tags]
    if not any(named):
        text = f"{post.title} {post.text}"
        named = [words.of_tag(tag) for tag in HASHTAG.findall(text)] if "#" in text or "＃" in text else []
    return list(dict.fromkeys(emotion for emotion in named if emotion))


def by_subreddit(post: Post, words: LabelWords) -> list[str]:
    """The emotion that the post's subreddit is named after."""
    emotion = words.of_tag(str(post.other.get("subreddit") or "").removeprefix("r/"))
    return [emotion] if emotion else []


def by_emoji(post: Post, words: LabelWords) -> list[str]:
    """The emoji in their order."""
    text = f"{post.title} {post.text}"
    if text.isascii():
        return []
    return list(dict.fromkeys(words.emoji[sign[0]] for sign in words.sign.findall(text) if sign[0] in words.emoji))


def by_column(post: Post, words: LabelWords) -> list[str]:
    """The post's `emotion`, by its name or a word that means the same; several are joined by bars."""
    if not post.emotion:
        return []
    return list(_matched(post.emotion, words.emotions))


@lru_cache(maxsize=1024)
def _matched(label: str, emotions: tuple[str, ...]) -> tuple[str, ...]:
    found = label.split("|")
    mapped, _ = match(found, emotions)
    return tuple(dict.fromkeys(mapped[name] for name in found if name in mapped))
