"""Where in a post its tokens stand: from what a tokenizer read back to the characters of title and text."""

from feelscope.encoders.tokenizer import CHARACTERS_PER_TOKEN, Tokenizer, texts_for_tokens
from feelscope.post import Post
from feelscope.text.emoji_for_models import spell_emoji, spelled_from
from feelscope.text.normalise import traced
from feelscope.text.place import Place


def token_places(tokenizer: Tokenizer, post: Post) -> list[Place | None]:
    """The place of each token id that the tokenizer reads of a post; None for marks like [CLS]."""
    texts, _ = texts_for_tokens(post, tokenizer.length, tokenizer.reading)
    fields = _fields(post, tokenizer.length * CHARACTERS_PER_TOKEN, tokenizer.reading)
    places: list[Place | None] = []
    for found in tokenizer.places(texts):
        place = None
        if found is not None and fields:
            text, start, end = found
            field, from_ = fields[text]
            if characters := from_[start:end]:
                place = Place(field, characters[0], characters[-1] + 1)
        places.append(place)
    return places


def _fields(post: Post, limit: int, reading: str) -> list[tuple[str, list[int]]]:
    """Of each text as it is read, the field, and where in the field each of its characters comes from."""
    fields = []
    repeated = post.title.strip() == post.text.strip()
    for field, whole in (("title", "" if repeated else post.title), ("text", post.text)):
        part = whole.strip()[:limit]
        known = [*range(len(part))]
        if reading == "normalised":
            normalised = traced(part)
            part, known = normalised.text, normalised.places
        spelled, from_ = spell_emoji(part), [known[place] for place in spelled_from(part)]
        start = len(whole) - len(whole.lstrip())
        first = len(spelled) - len(spelled.lstrip())
        if inner := spelled.strip():
            fields.append((field, [start + place for place in from_[first : first + len(inner)]]))
    return fields
