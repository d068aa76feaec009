"""The splitter of `tokens` as a `tokenizer.json`, so that a saved model can read whole words.

`encoders.tokenizer.Tokenizer` opens it like any other: id 0 stands for padding and for every unknown word, id n for the
n-th of the words. `WordVectors.table()` has its rows in the same order.
"""

from collections.abc import Sequence
from pathlib import Path

from feelscope.errors import WordsError
from feelscope.text.tokens import FOLDED, WORD

NOTHING = "[UNK]"  # padding and unknown words, id 0; no text contains it, since brackets separate words


def write_tokenizer(words: Sequence[str], path: Path) -> None:
    """Write a `tokenizer.json` that splits as `tokens.split` does and numbers the words from 1.

    The two agree on every character that this Python knows; a newer one may differ in lower case.

    Args:
        words: Each once. What `split` never yields ("New_York", "'s") has an id that no text gets.

    Raises:
        WordsError: A word is there twice, or is the sign for padding.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    ids = {word: id for id, word in enumerate((NOTHING, *words))}
    if len(ids) != len(words) + 1:
        seen = {NOTHING}
        twice = next(word for word in words if word in seen or seen.add(word))  # type: ignore[func-returns-value]
        raise WordsError(f"the word {twice!r} is given twice, or stands for padding; remove it")
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=NOTHING))
    folds = [normalizers.Replace(Regex(pattern), instead) for pattern, instead in FOLDED]
    tokenizer.normalizer = normalizers.Sequence([*folds, normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), "removed", invert=True)
    tokenizer.save(str(path), pretty=False)
