"""What the tables of this experiment show of scores (N, E) of each text's possible answers."""

import csv

import numpy as np

from feelscope.metrics import intervals, scores

TOP = 5


def ranks(table, answers):
    """Of each text the number of answers that are scored above the right one, or as high: (N,)."""
    right = table[np.arange(len(table)), answers][:, None]
    return (table >= right).sum(axis=1) - 1


def first_by_share(table, counts, rarer, often=0.0):
    """Scores whose first answer is the highest by probability / frequency ** rarer.

    Those after it are in the order of probability * frequency ** often.

    Args:
        table: Log-probabilities (N, E).
        counts: How many training texts each answer had, (E,).
    """
    frequency = np.log(counts / counts.sum())
    ordered = table + often * frequency
    ordered[np.arange(len(table)), (table - rarer * frequency).argmax(axis=1)] = ordered.max(axis=1) + 1
    return ordered


def measures(table, answers):
    """Accuracy, macro-F1 and, of over five answers, the share of texts whose right one is among the top five."""
    count = table.shape[1]
    cells = scores.count_answers(answers, table.argmax(axis=1), count)
    draws, present = intervals.resample(cells), np.unique(answers)
    found = {
        "accuracy": (float(scores.accuracy(cells)), intervals.interval(scores.accuracy(draws))),
        "macro_f1": (float(scores.macro_f1(cells, present)), intervals.interval(scores.macro_f1(draws, present))),
    }
    if count > TOP:
        inside = ranks(table, answers) < TOP
        found["top_5"] = (float(inside.mean()), intervals.mean_interval(inside))
    return found


def gain(table, other, answers):
    """What one table of scores has more than another on the same texts, by score, each with its paired interval."""
    count, present = table.shape[1], np.unique(answers)
    draws = intervals.draw(len(answers))
    cells = [scores.count_draws(draws, answers, one.argmax(axis=1), count) for one in (table, other)]
    found = {}
    for name, score in (("accuracy", scores.accuracy), ("macro_f1", scores.macro_f1)):
        more = score(cells[0], present) - score(cells[1], present)
        found[name] = intervals.with_interval(float(more[0]), intervals.interval(more[1:]), " to ")
    return found


def row(data, recipe, seed, found):
    """One line of a CSV file."""
    line = {"data": data, "recipe": recipe, "seed": seed}
    for name in ("accuracy", "macro_f1", "top_5"):
        value, ends = found.get(name, (None, (None, None)))
        line |= {name: value, f"{name}_low": ends[0], f"{name}_high": ends[1]}
    return {name: f"{value:.4f}" if isinstance(value, float) else value for name, value in line.items()}


def add(path, line):
    """Put a line into a CSV file, in place of one of the same data, recipe and seed."""
    old = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            old = list(csv.DictReader(file))
    same = ("data", "recipe", "seed")
    lines = [one for one in old if any(one[name] != str(line[name]) for name in same)] + [line]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*line], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    print({name: value for name, value in line.items() if "_low" not in name and "_high" not in name}, flush=True)
