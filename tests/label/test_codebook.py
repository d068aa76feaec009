"""Emotions of one's own: by name, or by a codebook with definitions."""

import pytest

from feelscope.emotions import label_set
from feelscope.errors import ConfigError
from feelscope.label.codebook import read_codebook

CODEBOOK = """
title = "Letters"
question = "What does the writer feel?"

[[emotion]]
name = "Verlust"
definition = "Somebody or something is gone for good."
example = "The house is so quiet without him."

[[emotion]]
name = "Wut"
"""


def test_a_codebook_has_definitions_and_examples(tmp_path):
    (tmp_path / "code.toml").write_text(CODEBOOK)
    codebook = read_codebook(tmp_path / "code.toml")
    assert codebook.names == ("Verlust", "Wut") and codebook.title == "Letters"
    assert codebook.emotion[0].example == "The house is so quiet without him."
    assert codebook.emotion[1].definition == ""


def named(*names):
    return "".join(f'[[emotion]]\nname = "{name}"\n' for name in names)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("x = [", "not TOML"),
        ('title = "x"', r"no emotion; each is a table \[\[emotion\]\]"),
        ('emotion = "joy"', r"emotion: each is a table of its own, under a line \[\[emotion\]\]"),
        ('[[emotion]]\nnam = "joy"', r"emotion\[0\]: 'nam' is not a setting; did you mean 'name'"),
        ("[[emotion]]\nname = 1", r"name: expected str, found 1"),
        (named("Wut", "Freude", "wut"), "two emotions are named 'wut' and 'Wut'"),
        (named("Wut"), "expected two emotions or more, found 1"),
        (named("Wut", " "), "emotion 2: expected a name of 1 to 200 letters, found ' '"),
        (named("Wut", "a\\u001b[31m"), "emotion 2: expected a name of 1 to 200 letters"),
        (named("Wut", "Unclear"), "'unclear' has a button of its own"),
        (named(*(f"e{number}" for number in range(31))), "31 emotions, and a page has room for 30"),
        (named("Wut", "Freude") + f'definition = "{"x" * 1001}"', "a text of 1,001 characters"),
    ],
)
def test_what_is_no_codebook_is_said_in_one_line(tmp_path, toml, said):
    (tmp_path / "code.toml").write_text(toml)
    with pytest.raises(ConfigError, match=said) as error:
        read_codebook(tmp_path / "code.toml")
    assert str(error.value).startswith(str(tmp_path / "code.toml")) and "\n" not in str(error.value)


def test_names_between_commas_or_a_label_set():
    assert label_set("Freude, Verlust,nichts davon") == ("Freude", "Verlust", "nichts davon")
    assert label_set("ekman")[0] == "happiness"
    for names, said in (
        ("sevn", "'sevn' is not known; did you mean 'seven'"),
        ("Freude", "or name two emotions or more of your own, between commas"),
        ("a,,b", "emotion 2: expected a name"),
        ("a,b,A", "two emotions are named 'A' and 'a'"),
    ):
        with pytest.raises(ConfigError, match=said):
            label_set(names)
