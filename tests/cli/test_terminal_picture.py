"""Pictures as half blocks."""

import re

import numpy as np
import pytest

from feelscope.cli import terminal_picture
from feelscope.cli.terminal_picture import lines, show_picture

RED, BLUE, CLEAR = (255, 0, 0, 255), (0, 0, 200, 128), (9, 9, 9, 127)


def cells(line: str) -> list[tuple[str, str, str]]:
    """Colour of the sign, colour behind it, and sign, of each cell; a plain reader of the sequences."""
    front, behind, found = "", "", []
    for code, sign in re.findall("\x1b\\[([0-9;]*)m|(.)", line):
        if sign:
            found.append((front, behind, sign))
        elif code == "0":
            front, behind = "", ""
        elif code.startswith("38;2;"):
            front = code[5:]
        else:
            assert code.startswith("48;2;")
            behind = code[5:]
    return found


def test_two_pixels_are_one_cell() -> None:
    pixels = np.array([[RED, RED, CLEAR, CLEAR], [BLUE, CLEAR, BLUE, CLEAR]], np.uint8)
    (line,) = lines(pixels)
    assert cells(line) == [
        ("255;0;0", "0;0;200", "▀"),
        ("255;0;0", "", "▀"),
        ("0;0;200", "", "▄"),
        ("", "", " "),
    ]
    assert line.endswith("\x1b[0m")


def test_an_odd_row_is_above_nothing() -> None:
    assert [cells(line) for line in lines(np.full((3, 1, 4), 255, np.uint8))] == [
        [("255;255;255", "255;255;255", "▀")],
        [("255;255;255", "", "▀")],
    ]


def test_a_wide_picture_is_made_as_wide_as_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    show_picture(np.full((8, 40, 4), 255, np.uint8))
    (line,) = capsys.readouterr().out.splitlines()
    assert len(cells(line)) == 10


class Terminal:
    """A stream that may be a terminal."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = True) -> None:
        self.encoding, self._terminal = encoding, terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("stream", "environment", "can"),
    [
        (Terminal(), {}, True),
        (Terminal("UTF8"), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal("latin-1"), {}, False),
        (Terminal(terminal=False), {}, False),
    ],
)
def test_where_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, stream: Terminal, environment: dict[str, str], can: bool
) -> None:
    for name, value in {"NO_COLOR": "", "TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(terminal_picture.sys, "stdout", stream)
    assert terminal_picture.can_show() is can
