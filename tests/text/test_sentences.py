import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.text.sentences import sentences

TEXTS = {
    "One. Two! Three? Four…": ["One.", "Two!", "Three?", "Four…"],
    "A title\nthe text": ["A title", "the text"],
    "  blanks \r\n\n  at the edges  ": ["blanks", "at the edges"],
    "i came home. it was cold": ["i came home.", "it was cold"],
    "what?! no": ["what?!", "no"],
    "what? no! yes": ["what?", "no!", "yes"],
    "what?? no!! yes": ["what??", "no!!", "yes"],
    "Well... maybe. Yes": ["Well... maybe.", "Yes"],
    "So... Then it rained… 5 of us": ["So...", "Then it rained…", "5 of us"],
    "We were 4. Then came plan b. it failed": ["We were 4.", "Then came plan b.", "it failed"],
    '"Stop!" he said. She did not.': ['"Stop!" he said.', "She did not."],
    "(It was late.) We left.": ["(It was late.)", "We left."],
    "Dr. Smith of the U.S. army pays 3.50 at approx. noon.": ["Dr. Smith of the U.S. army pays 3.50 at approx. noon."],
    "He lives in the U.S. She does not.": ["He lives in the U.S.", "She does not."],
    "J. K. Rowling wrote it. So did I. Or not.": ["J. K. Rowling wrote it.", "So did I.", "Or not."],
    "e.g. this, i.e. that. End": ["e.g. this, i.e. that.", "End"],
    "see http://a.b/c.html?d=e. Then": ["see http://a.b/c.html?d=e.", "Then"],
    "你好。我很好！是吗？": ["你好。", "我很好！", "是吗？"],
    "كيف حالك؟ بخير": ["كيف حالك؟", "بخير"],
    "no end 😂 at all": ["no end 😂 at all"],
    "": [],
    " \n ": [],
}


@pytest.mark.parametrize("text", TEXTS)
def test_sentences_of_a_post(text: str) -> None:
    assert [text[start:end] for start, end in sentences(text)] == TEXTS[text]


@given(st.text(st.sampled_from("aB1 .!?…\n\r\"')。😂؟")))
def test_they_are_in_order_and_hold_everything_but_whitespace(text: str) -> None:
    spans = sentences(text)
    assert [*sum(spans, ())] == sorted(sum(spans, ()))
    assert all(text[start:end] and text[start:end].strip() == text[start:end] for start, end in spans)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
