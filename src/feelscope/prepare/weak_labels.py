"""Weak labels: the emotion that a post names itself, by a hashtag, a subreddit, an emoji, or a column."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from feelscope.emotions import match
from feelscope.post import Post
from feelscope.prepare.label_words import HASHTAG, LabelWords

# Duong et al. 2017, 5.2, in the names of the seven.
SUBREDDITS: Mapping[str, str] = {"happy": "happiness", "creepy": "fear", "rage": "anger", "gore": "disgust"}


def by_hashtags(post: Post, words: LabelWords) -> list[str]:
    """The tags in their author's order; where none of the platform's own tags names an emotion, the text's hashtags."""
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
    """The emoji in their order, as `LabelWords.signs` finds them."""
    every = words.signs(f"{post.title} {post.text}")
    return list(dict.fromkeys(words.emoji[emoji] for emoji, _, _ in every if emoji in words.emoji))


def by_column(post: Post, words: LabelWords) -> list[str]:
    """The post's `emotion`, by its name or a word that means the same; several are joined by bars."""
    return list(_matched(post.emotion, words.emotions)) if post.emotion else []


@lru_cache(maxsize=1024)
def _matched(label: str, emotions: tuple[str, ...]) -> tuple[str, ...]:
    names = label.split("|")
    mapped, _ = match(names, emotions)
    return tuple(dict.fromkeys(mapped[name] for name in names if name in mapped))


# Where a label may be read from: the emotions that a post names, in its order; the first decides.
SOURCES: Mapping[str, Callable[[Post, LabelWords], list[str]]] = {
    "hashtags": by_hashtags,
    "subreddit": by_subreddit,
    "emoji": by_emoji,
    "column": by_column,
    "none": lambda post, words: [],
}
