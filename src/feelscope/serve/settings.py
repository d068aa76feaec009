"""What the service takes, and how much of it at once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from feelscope.config import check_ranges
from feelscope.errors import ConfigError

KEYS = "FEELSCOPE_API_KEYS"  # the environment variable, as a command's arguments are seen by every user of a machine
LEAST_KEY = 16  # letters of a key: fewer are guessed
HELD = 256_000_000
_HOST = re.compile(r"[\w.-]+|\[[0-9a-f:.]+\]", re.IGNORECASE)
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Limits of the service; all are ours.

    Args:
        most_posts: Of one request.
        most_bytes: Of one request's body.
        held_bytes: Of the bodies of all requests together.
        waiting: Posts that are accepted and not yet answered.
        explaining: Explanations that are accepted and not yet given; each costs as much as 200 posts.
        grace: Seconds in which what was accepted is still answered once the service is stopped.
        hosts: Names by which it may be asked for, beside those of this machine; an IPv6 address is in brackets.
        keys: One of them has to come with each request; none are needed where there are none.
        image_urls: Whether a post may name its picture by an address of the web.
    """

    most_posts: int = 256
    most_bytes: int = 32_000_000
    held_bytes: int = HELD
    waiting: int = 1024
    explaining: int = 8
    grace: int = 30
    hosts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    image_urls: bool = False

    def __post_init__(self) -> None:
        """Refuse what could serve nobody, or anybody."""
        check_ranges(
            self,
            ("most_posts waiting explaining", lambda value: value >= 1, "1 or more"),
            ("grace", lambda value: value >= 0, "0 or more"),
            ("most_bytes", lambda value: value >= 1000, "1,000 or more"),
            ("held_bytes", lambda value: value >= self.most_bytes, f"{self.most_bytes:,} or more"),
        )
        if self.most_posts > self.waiting:
            need = f"room for the {self.most_posts} posts of one request (--max-posts)"
            raise ConfigError(f"waiting (--queue): expected {need}, found {self.waiting}")
        if wrong := [host for host in self.hosts if not _HOST.fullmatch(host)]:
            raise ConfigError(f"--allow-host {wrong[0]}: expected a name alone, without http:// and without a port")
        if short := [key for key in self.keys if len(key) < LEAST_KEY]:
            raise ConfigError(f"{KEYS}: {len(short)} of {len(self.keys)} keys have fewer than {LEAST_KEY} letters")


def read_keys(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The keys of the environment, which are separated by commas or blanks."""
    return tuple(filter(None, re.split(r"[,\s]+", environment.get(KEYS, ""))))


def named(host: str) -> str:
    """An address to listen on as it is written in an address of the web; empty for all of a machine's addresses."""
    if host in ("0.0.0.0", "::"):
        return ""
    return f"[{host}]" if ":" in host else host


def check_host(host: str, keys: tuple[str, ...]) -> None:
    """Refuse to answer other machines without a key.

    Raises:
        ConfigError: One line that says what to do.
    """
    if host not in LOCAL and not keys:
        raise ConfigError(
            f"--host {host} lets other machines ask; set {KEYS} to a key of {LEAST_KEY} letters or more, or leave "
            "--host out"
        )
