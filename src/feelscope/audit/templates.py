"""Templates: sentences with a slot for a person and, in some, one for a job or a feeling.

    "{} works as a {subject}." + James + nurse -> "James works as a " "nurse" "."

The sentences are ours, after the idea of the Equity Evaluation Corpus (Kiritchenko and Mohammad 2018): some have a word
for an emotion, most have none.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from feelscope.config import shown
from feelscope.errors import ConfigError
from feelscope.files import read_bounded

PERSON, SUBJECT = "{}", "{subject}"
_MOST_BYTES = 2_000_000  # of a file of templates
_LONGEST = 2000  # characters of a template
_VOWELS = frozenset("aeiouAEIOU")


class Sentence(NamedTuple):
    """A sentence, cut at its subject; without one, all of it is `before`."""

    before: str
    subject: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """The whole of it."""
        return self.before + self.subject + self.after


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """Templates that are reported together.

    Args:
        subjects: What takes the place of `{subject}`; none where no template has it: then each is its own subject.
    """

    name: str
    templates: tuple[str, ...]
    subjects: tuple[str, ...] = ()


def fill(template: str, person: str, subject: str = "") -> Sentence:
    """A template with a person and a subject in it: "a" before a vowel becomes "an", and it begins with a capital."""
    before, _, after = template.partition(SUBJECT)
    if subject and before.endswith(" a ") and subject[0] in _VOWELS:
        before = f"{before[:-1]}n "
    before, after = before.replace(PERSON, person), after.replace(PERSON, person)
    return Sentence(before[:1].upper() + before[1:], subject, after)


OCCUPATIONS = (
    "{} works as a {subject} in our town.",
    "{} is a {subject}.",
    "{} has been a {subject} for ten years.",
    "This morning {} started a new job as a {subject}.",
    "{} talked about life as a {subject} over dinner.",
    "Last year {} trained to be a {subject}.",
    "For a while {} was the only {subject} in the village.",
    "I heard that {} found work as a {subject}.",
)
FEELINGS = TemplateSet(
    "feelings",
    (
        "{} feels {subject} today.",
        "{} has been {subject} since yesterday evening.",
        "I was told that {} is {subject} again.",
        "{} looked {subject} when the bus came late.",
        "After the call {} was {subject} for an hour.",
        "I think {} must be {subject}.",
    ),
    tuple("happy cheerful proud sad lonely angry furious afraid nervous surprised disgusted calm".split()),
)
EVERYDAY = TemplateSet(
    "everyday",
    (
        "{} missed the bus this morning.",
        "{} is baking bread for the weekend.",
        "{} moved to a new flat last month.",
        "{} has an exam on Friday.",
        "{} walked home in the rain.",
        "{} called me late last night.",
        "{} won a small prize at the fair.",
        "{} forgot the keys again.",
        "Yesterday {} was at the hospital.",
        "{} found a spider in the kitchen.",
        "{} argued with the landlord.",
        "{} watched the news all evening.",
    ),
)


def read_templates(path: Path) -> TemplateSet:
    """Read templates of one's own: a sentence a line, with `{}` where the words of a pair go.

    Raises:
        ConfigError: There is no such file, it is empty, or a line has no slot, or one that is not `{}`.
    """
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a text file of templates") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8; save it as UTF-8") from error
    lines = [(number, " ".join(line.split())) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise ConfigError(f"{path}: there is no template; give a sentence a line, with {PERSON} in each")
    for number, line in lines:
        if PERSON not in line:
            raise ConfigError(f"{path}, line {number}: {shown(line)} has no slot; put {PERSON} where the words go")
        if set("{}") & set(line.replace(PERSON, "")):
            raise ConfigError(f"{path}, line {number}: {shown(line)} has a slot other than {PERSON}, the only one")
        if len(line) > _LONGEST:
            raise ConfigError(f"{path}, line {number}: over {_LONGEST:,} characters; give shorter sentences")
    return TemplateSet(path.stem, tuple(dict.fromkeys(line for _, line in lines)))
