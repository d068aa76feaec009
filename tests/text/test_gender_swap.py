"""The swap of gendered words: 200 sentences checked by hand, and the rules one by one."""

import re
from pathlib import Path

import pytest

from feelscope.text.gender_swap import NAMES, PAIRS, PRONOUNS, GenderSwap
from feelscope.text.swaps import read_partners

pytest.importorskip("denckring_en_pos")

_CHOICE = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
LINES = [
    line
    for line in Path(__file__).with_name("gender_sentences.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("# ")
]
WRITTEN = [_CHOICE.sub(r"\1", line) for line in LINES]
RIGHT = [_CHOICE.sub(r"\2", line) for line in LINES]


@pytest.fixture(scope="module")
def swap() -> GenderSwap:
    return GenderSwap()


def test_200_sentences_are_swapped_and_swapped_back(swap: GenderSwap) -> None:
    assert len(WRITTEN) == len({*WRITTEN}) == 200
    swapped = swap(WRITTEN)
    assert sum(found == right for found, right in zip(swapped, RIGHT, strict=True)) >= 195
    assert sum(back == text for back, text in zip(swap(swapped), WRITTEN, strict=True)) >= 195
    assert sum(text != right for text, right in zip(WRITTEN, RIGHT, strict=True)) > 150


def test_what_a_text_becomes_does_not_depend_on_the_texts_beside_it(swap: GenderSwap) -> None:
    assert [swap([text])[0] for text in WRITTEN[:40]] == swap(WRITTEN[:40])
    assert swap([]) == [] and swap(["", "No one."]) == ["", "No one."]


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("HIS mom’s Dad", "HER dad’s Mom"),  # capitals and curly apostrophes stay
        ("She\n\nlost her bag.  He didn't.", "He\n\nlost his bag.  She didn't."),
        ("The shell, the theme, a chest and history", "The shell, the theme, a chest and history"),
        ("#mom @dad r/dads mom@dad.org www.mom.com/dad dad", "#mom @dad r/dads mom@dad.org www.mom.com/dad mom"),
        ("s/he or (s)he", "s/he or (s)he"),
        ("Man, woman and child", "Woman, man and child"),
        ("oh man she left", "oh man he left"),
        ("They asked her some questions", "They asked him some questions"),
    ],
)
def test_what_is_swapped_and_how_it_is_written(swap: GenderSwap, text: str, swapped: str) -> None:
    assert swap([text]) == [swapped]


def test_a_sentence_with_a_name_is_left_and_only_that_one(swap: GenderSwap) -> None:
    assert swap(["Peter lost his keys. Then she cried."]) == ["Peter lost his keys. Then he cried."]
    assert swap(["Mr. Hoover lost his keys.", "Queen Ada waved to her fans."]) == [
        "Mr. Hoover lost his keys.",
        "Queen Ada waved to her fans.",
    ]


def test_with_names_a_first_name_is_swapped_and_its_sentence_too() -> None:
    swap = GenderSwap(names=True)
    assert swap(["Peter lost his keys and JULIE's hat."]) == ["Julie lost her keys and PETER's hat."]
    assert swap(["My aunt Zelda saw Peter with her dog."]) == ["My aunt Zelda saw Peter with her dog."]


def test_no_word_of_the_lists_is_both_a_noun_and_a_name_or_pronoun() -> None:
    nouns, names = {*read_partners(PAIRS)}, {*read_partners(NAMES)}
    assert not nouns & names and not (nouns | names) & {*PRONOUNS, "his", "her"}
    assert len(nouns) > 350 and len(names) == 128
