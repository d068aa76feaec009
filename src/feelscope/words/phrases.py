"""Join words that occur together far more often than by chance: "new york" becomes the one word "new_york".

    score(a, b) = (count(a b) - delta) / (count(a) count(b)) * words of the corpus        thesis of Hu 2017, eq. 4.14

The last factor of gensim's own score is the number of different words; that of the thesis and the word2vec program is
the number of all, so gensim's thresholds mean something else.

Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases", section 4.
"""

from collections.abc import Callable
from pathlib import Path

from feelscope.errors import needs_extra

JOINT = "_"  # no word of `tokens.split` has it
# gensim finds the seam of a phrase by its sign, and would not know it from those of an earlier pass.
_SEAM = "\x01"


def score(
    worda_count: int, wordb_count: int, bigram_count: int, len_vocab: int, min_count: float, corpus_word_count: int
) -> float:
    """Equation 4.14; gensim asks for these names, and `min_count` is delta."""
    return (bigram_count - min_count) / worda_count / wordb_count * corpus_word_count


def join_phrases(
    corpus: Path,
    out: Path,
    *,
    passes: int,
    discount: float,
    threshold: float,
    decay: float,
    progress: Callable[[int, int, str], object],
) -> list[str]:
    """Write a corpus with its phrases joined.

    Args:
        corpus: One text per line, words separated by a space.
        out: Where the joined corpus goes.
        passes: How often pairs are joined; 0 copies the corpus.
        discount: delta, occurrences subtracted from those of every pair.
        threshold: The score above which the first pass joins a pair; for each further pass it is multiplied by `decay`.

    Returns:
        The phrases, the highest score first, pass after pass.

    Raises:
        MissingExtra: gensim is not installed.
    """
    with needs_extra("training word vectors", "words"):
        from gensim.models.phrases import Phrases
        from gensim.models.word2vec import LineSentence
    joined: list[str] = []
    source = corpus
    for number in range(passes):
        progress(number, passes, f"pass {number + 1} of {passes}")
        # The class refuses a `min_count` of 0, which equation 4.14 allows.
        phrases = Phrases(
            LineSentence(str(source)),
            min_count=max(discount, 1e-9),
            threshold=threshold * decay**number,
            delimiter=_SEAM,
            scoring=score,
        )
        scores = {phrase.replace(_SEAM, JOINT): score for phrase, score in phrases.export_phrases().items()}
        joined += sorted((phrase for phrase in scores if phrase not in joined), key=lambda phrase: -scores[phrase])
        joiner = phrases.freeze()
        step = out.with_name(f"{out.name}.{number}")
        with step.open("w", encoding="utf-8") as file:
            for words in LineSentence(str(source)):
                file.write(" ".join(joiner[words]).replace(_SEAM, JOINT) + "\n")
        if source != corpus:
            source.unlink()
        source = step
    if source == corpus:
        out.write_bytes(corpus.read_bytes())
    else:
        source.replace(out)
    progress(passes, passes, f"{len(joined):,} phrases")
    return joined
