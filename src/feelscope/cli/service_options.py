"""Options of `serve` and `scale serve`, and the settings that they make."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

if TYPE_CHECKING:
    from feelscope.serve.settings import ServiceSettings

AllowHost = Annotated[
    list[str] | None, Option(metavar="NAME", help="A name by which others may ask for it; may be given again.")
]
MaxPosts = Annotated[int, Option(metavar="N", min=1, help="The most posts of one request.")]
MaxBody = Annotated[float, Option(metavar="MB", min=0.001, help="The largest body of a request.")]
Grace = Annotated[int, Option(metavar="SECONDS", min=0, help="Time to answer what waits when it is stopped.")]


def service_settings(
    host: str,
    allow_host: list[str] | None,
    *,
    queue: int,
    max_posts: int,
    max_body: float,
    grace: int,
    image_urls: bool = False,
) -> "ServiceSettings":
    """The settings of a service that listens on an address; its keys are in the environment.

    Raises:
        ConfigError: One line that says what to do.
    """
    from feelscope.serve.settings import HELD, ServiceSettings, check_host, named, read_keys

    keys = read_keys()
    check_host(host, keys)
    most_bytes = round(max_body * 1_000_000)
    return ServiceSettings(
        most_posts=max_posts,
        most_bytes=most_bytes,
        held_bytes=max(HELD, 2 * most_bytes),
        waiting=queue,
        grace=grace,
        hosts=(*(allow_host or ()), *filter(None, [named(host)])),
        keys=keys,
        image_urls=image_urls,
    )
