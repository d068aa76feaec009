"""How far people agree beyond chance."""

from collections import Counter
from collections.abc import Mapping, Sequence


def cohen_kappa(one: Sequence[str], other: Sequence[str]) -> float:
    """Agreement of two people on the same posts; 1 is perfect, 0 is chance.

    Source:
        Cohen 1960.
    """
    count = len(one)
    if not count:
        return float("nan")
    agree = sum(a == b for a, b in zip(one, other, strict=True)) / count
    first, second = Counter(one), Counter(other)
    chance = sum(first[label] * second[label] for label in first) / count**2
    return 1.0 if chance == 1 else (agree - chance) / (1 - chance)


def fleiss_kappa(posts: Sequence[Sequence[str]]) -> float:
    """Agreement of the same number of people on every post.

    Args:
        posts: The answers to each.

    Source:
        Fleiss 1971.
    """
    raters = len(posts[0]) if posts else 0
    if raters < 2:
        return float("nan")
    assert all(len(answers) == raters for answers in posts), "as many answers to every post"
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
    """For every two people their answers to the posts that both answered.

    Args:
        answers: Annotator to post to answer.
    """
    names = sorted(answers)
    found = {}
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            both = sorted(answers[one].keys() & answers[other].keys())
            if both:
                found[one, other] = [answers[one][id] for id in both], [answers[other][id] for id in both]
    return found
