"""Negation: a feeling that is said of somebody, said not to be there."""

import re

import numpy as np

# Words that say a feeling after "I am", "it was" and the like, by which they are; ours.
GLAD = (
    "happy glad excited proud pleased thrilled delighted cheerful grateful thankful great good wonderful amazing "
    "awesome fun lovely beautiful perfect nice fantastic brilliant hilarious delicious"
).split()
SORRY = (
    "sad angry mad scared afraid worried upset nervous lonely disgusted disappointed annoyed furious anxious terrified "
    "depressed miserable unhappy frightened embarrassed hurt jealous stressed heartbroken ashamed"
).split()
_IS = r"\b(?P<is>i am|i'm|im|is|it's|that's|he's|she's|was|were|are|you're|we're|they're|feel|feels|felt)"
_HOW = r"(?P<how> so| very| really| pretty| just| too| quite)*"
_SAID = re.compile(
    rf"(?:[\w']+,? ){{0,3}}{_IS}{_HOW} (?P<word>{'|'.join([*GLAD, *SORRY])})(?: [\w']+){{0,4}}[\s.!?)(:]*",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|no|never|nothing|nobody|hardly|without|if|but|why|when|must|can|to|does|did|do)\b|n't\b"
)


def negated(text: str, draws: np.random.Generator) -> tuple[str, str] | None:
    """The text denied, and what it then says: `sadness` of what was good, `neutral` or `happiness` of what was bad.

    None where the text is no short sentence that says it plainly, or denies something already.
    """
    straight = text.replace("’", "'")
    match = _SAID.fullmatch(straight)
    if match is None or _DENIED.search(straight.lower()):
        return None
    word, be = match["word"], text[match.start("is") : match.end("is")]
    good = word.lower() in GLAD
    over = not good and draws.random() < 0.5
    deny = {"feel": "don't feel", "feels": "doesn't feel", "felt": "didn't feel"}.get(be.lower(), f"{be} not")
    how = draws.choice((" at all", "", "")) if good else (" anymore" if over else "")
    end = match.end("word")
    now = f"{text[: match.start('is')]}{deny} {'that ' if good and draws.random() < 0.2 else ''}{word}{how}{text[end:]}"
    return now, "sadness" if good else ("happiness" if over else "neutral")
