import csv
import re
from html.parser import HTMLParser

import pytest

from feelscope.audit import report
from feelscope.audit.summary import p_value, plain, sentences, signed, to_text
from feelscope.errors import ConfigError
from feelscope.saved_model.audit_limits import limits_of


def test_numbers_as_people_read_them():
    assert signed(0.0161, (0.003, 0.0291)) == "+0.016 (+0.003 to +0.029)"
    assert signed(-0.2) == "−0.200" and signed(-0.0001) == "0.000" and signed(float("nan")) == "–"
    assert plain(0.05, (-0.01, 0.11)) == "0.050 (0.000–0.110)"
    assert [p_value(one) for one in (0.0001, 0.25, float("nan"))] == ["<0.001", "0.250", "–"]


def test_the_findings_say_for_whom_and_beside_the_control(planted):
    found = sentences(planted)
    assert found[0].startswith("Beyond chance, after Holm's correction over 2 effects: ")
    assert "anger in work −0.2" in found[0] and "higher for women" in found[0] and "higher for men" in found[0]
    assert found[1] == "No effect of the control's neutral swaps is."
    assert "under neutral swaps, which is more than the control" in found[2]
    assert any("r −0.9" in one and "one of 4 correlations" in one for one in found)
    assert found[-1].startswith("Taken alone, 24 of 24 swaps move a score beyond chance")
    assert to_text(planted).count("control") >= 5


def test_the_folder_has_a_page_figures_and_tables(planted, tmp_path):
    report.write(planted, tmp_path / "out", ("text", "image"), "feelscope audit gender", "anger")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    drawn = {f"{name}.{kind}" for name in ("effects", "occupations", "swaps_of_one") for kind in ("png", "svg", "csv")}
    assert names == drawn | {"index.html", "audit.json", "subjects.csv", "swaps.csv", "sizes.csv"}
    with (tmp_path / "out" / "effects.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["mean"]) for row in rows] == pytest.approx([one.mean for one in planted.effects], rel=1e-4)
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count('src="data:image/png;base64,') == 3
    assert "http" not in re.sub(r"base64,[^\"]+", "", page).replace("http-equiv", "")
    assert "who is pictured with which emotion is not audited" in page
    parser = HTMLParser()
    parser.feed(page)
    assert not parser.rawdata


def test_what_a_model_reads_decides_what_cannot_be_audited():
    assert not [one for one in limits_of(("text",)) if "Pictures" in one]
    assert limits_of(("text", "image", "tags", "emoji"))[-1] == (
        "Not audited: what it reads beside words and pictures (tags, emoji)."
    )


def test_an_emotion_that_is_asked_for_by_another_name_and_one_that_is_unknown(planted):
    assert report.measure_of(planted, "angry") == "anger"
    assert report.measure_of(planted) in ("anger", "happiness")
    with pytest.raises(ConfigError, match="--emotion: the model knows no 'boredom'"):
        report.measure_of(planted, "boredom")
