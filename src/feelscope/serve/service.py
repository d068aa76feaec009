"""One model behind queues: posts in, answers and explanations out, and what is counted on the way."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from feelscope.errors import FeelscopeError, PictureError
from feelscope.explain.record import record
from feelscope.files import digest
from feelscope.post import IMAGE_TEXT, Post, Prediction
from feelscope.predict import row
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.serve.bodies import Bodies
from feelscope.serve.measures import Measures
from feelscope.serve.settings import ServiceSettings
from feelscope.serve.shapes import GivenPost, shapes
from feelscope.serve.work import WorkQueue
from feelscope.web.download import LIMITS, Downloader

_LIMITS = replace(LIMITS, seconds=10.0, silence=5.0)  # of a picture on the web, which holds up a thread meanwhile


@dataclass(frozen=True, slots=True)
class Asked:
    """A post to be read, and the address of its picture where that is still on the web."""

    post: Post
    address: str = ""


class Service:
    """Answers for one model.

    Attributes:
        stopping: It was told to end.
        unanswered: Requests that were still not answered when the grace time was over.
    """

    def __init__(
        self,
        classifier: EmotionClassifier,
        threads: int,
        settings: ServiceSettings,
        downloader: Downloader | None = None,
    ):
        self.classifier, self.settings = classifier, settings
        self.version = digest(classifier.folder / "manifest.json")[:12]
        self.shapes, self.bodies, self.measures = shapes(settings, classifier.emotions), Bodies(settings), Measures()
        self._downloader = downloader or Downloader(_LIMITS)
        self._once = threading.Lock()
        seconds = self.measures.post_seconds.observe
        self.posts = WorkQueue(self._predict, threads, settings.waiting, seconds, "feelscope-post")
        # An explanation has threads of its own: one at a time leaves the others their turn.
        explained = self.measures.explanation_seconds.observe
        self.explanations = WorkQueue(self._explain, 1, settings.explaining, explained, "feelscope-explain")
        self.stopping, self.unanswered = False, 0
        self.measures.model.info({"name": classifier.name, "version": self.version})
        for name, said, value in (
            ("queue_posts", "Posts that are accepted and not yet answered.", lambda: self.posts.waiting),
            ("queue_limit_posts", "The most of them.", lambda: settings.waiting),
            ("queue_explanations", "Explanations accepted and not yet given.", lambda: self.explanations.waiting),
            ("held_bytes", "Of requests' bodies.", lambda: self.bodies.held),
            ("threads", "That read posts.", lambda: threads),
        ):
            self.measures.watch(name, said, value)

    @property
    def ready(self) -> bool:
        """Whether a request would be accepted now."""
        return not self.stopping and self.posts.free > 0

    async def predict(self, posts: Sequence[Asked]) -> list[Prediction]:
        """One answer a post; raises `QueueFull`."""
        answers = await self.posts.run(posts)
        for answer in answers:
            self.measures.posts.labels("+".join(answer.modalities) or "none").inc()
        return answers

    async def explain(self, asked: Asked, emotion: str) -> dict[str, Any]:
        """Why an emotion, as `feelscope explain post --json` says it; raises `QueueFull`, `FeelscopeError`."""
        (found,) = await self.explanations.run([(asked, emotion)])
        return found

    def close(self) -> None:
        """Wait for what runs."""
        self.posts.close()
        self.explanations.close()

    def _predict(self, asked: Asked) -> Prediction:
        post, warnings = self._with_picture(asked)
        (answer,) = self.classifier.predict([post])
        return replace(answer, warnings=(*warnings, *answer.warnings))

    def _explain(self, asked: tuple[Asked, str]) -> dict[str, Any]:
        post, warnings = self._with_picture(asked[0])
        try:
            found = self.classifier.explain(post, asked[1] or None)
        except FeelscopeError:
            (prediction,) = self.classifier.predict([post])
            if prediction.emotion is not None:
                raise
            return _unread(replace(prediction, warnings=(*warnings, *prediction.warnings)))
        return record(replace(found, warnings=(*warnings, *found.warnings)), post)

    def _with_picture(self, asked: Asked) -> tuple[Post, tuple[str, ...]]:
        """The post with the picture of its address, or why it has none."""
        if not asked.address:
            return asked.post, ()
        try:
            return replace(asked.post, image=self._downloader.fetch(asked.address)), ()
        except PictureError as error:
            # Not the whole of it, which may name an address of the network that the service is in.
            return asked.post, (f"the picture was not used: {error.kind or error}",)


def _unread(prediction: Prediction) -> dict[str, Any]:
    """What an explanation says of a post in which nothing could be read."""
    nothing: dict[str, Any] = {
        "explained": None,
        "probability": None,
        "baseline": None,
        "words": [],
        "regions": [],
        IMAGE_TEXT: "",
        "passes": 0,
    }
    return {**row(prediction), "modalities": {}, **nothing}


def asked(given: GivenPost) -> Asked:
    """A post as it was sent."""
    post = Post(given.id, given.text, given.title, given.image or None)
    return Asked(post, "" if given.image else getattr(given, "image_url", ""))
