"""An explanation on a terminal: weights are marks below the words and in the grid of the picture, not colours."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from feelscope.cli.emotions import bar, emoji, read_from
from feelscope.explain.explanation import Explanation
from feelscope.explain.record import STRENGTHS, steps, strengths
from feelscope.post import IMAGE_TEXT, Post
from feelscope.text import printable
from feelscope.text.width import columns

FOR, AGAINST = " ▁▃▅▇", " .:xX"  # by strength
_BAR = 40  # columns, where the terminal has them
_Atom = tuple[str, str]  # a piece of text that stays together, and the mark below it


def explained(explanation: Explanation, post: Post, width: int) -> str:
    """Lines for a terminal of so many columns."""
    used = read_from(explanation.prediction.modalities)
    answer, emotion = explanation.prediction.emotion or "", explanation.emotion
    parts = [[f"{emoji(answer)} {answer}, read from {used}"], [*_modalities(explanation, width)]]
    if explanation.words:
        parts.append([*_words(explanation, post, width)])
    if explanation.regions:
        shown = any(strengths(explanation.regions))
        parts.append(["The picture:", *_grid(explanation)] if shown else ["No region of the picture moves it much."])
    if explanation.words or explanation.regions:
        parts.append([f"{' '.join(FOR[1:])} for {emotion}, {' '.join(AGAINST[1:])} against it, beside the strongest:"])
        parts[-1] += _strongest(explanation, post)
    parts += [[f"Note: {warning}"] for warning in explanation.warnings]
    return "\n\n".join("\n".join(part) for part in parts)


def _modalities(explanation: Explanation, width: int) -> Iterator[str]:
    moves = steps(explanation)
    rows = {"before": explanation.baseline, **moves, f"{explanation.emotion} in all": explanation.probability}
    name_width = max(map(len, rows))
    bar_width = max(4, min(_BAR, width - name_width - 14))
    for name, value in rows.items():
        sign = f"{value:+.1%}" if name in moves else f"{value:.1%}"
        shown = bar(value, bar_width) if value >= 0 else "-" * round(-value * bar_width)
        yield f"  {name:<{name_width}} {shown:<{bar_width}} {sign:>7}"


def _words(explanation: Explanation, post: Post, width: int) -> Iterator[str]:
    """Title, text and the words in the picture, each line with a line of marks below it."""
    levels, texts = strengths(explanation.words), explanation.texts(post)
    for field, group in groupby(zip(explanation.words, levels, strict=True), lambda pair: pair[0].field):
        if field == IMAGE_TEXT:
            yield "Words of the picture:"
        text, done = texts[field], 0
        atoms: list[_Atom] = []
        for word, level in group:
            atoms += _between(text[done : word.start])
            atoms.append((printable.line(text[word.start : word.end]), _mark(level)))
            done = word.end
        rest = text[done:]
        atoms += _between(rest if len(rest) <= width else " …")
        for line in _lines(atoms, width):
            yield "".join(piece for piece, _ in line).rstrip()
            if marks := "".join(mark * columns(piece) for piece, mark in line).rstrip():
                yield marks


def _between(text: str) -> list[_Atom]:
    """What stands between words, blanks as one."""
    return [(printable.line(piece) if piece.strip() else " ", " ") for piece in re.findall(r"\s+|\S+", text)]


def _lines(atoms: Sequence[_Atom], width: int) -> Iterator[list[_Atom]]:
    line: list[_Atom] = []
    taken = 0
    for atom in atoms:
        wide = columns(atom[0])
        if line and taken + wide > width:
            yield line
            line, taken = [], 0
        if line or atom[0] != " ":
            line.append(atom)
            taken += wide
    if line:
        yield line


def _grid(explanation: Explanation) -> Iterator[str]:
    rows = [
        [level for _, level in row]
        for _, row in groupby(
            zip(explanation.regions, strengths(explanation.regions), strict=True), lambda pair: pair[0].top
        )
    ]
    edge = "─" * 2 * len(rows[0])
    yield f"  ┌{edge}┐"
    for row in rows:
        yield f"  │{''.join(_mark(level) * 2 for level in row)}│"
    yield f"  └{edge}┘"


def _strongest(explanation: Explanation, post: Post) -> Iterator[str]:
    if explanation.words:
        word = max(explanation.words, key=lambda word: abs(word.weight))
        shown = printable.line(explanation.texts(post)[word.field][word.start : word.end])
        yield f"  word: {shown} {word.weight:+.1%}"
    if explanation.regions:
        region = max(explanation.regions, key=lambda region: abs(region.weight))
        across, down = (region.left + region.right) / 2, (region.top + region.bottom) / 2
        yield f"  region: {region.weight:+.1%}, {across:.0%} from the left and {down:.0%} from the top"


def _mark(level: int) -> str:
    assert abs(level) <= STRENGTHS
    return FOR[level] if level >= 0 else AGAINST[-level]
