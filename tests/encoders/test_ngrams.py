"""N-grams: which are known and how telling they are, their sum against a plain loop, and their file."""

import json
import math

import numpy as np
import pytest
import torch

from feelscope.encoders.ngram_encoder import NGramEncoder
from feelscope.encoders.ngram_sum import NGramSum
from feelscope.encoders.ngram_tokenizer import NGramTokenizer, open_tokenizer, read_ngrams, write_ngrams
from feelscope.encoders.ngrams import NGrams, fit, ngrams_of
from feelscope.encoders.settings import TextSettings
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.errors import ModelError, TableError
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.words.tokenizer_file import write_tokenizer

POSTS = [Post("1", "So good!", title="A dog"), Post("2", "so bad"), Post("3", "good dog"), Post("4", "")]


def test_words_pairs_and_characters_of_each_text():
    (words, characters), cut = ngrams_of(["So good!", "ox"], 96)
    assert words == {"so", "good", "so good", "ox"} and not cut
    expected = {
        f" {word} "[at : at + size] for word in ("so", "good!", "ox") for size in (2, 3, 4, 5) for at in range(9)
    }
    assert characters == {gram for gram in expected if len(gram) > 1} - {"! ", "x ", "o ", " "} | {"! ", "x ", "o "}
    assert ngrams_of(["a b", "c d"], 3)[0][0] == {"a", "b", "a b", "c"}
    assert [ngrams_of(["a b", "c d"], most)[1] for most in (3, 4)] == [True, False]
    assert ngrams_of([], 3) == ((set(), set()), False)


def test_what_two_posts_have_is_known_with_its_weight_and_the_most_frequent_first():
    ngrams, weights = fit([["so good"], ["so bad"], ["so so"], ["bad"]], 100, 96)
    assert ngrams.words == ("so", "bad")
    assert weights[:2] == pytest.approx([math.log(5 / 4) + 1, math.log(5 / 3) + 1])
    assert len(weights) == len(ngrams) and " bad " in ngrams.characters and " so g" not in ngrams.characters
    fewer, kept = fit([["so good"], ["so bad"], ["so so"], ["bad"]], 3, 96)
    assert len(fewer) == len(kept) == 3 and fewer.words == ("so",)  # and two of its characters, of as many posts
    assert fit([], 100, 96)[1] == []


def test_ids_rise_and_each_is_there_once():
    ngrams = NGrams(("so", "good", "so good"), (" so", "so "))
    assert ngrams.ids(["so good so"], 96) == ([1, 2, 3, 4, 5], False)
    assert ngrams.ids(["bad"], 96) == ([], False)
    assert NGramTokenizer(ngrams, 96).encode(["bad"], cut=True).ids == [0]
    assert NGramTokenizer(ngrams, 2).encode(["so good so"], cut=False).cut


def test_the_sum_is_a_plain_loop():
    torch.manual_seed(0)
    idf, words, width = [1.0, 2.0, 0.5, 3.0, 1.5], 3, 4
    read = NGramSum(torch.tensor(idf), words, width, dropout=0.5, normalise=False).eval()
    with torch.no_grad():
        read.vectors.normal_()
    texts = [[1, 3, 4], [2, 0, 0], [4, 5, 0], [0, 0, 0]]
    for ids, found in zip(texts, read(torch.tensor(texts)).tolist(), strict=True):
        expected = np.zeros(width)
        for id in filter(None, ids):
            kind = [other for other in ids if other and (other <= words) == (id <= words)]
            length = math.sqrt(sum(idf[other - 1] ** 2 for other in kind))
            expected += idf[id - 1] / length * read.vectors[id].detach().numpy()
        assert found == pytest.approx(expected.tolist(), abs=1e-6)


def test_padding_does_not_matter_and_ngrams_drop_out_whole():
    read = NGramSum(torch.ones(4), 2, 3, dropout=0.5, normalise=False)
    with torch.no_grad():
        read.vectors.fill_(1.0)
    assert torch.equal(read.eval()(torch.tensor([[1, 3]])), read(torch.tensor([[1, 3, 0, 0]])))
    torch.manual_seed(0)
    values = read.train()(torch.tensor([[1, 3]] * 400))
    assert set(values[:, 0].tolist()) == {0.0, 2.0, 4.0}  # none, one, both, over 1 - 0.5
    assert torch.equal(values, values[:, :1].expand(-1, 3))


def test_normalised_vectors_have_mean_0_and_deviation_1():
    read = NGramSum(torch.ones(4), 2, 8, dropout=0.0, normalise=True)
    with torch.no_grad():
        read.vectors.normal_()
    values = read(torch.tensor([[1, 3], [2, 4]]))
    torch.testing.assert_close(values.mean(dim=1), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(values.std(dim=1, unbiased=False), torch.ones(2), atol=1e-3, rtol=0)


def test_an_encoder_knows_the_training_posts_alone(tmp_path):
    encoder = NGramEncoder(POSTS, TextSettings("tfidf", "new", width=5))
    ids, present = encoder.encode([*POSTS, Post("5", "zzz qqq")], silent, lambda position, error: None)
    assert present.tolist() == [1, 1, 1, 0, 0] and ids.shape[0] == 5
    embedder = encoder.embedder().eval()
    assert embedder(ids).tolist() == [[0.0] * 5] * 5  # nothing is learnt yet
    embedder(ids).sum().backward()
    assert embedder.vectors.grad[1:].abs().sum(dim=1).gt(0).all() and not embedder.vectors.grad[0].any()
    with pytest.raises(TableError, match="no two posts share a word"):
        NGramEncoder([Post("1", "ab"), Post("2", "xy")], TextSettings("tfidf", "new"))
    assert NGramEncoder([Post("1", image=b"")], TextSettings("tfidf", "new")).width == 64


def test_saved_ngrams_are_read_back_and_told_from_another_tokenizer(tmp_path):
    ngrams = NGrams(("so", "schön"), (" so", "ö"))
    write_ngrams(ngrams, tmp_path / "tokenizer.json")
    opened = open_tokenizer(tmp_path / "tokenizer.json", 96, True)
    assert isinstance(opened, NGramTokenizer) and opened.ngrams == ngrams and opened(Post("1", "so")).ids == [1, 3]
    write_tokenizer(["so"], tmp_path / "words.json")
    assert isinstance(open_tokenizer(tmp_path / "words.json", 96, True), Tokenizer)
    with pytest.raises(ModelError, match="cannot be read"):
        open_tokenizer(tmp_path / "gone.json", 96, True)


@pytest.mark.parametrize("words", [5, "so", ["so", 1], ["so", "so"], None])
def test_a_damaged_file_is_refused(words, tmp_path):
    values = {"kind": "n-grams", "words": words, "characters": []}
    (tmp_path / "tokenizer.json").write_text(json.dumps(values))
    with pytest.raises(ModelError, match=r"tokenizer\.json: words: expected different texts"):
        read_ngrams(tmp_path / "tokenizer.json")
    (tmp_path / "tokenizer.json").write_text(json.dumps(values)[:40])
    with pytest.raises(ModelError, match=r"tokenizer\.json: not JSON"):
        open_tokenizer(tmp_path / "tokenizer.json", 96, True)
