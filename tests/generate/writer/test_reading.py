import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.generate.writer.reading import LINE, forms_of, words_of, written
from feelscope.post import Post


def test_title_and_text_are_lines_and_signs_are_words() -> None:
    post = Post("1", "A half-closed door, isn't it?", "STOP 😂!")
    assert words_of(post) == ["stop", "😂", "!", LINE, "a", "half-closed", "door", ",", "isn't", "it", "?"]


def test_a_title_that_repeats_the_text_is_left_out() -> None:
    assert words_of(Post("1", "A man in a park.", "A Man in a Park")) == ["a", "man", "in", "a", "park", "."]
    assert LINE in words_of(Post("1", "A man in a park.", "A man"))


def test_posts_without_words_have_none() -> None:
    assert words_of(Post("1", " \n ")) == []
    assert words_of(Post("1", "", "")) == words_of(Post("1", " "), characters=True) == []


def test_characters_keep_everything_but_spare_spaces() -> None:
    assert "".join(words_of(Post("1", "An  \n end.", "So"), characters=True)) == "So\nAn end."


@pytest.mark.parametrize(
    "text",
    [
        "A man, shouting (loudly) at 5% of us!",
        'He said "no way" and left. She laughed.',
        "Half-closed eyes: isn't it odd?",
        "Wait and/or run; it costs $5.",
        "A title\nThen a sentence in Rome. And one more...",
        "Happy 😂 times",
    ],
)
def test_a_post_is_written_as_people_read_it(text: str) -> None:
    title, _, rest = text.partition("\n")
    post = Post("1", rest or title, title if rest else "")
    forms = forms_of([Post("2", "we are in Rome today", "")])
    assert written(words_of(post), forms) == text


def test_capitals_come_from_within_sentences_and_not_from_titles() -> None:
    posts = [
        Post("1", "Walking in Paris with Anna today", "Happy People Walking Around Town Today"),
        Post("2", "people walking in Paris"),
        Post("3", "I think I'm at NASA"),
    ]
    forms = forms_of(posts)
    assert forms["paris"] == "Paris"
    assert forms["nasa"] == "NASA"
    assert forms["i'm"] == "I'm"
    assert not {"walking", "people", "happy"} & forms.keys()


@given(st.text(max_size=60))
def test_what_is_written_reads_as_the_same_words(text: str) -> None:
    words = words_of(Post("1", text))
    assert all(word == LINE or word.split() == [word] for word in words)
    assert [word for word in words_of(Post("1", written(words, {}))) if word.isalnum()] == [
        word for word in words if word.isalnum()
    ]
