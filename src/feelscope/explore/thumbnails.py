"""Small pictures of an archive's posts, named by their content."""

import hashlib
from pathlib import Path

from feelscope.errors import PictureError
from feelscope.images import read_content, read_rgb
from feelscope.post import Post

SIDE = 240  # pixels of the longer side
_QUALITY = 80


class Thumbnails:
    """Makes small pictures in a folder.

    Attributes:
        unreadable: How many pictures could not be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unreadable = 0

    def __call__(self, post: Post) -> str:
        """Make the small picture of a post's; its file name, empty where there is none that can be read."""
        if post.image is None:
            return ""
        try:
            content = post.image if isinstance(post.image, bytes) else read_content(post.image)
            return self._write(content)
        except PictureError:
            self.unreadable += 1
            return ""

    def _write(self, content: bytes) -> str:
        from PIL import Image

        path = self.folder / f"{hashlib.sha256(content).hexdigest()[:32]}.jpg"
        if not path.exists():
            image = Image.fromarray(read_rgb(content))
            image.thumbnail((SIDE, SIDE))
            self.folder.mkdir(exist_ok=True)
            partial = path.with_suffix(".partial")
            image.save(partial, "JPEG", quality=_QUALITY)
            partial.replace(path)
        return path.name
