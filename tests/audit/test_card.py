import re
from types import SimpleNamespace

import pytest
from small_audit import scored

from feelscope.audit import card as audit_card
from feelscope.audit.found import CONTROL
from feelscope.audit.gender import EVERY
from feelscope.audit.measure import ask, audit
from feelscope.audit.scored import of_classifier, open_scored
from feelscope.audit.summary import effect_rows, size_rows
from feelscope.audit.swaps import GENDER, NEUTRAL
from feelscope.audit.templates import EVERYDAY
from feelscope.errors import ConfigError, ModelError
from feelscope.saved_model.folder import BUILTIN


def test_the_section_takes_the_place_of_an_earlier_one(planted, tmp_path):
    (tmp_path / "README.md").write_text(
        "# A model\n\n## Audit\n\nNot audited: old\n\n## Limits\n\nnone\n", encoding="utf-8"
    )
    model = scored(folder=tmp_path)
    for _ in range(2):
        audit_card.add(planted, model, "feelscope audit gender --model mine --card")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "old" not in text and text.count("## Audit") == 1 and text.count("## Limits\n\nnone") == 1
    assert "feelscope audit gender --model mine --card" in text
    assert "| work | gender | total variation |" in text
    assert "What was not or cannot be audited:" in text


def test_cards_that_are_not_written(tmp_path):
    with pytest.raises(ConfigError, match="--card: the cards of what comes with Feelscope"):
        audit_card.check_writable("builtin")
    with pytest.raises(ConfigError, match=r"README\.md is missing"):
        audit_card.check_writable(str(tmp_path))


def test_a_model_without_words_is_refused():
    with pytest.raises(ModelError, match=r"faces: this model reads no words \(image alone\)"):
        of_classifier(SimpleNamespace(name="faces", modalities=("image",)))


@pytest.mark.slow
def test_the_card_of_the_built_in_model_has_its_audit():
    """The figures of one set of sentences, asked again."""
    text = (BUILTIN / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Audit")[2].partition("\n## ")[0]
    model = open_scored("builtin")
    asked = ask(model, EVERYDAY, {"gender": GENDER, CONTROL: NEUTRAL}, EVERY)
    found = audit(model, "gender", ("men", "women"), [asked], {})
    for row in (*effect_rows(found), *size_rows(found)):
        names = " | ".join(cell for cell in row[:3])
        (shown,) = re.findall(rf"^\| {re.escape(names)} \| (.*) \|$", section, re.MULTILINE)
        assert numbers(shown.split(" | ")[0]) == pytest.approx(numbers(row[3]), abs=0.002), names
    assert "audit pairs" in section and "Pictures: who is pictured" in section


def numbers(cell: str) -> list[float]:
    return [float(one.replace("−", "-")) for one in re.findall(r"[+−]?\d+\.\d+", cell)]
