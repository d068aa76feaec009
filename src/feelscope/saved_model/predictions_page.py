"""Predictions as HTML for a notebook: small picture, words, and a bar for each of the likeliest emotions.

Everything that came from a post is escaped. Colours and letters are the notebook's, light or dark.
"""

import base64
from collections.abc import Mapping, Sequence
from html import escape

from feelscope.emotions import EMOJI
from feelscope.errors import PictureError
from feelscope.images.read import small_jpeg
from feelscope.post import Post, Prediction
from feelscope.text.counts import counted

_SIDE, _QUALITY = 96, 75  # of a small picture: pixels, and JPEG's quality
_BARS = 3
_WORDS = 280  # characters
_TABLE = "border-collapse:collapse;text-align:left;font-size:90%"
_CELL = "padding:4px 10px;vertical-align:top;text-align:left;max-width:28em;overflow-wrap:anywhere"
_TRACK = "display:inline-block;width:8em;height:.7em;background:rgba(127,127,127,.25);border-radius:2px"
_BAR = "display:block;height:100%;background:#4477aa;border-radius:2px"


def page(predictions: Sequence[Prediction], posts: Mapping[int, Post], count: int) -> str:
    """A table of predictions.

    Args:
        posts: By the place of their prediction, as far as they are known.
        count: Of all predictions, of which these are the first.
    """
    rows = "".join(_row(prediction, posts.get(place)) for place, prediction in enumerate(predictions))
    more = f"<p>and {count - len(predictions):,} more</p>" if count > len(predictions) else ""
    said = counted(count, "prediction")
    return f'<div><p>{said}</p><table style="{_TABLE}"><tbody>{rows}</tbody></table>{more}</div>'


def _row(prediction: Prediction, post: Post | None) -> str:
    contents = [escape(prediction.id[:40]), _picture(post), _words(post, prediction), _bars(prediction)]
    cells = "".join(f'<td style="{_CELL}">{content}</td>' for content in contents)
    return f"<tr>{cells}</tr>"


def _picture(post: Post | None) -> str:
    if post is None or post.image is None:
        return ""
    try:
        content = small_jpeg(post.image, _SIDE, _QUALITY)
    except PictureError:  # a warning of the prediction says why
        return ""
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(content).decode()}">'


def _words(post: Post | None, prediction: Prediction) -> str:
    words = "\n".join(post.texts) if post is not None else ""
    said = escape(words[:_WORDS] + "…" * (len(words) > _WORDS))
    notes = "".join(f"<br><small>{escape(warning)}</small>" for warning in prediction.warnings)
    return f"{said}{notes}"


def _bars(prediction: Prediction) -> str:
    if not prediction.probabilities:
        return "no answer"
    likeliest = sorted(prediction.probabilities.items(), key=lambda pair: -pair[1])[:_BARS]
    return "<br>".join(
        f'<span style="{_TRACK}"><span style="{_BAR};width:{share:.1%}"></span></span> '
        f"{share:.1%} {EMOJI.get(emotion, '')} {escape(emotion)}"
        for emotion, share in likeliest
    )
