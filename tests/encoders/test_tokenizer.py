import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from feelscope.encoders.tokenizer import Tokenizer, pad, readable_texts
from feelscope.encoders.weights import find
from feelscope.errors import ModelError
from feelscope.post import Post
from feelscope.text.emoji_for_models import spell_emoji

CLS, SEP = 101, 102


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(find("minilm-tokenizer"), 16)


def ids(tokenizer, text="", title=""):
    return tokenizer(Post("1", text, title)).ids


def test_an_emoji_is_read_by_its_name(tokenizer):
    assert spell_emoji("so good 😂") == "so good  face with tears of joy "
    assert ids(tokenizer, "so good 😂") == ids(tokenizer, "so good face with tears of joy")
    assert ids(tokenizer, "😂😂") == ids(tokenizer, "face with tears of joy face with tears of joy")


def test_plain_text_is_left_as_it_is():
    assert spell_emoji("It's 5 o'clock :-)") == "It's 5 o'clock :-)"
    assert spell_emoji("café, naïve, 你好") == "café, naïve, 你好"


def test_skin_tones_and_selectors_only_vary_the_emoji_before(tokenizer):
    assert spell_emoji("👍🏽") == spell_emoji("👍") == " thumbs up sign "
    assert spell_emoji("❤️") == spell_emoji("❤")
    assert spell_emoji("👍🏽🏿") == spell_emoji("👍")
    assert spell_emoji("🏽") == ""


def test_how_a_symbol_was_once_printed_is_no_part_of_its_name():
    assert spell_emoji("❤☺☹♥").split() == "heart smiling face frowning face heart suit".split()


def test_a_flag_is_read_as_one_and_a_keycap_as_its_digit():
    assert spell_emoji("🇩🇪 1️⃣").split() == ["flag", "1"]


def test_a_joined_emoji_is_read_as_its_parts():
    assert spell_emoji("👩‍🚀").split() == ["woman", "rocket"]
    assert "\u200d" not in spell_emoji("👨‍👩‍👧")


def test_an_emoji_that_unicode_does_not_know_is_left_out():
    assert spell_emoji("a \U0001faff b").split() == ["a", "b"]


def test_words_stand_between_marks(tokenizer):
    tokens = ids(tokenizer, "hello world")
    assert (tokens[0], tokens[-1], len(tokens)) == (CLS, SEP, 4)


def test_title_then_text(tokenizer):
    title, text = ids(tokenizer, "good morning")[1:-1], ids(tokenizer, "hello world")[1:-1]
    assert ids(tokenizer, "hello world", "good morning") == [CLS, *title, SEP, *text, SEP]


@pytest.mark.parametrize(("text", "title"), [("hello", "hello"), ("hello", " hello\n"), ("hello", ""), ("", "hello")])
def test_a_title_that_repeats_the_text_and_one_that_is_empty_are_read_once(tokenizer, text, title):
    assert ids(tokenizer, text, title) == ids(tokenizer, "hello")


def test_what_is_left_out_is_flagged(tokenizer):
    exact = tokenizer(Post("1", "one " * 14))
    assert (len(exact.ids), exact.cut) == (16, False)
    longer = tokenizer(Post("1", "one " * 15))
    assert (longer.ids, longer.cut) == (exact.ids, True)
    assert tokenizer(Post("1", "one " * 8, "two " * 8)).cut


def test_padding_comes_from_nobody(tokenizer):
    assert 0 not in ids(tokenizer, "short")


def test_texts_are_padded_with_zeros_after_their_tokens():
    assert pad([[3, 4], [], [6, 7, 8]]).tolist() == [[3, 4, 0], [0, 0, 0], [6, 7, 8]]
    assert pad([[], []]).tolist() == [[0], [0]]
    assert pad([]).shape == (0, 1)
    assert pad([[5]]).dtype == torch.long


def test_title_and_text_are_one_sequence_for_a_network_without_pairs():
    single = Tokenizer(find("minilm-tokenizer"), 16, pairs=False)
    assert ids(single, "hello world", "good morning") == ids(single, "good morning\nhello world")
    assert SEP not in ids(single, "hello world", "good morning")[:-1]


def test_spaces_around_are_no_words(tokenizer):
    post = tokenizer(Post("1", " " * 5000 + "hello" + "\n" * 5000))
    assert (post.ids, post.cut) == (ids(tokenizer, "hello"), False)


@pytest.mark.parametrize("text", ["word " * 200_000, "w" * 1_000_000, "😂" * 250_000, "a\u200d" * 500_000])
def test_of_a_text_of_a_megabyte_only_the_beginning_is_read(tokenizer, text):
    post = tokenizer(Post("1", text, text[::-1]))
    assert post == tokenizer(Post("1", text[: 24 * 16 + 1], text[::-1][: 24 * 16 + 1]))
    assert post.cut
    read, cut = readable_texts(Post("1", text), 100)
    assert (read, cut) == ([spell_emoji(text[:100]).strip()], True)


def test_a_text_of_as_many_characters_as_are_read_is_whole():
    assert readable_texts(Post("1", "abcde"), 5) == (["abcde"], False)
    assert readable_texts(Post("1", "abcde", title="abcdef"), 5) == (["abcde", "abcde"], True)
    assert readable_texts(Post("1", "abcde"), 4) == (["abcd"], True)


def test_a_title_of_which_nothing_is_left_is_no_title():
    assert readable_texts(Post("1", "hello", title="🏽"), 9) == (["hello"], False)
    assert readable_texts(Post("1", "🏽"), 9) == readable_texts(Post("1"), 9) == ([""], False)


def test_a_lone_surrogate_is_a_question_mark(tokenizer):
    assert ids(tokenizer, "so \ud83d good") == ids(tokenizer, "so ? good")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_a_few_tokens_twice_the_same(tokenizer, text, title):
    first, second = (tokenizer(Post(id, text, title)) for id in "ab")
    assert first == second
    assert 2 <= len(first.ids) <= tokenizer.length
    assert first.ids[0] == CLS
    assert first.ids[-1] == SEP


def test_a_file_cut_anywhere_or_nested_without_end_is_one_line(tmp_path):
    path, whole = tmp_path / "tokenizer.json", find("minilm-tokenizer").read_bytes()
    for content in (*(whole[: len(whole) * part // 10] for part in range(10)), b"[" * 100_000, b"\xff", b"\0" * 9):
        path.write_bytes(content)
        with pytest.raises(ModelError) as caught:
            Tokenizer(path, 16)
        message = str(caught.value)
        assert message.startswith(f"{path}: tokenizers cannot open it (") and "\n" not in message


def test_more_tokens_than_were_asked_for_are_refused(tmp_path):
    content = json.loads(find("minilm-tokenizer").read_text())
    mark = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}
    content["post_processor"]["single"] = [mark] * 20 + [{"Sequence": {"id": "A", "type_id": 0}}]
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match="tokenizers cannot"):
        Tokenizer(tmp_path / "tokenizer.json", 16)(Post("1", "hello"))


def test_a_normalised_reading_is_the_tokenizers_own(tokenizer):
    normalised = Tokenizer(find("minilm-tokenizer"), 16, reading="normalised")
    said = Post("1", "@kim sooo good :-) #BestDay")
    assert normalised(said).ids == ids(tokenizer, "so good 😊 best day")
    assert tokenizer(said).ids != normalised(said).ids
    assert readable_texts(said, 99, "normalised") == (["so good   smiling face with smiling eyes   Best Day"], False)
    assert readable_texts(said, 99) == (["@kim sooo good :-) #BestDay"], False)
