import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Implementation

from feelscope.encoders.tokenizer import Tokenizer
from feelscope.errors import WordsError
from feelscope.post import Post
from feelscope.text.tokens import split, words_of
from feelscope.words.tokenizer_file import write_tokenizer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't #PANIC, it's 10 o'clock!", ["don't", "panic", "it's", "10", "o'clock"]),
        ("dogs' \u2019tis can\u2019t rock'n'roll a''b", ["dogs", "tis", "can't", "rock'n'roll", "a", "b"]),
        ("mp3 4chan 2nd", ["mp", "3", "4", "chan", "2", "nd"]),
        ("@you see https://t.co/x_y", ["you", "see", "https", "t", "co", "x", "y"]),
        ("so\U0001f602\U0001f602 \U0001f44d\U0001f3fd \u2764\ufe0f", ["so", *"\U0001f602\U0001f602\U0001f44d\u2764"]),
        (
            "Caf\u00e9 \u041c\u0438\u0440 \u03a3\u039f\u03a6\u039f\u03a3",
            ["caf\u00e9", "\u043c\u0438\u0440", "\u03c3\u03bf\u03c6\u03bf\u03c3"],
        ),
        ("!!! ... \u2026 \ud83d", []),
        ("", []),
    ],
)
def test_words_in_lower_case(text, words):
    assert split(text) == words


def test_a_post_is_read_title_first_and_emoji_by_their_names():
    assert words_of(Post("1", "Hot \U0001f525", "News")) == ["news", "hot", "fire"]
    assert words_of(Post("1", " same ", "same")) == ["same"]
    assert words_of(Post("1")) == []


@pytest.fixture(scope="module")
def open_tokenizer(tmp_path_factory):
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"

    def write_and_open(words):
        write_tokenizer(words, path)
        return path

    return write_and_open


@pytest.fixture(scope="module")
def other(open_tokenizer):
    """The splitting that the tokenizers library does."""
    implementation = Implementation.from_file(str(open_tokenizer(["a"])))

    def split_there(text):
        folded = implementation.normalizer.normalize_str(text)
        return [word for word, _ in implementation.pre_tokenizer.pre_tokenize_str(folded)]

    return split_there


# Half characters cannot go into the tokenizers library, and it may know a lower case that this Python's Unicode lacks.
_CHARACTERS = st.characters(exclude_categories=("Cs", "Cn"))
_POSTLIKE = st.lists(
    st.sampled_from(
        [
            "Don't",
            "\u2019",
            "'",
            "''",
            "#",
            " ",
            "3",
            "Mp3",
            "\U0001f44d\U0001f3fd",
            "\u200d",
            "\ufe0f",
            "\u03a3",
            "\u0130",
            "\u0301",
            "_",
        ]
    )
).map("".join)


@given(st.one_of(st.text(_CHARACTERS), _POSTLIKE))
def test_the_tokenizer_splits_exactly_as_we_do(other, text):
    assert other(text) == split(text)


def test_it_splits_alike_at_every_character(other):
    for plane in range(0, 0x110000, 0x100):
        known = [
            chr(code) for code in range(plane, plane + 0x100) if unicodedata.category(chr(code)) not in ("Cs", "Cn")
        ]
        text = "".join(f"a{character}B " for character in known)
        assert other(text) == split(text)


@given(st.one_of(st.text(_CHARACTERS, max_size=40), _POSTLIKE), st.text(max_size=20))
def test_a_saved_tokenizer_gives_the_ids_of_the_words_of_a_post(open_tokenizer, text, title):
    post = Post("1", text, title)
    expected = words_of(post)
    words = list(dict.fromkeys(expected))[::2]
    tokens = Tokenizer(open_tokenizer(words), 512)(post)
    assert tokens.ids == ([words.index(word) + 1 if word in words else 0 for word in expected] or [0])
    assert not tokens.cut


def test_id_0_is_padding_and_every_unknown_word(open_tokenizer):
    path = open_tokenizer(["good", "day", "new_york"])
    assert json.loads(path.read_text())["model"]["vocab"] == {"[UNK]": 0, "good": 1, "day": 2, "new_york": 3}
    tokenizer = Tokenizer(path, 4)
    assert tokenizer(Post("1", "A GOOD, good day [UNK]")).ids == [0, 1, 1, 2]
    assert tokenizer(Post("1", "A GOOD, good day [UNK]")).cut
    assert tokenizer(Post("1", "!!!")).ids == [0]


@pytest.mark.parametrize("words", [["a", "b", "a"], ["[UNK]"]])
def test_a_word_given_twice_is_refused(tmp_path, words):
    with pytest.raises(WordsError, match=r"given twice, or stands for padding"):
        write_tokenizer(words, tmp_path / "tokenizer.json")
