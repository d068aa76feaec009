"""A Ray cluster for one job: one that is there, or one on this machine that goes when the job ends."""

import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from feelscope.errors import ConfigError, FeelscopeError, needs_extra, one_line

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent to anybody
    "RAY_ENABLE_AUTO_CONNECT": "0",  # read at import: a thread of Ray's that comes late must not join again
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DATA_LOG_LEVEL": "ERROR",
    "RAY_TRAIN_V2_ENABLED": "1",
}
_REACHED = 10.0  # seconds in which a cluster's head answers
_LOGGERS = ("ray", "ray.data", "ray.serve", "ray.train")


class ScaleError(FeelscopeError):
    """The cluster cannot be used, or has lost what works."""


@contextmanager
def cluster(address: str = "", workers: int | None = None, *, memory: int | None = None) -> Iterator[int]:
    """Join a cluster, or start one on this machine; it gives the number of workers, and always ends in order.

    Args:
        address: `HOST:PORT` of a cluster's head, or `auto` for one that runs on this machine; empty starts one.
        workers: How many there should be; None is one for each processor.
        memory: Bytes of a started cluster's object store; None leaves it to Ray.

    Raises:
        ScaleError: There is no such cluster, or it has no processors.
        MissingExtra: Ray is not installed.
    """
    before = {name: os.environ.get(name) for name in _QUIET}
    os.environ.update(_QUIET)
    try:
        with needs_extra("many machines", "scale"):
            import ray
        quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        on_kill = signal.getsignal(signal.SIGTERM)
        if ray.is_initialized():
            raise ScaleError("this process is in a Ray cluster already; call ray.shutdown() first")
        with _Joining(address):
            if address:
                ray.init(_checked(address), **quiet)
            else:
                from feelscope.config import processors

                count = workers or processors()
                ray.init("local", num_cpus=count, include_dashboard=False, object_store_memory=memory, **quiet)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_kill)  # Ray takes it for itself, and shows a stack
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.ERROR)
        count = processors_of_cluster()
        if not count:
            raise ScaleError("the cluster has no processors for work; start nodes with ray start --num-cpus N")
        yield workers or count
    finally:
        if "ray" in locals():
            with suppress(SystemExit):
                ray.shutdown()  # ends what was started; of a cluster that was joined, this process's part
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Joining:
    """Makes one line of whatever Ray says where there is no cluster, or none can be started."""

    def __init__(self, address: str) -> None:
        self._where = f"the cluster at {address}" if address else "a cluster on this machine"

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        from ray.exceptions import RayError

        # A plain `Exception`, and no kind of it, is what Ray raises where a node takes more than 30 seconds.
        known = (ConnectionError, RuntimeError, ValueError, OSError, RayError)
        if error is not None and (kind is Exception or isinstance(error, known)):
            raise ScaleError(f"{self._where} cannot be used ({one_line(error)[:300]})") from error


def processors_of_cluster() -> int:
    """How many processors the living nodes offer."""
    import ray

    return int(ray.cluster_resources().get("CPU", 0))


def _checked(address: str) -> str:
    if address != "auto" and not re.fullmatch(r"(ray://)?[\w.-]+:\d+", address):
        raise ConfigError(f"--address {address}: expected HOST:PORT of a cluster's head, or auto")
    if address.startswith("ray://"):
        raise ConfigError("--address: expected HOST:PORT, as jobs run in the cluster; ray:// is for clients outside it")
    if address != "auto":  # Ray itself would try for minutes
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), _REACHED).close()
        except (OSError, OverflowError) as error:
            raise ScaleError(f"the cluster at {address} cannot be used ({one_line(error)})") from error
    return address
