import pytest

from feelscope.emoji import catalogue
from feelscope.emoji.catalogue import all_emoji, base_form, by_sequence, find, fraction
from feelscope.errors import ConfigError


def test_every_emoji_has_a_name_and_one_of_nine_groups() -> None:
    known = all_emoji()
    assert len(known) > 3600
    assert len({one.sequence for one in known}) == len({one.name for one in known}) == len(known)
    assert {one.group for one in known} == {
        *("Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places"),
        *("Activities", "Objects", "Symbols", "Flags"),
    }


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("😀", "Smileys & Emotion"),
        ("👩🏽‍🚀", "People & Body"),
        ("🇫🇷", "Flags"),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", "Flags"),
        ("🏳️‍🌈", "Flags"),
        ("1️⃣", "Symbols"),
        ("👁️‍🗨️", "Smileys & Emotion"),
        ("\U0001facd", "Animals & Nature"),  # newer than the list of groups
    ],
)
def test_groups(text: str, group: str) -> None:
    assert find(text).group == group


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("🧑‍🚀", ["🧑‍🚀", "👩‍🚀", "👨🏿‍🚀", "👩🏽‍🚀"]),
        ("🏃", ["🏃", "🏃🏽", "🏃‍♀️", "🏃🏿‍♂️"]),
        ("🧑‍🤝‍🧑", ["👫", "👬🏽", "🧑🏻‍🤝‍🧑🏿", "👩🏻‍🤝‍👨🏿"]),
        ("💏", ["💏", "👩‍❤️‍💋‍👨", "👨🏻‍❤️‍💋‍👨🏿"]),
        ("🧑‍🧑‍🧒", ["👨‍👩‍👧", "👩‍👩‍👦", "👪"]),
        ("❤", ["❤", "❤️"]),
    ],
)
def test_a_base_form_has_no_skin_tone_and_no_gender(base: str, forms: list[str]) -> None:
    assert {base_form(one) for one in forms} == {base}
    assert len({fraction(one) for one in forms}) == 1


def test_base_forms_keep_countries_and_hearts_apart() -> None:
    assert len({base_form(one) for one in ("🇫🇷", "🇮🇹", "❤️", "💙", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴")}) == 6


def test_a_base_form_is_its_own_base_form() -> None:
    assert all(base_form(one.base) == one.base for one in all_emoji())


def test_a_share_of_base_forms_is_below_it() -> None:
    forms = {one.base for one in all_emoji()}
    assert sum(fraction(one) < 0.2 for one in forms) / len(forms) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("text", ["❤️", "❤", "red heart", ":red_heart:", " Red Heart "])
def test_an_emoji_is_found_by_its_spellings_and_its_name(text: str) -> None:
    assert find(text).sequence == "❤️"


@pytest.mark.parametrize(
    ("text", "sequence"),
    [
        ("flag: France", "🇫🇷"),
        ("Keycap: 1", "1️⃣"),
        ("woman astronaut: medium skin tone", "👩🏽‍🚀"),
        ("family: man, woman, girl", "👨‍👩‍👧"),
        ("CÔTE D’IVOIRE", "🇨🇮"),
    ],
)
def test_names_as_unicode_writes_them(text: str, sequence: str) -> None:
    assert find(text).sequence == sequence


def test_no_two_emoji_share_a_name() -> None:
    assert all(find(one.name) == one for one in all_emoji())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("red hart", "did you mean 'red heart'"),
        ("", "give one emoji"),
        ("😀😀", "give one emoji"),
        ("x" * 10_000, "give one emoji"),
    ],
)
def test_what_is_no_emoji_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        find(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_half_an_emoji_is_none() -> None:
    assert by_sequence("\U0001f1eb") is None
    assert by_sequence("\U0001f3fd") is None
    assert catalogue.bare("1️⃣") == "1⃣"
