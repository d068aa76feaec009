"""The icon of every page."""

from pathlib import Path

ICON = Path(__file__).with_name("icon.svg")
