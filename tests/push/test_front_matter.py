import json

import pytest

from feelscope.errors import ConfigError
from feelscope.push.front_matter import with_front_matter
from feelscope.saved_model.folder import Labels

BOTH = Labels("small", ("joy", "grief"), 16, 8, ("text", "image"))
CARD = "# small\n\n---\n\nFor tests.\n"


def read(text: str) -> tuple[dict, str]:
    """The YAML, whose values are written as JSON, and what is below it."""
    assert text.startswith("---\n")
    above, _, below = text.removeprefix("---\n").partition("\n---\n\n")
    return {key: json.loads(value) for key, _, value in (line.partition(": ") for line in above.splitlines())}, below


def test_the_hub_reads_what_the_model_is_and_the_card_stays_as_it_is() -> None:
    values, below = read(with_front_matter(CARD, BOTH, "apache-2.0", "de"))
    assert below == CARD
    assert values == {
        "license": "apache-2.0",
        "language": ["de"],
        "library_name": "feelscope",
        "pipeline_tag": "text-classification",
        "tags": ["feelscope", "emotion", "onnx", "image", "multimodal"],
    }


def test_a_model_of_pictures_has_no_language() -> None:
    values, _ = read(with_front_matter(CARD, Labels("small", ("joy", "grief"), 0, 8, ("image",)), "mit", "en"))
    assert "language" not in values
    assert values["pipeline_tag"] == "image-classification"
    assert values["tags"][-1] == "image"


def test_a_licence_that_the_hub_has_no_word_for_is_in_the_card() -> None:
    values, _ = read(with_front_matter(CARD, BOTH, "other", "en"))
    assert (values["license"], values["license_link"]) == ("other", "README.md")


def test_what_is_above_a_card_already_is_replaced() -> None:
    once = with_front_matter(CARD, BOTH, "mit", "en")
    assert with_front_matter(once, BOTH, "apache-2.0", "fr") == with_front_matter(CARD, BOTH, "apache-2.0", "fr")


@pytest.mark.parametrize(
    ("licence", "language", "said"),
    [
        ("Apache 2.0", "en", "--licence: expected a name as the hub has it, such as apache-2.0"),
        ("mit\ntags: x", "en", "--licence"),
        ("mit", "English", "--language: expected a name as the hub has it, such as en, found 'English'"),
    ],
)
def test_what_the_hub_would_not_understand_is_refused(licence: str, language: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_front_matter(CARD, BOTH, licence, language)
    assert said in str(caught.value) and "\n" not in str(caught.value)
