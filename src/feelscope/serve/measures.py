"""What the service counts, for Prometheus: requests and posts, what waits, and how long things take."""

from collections.abc import Callable

from feelscope.errors import needs_extra

with needs_extra("the service", "serve"):
    from prometheus_client import (
        CONTENT_TYPE_LATEST,
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        Info,
        ProcessCollector,
        generate_latest,
    )

TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Measures:
    """Counters, gauges and histograms of one service; names and units as Prometheus has them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = self._counter("requests", "Requests that were answered.", "route", "status")
        self.request_seconds = self._histogram("request_duration_seconds", "From request to answer.", "route")
        self.posts = self._counter("posts", "Posts that were answered, by what was read of them.", "modalities")
        self.post_seconds = self._histogram("post_duration_seconds", "That one post took in its thread.")
        self.explanation_seconds = self._histogram("explanation_duration_seconds", "That one explanation took.")
        self.model = Info("feelscope_model", "The model that answers.", registry=self._registry)

    def watch(self, name: str, said: str, value: Callable[[], float]) -> None:
        """A gauge, asked when somebody reads it."""
        Gauge(f"feelscope_{name}", said, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)

    def _counter(self, name: str, said: str, *labels: str) -> Counter:
        return Counter(f"feelscope_{name}", said, labels, registry=self._registry)

    def _histogram(self, name: str, said: str, *labels: str) -> Histogram:
        return Histogram(f"feelscope_{name}", said, labels, registry=self._registry, buckets=_SECONDS)
