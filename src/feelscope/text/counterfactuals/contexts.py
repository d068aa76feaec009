"""Words in a setting in which they no longer say what their writer feels: before a "but", quoted, or behind an "if"."""

import re

import numpy as np

FEW = range(3, 15)  # words of a text that is put into another
_CLAUSE = re.compile(
    r"(?P<who>i|you|he|she|it|this|that|they|we|my \w+|the \w+)"
    r"(?P<verb>'m|'re|'s| am| are| is| was| were| feels?| looks?| loves?| hates?"
    r"| likes?| miss| misses| wants?| fears?)\b"
    r"(?P<rest>[^.!?]*)[.!?]*",
    re.IGNORECASE,
)
_AM = {"'m": " are", " am": " are", " was": " were", "'s": " is", "'re": " are"}
_JOINS = ("{a}, but {b}", "{a} but {b}", "{a}. But {b}", "{a}... but {b}", "{b}, although {a}", "Yes, {a}, but {b}")
_QUOTES = (
    'The phrase "{}" is on page {}.',
    'Line {1} of the script reads "{0}".',
    'The sign says "{}", it is {} cm wide.',
    '"{}" is example {} in the grammar book.',
    'The caption under figure {1} is "{0}".',
    '"{}" has been translated into {} languages.',
    "Chapter {1} is called '{0}'.",
    'Track {1}: "{0}"',
    'Number {1} on the form is "{0}".',
    'He asked me how to spell "{}", all {} of them did.',
)
_CONDITIONS = (
    "If {}, call the office.",
    "If {}, tick the second box.",
    "If {}, let me know by {day}.",
    "In case {}, there is a form at the desk.",
    "If {}, go to page 4.",
    "Unless {}, we meet on {day}.",
    "Whether {} or not, the doors open at nine.",
    "If {}, ask for room 12.",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def is_short(text: str) -> bool:
    """Whether a text can be put into another: one line of three to fourteen words, without quotes and addresses."""
    return len(text.split()) in FEW and not re.search(r"[\n\"“”@#]|https?:", text)


def but(first: str, second: str, draws: np.random.Generator) -> str:
    """Both texts, the second outweighing the first."""
    joined = str(draws.choice(_JOINS))
    a = first.strip().rstrip(".!?, ")
    b = second.strip()
    inner = _small(a) if joined.startswith(("{b}", "Yes")) else a
    return joined.format(a=inner, b=b.rstrip(".!?, ") if joined.startswith("{b}") else _small(b))


def quoted(text: str, draws: np.random.Generator) -> str:
    """The text as words that are spoken of, not said."""
    return str(draws.choice(_QUOTES)).format(text.strip(), int(draws.integers(2, 90)))


def conditional(text: str, draws: np.random.Generator) -> str | None:
    """What a text says as a condition of something plain; None where it is no single clause about somebody."""
    match = _CLAUSE.fullmatch(text.strip())
    if match is None or len(text.split()) not in FEW:
        return None
    who, verb = match["who"].lower(), match["verb"].lower()
    if who == "i":
        who, verb = "you", _AM.get(verb, verb)
    clause = who + verb + re.sub(r"\bmy\b", "your", match["rest"]) if who == "you" else who + verb + match["rest"]
    return str(draws.choice(_CONDITIONS)).format(clause.rstrip(" ,;"), day=draws.choice(_DAYS))


def _small(text: str) -> str:
    """The text as it goes on within a sentence: without its capital, but for I and words in capitals."""
    first = text.split(" ", 1)[0]
    keeps = first.startswith(("I'", "I’")) or first == "I" or (len(first) > 1 and first.isupper())
    return text if keeps else text[:1].lower() + text[1:]
