import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope import emotions
from feelscope.emotions import GOEMOTIONS, GOEMOTIONS_TO_SEVEN, LABEL_SETS, MAPS, SEVEN, SYNONYMS, match


@pytest.mark.parametrize("name", MAPS)
def test_a_map_ends_in_the_seven(name):
    assert set(MAPS[name].values()) <= set(SEVEN)
    for emotion in set(SEVEN) & set(MAPS[name]):
        assert MAPS[name][emotion] == emotion, "a name that is one of the seven stays itself"


def test_every_goemotions_label_is_mapped_and_no_other():
    assert set(GOEMOTIONS_TO_SEVEN) == set(GOEMOTIONS)
    assert set(GOEMOTIONS_TO_SEVEN.values()) == set(SEVEN)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ekman", 6),
        ("seven", 7),
        ("plutchik-8", 8),
        ("mikels-8", 8),
        ("msed", 6),
        ("goemotions", 28),
        ("tumblr-15", 15),
    ],
)
def test_a_label_set_has_its_published_size(name, count):
    assert len(LABEL_SETS[name]) == len(set(LABEL_SETS[name])) == count


def test_msed_is_among_the_seven_and_lacks_surprise():
    assert set(SEVEN) - set(emotions.MSED) == {"surprise"}


def test_each_of_the_seven_has_synonyms_and_an_emoji_of_its_own():
    assert set(SYNONYMS) == set(emotions.EMOJI) == set(SEVEN)
    words = [word for some in SYNONYMS.values() for word in some]
    assert len(words) == len(set(words)), "a word means one emotion"
    assert len(set(emotions.EMOJI.values())) == len(SEVEN)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sad", "sadness"),
        ("sadness", "sadness"),
        (" SAD ", "sadness"),
        ("Happy", "happiness"),
        ("joy", "happiness"),
        ("Surprised", "surprise"),
        ("angry", "anger"),
        ("none", "neutral"),
    ],
)
def test_a_name_is_matched_by_meaning(name, meant):
    assert match([name], SEVEN) == ({name: meant}, [])


def test_what_has_no_match_is_said_in_order():
    mapped, unknown = match(["wistful", "fear", "bored", "Scared", "bored"], SEVEN)
    assert mapped == {"fear": "fear", "Scared": "fear"}
    assert unknown == ["bored", "wistful"]


def test_the_models_own_spelling_is_the_target():
    assert match(["happiness", "SAD"], ("Joy", "Sadness")) == ({"happiness": "Joy", "SAD": "Sadness"}, [])


def test_a_finer_model_keeps_its_own_names_apart():
    known = ("joy", "love", "sadness")
    assert match(["love", "happy"], known) == ({"love": "love", "happy": "joy"}, [])


@given(st.lists(st.text(max_size=8)), st.sampled_from(list(LABEL_SETS)))
def test_every_name_is_either_mapped_or_unknown(found, name):
    known = LABEL_SETS[name]
    mapped, unknown = match([*found, *known], known)
    assert set(mapped) | set(unknown) == {*found, *known}
    assert not set(mapped) & set(unknown)
    assert set(mapped.values()) <= set(known)
    assert all(mapped[emotion] == emotion for emotion in known)
