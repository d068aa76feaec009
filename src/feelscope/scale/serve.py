"""The HTTP service on many machines: the same application in every replica, behind Ray Serve's proxies.

Each replica has the model, a bounded queue and threads of its own. It refuses with 503 what its queue has no room for,
as one service alone does; what Ray Serve itself queues before the replicas is bounded too.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from feelscope.errors import needs_extra, one_line
from feelscope.memory import BUDGET
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.scale.cluster import ScaleError, processors_of_cluster
from feelscope.serve.application import application
from feelscope.serve.service import Service
from feelscope.serve.settings import ServiceSettings, named
from feelscope.web.page_server import ASGIApp, bound

NAME = "feelscope"
_BEYOND = 64  # requests that a replica gets beyond its queue, so that it and not Ray says that it is full
_QUIET = {"log_level": "ERROR", "enable_access_log": False}  # nothing of a request is logged


@dataclass(frozen=True, slots=True)
class Served:
    """What each replica needs.

    Args:
        model: `builtin`, or a folder that every machine sees.
        threads: Of a replica, each with a processor.
        megabytes: Of a replica, for posts and pictures; see `memory`.
        skip_pictures: See `EmotionClassifier`.
    """

    model: str
    threads: int
    settings: ServiceSettings
    megabytes: int
    skip_pictures: float | None = None


class Replica:
    """One service of several."""

    def __init__(self, served: Served) -> None:
        BUDGET.set(served.megabytes)
        logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # else a line for each form that is broken
        classifier = EmotionClassifier.load(served.model, workers=served.threads, skip_pictures=served.skip_pictures)
        self._service = Service(classifier, served.threads, served.settings)

    def __serve_build_asgi_app__(self) -> ASGIApp:  # as Ray Serve names it
        return application(self._service)

    def __del__(self) -> None:
        if hasattr(self, "_service"):
            self._service.close()


def serve(
    served: Served,
    host: str,
    port: int,
    replicas: int,
    say: Callable[[str], None],
    *,
    until: threading.Event | None = None,
) -> None:
    """Answer in the cluster that this process is in, until Ctrl+C or SIGTERM.

    What was accepted by then is still answered within the grace time.

    Args:
        port: 0 takes any that is free on this machine.
        say: Called with the address once requests are taken.
        until: Ends it as well, for programs.

    Raises:
        ScaleError: There is no room for the replicas, or they cannot start.
        PageError: The port is taken on this machine.
    """
    # What is wrong with the model is said here and not in a replica.
    EmotionClassifier.load(served.model, workers=1, skip_pictures=served.skip_pictures)
    if (have := processors_of_cluster()) < replicas * served.threads:
        raise ScaleError(
            f"{replicas} replicas of {served.threads} threads need {replicas * served.threads} processors, and the "
            f"cluster has {have}; ask for fewer with --workers, or start more nodes"
        )
    with bound(port, host) as listening:
        port = listening.getsockname()[1]
    at = named(host) or "127.0.0.1"
    with needs_extra("serving on many machines", "scale"):
        from ray import serve
        from ray.exceptions import RayError
    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    most = served.settings.waiting + _BEYOND
    deployed = serve.deployment(
        name=NAME,
        num_replicas=replicas,
        ray_actor_options={"num_cpus": served.threads},
        max_ongoing_requests=most,
        max_queued_requests=most,  # in a proxy; also those that it is about to hand over
        graceful_shutdown_timeout_s=float(served.settings.grace),
        logging_config=_QUIET,
    )(serve.ingress()(Replica))
    try:
        serve.start(http_options={"host": host, "port": port}, logging_config=_QUIET)
        serve.run(deployed.bind(served), name=NAME, route_prefix="/", logging_config=_QUIET)
        _wait_for_route(at, port)
    except (RuntimeError, ValueError, RayError) as error:
        serve.shutdown()
        raise ScaleError(f"the replicas cannot start ({one_line(error)[:300]})") from error
    try:
        say(f"http://{at}:{port}/")
        (until or threading.Event()).wait()
    except KeyboardInterrupt:
        pass
    finally:
        serve.shutdown()


def _wait_for_route(host: str, port: int) -> None:
    """Wait until this machine's proxy knows where requests go: it is told a moment after the replicas are there.

    Raises:
        RuntimeError: It does not within a minute.
    """
    for _ in range(600):
        with suppress(OSError, HTTPException, ValueError):
            proxy = HTTPConnection(host.strip("[]"), port, timeout=5)
            with closing(proxy):
                proxy.request("GET", "/-/routes")
                if NAME in json.loads(proxy.getresponse().read()).values():
                    return
        time.sleep(0.1)
    raise RuntimeError("the proxy of this machine does not find them")
