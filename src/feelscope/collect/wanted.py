"""Which submissions of Reddit, from its API or a dump, are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from feelscope.store import CollectedPost


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which submissions are kept.

    Args:
        min_votes: Posts with fewer are left out; None keeps all.
        with_picture: Whether posts without a picture are left out; Duong et al. 2017, 5.2.
    """

    min_votes: int | None = None
    with_picture: bool = False

    def __call__(self, post: CollectedPost) -> bool:
        has_votes = self.min_votes is None or (post.votes or 0) >= self.min_votes
        return has_votes and (post.image is not None or not self.with_picture)

    def __str__(self) -> str:
        votes = f" from {self.min_votes} votes" if self.min_votes else ""
        return votes + " with a picture" * self.with_picture

    def note(self, posts: Sequence[CollectedPost]) -> tuple[str, ...]:
        """What to say of the posts that were not kept."""
        few = sum(self.min_votes is not None and (post.votes or 0) < self.min_votes for post in posts)
        bare = sum(not self(post) for post in posts) - few
        notes = [f"{few} posts with fewer than {self.min_votes} votes, left out"] * (few > 0)
        return (*notes, *[f"{bare} posts without a picture, left out"] * (bare > 0))


EVERY = Wanted()
