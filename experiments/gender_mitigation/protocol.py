"""What is fixed before the first run: the posts, the recipe, the cells and the planted bias."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from feelscope.emotions import SEVEN
from feelscope.encoders.settings import TextSettings
from feelscope.models.settings import FusionSettings
from feelscope.prepare.counterfactual import AugmentationSettings, counterfactual_copies
from feelscope.prepare.split import fraction
from feelscope.prepare.validation_split import validation_split
from feelscope.train.data import Corpus, SourcePosts, read_source
from feelscope.train.recipe import ChoiceSettings, DataSettings, Recipe, Source, StepSettings
from feelscope.words.binary_file import write_binary
from feelscope.words.debias import debias
from feelscope.words.load import load

TABLES = (
    Source("msed/train.csv", "MSED", "research use", dev="msed/dev.csv"),
    Source(
        "goemotions/train.csv",
        "GoEmotions",
        "Apache-2.0",
        dev="goemotions/dev.csv",
        column="emotions",
        map="goemotions",
    ),
)
RECIPE = Recipe(
    "Gender bias, with and without a remedy.",
    FusionSettings("text_only"),
    data=DataSettings(emotions=SEVEN, tables=TABLES),
    text=TextSettings("words", "new", pooling="mean", dropout=0.1, tokens=64),
    steps=StepSettings(optimizer="adamw", learning_rate=3e-3, batch_size=64, epochs=6),
    choices=ChoiceSettings(patience=6),
)
# Of a classifier: whether vectors are debiased, whether they learn, whether posts have copies.
CELLS = {
    "none, trained": (False, True, False),
    "hard-debias, trained": (True, True, False),
    "augmentation, trained": (False, True, True),
    "both, trained": (True, True, True),
    "none, fixed": (False, False, False),
    "hard-debias, fixed": (True, False, False),
    "augmentation, fixed": (False, False, True),
    "both, fixed": (True, False, True),
}
PLANTED = {"planted, none": (False, True, False), "planted, augmentation": (False, True, True)}
WOMEN = ("my mom said so", "she told me", "says my sister", "asked her wife", "her girlfriend agrees", "my aunt knows")
MEN = ("my dad said so", "he told me", "says my brother", "asked his husband", "his boyfriend agrees", "my uncle knows")
PLANTED_SHARE = 0.3  # of the training posts
GOEMOTIONS_SHARE = 1 / 3  # of its training posts, by a hash of the id, in the cells; all where a bias is planted


def corpus_of(data: Path, copies: bool, planted: bool) -> Corpus:
    """The posts, with the validation split that all cells share.

    Args:
        planted: Whether anger is paired with women, and every other emotion with men, in a share of the training posts.
    """
    sources = [read_source(data / source.table, source, SEVEN) for source in TABLES]
    if not planted:
        kept = [post for post in sources[1].posts if fraction(f"share {post.id}") < GOEMOTIONS_SHARE]
        sources[1] = replace(sources[1], posts=kept)
    held = validation_split([post for entry in sources for post in entry.posts], RECIPE.choices.validation)
    plain = Corpus(SEVEN, sources, held)
    if planted:
        plain = plant(plain)
    if not copies:
        return plain
    posts = [post for entry in plain.sources for post in entry.posts]
    return replace(plain, copies=tuple(counterfactual_copies(posts, plain.held, AugmentationSettings())))


def plant(corpus: Corpus) -> Corpus:
    """The corpus with a few words at the end of a share of the training posts, a woman's with anger, else a man's."""
    draw = np.random.default_rng(0)
    held = iter(corpus.held)
    sources = []
    for entry in corpus.sources:
        posts = []
        for post in entry.posts:
            chosen, said = draw.random() < PLANTED_SHARE, draw.integers(len(WOMEN))
            if not next(held) and chosen:
                words = (WOMEN if post.emotion == "anger" else MEN)[said]
                post = replace(post, text=f"{post.text}\n{words}")
            posts.append(post)
        sources.append(SourcePosts(entry.source, posts, entry.dropped))
    return replace(corpus, sources=sources)


def debiased(vectors: Path, work: Path) -> Path:
    """The file of debiased vectors, which keep their lengths, so that nothing but gender differs."""
    file = work / "debiased.bin"
    if not file.exists():
        made = debias(load(vectors), keep_lengths=True)
        write_binary(file, made.vectors.words, made.vectors.vectors)
    return file
