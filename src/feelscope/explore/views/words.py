"""The words of a query, each by itself: how many posts have it, in which forms, and what it may be a slip of.

What is shown for a word and its forms are posts of the whole archive, so that it does not change with the rest.
"""

from typing import Any

from feelscope.explore.search.engine import total
from feelscope.explore.search.lexicon import Lexicon
from feelscope.explore.search.query_text import Leaf, parse_query
from feelscope.explore.search.request import counting, of_leaf, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.question import Question
from feelscope.text.stems import stem

_LEAVES = 20  # words and phrases of a query that are looked at, the first ones
_FORMS = 8  # of a word: itself, then those that most posts have


def words_view(question: Question) -> Asking:
    """The words and phrases of Q: `posts` that have each, the words that it `finds`, and `near` spellings of none."""
    leaves, lexicon = parse_query(question.state.query).leaves[:_LEAVES], question.index.lexicon
    if not leaves:
        return []
    words = [_forms(leaf, lexicon) for leaf in leaves]
    requests = [counting(of_leaf(leaf)) for leaf in leaves]
    requests += [counting(term("exact", word)) for some in words for word in some]
    replies = yield requests
    posts, of_forms = [total(reply) for reply in replies[: len(leaves)]], map(total, replies[len(leaves) :])
    answer: list[dict[str, Any]] = []
    for leaf, having, some in zip(leaves, posts, words, strict=True):
        counts = {word: count for word, count in zip(some, of_forms, strict=False) if count}
        order = sorted(counts, key=lambda word: (word != leaf.word, -counts[word], word))
        finds = [{"word": word, "posts": counts[word]} for word in order]
        answer.append({"written": leaf.written, "excluded": leaf.excluded, "posts": having, "finds": finds, "near": []})
    spelt = [[] if row["posts"] else _near(question, leaf) for row, leaf in zip(answer, leaves, strict=True)]
    if any(spelt):
        replies = yield [counting(term("exact", word)) for some in spelt for word in some]
        having_near = iter(map(total, replies))
        for row, some in zip(answer, spelt, strict=True):
            near = zip(some, having_near, strict=False)
            row["near"] = [{"word": word, "posts": count} for word, count in near if count]
    return answer


def _forms(leaf: Leaf, lexicon: Lexicon) -> list[str]:
    """The word of a leaf, and others of its stem; none of a phrase and an exact word."""
    if leaf.word is None:
        return []
    return [leaf.word, *(word for word in lexicon.of_stem(stem(leaf.word)) if word != leaf.word)][:_FORMS]


def _near(question: Question, leaf: Leaf) -> list[str]:
    """Spellings near a single word, hashtag or mention."""
    words = leaf.forms[0][1]
    return question.index.lexicon.near(leaf.word or words[0]) if leaf.word or len(words) == 1 else []
