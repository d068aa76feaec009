"""A post's words as a writer learns them, and a written post as people read it.

"Stop it!" / "A man, shouting" -> stop it ! <line> a man , shouting -> "Stop it!\nA man, shouting"

Title and text of a post, as `Post.texts` gives them, with the sign for a new line between; a title that repeats the
text but for capitals and signs is left out too. A word is letters and digits with apostrophes and hyphens inside, in
small letters; every other sign and every emoji is a word of its own. Capitals come back from `forms`: how the training
posts write a word within a sentence. By hand, as `text.tokens` leaves signs out and takes hyphens apart, which cannot
be put back.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from feelscope.post import Post
from feelscope.text.emoji_for_models import EMOJI, fold_emoji
from feelscope.text.near_duplicates import fold

LINE = "\n"  # between title and text
_APOSTROPHES, _QUOTES = re.compile("[\u2018\u2019\u02bc\uff07`\u00b4]"), re.compile("[\u201c\u201d\u201e\u00ab\u00bb]")
_WORD = re.compile(rf"{EMOJI}|[^\W_]+(?:['-][^\W_]+)*|[^\w\s]|_")
_ENDS = frozenset(".!?\u2026")
_NO_SPACE_BEFORE = frozenset(".,!?;:%)]}\u2026")
_NO_SPACE_AFTER = frozenset("([{#@$\u00a3\u20ac")
_GLUES = frozenset("/_")  # as in "and/or"
_TITLED = 0.6  # share of a line's longer words with a capital from which on it is a title, which says nothing of names


def words_of(post: Post, characters: bool = False) -> list[str]:
    """The words of a post, or its characters: what a writer learns; none where the post has none."""
    texts = [_plain(text) for text in post.texts]
    if len({fold(text) for text in texts}) == 1:
        texts = texts[-1:]
    if characters:
        return list(LINE.join(" ".join(text.split()) for text in texts))
    lines = [[word.lower() for word in _WORD.findall(text)] for text in texts]
    words: list[str] = []
    for line in filter(None, lines):
        words += [LINE, *line] if words else line
    return words


def is_word(token: str) -> bool:
    """Whether it is more than a sign."""
    return any(map(str.isalnum, token))


def forms_of(posts: Iterable[Post]) -> dict[str, str]:
    """How words are written within a sentence, where that is not in small letters: {"london": "London"}."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for post in posts:
        for text in map(_plain, post.texts):
            words = _WORD.findall(text)
            longer = [word for word in words[1:] if len(word) > 3]
            titled = sum(word != word.lower() for word in longer) > _TITLED * len(longer)
            starts = True
            for word in words:
                if not (starts or titled) or (not longer and word == "I"):
                    seen[word.lower()][word] += 1
                starts = word in _ENDS or (starts and not is_word(word))
    most = {word: max(counts, key=lambda form: (counts[form], form)) for word, counts in seen.items()}
    return {word: form for word, form in most.items() if form != word}


def written(words: Sequence[str], forms: Mapping[str, str]) -> str:
    """Words as people write them: spaces, and capitals where a sentence begins."""
    text, starts, glued, quoted = "", True, True, False
    for word in words:
        if word == LINE:
            text, starts, glued, quoted = text.rstrip() + LINE, True, True, False
            continue
        closes = word == '"' and quoted
        form = forms.get(word, word)
        if starts and is_word(word):
            capital = form[:1].upper()
            form = capital + form[1:] if capital.lower() == form[:1].lower() else form  # not so of ß, µ and a few more
        text += form if glued or closes or word in _NO_SPACE_BEFORE or word in _GLUES else f" {form}"
        quoted ^= word == '"'
        glued = word in _NO_SPACE_AFTER or word in _GLUES or (word == '"' and not closes)
        starts = word in _ENDS or (starts and not is_word(word))
    return text.strip()


def _plain(text: str) -> str:
    """Straight apostrophes and quotes, emoji without variation selectors."""
    return _QUOTES.sub('"', _APOSTROPHES.sub("'", text if text.isascii() else fold_emoji(text)))
