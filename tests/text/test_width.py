import pytest

from feelscope.text.width import columns


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", 0),
        ("fear", 4),
        ("né", 2),
        ("ne\u0301", 2),
        ("日本", 4),
        ("한글", 4),
        ("ｆ", 2),
        ("😱", 2),
        ("👍🏽", 2),
        ("👩‍👧‍👦", 2),
        ("🇩🇪🇫🇷", 4),
        ("❤️", 2),
        ("❤", 1),
        ("क्या", 3),
        ("a😱b", 4),
    ],
)
def test_columns(text: str, wanted: int) -> None:
    assert columns(text) == wanted
