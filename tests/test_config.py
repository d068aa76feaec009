import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.config import (
    build,
    check_choices,
    check_ranges,
    did_you_mean,
    listed,
    parse_toml,
    read_toml,
    shown,
    to_toml,
)
from feelscope.errors import ConfigError


@dataclass(frozen=True)
class Part:
    name: str
    share: float = 0.5


@dataclass(frozen=True)
class Settings:
    title: str
    parts: tuple[Part, ...] = ()
    words: tuple[str, ...] = ()
    epochs: int = 3
    rate: float = 0.1
    quick: bool = False
    note: str | None = "none"


def write(folder, text):
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def error_of(folder, text):
    with pytest.raises(ConfigError) as caught:
        read_toml(write(folder, text), Settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_values_and_defaults(tmp_path):
    text = 'title = "one"\nrate = 1\nwords = ["a", "b"]\n[[parts]]\nname = "p"\n'
    assert read_toml(write(tmp_path, text), Settings) == Settings("one", (Part("p"),), ("a", "b"), rate=1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x"\nepoch = 3', "'epoch' is not a setting; did you mean 'epochs'?"),
        ('title = "x"\nzzz = 3', "'zzz' is not a setting; known are title, parts,"),
        ("epochs = 3", "the setting 'title' is missing"),
        ("title = 3", "title: expected str, found 3"),
        ('title = "x"\nepochs = 2.5', "epochs: expected int, found 2.5"),
        ('title = "x"\nepochs = true', "epochs: expected int, found True"),
        ('title = "x"\nrate = "fast"', "rate: expected float, found 'fast'"),
        ('title = "x"\nrate = true', "rate: expected float, found True"),
        ('title = "x"\nquick = 1', "quick: expected bool, found 1"),
        ('title = "x"\nnote = 1', "note: expected str, found 1"),
        ('title = "x"\nwords = "a"', "words: expected tuple, found 'a'"),
        ('title = "x"\nwords = ["a", 1]', "words[1]: expected str, found 1"),
        ('title = "x"\n[[parts]]\nnam = "p"', "parts[0]: 'nam' is not a setting; did you mean 'name'?"),
        ('title = "x"\n[[parts]]\nname = "p"\n[[parts]]\n', "parts[1]: the setting 'name' is missing"),
        ("title = ", "not TOML ("),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, said):
    message = error_of(tmp_path, text)
    assert message.startswith(str(tmp_path / "settings.toml"))
    assert said in message


def test_no_file_a_folder_and_no_text(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file"):
        read_toml(tmp_path / "none.toml", Settings)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path, Settings)
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(ConfigError, match="not TOML"):
        read_toml(tmp_path / "latin.toml", Settings)


def test_a_value_that_the_dataclass_refuses_is_said_with_its_place():
    @dataclass(frozen=True)
    class Checked:
        epochs: int

        def __post_init__(self):
            raise ConfigError("epochs: too few")

    with pytest.raises(ConfigError, match=r"^mine\.toml: epochs: too few$"):
        build({"epochs": 0}, Checked, "mine.toml")


def test_the_close_match_or_all_that_is_known():
    assert did_you_mean("fusoin", ["builtin", "fusion"]) == "did you mean 'fusion'?"
    assert did_you_mean("CAPTION", ["id", "Caption"]) == "did you mean 'Caption'?"
    assert did_you_mean("q", ["builtin", "fusion"]) == "known are builtin, fusion"
    assert did_you_mean("q", map(str, range(1000, 1050))).endswith("1018, 1019 and 30 more")
    assert did_you_mean("q", ["a\nb"]) == "known are 'a\\nb'"


def test_twenty_names_are_listed_and_the_rest_is_counted():
    names = [f"n{number}" for number in range(21)]
    assert listed(names[:20]) == ", ".join(names[:20])
    assert listed(names) == f"{', '.join(names[:20])} and 1 more"
    assert listed([]) == "none"


def test_a_table_within_is_written_after_the_plain_settings_and_read_back(tmp_path):
    @dataclass(frozen=True)
    class Whole:
        part: Part
        title: str
        note: str | None = None

    text = 'title = "x"\n\n[part]\nname = "p"\nshare = 0.5\n'
    assert to_toml(Whole(Part("p"), "x")) == text
    assert read_toml(write(tmp_path, text), Whole) == Whole(Part("p"), "x")
    with pytest.raises(ConfigError, match=r"settings\.toml, part: expected Part, found 3$"):
        read_toml(write(tmp_path, 'title = "x"\npart = 3'), Whole)
    with pytest.raises(ConfigError, match=r"title: expected str, found {'name': 'p'}$"):
        read_toml(write(tmp_path, '[title]\nname = "p"'), Whole)


@pytest.mark.parametrize("settings", [Part("joint", 1.0), {"name": "joint", "share": 1.0}], ids=["dataclass", "values"])
def test_a_value_that_is_not_among_the_choices_is_said_with_its_close_match(settings):
    check_choices(settings, name=("early", "joint"), share=(0.5, 1.0))
    with pytest.raises(ConfigError, match=r"^name: 'joint' is not known; did you mean 'joints'\?$"):
        check_choices(settings, share=(1.0,), name=("early", "joints"))


def test_a_value_out_of_range_is_said_with_what_is_expected():
    settings = Settings("x", epochs=3, rate=0.0)
    check_ranges(settings, ("epochs rate", lambda value: value >= 0, "0 or more"))
    with pytest.raises(ConfigError, match=r"^rate: expected more than 0, found 0\.0$"):
        check_ranges(settings, ("epochs rate", lambda value: value > 0, "more than 0"))


def test_processors_are_those_of_this_process():
    code = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); from feelscope import config as c; "
    ran = subprocess.run([sys.executable, "-c", f"{code}print(c.processors())"], capture_output=True, text=True)
    assert ran.stdout == "1\n"


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
settings = st.builds(
    Settings,
    title=words,
    parts=st.lists(st.builds(Part, name=words, share=numbers), max_size=3).map(tuple),
    words=st.lists(words, max_size=3).map(tuple),
    epochs=st.integers(-(2**63), 2**63 - 1),
    rate=numbers,
    quick=st.booleans(),
    note=words,
)


@given(settings)
def test_what_is_written_is_read_back(value):
    assert build(tomllib.loads(to_toml(value)), Settings, "here") == value


@pytest.mark.parametrize(
    "content",
    [
        "rate = " + "[" * 100_000,
        "rate = " + "[" * 100_000 + "]" * 100_000,
        "rate = " + "{ a = " * 50_000,
        f"epochs = {'9' * 5000}",
        f"[{'a.' * 2000}a]\nb = 1\n" + f"[{'a.' * 2000}a]\nb = 1",
        "day = 0000-00-00",
        "\0",
        "\ufeffx",
        b"title = '\xff'",
        b"title = '\xed\xa0\x80'",
        f"{'a.' * 90_000}a = 1",
        "#" * 200_001,
    ],
    ids=lambda content: str(content[:12]),
)
def test_settings_that_are_a_bomb_are_one_short_line(tmp_path, content):
    path = tmp_path / "mine.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as caught:
        read_toml(path, Settings)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message and len(message) < len(str(path)) + 400


def test_settings_that_are_no_regular_file_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    for name in ("pipe.toml", "zero.toml"):
        with pytest.raises(ConfigError, match=r"\.toml: cannot be read \(not a regular file\)$"):
            parse_toml(tmp_path / name)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_is_not_finite_is_refused(value):
    with pytest.raises(ConfigError, match=r"^here, rate: expected a finite number, found (-?inf|nan)$"):
        build({"rate": value}, Settings, "here")


def test_a_value_of_any_length_is_shown_in_a_few_characters():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert shown("a" * 101) == "'" + "a" * 99 + "..."
    assert shown(0.5) == "0.5"
    assert shown(16**5000) == "int, too long or too deep to show"
    assert shown(deep) == "list, too long or too deep to show"
    with pytest.raises(ConfigError) as caught:
        build({"e" * 10**6: 1}, Settings, "here")
    assert len(str(caught.value)) < 400
