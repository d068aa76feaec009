"""What the hub reads of a card: YAML above its Markdown, made from what the model is.

Source: huggingface.co/docs/hub/model-cards (the keys), and its list of licences (their identifiers).
"""

import json
import re
from collections.abc import Collection

from feelscope.errors import ConfigError
from feelscope.saved_model.folder import Labels

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9.-]{0,40}")  # of a licence
_LANGUAGE = re.compile(r"[a-z]{2,3}")  # ISO 639
_ABOVE = re.compile(r"\A---\n.*?^---\n+", re.DOTALL | re.MULTILINE)
OTHER = "other"  # the hub's word for a licence that is not in its list


def with_front_matter(card: str, labels: Labels, licence: str, language: str) -> str:
    """A card with the hub's YAML above it, in place of any that is there.

    Args:
        licence: As the hub writes it, such as `apache-2.0`; `other` refers to the card.
        language: Of the words that the model reads, as ISO 639 has it: `en`.

    Raises:
        ConfigError: Licence or language are not written as the hub writes them.
    """
    for option, value, pattern, example in (
        ("--licence", licence, _IDENTIFIER, "apache-2.0, or other"),
        ("--language", language, _LANGUAGE, "en"),
    ):
        if not pattern.fullmatch(value):
            raise ConfigError(f"{option}: expected a name as the hub has it, such as {example}, found {value!r}")
    values: dict[str, str | list[str]] = {"license": licence}
    if licence == OTHER:
        values |= {"license_name": "see-card", "license_link": "README.md"}
    if "text" in labels.modalities:
        values["language"] = [language]
    values |= {
        "library_name": "feelscope",
        "pipeline_tag": "text-classification" if "text" in labels.modalities else "image-classification",
        "tags": ["feelscope", "emotion", "onnx", *_tags(labels.modalities)],
    }
    # A JSON string is a YAML string too, whatever is in it.
    lines = [f"{key}: {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---", "", _ABOVE.sub("", card)])


def _tags(modalities: Collection[str]) -> list[str]:
    """What a model reads, for those who search."""
    return [*(name for name in modalities if name != "text"), *(["multimodal"] if len(modalities) > 1 else [])]
