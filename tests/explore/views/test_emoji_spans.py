import pytest

from feelscope.explore.views.sentences import subject_spans


@pytest.mark.parametrize(
    ("text", "subject", "found"),
    [
        ("a ❤️ b ❤️\u200d🔥 c", "❤", ["❤️"]),  # a heart on fire is no heart
        ("a ❤️\u200d🔥 c", "❤\u200d🔥", ["❤️\u200d🔥"]),
        ("go 👍🏽 and 👍", "👍", ["👍🏽", "👍"]),
        ("1\ufe0f\u20e3 and 1", "1\u20e3", ["1\ufe0f\u20e3"]),
        ("Über uns, über euch", "über", ["Über", "über"]),
    ],
)
def test_an_emoji_is_marked_whole(text: str, subject: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in subject_spans(text, subject)] == found
