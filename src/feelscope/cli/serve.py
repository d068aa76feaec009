"""`feelscope serve`: answers over HTTP."""

from typing import Annotated

from typer import Option

from feelscope.cli.options import MEMORY, Memory, Model, ReadPictures, SkipPictures
from feelscope.cli.progress import say
from feelscope.cli.service_options import AllowHost, Grace, MaxBody, MaxPosts, service_settings


def serve(
    model: Model = "builtin",
    port: Annotated[int, Option(metavar="N", min=0, max=65535, help="0 for any that is free.")] = 8080,
    host: Annotated[str, Option(metavar="ADDRESS", help="Which address of this machine to listen on.")] = "127.0.0.1",
    allow_host: AllowHost = None,
    threads: Annotated[
        int | None,
        Option(
            metavar="N", min=1, max=256, help="Posts read side by side; by default, two more than there are processors."
        ),
    ] = None,
    queue: Annotated[
        int, Option(metavar="N", min=1, help="The most posts that wait; more are refused with 503.")
    ] = 1024,
    max_posts: MaxPosts = 256,
    max_body: MaxBody = 32.0,
    grace: Grace = 30,
    allow_url_images: Annotated[
        bool, Option("--allow-url-images", help="Fetch pictures that posts name by a public address.")
    ] = False,
    memory: Memory = MEMORY,
    read_pictures: ReadPictures = False,
    skip_pictures: SkipPictures = None,
) -> None:
    """Answer posts over HTTP, and on a page to try it.

    Other machines may ask only with a key, from FEELSCOPE_API_KEYS.

    \b
    Examples:
      feelscope serve
      feelscope serve --model mine --port 9000
    """
    from feelscope.config import processors
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.serve.running import serve as answer
    from feelscope.serve.service import Service
    from feelscope.text.counts import counted

    settings = service_settings(
        host, allow_host, queue=queue, max_posts=max_posts, max_body=max_body, grace=grace, image_urls=allow_url_images
    )
    # Two may wait for Python's lock, and a post is still computed on each processor (benchmarks/serve.py).
    count = threads or processors() + 2
    classifier = EmotionClassifier.load(model, workers=count, read_pictures=read_pictures, skip_pictures=skip_pictures)
    service = Service(classifier, count, settings)
    answer(service, host, port, lambda address: say(_where(classifier.name, address, with_key=bool(settings.keys))))
    late = f"{counted(service.unanswered, 'request')} could not be answered within {grace} seconds"
    say(f"stopped; {late if service.unanswered else 'all that was accepted was answered'}")


def _where(name: str, address: str, *, with_key: bool) -> str:
    """The line that says where to ask, and how."""
    key = " -H 'Authorization: Bearer KEY'" if with_key else ""
    return f"{name} answers at {address}, stop with Ctrl+C; try: curl {address}v1/predict{key} -F text='We won!'"
