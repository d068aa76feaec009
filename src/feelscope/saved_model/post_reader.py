"""Of a post what the networks take, tokens, pixels and vectors, and what its answer has to warn of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np

from feelscope.encoders import further as modalities
from feelscope.encoders.further.emoji import words_of
from feelscope.encoders.tokenizer import Tokens, texts_for_tokens
from feelscope.errors import PictureError, TableError
from feelscope.image_text.read import PictureWords, with_words
from feelscope.images import PictureLimits
from feelscope.images.decoding import Frames
from feelscope.images.unframed import read_frames_as_model
from feelscope.images.unlike_photos import contrast, unlike_photos
from feelscope.images.within_frame import Box
from feelscope.post import IMAGE_TEXT, Post, is_blank
from feelscope.saved_model.folder import Labels
from feelscope.saved_model.reader import Moving, Read, Reader
from feelscope.text.other_language import NAMES, other_language

_UNLIKE_PHOTOS = {
    "blank": "there is nothing to see in the picture: it is blank, or nearly",
    "noise": "there is nothing to see in the picture: it is noise",
    "flat": "the picture is flat, as drawings, charts and screenshots are, and this model knows photos",
}
_NO_WORDS = "no words in the text: names, addresses, numbers or signs alone"
_NAMES = re.compile(r"https?://\S+|@\w+")
_LEAST_SIDE = 8  # pixels; in a smaller picture, as in one that counts readers, nothing is seen
_LEAST_CONTRAST = 2  # of 255; in a picture of one colour nothing is seen
_UNFRAMED = "around the photo in the picture is a frame, which was not read"


class PostReader:
    """Reads posts for a model.

    Args:
        further: Its modalities beside words and picture, by name.
        picture_words: Reads words in pictures; None leaves them.
        alt_text: Whether what authors say of their pictures is read too.
    """

    def __init__(
        self,
        labels: Labels,
        reader: Reader,
        further: Mapping[str, modalities.Modality],
        picture_words: PictureWords | None,
        alt_text: bool,
    ):
        self._labels, self._reader, self._further = labels, reader, further
        self._picture_words, self._alt_text = picture_words, alt_text

    def read(self, post: Post) -> Read:
        """What is read of a post."""
        return self.read_all([post])[0]

    def read_all(self, posts: Sequence[Post]) -> list[Read]:
        """The same of each, whose words are split into tokens together."""
        labels = self._labels
        reads_words = "text" in labels.modalities
        words = [self._words(post) for post in posts]
        has_tokens = [reads_words and one.post.has_text for one in words]
        asked = [texts_for_tokens(one.post, labels.tokens, labels.reading) for one in compress(words, has_tokens)]
        tokens = iter(self._reader.encode_all(asked) if asked else ())
        return [
            self._read_one(post, one, next(tokens) if has else None)
            for post, one, has in zip(posts, words, has_tokens, strict=True)
        ]

    def _words(self, post: Post) -> "_Words":
        """The words of a post: without emoji, if the model reads those apart, and with those of its picture."""
        words = words_of(post) if "emoji" in self._further else post
        in_picture = fault = ""
        if self._picture_words is not None and post.image is not None:
            try:
                in_picture = self._picture_words.read(post.image)
            except PictureError as error:
                fault = f"the words in the picture were not read: {error}"
        said = post.alt_text.strip() if self._alt_text else ""
        image_text = "\n".join(part for part in (said, in_picture) if not is_blank(part))
        if not image_text:
            return _Words(words, fault=fault)
        return _Words(with_words(words, image_text), image_text, words.has_text, bool(in_picture), fault)

    def _read_one(self, post: Post, words: "_Words", tokens: Tokens | None) -> Read:
        """What is read of a post whose words have these tokens."""
        warnings = [*post.warnings]
        foreign: list[str] = []
        ids = rgb = part = moving = None
        for name, present in (
            ("text", words.post.has_text),
            ("image", post.image is not None and IMAGE_TEXT not in words.sources),
        ):
            if present and name not in self._labels.modalities:
                warnings.append(f"the {name} was not used: this model was trained without any")
        if tokens is not None:
            if any(tokens.ids):  # 0 is padding and, of a model of whole words, every unknown word
                ids = tokens.ids
                warnings += (foreign := self._of_language(words.post))
                warnings += self._of_no_words(words.post)
            else:
                warnings.append("the text was not used: this model knows none of its words")
            if tokens.cut:
                warnings.append(f"only the first {self._labels.tokens} tokens of the text were read")
        if post.image is not None and "image" in self._labels.modalities:
            try:
                frames = self._frames(post.image)
            except PictureError as error:
                warnings.append(f"the picture was not used: {error}")
            else:
                rgb, part = frames.made[frames.shown]
                moving = self._moving(frames) if len(frames.made) > 1 else None
                warnings += [frames.said] if frames.said else []
                warnings += self._of_picture(rgb, words.are_in_picture)
                warnings += [_UNFRAMED] if part else []
        if words.fault and (rgb is not None or "image" not in self._labels.modalities):
            warnings.append(words.fault)
        further = self._read_further(post, warnings)
        if ids is None and rgb is None and not further:
            warnings.append("there is nothing to read in this post")
        if moving is not None:
            if words.are_in_picture:
                warnings.append(f"words in the picture were read in {moving.name} alone")
            further["image"], rgb = moving.mean(self._reader.vectors(None, moving.rgb)["image"]), None
        said, from_ = tuple(warnings), (words.sources, words.image_text)
        return Read(ids, rgb, further, said, *from_, not foreign, part=part, moving=moving)

    def _frames(self, image: Path | bytes) -> Frames[tuple[np.ndarray, Box | None]]:
        """A picture as the networks take it, (H, W, 3), and the part of it that was read; a few frames if it moves.

        Raises:
            PictureError: It cannot be read, or shows nothing.
        """
        limits = PictureLimits(least_side=least_side(self._labels))
        frames = read_frames_as_model(image, self._labels.size, self._labels.unframe, limits=limits)
        if all(contrast(rgb) < least_contrast(self._labels) for rgb, _ in frames.made):
            raise PictureError("it has one colour throughout, which shows nothing")
        return frames

    def _moving(self, frames: Frames[tuple[np.ndarray, Box | None]]) -> Moving:
        """The frames of a picture that moves, all but the one to be shown as vectors."""
        others = [rgb for place, (rgb, _) in enumerate(frames.made) if place != frames.shown]
        total = sum(self._reader.vectors(None, rgb)["image"].astype(np.float64) for rgb in others)
        return Moving(frames.made[frames.shown][0], frames.names[frames.shown], (np.asarray(total), len(others)))

    def _of_language(self, words: Post) -> list[str]:
        """What to warn of in words, where the model's languages are known."""
        languages = self._labels.languages
        found = other_language("\n".join(words.texts), languages) if languages else None
        if found is None:
            return []
        guess = f" ({found}?)" if found else ""
        return [f"words in another language{guess}: this model reads {' and '.join(NAMES[one] for one in languages)}"]

    def _of_no_words(self, words: Post) -> list[str]:
        """What to warn of in a text that has no words, where the model's languages are known."""
        if not self._labels.languages or any(map(_has_words, words.texts)):
            return []
        read, _ = texts_for_tokens(words, self._labels.tokens, self._labels.reading)  # with the names of emoji
        return [] if any(map(_has_words, read)) else [_NO_WORDS]

    def _of_picture(self, rgb: np.ndarray, has_words: bool) -> list[str]:
        """What to warn of in a picture, (H, W, 3), where the model says of which; words in it excuse a flat one."""
        found = unlike_photos(rgb) if self._labels.warns_of else ""
        told = found in self._labels.warns_of and not (found == "flat" and has_words)
        return [_UNLIKE_PHOTOS[found]] if told else []

    def _read_further(self, post: Post, warnings: list[str]) -> dict[str, np.ndarray]:
        """The vectors of what a post has beside words and picture, by modality."""
        vectors: dict[str, np.ndarray] = {}
        for name, modality in self._further.items():
            try:
                vector = modality.vector(post)
            except TableError as error:
                warnings.append(f"{name}: not used, {error}")
            else:
                if vector is not None:
                    vectors[name] = vector
        return vectors


def least_side(labels: Labels) -> int:
    """Pixels of the shorter side of the smallest picture that a model reads: any, if it warns of none that is blank."""
    return _LEAST_SIDE if "blank" in labels.warns_of else 1


def least_contrast(labels: Labels) -> int:
    """What the pixels of a picture have to differ by, of 255, if a model is to read it; see `least_side`."""
    return _LEAST_CONTRAST if "blank" in labels.warns_of else 0


def _has_words(text: str) -> bool:
    return any(map(str.isalpha, _NAMES.sub(" ", text).removeprefix("RT")))


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a post as a model reads them, and where they are from."""

    post: Post
    image_text: str = ""  # those of its picture, which are behind its own
    has_own: bool = True
    are_in_picture: bool = False  # whether some were read in it
    fault: str = ""  # why those in its picture were not read

    @property
    def sources(self) -> tuple[str, ...]:
        """Where they are from, as a prediction says it."""
        own = ("text",) if self.has_own else ()
        return (*own, IMAGE_TEXT) if self.image_text else ("text",)
