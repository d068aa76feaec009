"""Drawn things that go with no feeling: a mug, a tree, a house and so on."""

from PIL import Image, ImageDraw

_PAPER = {"mug": "#dee2e6", "tree": "#d0ebff", "house": "#e3fafc", "car": "#f1f3f5", "chair": "#fff4e6"}
_PAPER |= {"lamp": "#495057", "clock": "#f8f0fc", "boat": "#a5d8ff", "book": "#e9ecef", "bicycle": "#ebfbee"}


def thing(name: str) -> Image.Image:
    """One of ten things, 240 pixels a side."""
    picture = Image.new("RGB", (240, 240), _PAPER[name])
    _DRAW[name](ImageDraw.Draw(picture))
    return picture


def _mug(canvas: ImageDraw.ImageDraw) -> None:
    canvas.rectangle((70, 80, 150, 180), "#1971c2")
    canvas.arc((135, 100, 185, 160), -90, 90, "#1971c2", 12)


def _tree(canvas: ImageDraw.ImageDraw) -> None:
    canvas.rectangle((0, 190, 240, 240), "#8ce99a")
    canvas.rectangle((110, 130, 130, 200), "#8d6e63")
    canvas.ellipse((65, 40, 175, 150), "#2b8a3e")


def _house(canvas: ImageDraw.ImageDraw) -> None:
    canvas.rectangle((60, 110, 180, 210), "#e8b089")
    canvas.polygon([(45, 112), (120, 45), (195, 112)], "#a5432d")
    canvas.rectangle((105, 150, 135, 210), "#5c4033")


def _car(canvas: ImageDraw.ImageDraw) -> None:
    canvas.rounded_rectangle((30, 110, 210, 165), 12, "#868e96")
    canvas.polygon([(70, 110), (95, 75), (150, 75), (175, 110)], "#adb5bd")
    for x in (70, 165):
        canvas.ellipse((x - 20, 145, x + 20, 185), "#212529")


def _chair(canvas: ImageDraw.ImageDraw) -> None:
    canvas.rectangle((75, 50, 90, 210), "#a47148")
    canvas.rectangle((75, 125, 165, 140), "#a47148")
    canvas.rectangle((150, 140, 165, 210), "#a47148")


def _lamp(canvas: ImageDraw.ImageDraw) -> None:
    canvas.polygon([(90, 50), (150, 50), (180, 120), (60, 120)], "#ffe8a1")
    canvas.rectangle((115, 120, 125, 200), "#ced4da")
    canvas.ellipse((80, 190, 160, 215), "#ced4da")


def _clock(canvas: ImageDraw.ImageDraw) -> None:
    canvas.ellipse((50, 50, 190, 190), "white", "#343a40", 6)
    canvas.line((120, 120, 120, 75), "#343a40", 6)
    canvas.line((120, 120, 155, 135), "#343a40", 6)


def _boat(canvas: ImageDraw.ImageDraw) -> None:
    canvas.rectangle((0, 160, 240, 240), "#1c7ed6")
    canvas.polygon([(50, 150), (190, 150), (165, 185), (75, 185)], "#7f4f24")
    canvas.polygon([(120, 45), (120, 145), (180, 145)], "white")


def _book(canvas: ImageDraw.ImageDraw) -> None:
    canvas.polygon([(40, 80), (120, 95), (120, 185), (40, 170)], "#fff9db", "#495057")
    canvas.polygon([(200, 80), (120, 95), (120, 185), (200, 170)], "#fff9db", "#495057")


def _bicycle(canvas: ImageDraw.ImageDraw) -> None:
    for x in (70, 170):
        canvas.ellipse((x - 38, 112, x + 38, 188), None, "#212529", 6)
    canvas.line([(70, 150), (105, 95), (155, 95), (170, 150)], "#e8590c", 6)
    canvas.line([(105, 95), (120, 150), (155, 95)], "#e8590c", 6)


_DRAW = {
    "mug": _mug,
    "tree": _tree,
    "house": _house,
    "car": _car,
    "chair": _chair,
    "lamp": _lamp,
    "clock": _clock,
    "boat": _boat,
    "book": _book,
    "bicycle": _bicycle,
}
