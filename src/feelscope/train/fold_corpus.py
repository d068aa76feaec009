"""The posts of one fold's training: all but those that it scores, and nothing that would give these away."""

from collections.abc import Sequence
from dataclasses import replace

from feelscope.errors import TableError
from feelscope.prepare.folds import folds, units_of
from feelscope.train.data import Corpus
from feelscope.train.kept_apart import copies_of, picture_key, unlike_those_apart
from feelscope.train.recipe import Recipe


def folds_of(corpus: Corpus, recipe: Recipe, count: int) -> list[int]:
    """The fold of every post of every table.

    Raises:
        TableError: An emotion has fewer posts than there are folds, or all of it has to be in one; or there are fewer
            groups of posts than folds.
    """
    posts = [post for entry in corpus.sources for post in entry.posts]
    table = corpus.sources[0].source.table
    labels = [corpus.emotions.index(str(post.emotion)) for post in posts]
    posts_of = {emotion: labels.count(number) for number, emotion in enumerate(corpus.emotions) if number in labels}
    rarest = min(posts_of, key=lambda emotion: posts_of[emotion])
    if posts_of[rarest] < count:
        raise TableError(
            f"{table}: {count} folds need {count} posts of each emotion, and {rarest} has {posts_of[rarest]}; give "
            f"--folds {posts_of[rarest]} or fewer, or more posts of it"
            if posts_of[rarest] > 1
            else f"{table}: folds need at least 2 posts of each emotion, and {rarest} has 1; give more posts of it, or "
            "leave it out"
        )
    names = units_of(posts, [picture_key(post) for post in posts] if recipe.image.encoder else ())
    if (groups := len({*names})) < count:
        raise TableError(
            f"{table}: posts of one author and near-duplicates stay together, which leaves {groups} groups for "
            f"{count} folds; give fewer folds"
        )
    found = folds(names, labels, count)
    for number, emotion in enumerate(corpus.emotions):
        if len({fold for fold, label in zip(found, labels, strict=True) if label == number}) == 1:
            raise TableError(
                f"{table}: all posts of {emotion} are near-duplicates or of one author, so no fold could learn it; "
                "train without --folds, or give more posts of it"
            )
    return found


def without_fold(corpus: Corpus, recipe: Recipe, scored: Sequence[bool]) -> Corpus:
    """What a fold's model learns from and chooses on.

    Its validation split is the posts of the whole's that it may see: these are whole near-duplicate groups, which a
    fold does not part.

    Args:
        scored: Of every post of every table, whether the fold scores it.

    Raises:
        TableError: Nothing is left to learn from without labels.
    """
    posts = [post for entry in corpus.sources for post in entry.posts]
    kept = iter([not mark for mark in scored])
    sources = [replace(entry, posts=[post for post in entry.posts if next(kept)]) for entry in corpus.sources]
    copies, taught = corpus.copies, corpus.taught
    if recipe.augmentation:
        apart = [held or mark for held, mark in zip(corpus.held, scored, strict=True)]
        made, taught = copies_of(posts, apart, recipe.augmentation, corpus.emotions, taught)
        copies = tuple(some for some, mark in zip(made, scored, strict=True) if not mark)
    unlabelled = corpus.unlabelled
    if unlabelled:
        unseen = [post for post, mark in zip(posts, scored, strict=True) if mark]
        unlabelled = tuple(unlike_those_apart([*unlabelled], unseen, None))
    return replace(
        corpus,
        sources=[entry for entry in sources if entry.posts],
        held=[held for held, mark in zip(corpus.held, scored, strict=True) if not mark],
        taught=taught,
        copies=copies,
        unlabelled=unlabelled,
    )
