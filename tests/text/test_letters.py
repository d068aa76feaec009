import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.letters import fold_letters


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("Ｉ ａｍ ｓｏ ｈａｐｐｙ！", "I am so happy!"),
        ("𝐈 𝑎𝓂 𝔰𝕠 𝒉𝖺𝗉𝚙𝘆 𝟚𝟘", "I am so happy 20"),
        ("ℎ ℬ ℝ", "h B R"),
        ("™ ™️ é ½ ﬁ 日本 ㊗ ❤️", "™ ™️ é ½ ﬁ 日本 ㊗ ❤️"),
        ("plain", "plain"),
    ],
)
def test_letters_in_other_characters(text: str, usual: str) -> None:
    assert fold_letters(text) == usual


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(fold_letters(text)) == len(text)
