import numpy as np
import pytest

from feelscope.bottleneck.bottleneck_text import BottleneckText
from feelscope.bottleneck.captions import read_captions
from feelscope.bottleneck.retrieval import cosines, relevance, retrieval_precision, text_vectors
from feelscope.errors import TableError
from feelscope.models.semantic_bottleneck import answers_of

ANSWERS = answers_of(4)


def text(caption, **answers):
    return str(BottleneckText(caption, {f"{name}?": answer for name, answer in answers.items()}))


def test_surer_answers_are_nearer_to_yes():
    texts = [text("", dog=answer, cat="no") for answer in ANSWERS] + [text("", dog="no", cat="yes")]
    like = cosines(text_vectors(texts, ANSWERS))
    assert like[3, 3] > like[3, 2] > like[3, 1] > like[3, 0] == pytest.approx(like[3, 4])


def test_shared_words_make_texts_alike():
    like = cosines(text_vectors([text("a dog runs"), text("a dog sleeps"), text("a red boat")], ANSWERS))
    assert like[0, 1] > like[0, 2] == pytest.approx(0)  # all have "a", which tells nothing


def test_relevance_is_that_of_a_plain_loop():
    nouns = [{"dog", "grass"}, {"dog", "grass", "man"}, {"man"}, set()]
    plain = [[a is not b and len(a & b) >= 2 for b in nouns] for a in nouns]
    assert relevance(nouns, 2).tolist() == plain


def test_the_picture_that_is_asked_with_is_not_among_those_found():
    like = np.array([[9.0, 1, 2], [3, 9, 1], [1, 2, 9]])
    relevant = np.array([[True, True, False], [True, True, False], [False, False, True]])
    found = retrieval_precision(like, relevant)
    assert found[:2].tolist() == [0.5, 1.0]
    assert np.isnan(found[2])


def test_captions_by_picture(tmp_path):
    path = tmp_path / "captions.csv"
    path.write_text("image,caption\na.jpg,A dog .\na.jpg,Two dogs .\nb.jpg,A cat\n")
    assert read_captions(path) == {"a.jpg": ["A dog .", "Two dogs ."], "b.jpg": ["A cat"]}
    path.write_text("image,caption\na.jpg,\n")
    with pytest.raises(TableError, match="row 1 has no picture or no caption"):
        read_captions(path)
    path.write_text("picture,caption\na.jpg,b\n")
    with pytest.raises(TableError, match="no column 'image'"):
        read_captions(path)
