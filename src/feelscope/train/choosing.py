"""Which recipe, where none is named: by how many posts there are, and what they have."""

from collections.abc import Iterable

from feelscope.post import Post
from feelscope.text.counts import counted

MANY = 3000  # posts; ours. MSED's dev, macro-F1: of 1,225 posts frozen 0.731, tuned 0.725; of 6,127 0.794 and 0.822
FEW = 200  # posts; ours. Titles of Reddit, macro-F1: of 100 the built-in's vectors 0.67, others 0.50; of 200 alike
_LEAST_WITH = 20  # posts with words, or with pictures, that a network learns anything from
_LEAST_SHARE = 0.05  # of the posts


def choose_recipe(posts: Iterable[Post]) -> tuple[str, str]:
    """The recipe for labelled posts, and why it is that one, in a sentence.

    The built-in model's vectors know emotions already, which counts most where posts are fewest. Frozen encoders do as
    well as fine-tuned ones where posts are few, in a tenth of the time; of words alone, n-grams do better than sentence
    vectors where they are many. The scores behind it are in experiments/few_posts, experiments/baselines,
    experiments/fusion and experiments/enaet_msed.
    """
    count = words = pictures = 0
    for post in posts:
        count, words, pictures = count + 1, words + post.has_text, pictures + (post.image is not None)
    least = max(_LEAST_WITH, _LEAST_SHARE * count)
    said, many = counted(count, "post"), count >= MANY
    pictures_alone = bool(pictures) and (pictures >= least or pictures == count) and words < least
    if count < FEW:
        kind = "image_only" if pictures_alone else "early" if pictures >= least else "text_only"
        return f"few/{kind}", f"{said}, under {FEW}: a linear layer on the built-in model's vectors"
    if pictures_alone:
        return "strong/image_only", f"{said}, nearly all without words: a linear layer on frozen picture vectors"
    if pictures >= least and many:
        return "fusion", f"{said} with words and pictures, {MANY:,} or more: encoders that learn too pay"
    if pictures >= least:
        return (
            "strong/early",
            f"{said} with words and pictures, under {MANY:,}: frozen encoders do as well, sooner",
        )
    if many:
        return "tfidf/text_only", f"{said} of words, {MANY:,} or more: n-grams do better than frozen sentence vectors"
    return "strong/text_only", f"{said} of words, under {MANY:,}: a linear layer on frozen sentence vectors"
