"""Small pictures of an archive's posts, named by their content."""

import hashlib
from pathlib import Path

from feelscope.files import write_whole
from feelscope.images import read_content, read_rgb
from feelscope.post import Post

SIDE = 240  # pixels of the longer side
_QUALITY = 80


def write_thumbnail(post: Post, folder: Path) -> str:
    """Make the small picture of a post's; gives its file name, empty for a post without a picture.

    Raises:
        PictureError: The picture cannot be read.
    """
    from PIL import Image

    if post.image is None:
        return ""
    content = read_content(post.image)
    path = folder / f"{hashlib.sha256(content).hexdigest()[:32]}.jpg"
    if not path.exists():
        image = Image.fromarray(read_rgb(post.image))  # not of the content: an error then names the file
        image.thumbnail((SIDE, SIDE))
        folder.mkdir(exist_ok=True)
        with write_whole(path, "wb") as file:
            image.save(file, "JPEG", quality=_QUALITY)
    return path.name
