"""The picture alone: a linear layer in the place of a pretrained network's last one.

    picture -> frozen network -> image (B, D) -> linear -> logits (B, K)

Source: Duong, Lebret, Aberer 2017, section 5.3, equations 5 and 6.
Relations: `text_only` is the same of words; `late` multiplies the two. Prefer it where posts have no words.
"""

from feelscope.models.single import SingleModality


def image_only(width: int, emotions: int, hidden: int = 0, activation: str = "none") -> SingleModality:
    """A linear layer, or two, on image vectors (B, D), called with all vectors as every model is."""
    return SingleModality("image", width, emotions, hidden, activation)
