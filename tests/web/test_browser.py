"""When a page opens itself."""

import pytest

from feelscope.web.browser import has_screen, open_page


@pytest.mark.parametrize(
    ("environment", "platform", "opens"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"CI": "true"}, "darwin", False),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "linux", False),
        ({"DISPLAY": ":0", "PYTEST_CURRENT_TEST": "one"}, "linux", False),
    ],
)
def test_a_page_opens_where_somebody_looks(environment, platform, opens):
    assert has_screen(environment, platform) is opens


def test_a_test_opens_none(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert not open_page("http://127.0.0.1:1/")
    assert not opened
