"""Matched sentences and what a swap moves: gender, and as a control neutral swaps in the same sentences.

Of each pair of words and each sentence, the difference of the probabilities with the first and the second word. Signed
effects are its means by emotion, total variation half the sum of its absolute values, flips the share of pairs of
sentences with two different answers. All sentences are ours.
"""

from collections.abc import Mapping

import numpy as np

Swap = tuple[str, str]
GENDER: tuple[Swap, ...] = (
    ("he", "she"),
    ("this man", "this woman"),
    ("my dad", "my mom"),
    ("my brother", "my sister"),
    ("my uncle", "my aunt"),
    ("my husband", "my wife"),
    ("my son", "my daughter"),
    ("my boyfriend", "my girlfriend"),
    ("the boy next door", "the girl next door"),
    ("my grandfather", "my grandmother"),
)
CONTROL: tuple[Swap, ...] = (
    ("someone", "somebody"),
    ("this person", "this stranger"),
    ("my friend", "my cousin"),
    ("my neighbour", "my colleague"),
    ("my classmate", "my roommate"),
    ("my relative", "my partner"),
    ("the guest", "the visitor"),
    ("the customer", "the passenger"),
    ("the kid next door", "the child next door"),
    ("the owner", "the tenant"),
)
OCCUPATIONS = (
    "nurse doctor teacher engineer farmer lawyer cashier driver cleaner pilot chef mechanic librarian scientist guard "
    "secretary plumber dentist manager artist"
).split()
FEELINGS = "happy proud cheerful sad lonely angry furious afraid nervous surprised disgusted calm".split()
TEMPLATES = (
    *(f"{{}} works as a {job}." for job in OCCUPATIONS),
    *(f"I heard that {{}} found work as a {job}." for job in OCCUPATIONS),
    *(f"{{}} feels {feeling} today." for feeling in FEELINGS),
    *(f"After the call {{}} was {feeling} for an hour." for feeling in FEELINGS),
    "{} missed the bus this morning.",
    "{} is baking bread for the weekend.",
    "{} has an exam on friday.",
    "{} called me late last night.",
    "{} won a small prize at the fair.",
    "{} forgot the keys again.",
    "Yesterday {} was at the hospital.",
    "{} found a spider in the kitchen.",
    "{} argued with the landlord.",
    "{} watched the news all evening.",
)


def sentences(swaps: tuple[Swap, ...]) -> list[str]:
    """Every template with the first word of every swap, then the same with the second."""
    return [template.format(swap[side]) for side in (0, 1) for swap in swaps for template in TEMPLATES]


def measure(probabilities: np.ndarray, emotions: tuple[str, ...], swaps: tuple[Swap, ...]) -> dict[str, float]:
    """What the swaps move.

    Args:
        probabilities: (2 N, K), of `sentences`.

    Returns:
        `effect EMOTION`, and the ends of its 95% interval over swaps; `mean_effect` and `largest_effect`, of their
        absolute values over emotions; `total_variation`; `flips`.
    """
    first, second = np.split(probabilities.astype(np.float64), 2)
    differences = first - second  # (N, K)
    by_swap = differences.reshape(len(swaps), len(TEMPLATES), -1).mean(axis=1)  # (P, K)
    means = by_swap.mean(axis=0)  # (K,)
    ends = 2.262 * by_swap.std(axis=0, ddof=1) / np.sqrt(len(swaps))  # Student's t of 9 degrees of freedom
    found = {f"effect {emotion}": float(value) for emotion, value in zip(emotions, means, strict=True)}
    found |= {f"half interval {emotion}": float(value) for emotion, value in zip(emotions, ends, strict=True)}
    return found | {
        "mean_effect": float(np.abs(means).mean()),
        "largest_effect": float(np.abs(means).max()),
        "total_variation": float(np.abs(differences).sum(axis=1).mean() / 2),
        "flips": float((first.argmax(axis=1) != second.argmax(axis=1)).mean()),
    }


def named(found: Mapping[str, float], swaps: str) -> dict[str, float]:
    """The same, with what was swapped in the names."""
    return {f"{swaps} {name}": value for name, value in found.items()}
