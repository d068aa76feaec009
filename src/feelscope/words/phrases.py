"""Join words that occur together far more often than by chance: "new york" becomes the one word "new_york".

    score(a, b) = (count(a b) - delta) / (count(a) count(b)) * words of the corpus        thesis of Hu 2017, eq. 4.14

The last factor of gensim's own score is the number of different words; that of the thesis and the word2vec program is
the number of all, so gensim's thresholds mean something else.

Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases", section 4.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from feelscope.errors import needs_extra
from feelscope.files import write_whole
from feelscope.words.skip_gram import SkipGram

JOINT = "_"  # no word of `tokens.split` has it
_SEAM = "\x01"  # gensim finds the seam of a phrase by its sign, and would not know it from those of an earlier pass


def score(
    worda_count: int, wordb_count: int, bigram_count: int, len_vocab: int, min_count: float, corpus_word_count: int
) -> float:
    """Equation 4.14; gensim asks for these names, and `min_count` is delta."""
    return (bigram_count - min_count) / worda_count / wordb_count * corpus_word_count


def join_phrases(corpus: Path, out: Path, settings: SkipGram, progress: Callable[[int, int, str], object]) -> list[str]:
    """Write a corpus with its phrases joined.

    Args:
        corpus: One text per line, words separated by a space.
        out: Where the joined corpus goes; a copy where the settings have no passes.

    Returns:
        The phrases, the highest score first, pass after pass.

    Raises:
        MissingExtra: gensim is not installed.
    """
    with needs_extra("training word vectors", "words"):
        from gensim.models.phrases import Phrases
        from gensim.models.word2vec import LineSentence
    with corpus.open("rb") as texts, write_whole(out, "wb", sync=False) as copy:
        shutil.copyfileobj(texts, copy)
    joined: list[str] = []
    passes = settings.phrase_passes
    for number in range(passes):
        progress(number, passes, f"pass {number + 1} of {passes}")
        # The class refuses a `min_count` of 0, which equation 4.14 allows.
        phrases = Phrases(
            LineSentence(str(out)),
            min_count=max(settings.phrase_discount, 1e-9),
            threshold=settings.phrase_threshold * settings.phrase_decay**number,
            delimiter=_SEAM,
            scoring=score,
        )
        scores = {phrase.replace(_SEAM, JOINT): score for phrase, score in phrases.export_phrases().items()}
        known = set(joined)
        joined += sorted((phrase for phrase in scores if phrase not in known), key=lambda phrase: -scores[phrase])
        joiner = phrases.freeze()
        with write_whole(out, sync=False) as file:
            for words in LineSentence(str(out)):
                file.write(" ".join(joiner[words]).replace(_SEAM, JOINT) + "\n")
    progress(passes, passes, f"{len(joined):,} phrases")
    return joined
