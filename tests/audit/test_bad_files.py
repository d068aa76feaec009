"""Files of swaps, templates, occupations and sentences: read as they are meant, or refused in one line."""

import pytest

from feelscope.audit import coreference
from feelscope.audit.occupations import read_occupations
from feelscope.audit.swaps import GENDER, NEUTRAL, Swap, read_swaps
from feelscope.audit.templates import read_templates
from feelscope.errors import ConfigError
from feelscope.text.gender_swap import NAMES
from feelscope.text.swaps import read_partners


def written(folder, text):
    path = folder / "given.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_swaps_with_and_without_a_group(tmp_path):
    found = read_swaps(
        written(tmp_path, "\ufefffirst,second,Group\nmy young friend,my  old friend,age\n\na Dane,a Turk,\n")
    )
    assert found == (Swap("my young friend", "my old friend", "age"), Swap("a Dane", "a Turk"))
    assert read_swaps(written(tmp_path, "group,a,b\nx,young,old\n")) == (Swap("young", "old", "x"),)


def test_a_list_of_an_augmentation_is_one_of_an_audit(tmp_path):
    given = "# ours\nfirst,second\nDad,Mom|mum\n#happy,#glad\n"
    assert read_swaps(written(tmp_path, given)) == (Swap("Dad", "Mom"), Swap("#happy", "#glad"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("first,second\nyoung,Young\n", "line 2: 'young' is paired with itself"),
        ("first,second\nyoung,old\nyoung,old\n", "line 3: 'young / old' is there twice"),
        (f"first,second\nyoung,{'o' * 300}\n", "line 2: a phrase of over 200 characters"),
    ],
)
def test_swaps_that_are_none(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        read_swaps(written(tmp_path, text))


def test_a_file_that_is_missing(tmp_path):
    for read in (read_swaps, read_templates, read_occupations, coreference.read_sentences):
        with pytest.raises(ConfigError, match=r"gone: .*cannot be read"):
            read(tmp_path / "gone")


def test_templates_are_a_sentence_a_line(tmp_path):
    assert read_templates(written(tmp_path, "{} sleeps.\n\nThen  {} ate.\n{} sleeps.\n")).templates == (
        "{} sleeps.",
        "Then {} ate.",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n", "there is no template"),
        ("{} sleeps.\nHe ate.\n", "line 2: 'He ate.' has no slot"),
        ("{} met {other}.\n", "line 1: '{} met {other}.' has a slot other than {}"),
        (b"\xff{}\n", "not UTF-8"),
    ],
)
def test_templates_that_are_none(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        read_templates(written(tmp_path, text))


def test_the_table_of_occupations_that_ships():
    found = read_occupations()
    assert len(found) == 60 and found["nurse"] == 89.58 and found["plumber"] == 0.7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the column occupation is missing; found none"),
        ("occupation,share\nnurse,90\n", "the column percent_women is missing; found occupation, share"),
        ("occupation,percent_women\nnurse,many\n", "line 2: percent_women is a number from 0 to 100, found 'many'"),
        ("occupation,percent_women\nnurse,101\n", "line 2: percent_women is a number from 0 to 100"),
        ("occupation,percent_women\nnurse,nan\n", "line 2: percent_women is a number from 0 to 100"),
        ("occupation,percent_women\n,9\n", "line 2: expected an occupation"),
        ("occupation,percent_women\nnurse,9\nnurse,8\n", "line 3: 'nurse' is there twice"),
        ("occupation,percent_women\nnurse,9\n", "1 occupations; give 5 or more"),
    ],
)
def test_occupations_that_are_none(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        read_occupations(written(tmp_path, text))


def test_no_swap_is_there_twice_and_none_is_of_both_kinds():
    names = [frozenset((swap.first, swap.second)) for swap in (*GENDER, *NEUTRAL)]
    assert len({*names}) == len(names)


def test_names_of_an_audit_are_names_that_an_augmentation_swaps():
    sides = {side for swap in (*GENDER, *NEUTRAL) for side in (swap.first, swap.second)}
    names = {side.lower() for side in sides if side.istitle()}
    assert len(names) == 20 and names <= {*read_partners(NAMES)}


def test_sentences_of_winobias_and_of_winogender(tmp_path):
    text = (
        "1 [The baker] paid the clerk because [he] was late.\n2 The baker thanked [the clerk] and gave [her] a cake.\n"
        "3 The baker told [the clerk] about [her] own shop.\n4 nobody is marked\n"
    )
    found = coreference.read_sentences(written(tmp_path, text))
    assert found == [
        ("The baker paid the clerk because {0} was late.", "baker"),
        ("The baker thanked the clerk and gave {1} a cake.", "clerk"),
        ("The baker told the clerk about {2} own shop.", "clerk"),
    ]
    templates = (
        "occupation(0)\tother-participant(1)\tanswer\tsentence\n"
        "baker\tguest\t0\tThe $OCCUPATION sold the $PARTICIPANT $POSS_PRONOUN bread.\n"
        "baker\tguest\t1\tThe $OCCUPATION saw that $NOM_PRONOUN was pleased.\n"
    )
    assert coreference.read_sentences(written(tmp_path, templates)) == [
        ("The baker sold the guest {2} bread.", "baker")
    ]
    with pytest.raises(ConfigError, match="there is no sentence with an occupation"):
        coreference.read_sentences(written(tmp_path, "Nobody is here.\n"))


def test_a_pronoun_takes_its_form_and_a_person_the_genitive():
    sentences = [("The baker sold {2} bread.", "baker"), ("The baker hurt {3}.", "baker")]
    found = coreference.matched(sentences, [Swap("he", "she"), Swap("my friend", "my cousin")])
    assert [pair.second.text for pair in found] == [
        "The baker sold her bread. She is the baker.",
        "The baker sold my cousin's bread. My cousin is the baker.",
        "The baker hurt herself. She is the baker.",
        "The baker hurt my cousin. My cousin is the baker.",
    ]
