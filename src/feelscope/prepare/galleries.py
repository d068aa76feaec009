"""A post for each picture of a gallery: the same words and label beside each, as one post may have several pictures.

    post abc with three pictures -> abc, abc:2, abc:3

Their texts are equal, so that they are one group of near-duplicates, and an author's posts stay on one side of a split.

Source: Duong et al. 2017, 5.2, "one post may contain several images"; what becomes of them is ours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from feelscope.post import Post
from feelscope.text.html import is_address

COLUMN = "images"  # of a collected post: the addresses of all its pictures, where it has several


def each_picture(posts: Iterable[Post]) -> Iterator[Post]:
    """The posts, each gallery as many times as it has pictures on the web; others as they are."""
    for post in posts:
        given = post.other.get(COLUMN)
        addresses = [one for one in given if is_address(one)] if isinstance(given, list | tuple) else []
        if post.image is not None or len(addresses) < 2:
            yield post
            continue
        for number, address in enumerate(dict.fromkeys(addresses), 1):
            id = post.id if number == 1 else f"{post.id}:{number}"
            yield replace(post, id=id, other={**post.other, "image_url": address})
