"""How far people agree beyond chance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Agreement of two people on the same posts (Cohen 1960); 1 is perfect, 0 is chance."""
    posts = len(first)
    if not posts:
        return float("nan")
    agree = sum(a == b for a, b in zip(first, second, strict=True)) / posts
    by_first, by_second = Counter(first), Counter(second)
    chance = sum(by_first[label] * by_second[label] for label in by_first) / posts**2
    return 1.0 if chance == 1 else (agree - chance) / (1 - chance)


def fleiss_kappa(posts: Sequence[Sequence[str]]) -> float:
    """Agreement of the same number of people on every post, from the answers to each (Fleiss 1971)."""
    raters = len(posts[0]) if posts else 0
    if raters < 2:
        return float("nan")
    assert all(len(answers) == raters for answers in posts), "the same number of answers to every post"
    total: Counter[str] = Counter()
    agree = 0.0
    for answers in posts:
        counts = Counter(answers)
        total.update(counts)
        agree += (sum(n * n for n in counts.values()) - raters) / (raters * (raters - 1))
    agree /= len(posts)
    chance = sum((n / (len(posts) * raters)) ** 2 for n in total.values())
    return 1.0 if chance == 1 else (agree - chance) / (1 - chance)


def krippendorff_alpha(posts: Sequence[Sequence[str]]) -> float:
    """Agreement of any people on any posts; a post with fewer than two answers does not count.

    Source:
        Krippendorff 2011, "Computing Krippendorff's alpha-reliability", nominal data.
    """
    paired = [Counter(answers) for answers in posts if len(answers) > 1]
    values: Counter[str] = Counter()
    disagree = 0.0
    for counts in paired:
        size = counts.total()
        values.update(counts)
        disagree += (size * size - sum(n * n for n in counts.values())) / (size - 1)
    count = values.total()
    if count < 2:
        return float("nan")
    expected = (count * count - sum(n * n for n in values.values())) / (count - 1)
    return 1.0 if expected == 0 else 1 - disagree / expected


def pairs(answers: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """For every two people their answers to the posts that both answered, from those of each person by post."""
    answered: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for first, second in combinations(sorted(answers), 2):
        if shared := sorted(answers[first].keys() & answers[second].keys()):
            answered[first, second] = [answers[first][id] for id in shared], [answers[second][id] for id in shared]
    return answered
