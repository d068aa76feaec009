"""Which lines of a picture are a post's words."""

import pytest

from feelscope.errors import ConfigError
from feelscope.image_text.lines import Line
from feelscope.image_text.words import WordSettings, words_of


def picture(*rows: str | tuple[str, float], height: float = 20, gap: float = 2) -> list[Line]:
    """Rows from the top; an empty one leaves room."""
    lines, top = [], 0.0
    for row in rows:
        text, confidence = (row, 1.0) if isinstance(row, str) else row
        if text:
            lines.append(Line(text, confidence, 10, top, 10 + 10 * len(text), top + height))
        top += height + gap
    return lines


def words(*rows: str | tuple[str, float], settings: WordSettings | None = None) -> str:
    return words_of(picture(*rows), settings or WordSettings())


def test_a_post_on_a_screenshot_is_its_words_alone() -> None:
    found = words(
        "Robin Hale", "@robin_h", "", "I cannot believe", "it is over", "", "4:18 PM · Mar 4, 2023", "83 Likes"
    )
    assert found == "I cannot believe it is over"


def test_a_chat_is_its_bubbles() -> None:
    rows = (
        "09:41",
        "87%",
        "Sam O.",
        "online",
        "",
        "are you there",
        "09:40",
        "",
        "",
        "please answer me",
        "",
        "Read",
        "",
        "Message",
    )
    assert words(*rows) == "are you there\nplease answer me"


@pytest.mark.parametrize(
    "furniture",
    [
        *("12:07", "9.41 pm", "3:05 PM·Apr 2,2024", "Mar 12", "4 Feb 2021 10:30", "97%", "7.8K", "1,204", "· · ·"),
        *("12 Replies 3 Likes", "4.0K views", "@some.body", "@user · 3h", "www.example.org", "example.com/a/b"),
        *("© A. Writer 2020", "photo: J. Moreno", "via @someone", "IMG_2041", "DSC00311.JPG", "x"),
    ],
)
def test_times_counts_handles_and_addresses_are_no_words(furniture: str) -> None:
    assert words("the rest of it", "", furniture) == "the rest of it"


@pytest.mark.parametrize("button", ["Reply", "Delivered", "Yesterday", "Type a message...", "View all 12 comments"])
def test_a_button_is_one_where_nothing_else_is_near(button: str) -> None:
    assert words("the rest of it", "", "", button) == "the rest of it"
    assert words("the rest of it", button) == f"the rest of it {button}"


@pytest.mark.parametrize(
    "ordinary", ["at 9:41 she left", "I like it", "online again", "May I ask", "2 many 2 count", "a b c"]
)
def test_words_that_look_a_little_like_furniture_stay(ordinary: str) -> None:
    assert words("", ordinary, "and there is more") == f"{ordinary} and there is more"


def test_what_is_above_a_handle_at_the_end_of_a_card_is_no_name() -> None:
    assert words("this is all", "I said", "@dev_dan") == "this is all I said"


def test_a_sign_and_the_mark_of_a_photographer_are_nobodys_words() -> None:
    assert words("HOTEL MIRAMAR", "", "", "R. Hale 2019") == ""
    big = [Line("so that was a lie", 1.0, 0, 0, 400, 40), Line("R. Hale", 1.0, 0, 300, 80, 320)]
    assert words_of(big, WordSettings()) == "so that was a lie"


def test_few_words_stay_beside_many() -> None:
    assert words("NO", "", "", "I WILL NOT DO IT") == "no\ni will not do it"


def test_lines_that_are_not_sure_do_not_count() -> None:
    assert words("so it goes on", ("blur of a hedge", 0.4)) == "so it goes on"
    assert words("so it goes on", ("and on", 0.4), settings=WordSettings(confidence=0.3)) == "so it goes on and on"


def test_the_least_number_of_words_is_of_a_block() -> None:
    assert words("one two", "", "", "three four") == ""
    assert words("one two", "three four") == "one two three four"
    assert words("one two", settings=WordSettings(least_words=2)) == "one two"


def test_a_picture_without_lines_has_no_words() -> None:
    assert words_of([], WordSettings()) == ""


def test_settings_are_checked() -> None:
    with pytest.raises(ConfigError, match="confidence"):
        WordSettings(confidence=1.5)
    with pytest.raises(ConfigError, match="least_words"):
        WordSettings(least_words=0)
