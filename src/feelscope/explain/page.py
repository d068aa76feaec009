"""An explanation as one HTML page that needs nothing else: no script, no network, no file beside it.

    the answer, a bar for each modality, the words underlined, the picture with its regions outlined, all numbers

For is whole, against is broken, both in lines and areas; the stronger, the thicker. So the page reads without colours.
Whatever a post says is escaped, and the page's own policy allows no source but itself.
"""

import base64
import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from feelscope.errors import PictureError
from feelscope.explain.explanation import Explanation, Region, Word
from feelscope.explain.record import LEAST, steps
from feelscope.images import read_rgb, small_jpeg
from feelscope.post import IMAGE_TEXT, Post
from feelscope.text import printable

_FOLDER = Path(__file__).parent
_SIDE, _QUALITY = 512, 85  # pixels of the picture's longer side at most; of its JPEG
_SHOWN_SIDE = 256  # pixels of its longer side at least, as it is shown
_LEAST_SHARE = {"word": 0.1, "region": 0.2}  # of the strongest weight: what is weaker is in the table alone
_INSET = 6  # thousandths of the picture between the outlines of two regions
_WIDEST = {"word": 6.0, "region": 5.0}  # pixels of the strongest line


def html(explanation: Explanation, post: Post, model: str = "") -> str:
    """The page of a post's explanation.

    Args:
        model: The name of the model that answered; empty if it is not to be shown.
    """
    emotion = safe(explanation.emotion)
    body = _filled(
        "page.html",
        warnings=_warnings(explanation.warnings),
        modalities=_bars(explanation),
        legend=_legend(explanation),
        words=_words(explanation, post),
        picture=_picture(explanation, post),
        tables=_tables(explanation, post),
    )
    footer = (
        f"Weights are of the probability of {emotion}. They say what this model would have answered, not why people "
        "write so.",
        f"Model {safe(model)}. " * bool(model) + f"Its networks were asked {explanation.passes:,} times.",
    )
    return shell(f"Why {emotion}?", _answer(explanation, model), body, footer, heading=f"Why <em>{emotion}</em>?")


def shell(title: str, answer: str, body: str, footer: Sequence[str], *, heading: str = "", style: str = "") -> str:
    """A page of results, other ones too, with the policy of all; everything is HTML.

    Args:
        answer: The paragraph below the heading.
        footer: Its paragraphs.
        heading: By default the title.
        style: What the page has besides the style sheet of all.
    """
    return _filled(
        "shell.html",
        title=title,
        heading=heading or title,
        style=(_FOLDER / "page.css").read_text(encoding="utf-8") + style,
        answer=answer,
        body=body.rstrip("\n"),
        footer="\n".join(f"<p>{line}</p>" for line in footer),
    )


def _filled(name: str, **parts: str) -> str:
    return Template((_FOLDER / name).read_text(encoding="utf-8")).substitute(parts)


def safe(text: str) -> str:
    """A text of one line, for HTML."""
    return escape(printable.line(text))


def _answer(explanation: Explanation, model: str) -> str:
    prediction = explanation.prediction
    whose = f"The model {safe(model)}" if model else "The model"
    answered = safe(prediction.emotion or "")
    probability = f"{explanation.probability:.3f}"
    if prediction.emotion == explanation.emotion:
        return f"{whose} answers <strong>{answered}</strong>, with probability {probability}."
    return f"{whose} answers <strong>{answered}</strong>; {safe(explanation.emotion)} has probability {probability}."


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return '<ul class="warnings">' + "".join(f"<li>{safe(one)}</li>" for one in warnings) + "</ul>"


def _side(weight: float) -> str:
    return "for" if weight >= 0 else "against"


def _signed(weight: float) -> str:
    return f"{weight:+.3f}".replace("-", "\N{MINUS SIGN}")


def _bars(explanation: Explanation) -> str:
    """A line from the baseline to the probability, modality by modality."""
    rows = [_bar("before anything is read", explanation.baseline, 0.0, explanation.baseline, "total")]
    at = explanation.baseline
    for name, weight in steps(explanation).items():
        rows.append(_bar(name, weight, at, at + weight, _side(weight)))
        at += weight
    rows.append(_bar(explanation.emotion, explanation.probability, 0.0, explanation.probability, "total"))
    return f'<table class="bars"><tbody>{"".join(rows)}</tbody></table>'


def _bar(name: str, shown: float, start: float, end: float, kind: str) -> str:
    low, high = (min(1.0, max(0.0, place)) * 100 for place in sorted((start, end)))
    number = f"{shown:.3f}" if kind == "total" else _signed(shown)
    span = f'<span class="{kind}" style="left:{low:.2f}%;width:{max(high - low, 0.3):.2f}%"></span>'
    return (
        f'<tr><th scope="row">{safe(name)}</th><td><div class="track" aria-hidden="true">{span}</div></td>'
        f"<td>{number}</td></tr>"
    )


def _legend(explanation: Explanation) -> str:
    """What the lines mean, of as much as there is."""
    parts = []
    if explanation.words:
        parts.append(
            '<li>words: <mark class="for" style="--thick:4px">for</mark> '
            '<mark class="against" style="--thick:4px">against</mark></li>'
        )
    if explanation.regions:
        parts.append(
            '<li>regions: <span class="swatch for">for</span> <span class="swatch against">against</span></li>'
        )
    if not parts:
        return ""
    return f'<ul class="legend">{"".join(parts)}<li>the thicker, the stronger</li></ul>'


def _strongest(weighed: Iterable[Word] | Iterable[Region]) -> float:
    """The greatest weight, for or against; 0 where none is worth a line."""
    most = max((abs(one.weight) for one in weighed), default=0.0)
    return most if most >= LEAST else 0.0


def _words(explanation: Explanation, post: Post) -> str:
    """Title, text and the words in the picture, each word of weight underlined."""
    strongest = _strongest(explanation.words)
    shown = []
    for field, whole in explanation.texts(post).items():
        words = sorted((word for word in explanation.words if word.field == field), key=lambda word: word.start)
        if not whole.strip():
            continue
        parts, end = [], 0
        for word in words:
            share = abs(word.weight) / strongest if strongest else 0.0
            if share < _LEAST_SHARE["word"] or word.start < end:
                continue
            parts += [_escaped(whole[end : word.start]), _marked(whole[word.start : word.end], word.weight, share)]
            end = word.end
        parts.append(_escaped(whole[end:]))
        if field == IMAGE_TEXT:
            shown.append("<p><small>Words of the picture:</small></p>")
        shown.append(f'<p class="words {field}" dir="auto">{"".join(parts)}</p>')
    return "".join(shown)


def _escaped(text: str) -> str:
    return escape(printable.lines(text))


def _marked(text: str, weight: float, share: float) -> str:
    thick = max(1.0, share * _WIDEST["word"])
    strong = " strong" if share > 0.5 else ""
    return (
        f'<mark class="{_side(weight)}{strong}" style="--thick:{thick:.1f}px" title="{_signed(weight)}">'
        f"{_escaped(text)}</mark>"
    )


def _picture(explanation: Explanation, post: Post) -> str:
    """The picture, small and upright, and the outlines of its regions of weight."""
    if post.image is None:
        return ""
    try:
        jpeg = small_jpeg(post.image, _SIDE, _QUALITY)
        height, width = read_rgb(jpeg).shape[:2]
    except PictureError:  # of which the warnings tell
        return "<p><small>The picture cannot be shown.</small></p>"
    scale = max(1, math.ceil(_SHOWN_SIDE / max(width, height)))
    strongest = _strongest(explanation.regions)
    cells = "".join(_cell(region, abs(region.weight) / strongest) for region in explanation.regions if strongest)
    moves = "moves it much" if explanation.regions else "was looked at"
    caption = "" if strongest else f"<figcaption>No region of the picture {moves}.</figcaption>"
    return (
        f'<figure><div class="picture"><img alt="The picture of the post" width="{width * scale}" '
        f'height="{height * scale}" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'
        f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{_HATCH}{cells}</svg></div>'
        f"{caption}</figure>"
    )


_HATCH = (
    '<defs><pattern id="hatch" width="16" height="16" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line x1="0" y1="0" x2="0" y2="16" stroke-width="7"/></pattern></defs>'
)


def _cell(region: Region, share: float) -> str:
    if share < _LEAST_SHARE["region"]:
        return ""
    left, top, right, bottom = (place * 1000 for place in (region.left, region.top, region.right, region.bottom))
    box = (
        f'x="{left + _INSET:.1f}" y="{top + _INSET:.1f}" width="{max(0.0, right - left - 2 * _INSET):.1f}" '
        f'height="{max(0.0, bottom - top - 2 * _INSET):.1f}"'
    )
    line = max(1.0, share * _WIDEST["region"])
    return (
        f'<g class="cell {_side(region.weight)}"><title>{_signed(region.weight)}</title>'
        f'<rect class="fill" {box} style="fill-opacity:{0.08 + 0.3 * share:.2f}"/>'
        f'<rect class="halo" {box} style="stroke-width:{line + 2:.1f}"/>'
        f'<rect class="line" {box} style="stroke-width:{line:.1f}"/></g>'
    )


def _tables(explanation: Explanation, post: Post) -> str:
    """Every number, the strongest first."""
    parts = [
        table(
            "Probabilities",
            ("emotion", "probability"),
            [(name, f"{value:.3f}") for name, value in explanation.prediction.probabilities.items()],
        )
    ]
    if explanation.words:
        ordered = sorted(explanation.words, key=lambda word: -abs(word.weight))
        texts = explanation.texts(post)
        rows = [(texts[word.field][word.start : word.end], word.field, _signed(word.weight)) for word in ordered]
        parts.append(table("Words", ("word", "in", "weight"), rows))
    if explanation.regions:
        cells = sorted(explanation.regions, key=lambda region: -abs(region.weight))
        rows = [
            (f"{one.left:.1%} to {one.right:.1%}", f"{one.top:.1%} to {one.bottom:.1%}", _signed(one.weight))
            for one in cells
        ]
        parts.append(table("Regions of the picture", ("from the left", "from the top", "weight"), rows))
    return "".join(parts)


def table(
    name: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], numbers: int = 1, is_open: bool = True
) -> str:
    """A table that can be folded.

    Args:
        numbers: How many of the last columns have numbers.
    """
    head = "".join(f'<th scope="col"{_number(at, heads, numbers)}>{one}</th>' for at, one in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(f"<td{_number(at, row, numbers)}>{safe(cell)}</td>" for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f"<details{' open' * is_open}><summary>{name}</summary>"
        f'<div class="scroll"><table class="numbers"><thead><tr>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div></details>"
    )


def section(title: str, *parts: str) -> str:
    """A section of a page, of HTML parts."""
    return f"<section><h2>{safe(title)}</h2>{''.join(parts)}</section>"


def bullets(lines: Sequence[str]) -> str:
    """Sentences as a list."""
    return '<ul class="findings">' + "".join(f"<li>{safe(line)}</li>" for line in lines) + "</ul>"


def _number(at: int, row: tuple[str, ...], numbers: int) -> str:
    return ' class="number"' if at >= len(row) - numbers else ""
