"""The posts a writer learns from: their words, emotions and pictures, and those that are kept apart."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from feelscope import emotions
from feelscope.config import did_you_mean, shown
from feelscope.errors import ConfigError, TableError
from feelscope.files import json_text
from feelscope.generate.writer.reading import forms_of, words_of
from feelscope.generate.writer.settings import WriterSettings
from feelscope.generate.writer.task import LearntPosts, numbered
from feelscope.generate.writer.verbatim import Verbatim
from feelscope.post import Post
from feelscope.prepare.counterfactual import counterfactual_copies
from feelscope.prepare.split import fraction
from feelscope.progress import Progress
from feelscope.saved_model.builtin_pictures import BuiltinPictures
from feelscope.saved_model.picture_vectors import picture_vectors
from feelscope.text.counts import counted
from feelscope.text.near_duplicates import fold
from feelscope.text.vocabulary import Vocabulary

LEAST_POSTS = 100  # with words; ours


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a writer is made of.

    Args:
        emotions: K, in alphabetical order; those of the seven by their names there.
        forms: See `reading.forms_of`.
        unread: How many pictures cannot be read.
        copies: How many of the training posts are counterfactual copies; they come last.
    """

    emotions: tuple[str, ...]
    vocabulary: Vocabulary
    forms: dict[str, str]
    guard: Verbatim
    training: LearntPosts
    validation: LearntPosts
    unread: int
    copies: int = 0


def with_words(posts: Iterable[Post], settings: WriterSettings) -> list[Post]:
    """The posts that have words and an emotion, each emotion by one name; with `only`, those of one emotion.

    Raises:
        TableError: There are too few.
        ConfigError: No post has the emotion that is asked for.
    """
    found = [post for post in posts if post.emotion and words_of(post, settings.characters)]
    if settings.only:
        names = sorted({_named(str(post.emotion)) for post in found})
        only = known_emotion(settings.only, names, "--only")
        found = [post for post in found if _named(str(post.emotion)) == only]
    if len(found) < LEAST_POSTS:
        of = f" of {settings.only}" if settings.only else ""
        raise TableError(
            f"{counted(len(found), 'post')}{of} with words, and a writer needs {LEAST_POSTS} or more: from fewer it "
            "only learns to repeat them, which is refused; give more posts"
        )
    return found


def digest_of(posts: Sequence[Post]) -> str:
    """Equal for posts of the same words, emotions and pictures' names, in the same order."""
    rows = [[*post.texts, str(post.emotion), post.picture_name] for post in posts]
    return hashlib.sha256(json_text(rows).encode()).hexdigest()[:16]


def known_emotion(asked: str, known: Sequence[str], option: str = "--emotion") -> str:
    """The one of some emotions that is asked for, by its name or by a word that means the same.

    Raises:
        ConfigError: It is none of them.
    """
    matched, _ = emotions.match([asked], known)
    if asked not in matched:
        raise ConfigError(f"{option}: no emotion of these posts is {shown(asked)}; {did_you_mean(asked, known)}")
    return matched[asked]


def read_corpus(posts: Sequence[Post], settings: WriterSettings, cache: Path, progress: Progress) -> Corpus:
    """Posts as `with_words` gives them, to what a writer learns.

    The words, their forms and the guard are those of all posts but the ones that are kept apart.

    Args:
        cache: The folder of the feature cache.

    Raises:
        TableError: All of them were kept apart, no word is in enough of them, or no copy would differ from its post.
        ConfigError, MissingExtra: Words cannot be swapped.
    """
    kept_apart = [fraction(fold(text) or text) < settings.validation for text in map(_text, posts)]
    vectors, seen, errors = picture_vectors([post.image for post in posts], BuiltinPictures(), cache, progress)
    posts, of = [*posts], [*range(len(posts))]  # `of`: of each post, and of each copy, the row of its picture
    if settings.augmentation:
        progress("swapping words", 0, 0, "")
        for row, made in enumerate(counterfactual_copies(posts, kept_apart, settings.augmentation)):
            if not kept_apart[row]:
                posts += made
                of += [row] * len(made)
        kept_apart += [False] * (len(posts) - len(kept_apart))
    names = [_named(str(post.emotion)) for post in posts]
    known = sorted(set(names))
    learnt, held = ([row for row, mark in enumerate(kept_apart) if mark == side] for side in (False, True))
    words = [words_of(post, settings.characters) for post in posts]
    vocabulary = Vocabulary.of([words[row] for row in learnt], settings.least)
    if not vocabulary.words:
        raise TableError(f"no word is in {settings.least} posts or more; give more posts, or posts that are less alike")
    everything = LearntPosts(
        vectors[of],
        seen[of],
        torch.tensor([known.index(name) for name in names]),
        numbered(words, vocabulary, settings.longest),
    )
    training, validation = (everything.rows(torch.tensor(rows, dtype=torch.long)) for rows in (learnt, held))
    forms = {} if settings.characters else forms_of(posts[row] for row in learnt)
    forms = {word: form for word, form in forms.items() if word in vocabulary}
    guard = Verbatim.of(_text(posts[row]) for row in learnt)
    copies = len(posts) - len(seen)
    return Corpus(tuple(known), vocabulary, forms, guard, training, validation, len(errors), copies)


def _text(post: Post) -> str:
    return "\n".join(post.texts)


def _named(emotion: str) -> str:
    """An emotion of the seven by its name there, any other as it is."""
    name = emotion.strip()
    return emotions.match([name], emotions.SEVEN)[0].get(name, name)
