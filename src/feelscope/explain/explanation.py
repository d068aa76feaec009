"""What an explanation says of a post: how much each modality, word and region of the picture moves the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from feelscope.images.within_frame import Box
from feelscope.post import IMAGE_TEXT, Post, Prediction


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or an emoji, and how much it moves the probability of the emotion.

    Args:
        field: `title` or `text`, where it stands, or `image_text`: the words of the picture.
        start, end: Half-open, in characters of that field.
        weight: Of probability, from -1 to 1; above zero it speaks for the emotion.
    """

    field: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of the picture and how much it moves the probability of the emotion.

    Args:
        left, top, right, bottom: In shares of the upright picture's width and height, from 0 to 1.
        weight: As of a word.
    """

    left: float
    top: float
    right: float
    bottom: float
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a model answers an emotion to a post.

    Args:
        emotion: Whose probability is explained; the answer's, if no other was asked for.
        probability: Of that emotion for the post as it is.
        baseline: What it would be if nothing could be read, 1/K of K emotions; by gradients, that of a blank post.
        modalities: Shapley values of what was used, which sum to `probability - baseline`; by gradients, the sums of
            their parts.
        words, regions: In the order of the post; empty where it has none, or the model reads none.
        passes: How often a network was asked.
        warnings: What was not looked at, one sentence each; those of the prediction come first.
        image_text: The words of the picture, its alt text and those read in it; empty without any.
    """

    prediction: Prediction
    emotion: str
    probability: float
    baseline: float
    modalities: Mapping[str, float]
    words: tuple[Word, ...] = ()
    regions: tuple[Region, ...] = ()
    passes: int = 0
    warnings: tuple[str, ...] = ()
    image_text: str = ""

    def of_part(self, part: Box | None) -> "Explanation":
        """The same where the picture's regions are of a part of it; None for all of it."""
        if part is None:
            return self
        boxes = (part.of_whole(Box(one.left, one.top, one.right, one.bottom)) for one in self.regions)
        regions = tuple(Region(*box, one.weight) for box, one in zip(boxes, self.regions, strict=True))
        return replace(self, regions=regions)

    def of_frame(self, name: str) -> "Explanation":
        """The same where the picture moves, and its regions are of one of its frames."""
        if not self.regions:
            return self
        said = f"regions are of {name} alone, beside which the others that were read stay as they are"
        return replace(self, warnings=(*self.warnings, said))

    def texts(self, post: Post) -> dict[str, str]:
        """The texts of the post that was explained, by the field that its words name."""
        return {"title": post.title, "text": post.text, IMAGE_TEXT: self.image_text}
