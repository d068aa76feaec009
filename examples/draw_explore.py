"""Draw the pictures of docs/explore.md: the page of an archive in chromium, light, dark and narrow.

feelscope explore serve archive --port 8014 &
python examples/draw_explore.py http://127.0.0.1:8014
python examples/draw_explore.py http://127.0.0.1:8014 --map (of an index with a map)
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "images"
COLOURS = 192  # of a picture
PICTURES = {
    "explore": ("/?query=people&from=2012-01-01&to=2013-08-20&subject=things", 1180, 1240, "light"),
    "explore_compare": ("/?query=boston&from=2013-04-15&against_to=2013-04-15&course=anger", 1180, 1400, "light"),
    "explore_dark": ("/?query=friend&emotion=sadness&scale=share&course=sadness", 1180, 1240, "dark"),
    "explore_narrow": ("/?query=boston&from=2013-01-01", 380, 1200, "light"),
}
_METHOD = Image.Quantize.MAXCOVERAGE  # keeps small dots of a legend
MAP = {"explore_map": ("/?area=8800,3000,9950,4200", 1180, 900, "light")}


def main(address: str, of_map: bool) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (path, width, height, scheme) in (MAP if of_map else PICTURES).items():
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(address + path)
            page.wait_for_selector("#headline:has(.many)")
            page.wait_for_selector("body:not([aria-busy])")
            page.wait_for_timeout(500)  # fonts
            shown = page.locator("#map") if of_map else page
            with Image.open(io.BytesIO(shown.screenshot())) as image:
                image.convert("RGB").quantize(COLOURS, _METHOD, dither=Image.Dither.NONE).save(
                    FOLDER / f"{name}.png", optimize=True
                )
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), "--map" in sys.argv[2:])
