"""`feelscope serve`: answers over HTTP."""

from typing import Annotated

from typer import Option

from feelscope.cli.options import MEMORY, Memory, Model
from feelscope.cli.progress import say


def serve(
    model: Model = "builtin",
    port: Annotated[int, Option(metavar="N", min=0, max=65535, help="0 for any that is free.")] = 8080,
    host: Annotated[str, Option(metavar="ADDRESS", help="Which address of this machine to listen on.")] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None, Option(metavar="NAME", help="A name by which others may ask for it; may be given again.")
    ] = None,
    threads: Annotated[
        int | None,
        Option(
            metavar="N", min=1, max=256, help="Posts read side by side; by default, two more than there are processors."
        ),
    ] = None,
    queue: Annotated[
        int, Option(metavar="N", min=1, help="The most posts that wait; more are refused with 503.")
    ] = 1024,
    max_posts: Annotated[int, Option(metavar="N", min=1, help="The most posts of one request.")] = 256,
    max_body: Annotated[float, Option(metavar="MB", min=0.001, help="The largest body of a request.")] = 32.0,
    grace: Annotated[int, Option(metavar="SECONDS", min=0, help="Time to answer what waits when it is stopped.")] = 30,
    allow_url_images: Annotated[
        bool, Option("--allow-url-images", help="Fetch pictures that posts name by a public address.")
    ] = False,
    memory: Memory = MEMORY,
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
    from feelscope.serve.settings import HELD, ServiceSettings, check_host, named, read_keys
    from feelscope.text.counts import counted

    keys = read_keys()
    check_host(host, keys)
    most_bytes = round(max_body * 1_000_000)
    settings = ServiceSettings(
        most_posts=max_posts,
        most_bytes=most_bytes,
        held_bytes=max(HELD, 2 * most_bytes),
        waiting=queue,
        grace=grace,
        hosts=(*(allow_host or ()), *filter(None, [named(host)])),
        keys=keys,
        image_urls=allow_url_images,
    )
    # Two may wait for Python's lock, and a post is still computed on each processor (benchmarks/serve.py).
    count = threads or processors() + 2
    classifier = EmotionClassifier.load(model, workers=count)
    service = Service(classifier, count, settings)
    answer(service, host, port, lambda address: say(f"{classifier.name} answers at {address}, stop with Ctrl+C"))
    late = f"{counted(service.unanswered, 'request')} could not be answered within {grace} seconds"
    say(f"stopped; {late if service.unanswered else 'all that was accepted was answered'}")
