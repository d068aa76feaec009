"""Drawn faces: one mouth, brows and eyes for each emotion, in five styles."""

import numpy as np
from PIL import Image, ImageDraw

SIDE, SCALE = 224, 3  # pixels a side, and how much larger it is drawn


def face(style: str, emotion: str) -> Image.Image:
    """A face in a style: `yellow`, `outline`, `crayon`, `robot` or `cat`."""
    return _Face(style, emotion).picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


class _Face:
    """Draws in units of a hundredth of the picture's side."""

    def __init__(self, style: str, emotion: str):
        paper = {"yellow": "white", "outline": "white", "crayon": "#f4efe2", "robot": "#22303c", "cat": "#cfe8d5"}
        self.picture = Image.new("RGB", (SIDE * SCALE,) * 2, paper[style])
        self._canvas, self._unit = ImageDraw.Draw(self.picture), SIDE * SCALE / 100
        self._draws = np.random.default_rng(len(emotion) + 7)
        self._shake = 0.7 if style == "crayon" else 0.0
        self.ink = {"robot": "#9fe8ff", "crayon": "#c2410c"}.get(style, "#222222")
        self._width = {"yellow": 2.6, "outline": 1.4, "crayon": 2.2, "robot": 3.0, "cat": 1.8}[style]
        getattr(self, f"_{style}")()
        self._features(emotion)

    def _line(self, points: list[tuple[float, float]]) -> None:
        moved = [(x + self._off(), y + self._off()) for x, y in points]
        scaled = [(x * self._unit, y * self._unit) for x, y in moved]
        self._canvas.line(scaled, self.ink, round(self._width * self._unit), joint="curve")

    def _off(self) -> float:
        return float(self._draws.normal(0, self._shake)) if self._shake else 0.0

    def _round(self, x: float, y: float, wide: float, high: float, fill: str | None, edge: bool = True) -> None:
        box = [side * self._unit for side in (x - wide, y - high, x + wide, y + high)]
        self._canvas.ellipse(box, fill, self.ink if edge else None, round(self._width * self._unit))

    def _curve(self, x: float, y: float, wide: float, bend: float) -> None:
        """A curve of half width `wide`; a positive bend hangs down in the middle, as a smile does."""
        steps = np.linspace(-1, 1, 25)
        self._line([(x + wide * step, y + bend * (1 - step**2) - bend / 2) for step in steps])

    def _yellow(self) -> None:
        self._round(50, 50, 42, 42, "#ffd43b")

    def _outline(self) -> None:
        self._round(50, 50, 40, 42, None)

    def _crayon(self) -> None:
        around = np.linspace(0, 2 * np.pi, 60)
        self._line([(50 + 38 * np.cos(angle), 50 + 38 * np.sin(angle)) for angle in around])
        for x in range(22, 80, 6):
            self._line([(x, 18), (x + 2, 8)])

    def _robot(self) -> None:
        box = [side * self._unit for side in (14, 18, 86, 88)]
        self._canvas.rounded_rectangle(box, 8 * self._unit, "#3b5568", self.ink, round(2 * self._unit))
        self._line([(50, 18), (50, 6)])

    def _cat(self) -> None:
        for left, tip, right in ((16, 20, 40), (60, 80, 84)):
            points = [(left, 34), (tip, 6), (right, 24)]
            self._canvas.polygon([(x * self._unit, y * self._unit) for x, y in points], "#f2a65a", self.ink)
        self._round(50, 54, 38, 36, "#f2a65a")
        for side in (-1, 1):
            for bend in (-4, 2):
                self._line([(50 + side * 14, 62), (50 + side * 40, 62 + bend)])

    def _features(self, emotion: str) -> None:
        eye = {"fear": (6, 8), "surprise": (6, 7), "happiness": (4, 5), "anger": (4, 4), "disgust": (4.5, 2.5)}
        wide, high = eye.get(emotion, (4, 5))
        for x in (34, 66):
            self._round(x, 42, wide, high, "white")
            self._round(x, 42, min(wide, high) * (0.35 if emotion == "fear" else 0.6), min(wide, high) * 0.6, self.ink)
        # How far the inner and the outer end of a brow are above its place.
        inner, outer = {
            "anger": (-6, 5),
            "sadness": (5, -3),
            "fear": (6, 0),
            "surprise": (4, 4),
            "disgust": (-4, 2),
        }.get(emotion, (0, 0))
        if emotion != "neutral":
            for x, side in ((34, 1), (66, -1)):
                self._line([(x - side * 8, 29 - outer), (x + side * 8, 29 - inner)])
        getattr(self, f"_mouth_{emotion}")()

    def _mouth_happiness(self) -> None:
        self._curve(50, 70, 20, 14)

    def _mouth_sadness(self) -> None:
        self._curve(50, 73, 16, -12)
        box = [side * self._unit for side in (26, 50, 33, 62)]
        self._canvas.ellipse(box, "#4dabf7")

    def _mouth_anger(self) -> None:
        self._curve(50, 73, 15, -7)
        self._line([(36, 76), (64, 76)])

    def _mouth_fear(self) -> None:
        self._line([(32 + 4 * step, 73 + (3 if step % 2 else -3)) for step in range(10)])

    def _mouth_surprise(self) -> None:
        self._round(50, 73, 7, 10, "#7a1f1f")

    def _mouth_disgust(self) -> None:
        self._line([(34, 72), (42, 68), (50, 73), (58, 68), (66, 74)])
        self._round(54, 80, 6, 7, "#74b816")

    def _mouth_neutral(self) -> None:
        self._line([(36, 72), (64, 72)])
