import pytest
import torch
from torch.nn import functional as F

from feelscope.encoders.minilm import CONFIG, LAYERS, WIDTH, MiniLM
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.encoders.weights import find
from feelscope.post import Post

SENTENCES = (
    "The train was late again and I missed the meeting.",
    "My train did not come on time, so I was not at the meeting.",
    "She baked a lemon cake for her grandmother.",
)


@pytest.fixture(scope="module")
def encoder():
    return MiniLM.pretrained().eval()


def padded(sentences, extra=0):
    tokenizer = Tokenizer(find("minilm-tokenizer"), 64)
    rows = [tokenizer(Post("1", sentence)).ids for sentence in sentences]
    longest = max(map(len, rows)) + extra
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])  # (B, T)
    return ids, torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])


def vectors(encoder, sentences, extra=0):
    with torch.inference_mode():
        return encoder(*padded(sentences, extra))  # (B, 384)


def test_it_is_the_mean_over_tokens_of_what_transformers_computes(encoder):
    from transformers import AutoModel

    reference = AutoModel.from_pretrained(find("minilm").parent).eval()
    ids, mask = padded(SENTENCES)
    with torch.inference_mode():
        last = reference(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, 384)
    for row in range(len(SENTENCES)):
        expected = last[row, : mask[row].sum()].mean(dim=0)  # (384,)
        torch.testing.assert_close(encoder(ids, mask)[row], expected, atol=1e-5, rtol=0)


def test_the_settings_are_those_of_the_published_model():
    from transformers import AutoConfig

    published = AutoConfig.from_pretrained(find("minilm").parent).to_dict()
    assert {name: published[name] for name in CONFIG} == CONFIG
    assert (published["hidden_size"], published["num_hidden_layers"]) == (WIDTH, LAYERS)


def test_sentences_that_say_the_same_are_closer(encoder):
    late, also_late, cake = vectors(encoder, SENTENCES)
    assert F.cosine_similarity(late, also_late, dim=0) > 0.6
    assert F.cosine_similarity(late, cake, dim=0) < 0.2


def test_padding_does_not_change_a_vector(encoder):
    alone = torch.cat([vectors(encoder, [sentence]) for sentence in SENTENCES])
    torch.testing.assert_close(vectors(encoder, SENTENCES, extra=20), alone, atol=1e-5, rtol=0)


def test_a_small_one_has_the_same_shape_and_learns():
    small = MiniLM(vocab_size=50, intermediate_size=16, num_hidden_layers=1)
    found = small(torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]]))
    assert found.shape == (2, WIDTH)
    found.sum().backward()
    assert all(parameter.grad is not None for parameter in small.parameters())
