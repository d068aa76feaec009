import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.bottleneck.bottleneck_text import BottleneckText, question_about
from feelscope.errors import FeelscopeError

ANY = st.text(max_size=30)


@settings(max_examples=40)
@given(ANY, st.dictionaries(ANY, ANY, max_size=4))
def test_what_is_written_is_read_back(caption, answers):
    text = BottleneckText(caption, answers)
    assert BottleneckText.parse(str(text)) == text


def test_the_form():
    text = BottleneckText("a dog\nruns", {question_about("dog"): "yes", question_about("cat"): "no"})
    assert str(text) == 'a dog runs\ndoes a caption say "dog"? yes\ndoes a caption say "cat"? no'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a dog\nno question here", "line 2: expected a new question"),
        ("a dog\nis it? yes\nis it? no", "line 3: .* found the question of an earlier line"),
        ("a" * 100_001, "100,001 characters"),
    ],
)
def test_another_form_is_refused(text, said):
    with pytest.raises(FeelscopeError, match=said):
        BottleneckText.parse(text)
