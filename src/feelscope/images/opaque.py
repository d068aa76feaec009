"""Pictures of any mode as 8-bit grey or RGB, on white where they are transparent."""

import numpy as np
from PIL import Image

STRIP = 2**19  # pixels that are freed of transparency at a time, so that there is no second copy of all


def opaque(image: Image.Image) -> Image.Image:
    """Bring any mode to 8-bit grey or RGB; transparency becomes white."""
    if image.mode in ("RGB", "L") and not image.has_transparency_data:
        return image
    whole = Image.new("L" if image.mode.startswith("I") else "RGB", image.size)
    rows = max(1, STRIP // image.width)
    for top in range(0, image.height, rows):
        strip = (0, top, image.width, min(top + rows, image.height))
        whole.paste(_opaque_strip(image.crop(strip)), strip)
    return whole


def _opaque_strip(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # Pillow's own conversion would clip 16 bits at 255
        deep = np.asarray(image).astype(np.uint32)  # (H, W)
        if isinstance(clear := image.info.get("transparency"), int):
            deep[deep == clear] = 65535
        return Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    if image.has_transparency_data:
        transparent = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(transparent, mask=transparent.getchannel("A"))
        return white
    return image.convert("RGB")
