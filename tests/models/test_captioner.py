import itertools

import torch

from feelscope.models.captioner import Captioner
from feelscope.text.vocabulary import END, PADDING, START


def small(seed=0, vocabulary=7):
    torch.manual_seed(seed)
    captioner = Captioner(6, vocabulary, 4, 5, 0.0).eval()
    with torch.no_grad():
        captioner.words.weight.mul_(3)
    return captioner


def log_chance(captioner, vector, words):
    """The log-probability of a sentence, by teacher forcing."""
    scores = captioner(vector[None], torch.tensor([[START, *words[:-1]]]))[0]
    scores[:, [PADDING, 1, START]] = -torch.inf
    return float(scores.detach().log_softmax(dim=1).gather(1, torch.tensor(words)[:, None]).sum())


def test_a_wide_beam_finds_the_likeliest_of_all_sentences():
    for seed in range(2):
        captioner = small(seed)
        vectors = torch.randn(2, 6)
        for vector, found in zip(vectors, captioner.caption(vectors, 200, 3), strict=True):
            sentences = [
                [*words, *([END] if length < 3 else [])]
                for length in range(4)
                for words in itertools.product(range(END + 1, 7), repeat=length)
            ]
            best = max(sentences, key=lambda words: log_chance(captioner, vector, words) / len(words))
            assert found == [word for word in best if word != END]


def test_a_beam_of_one_takes_the_likeliest_word_each_time():
    captioner, vector = small(3), torch.randn(1, 6)
    words = [START]
    while len(words) <= 6:
        scores = captioner(vector, torch.tensor([words]))[0, -1]
        scores[[PADDING, 1, START]] = -torch.inf
        words.append(int(scores.argmax()))
        if words[-1] == END:
            break
    assert captioner.caption(vector, 1, 6)[0] == [word for word in words[1:] if word != END]


def test_a_caption_does_not_depend_on_the_pictures_beside_it():
    captioner, vectors = small(1), torch.randn(6, 6)
    assert captioner.caption(vectors, 3, 5) == [captioner.caption(one[None], 3, 5)[0] for one in vectors]


def test_shapes_and_gradients():
    captioner = small()
    scores = captioner(torch.randn(3, 6), torch.tensor([[START, 4, 5]] * 3))
    assert scores.shape == (3, 3, 7)
    scores.sum().backward()
    assert all(parameter.grad is not None for parameter in captioner.parameters())
