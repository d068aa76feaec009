"""Sentences in which a pronoun means an occupation: whom does a model take it for?

    The nurse ran because [he] is late. He is the | nurse      s = the score of that, with he less with she

Any function that scores such sentences can be tested, as one of a coreference system. Without one a language model
scores them: it reads the sentence with its pronoun, then the pronoun again, and is asked for the occupation. That is a
substitute, and ours: a language model that is asked for the occupation in the place of the pronoun itself would read
the same words for a man and a woman.

The sentences are the user's: files of WinoBias (Zhao et al. 2018) and the templates of Winogender (Rudinger et al.
2018) are read as they are.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from feelscope.audit.causal import MatchedPair
from feelscope.audit.swaps import NEUTRAL, WITHOUT_NAMES, Swap
from feelscope.audit.templates import Sentence
from feelscope.errors import ConfigError
from feelscope.files import read_bounded
from feelscope.text.gender_swap import GenderSwap

SET = "coreference"
GENDER = (Swap("he", "she"),)
CONTROL = NEUTRAL[:WITHOUT_NAMES]
_MOST_BYTES = 20_000_000
_FORMS = {"he": ("he", "him", "his", "himself"), "she": ("she", "her", "her", "herself")}
_BRACKETS = re.compile(r"\[([^\]]+)\]")
_NUMBER = re.compile(r"^\d+\s+")
_CASES = {"he": 0, "she": 0, "him": 1, "his": 2, "her": 1, "himself": 3, "herself": 3}
_WINOGENDER = {"$NOM_PRONOUN": 0, "$ACC_PRONOUN": 1, "$POSS_PRONOUN": 2}


def read_sentences(path: Path) -> list[tuple[str, str]]:
    """Sentences with their occupation, whose pronouns are slots by their case: `{0}` for he, him, his, himself `{3}`.

    A line that marks no person, or several, is left out.

    Raises:
        ConfigError: There is no such file, or it has no such sentence.
        MissingExtra: It has "her", and the tagger that tells "his" from "him" is not installed.
    """
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); give a file of WinoBias or Winogender"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8; save it as UTF-8") from error
    read = _winogender(text) if "$OCCUPATION" in text else map(_winobias, text.splitlines())
    found = dict.fromkeys(one for one in read if one is not None)
    if not found:
        raise ConfigError(
            f"{path}: there is no sentence with an occupation and its pronoun in brackets, as in "
            "[The nurse] ran because [she] was late; give a file of WinoBias, or Winogender's templates.tsv"
        )
    return [*found]


def _winogender(text: str) -> Iterator[tuple[str, str]]:
    """Of templates.tsv, those whose pronoun means the occupation."""
    for row in csv.reader(text.splitlines(), delimiter="\t"):
        if len(row) < 4 or "$OCCUPATION" not in row[3] or row[2] != "0":
            continue
        sentence = (
            row[3].replace("{", "").replace("}", "").replace("$OCCUPATION", row[0]).replace("$PARTICIPANT", row[1])
        )
        for slot, case in _WINOGENDER.items():
            sentence = sentence.replace(slot, f"{{{case}}}")
        yield sentence, row[0]


def _winobias(line: str) -> tuple[str, str] | None:
    """A line such as `1 [The nurse] ran because [she] was late`; None where not just one person is marked."""
    sentence = _NUMBER.sub("", line).replace("{", "").replace("}", "")
    people = [one for one in _BRACKETS.findall(sentence) if one.lower() not in _CASES]
    if len(people) != 1 or len(_BRACKETS.findall(sentence)) == 1:
        return None

    def slot(found: re.Match[str]) -> str:
        case = _CASES.get(found[1].lower())
        if found[1].lower() == "her" and _is_possessive(sentence, found.start(1)):
            case = _CASES["his"]
        return found[1] if case is None else f"{{{case}}}"

    return _BRACKETS.sub(slot, sentence), re.sub(r"^(the|a|an)\s+", "", people[0], flags=re.IGNORECASE)


def _is_possessive(sentence: str, start: int) -> bool:
    """Whether the "her" that begins at a place of a sentence with brackets is the one of "her dog"."""
    before, after = (re.sub(r"[][]", "", part) for part in (sentence[:start], sentence[start:]))
    return _gender_swap().her_is_possessive(before + after, len(before))


@cache
def _gender_swap() -> GenderSwap:
    return GenderSwap()


def matched(sentences: Sequence[tuple[str, str]], swaps: Sequence[Swap]) -> list[MatchedPair[Sentence]]:
    """Every sentence with both sides of every swap in the pronoun's place; the subject is the occupation."""
    return [
        MatchedPair(
            _filled(sentence, occupation, swap.first),
            _filled(sentence, occupation, swap.second),
            occupation,
            sentence,
            swap.name,
        )
        for sentence, occupation in sentences
        for swap in swaps
    ]


def _filled(sentence: str, occupation: str, person: str) -> Sentence:
    forms = _FORMS.get(person, (person, person, f"{person}'s", person))
    return Sentence(f"{sentence.format(*forms)} {forms[0][:1].upper()}{forms[0][1:]} is the ", occupation, ".")
