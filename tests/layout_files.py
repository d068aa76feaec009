"""What tests of exports share: records as files, and as Zeeschuimer keeps them."""

from collections.abc import Callable

from feelscope.post import Post
from feelscope.table import PostsTable

Read = Callable[..., tuple[list[Post], PostsTable]]


def zeeschuimer(platform: str, post: object, number: int = 1) -> dict[str, object]:
    """A post as Zeeschuimer keeps it."""
    around = {"nav_index": "1:1:1", "item_id": str(number), "timestamp_collected": 1, "id": number}
    return around | {"source_platform": platform, "source_url": f"https://{platform}/", "data": post}
