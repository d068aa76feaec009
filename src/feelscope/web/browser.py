"""Opening a page in the browser of whoever started it."""

import os
import sys
import webbrowser
from collections.abc import Mapping

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_NOBODY_LOOKS = ("CI", "PYTEST_CURRENT_TEST", "SSH_CONNECTION")  # a build, a test, another machine's screen


def open_page(address: str) -> bool:
    """Open an address in the browser, where somebody is likely to look; gives whether it was tried."""
    if not (sys.stderr.isatty() and has_screen(os.environ, sys.platform)):
        return False
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Whether there is a screen that whoever started this looks at."""
    if any(environment.get(name) for name in _NOBODY_LOOKS):
        return False
    return platform in ("win32", "darwin") or any(environment.get(name) for name in _DISPLAYS)
