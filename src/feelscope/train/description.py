"""A trained model in a few sentences, for its card."""

from feelscope.train.data import Corpus
from feelscope.train.recipe import Recipe

_TEXT = {
    ("words", "new"): "word vectors that were learnt elsewhere",
    ("minilm", "frozen"): "sentence vectors of MiniLM (6 layers, width 384), in 8-bit integers",
    ("minilm", "tuned"): "MiniLM (6 layers, width 384), which learnt too, in 8-bit integers",
}
_IMAGE = {
    ("lite0", "frozen"): "picture vectors of EfficientNet-Lite0, in 8-bit integers",
    ("lite0", "tuned"): "EfficientNet-Lite0, whose upper half learnt too, in 8-bit integers",
    ("inception", "tuned"): "128 picture features of Inception v1, whose upper rows learnt too",
    ("inception", "new"): "128 picture features of Inception v1, which learnt from scratch",
}
_FUSES = {
    "text_only": "A linear classifier of the words alone",
    "image_only": "A linear classifier of the picture alone",
    "late": "Late fusion, the product of a linear classifier for each modality",
    "early": "Early fusion, the vectors side by side",
    "joint": "Joint fusion, the vectors pooled in one space",
    "common_space": "Common space fusion, the vectors pooled in a space where those of one post are close",
    "gated": "Gated fusion, both projected to width {hidden} and mixed by a learnt gate, a missing modality replaced "
    "by a learnt vector",
    "deep_sentiment": "Deep Sentiment, {text} features of the words and {image} of the picture side by side through a "
    "dense layer of {hidden}, a missing modality as zeros",
}
_FAMILY = 'After Duong, Lebret and Aberer 2017, "Multimodal Classification for Analysing Social Media".'
_SOURCES = {
    "deep_sentiment": 'After Hu 2017, "Deep Sentiment Analysis on Tumblr".',
    "gated": 'After Arevalo et al. 2017, "Gated Multimodal Units".',
}


def describe(recipe: Recipe, corpus: Corpus) -> str:
    """What reads a post, how it is fused, and what else was learnt from."""
    text, image, fusion = recipe.text, recipe.image, recipe.fusion
    reads = [
        *([_TEXT.get((text.encoder, text.training), text.encoder)] if text.encoder else []),
        *([_IMAGE.get((image.encoder, image.training), image.encoder)] if image.encoder else []),
        *recipe.further.modalities,
    ]
    fuses = _FUSES[fusion.model].format(
        hidden=fusion.hidden_size, text=fusion.text_features, image=fusion.image_features
    )
    sentences = [f"{fuses}, of {', '.join(reads)}.", _SOURCES.get(fusion.model, _FAMILY)]
    if corpus.taught:
        taught = sum(post.id in corpus.taught for entry in corpus.sources for post in entry.posts)
        sentences.append(
            f"Of {taught:,} posts, one modality alone learnt {recipe.distillation.share:.0%} from a teacher's answer, "
            "the rest from the label."
        )
    if recipe.choices.trainings > 1:
        sentences.append(
            f"The weights are the mean of {recipe.choices.trainings} trainings that differ in their draws "
            "(Wortsman et al. 2022)."
        )
    return " ".join(sentences)
