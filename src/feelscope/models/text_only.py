"""Words alone: the baseline in the manner of fastText, an aggregated text vector and a linear layer.

    words -> vectors (B, T, D) -> mean or max over T -> text (B, D) -> linear -> logits (B, K)

The steps up to the text vector are the embedder's (`encoders/word_average.py`, equations 7 to 9) or a sentence
network's, so that only equations 5 and 6 are left here.

Source: Duong, Lebret, Aberer 2017, section 5.3; Joulin et al. 2016, "Bag of Tricks".
Relations: `image_only` is the same of pictures; `late` multiplies the two. Prefer it where the words say it all: it has
the fewest weights and asks for no pictures.
"""

from feelscope.models.single import SingleModality


def text_only(width: int, emotions: int, hidden: int = 0, activation: str = "none") -> SingleModality:
    """A linear layer, or two, on text vectors (B, D), called with all vectors as every model is."""
    return SingleModality("text", width, emotions, hidden, activation)
