"""Four ways to read the same posts; each runs in a process of its own, which `predict.py` starts.

feelscope   `EmotionClassifier.predict`, from files and words to probabilities
torch       the same encoders, decoding and tokenising, with torch at its best settings
limit       the bare ONNX networks on pictures that are decoded and words that are split already
clip        CLIP ViT-B/32 zero-shot through the transformers pipeline (clip_pipeline.py)

    python benchmarks/predict_ways.py '{"way": "feelscope", "table": "examples/posts.csv", ...}'
"""

import argparse
import itertools
import json
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.encoders.tokenizer import Tokenizer
from feelscope.images import read_rgb
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.locate import locate
from feelscope.saved_model.runtime import NETWORKS
from feelscope.table import PostsTable

MOST_DISTINCT = 1000  # posts of the table that are used; longer runs go through them again
MOST_DECODED = 256  # pictures the limit keeps in memory: 39 MB
BATCH_SIZES = (1, 8, 32, 64)
WARM_UP = 64  # posts; also what settings are tried on
AT_LEAST = 1.0  # seconds; shorter runs are repeated with the posts that follow

Read = Callable[[Sequence[Post]], object]


@dataclass(frozen=True)
class Job:
    """What to measure.

    Args:
        way: feelscope, torch, limit, clip, or tune, which finds torch's best settings.
        part: text, image or both: the modality of every post.
        posts: How many are read at once.
        threads: The same number for every way.
        settings: Torch's batch size and dtype; to tune, the dtypes that may be tried.
    """

    way: str
    table: str
    model: str
    part: str
    posts: int
    threads: int
    settings: dict[str, Any]


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("job", metavar="JOB", help="a `Job` in JSON")
    job = Job(**json.loads(given.parse_args().job))
    known = read_posts(Path(job.table), job.part)
    if not known:
        print(json.dumps({"posts": 0}))
    elif job.way == "tune":
        print(json.dumps(tune(job, known)))
    else:
        print(json.dumps(measure(WAYS[job.way](job), job, known)))


def read_posts(table: Path, part: str) -> list[Post]:
    """The first posts of a table that have what the part needs, with nothing else."""
    kept: Iterable[Post] = PostsTable(table)
    if part != "image":
        kept = (post for post in kept if post.has_text)
    if part != "text":
        kept = (post for post in kept if post.image is not None and can_be_read(post))
    changes: dict[str, dict[str, Any]] = {"text": {"image": None}, "image": {"text": "", "title": ""}, "both": {}}
    return [replace(post, **changes[part]) for post in itertools.islice(kept, MOST_DISTINCT)]


def can_be_read(post: Post) -> bool:
    return isinstance(post.image, bytes) or (post.image is not None and post.image.is_file())


def measure(read: Read, job: Job, known: Sequence[Post]) -> dict[str, float]:
    """Posts per second, and the most memory of this process in MB."""
    source = itertools.cycle(known)
    read(list(itertools.islice(source, min(WARM_UP, max(job.posts, 4)))))
    done, seconds, processor = 0, 0.0, 0.0
    while seconds < AT_LEAST:
        posts = list(itertools.islice(source, job.posts))
        start, used = time.perf_counter(), time.process_time()
        read(posts)
        seconds += time.perf_counter() - start
        processor += time.process_time() - used
        done += len(posts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3 / 1.024)
    return {
        "posts_read": done,
        "seconds": seconds,
        "processor_seconds": processor,  # of all cores; other work on the machine hardly changes it
        "posts_per_second": done / seconds,
        "peak_mb": peak,
    }


def feelscope(job: Job) -> Read:
    return EmotionClassifier.load(job.model, workers=job.threads).predict


def limit(job: Job) -> Read:
    import onnxruntime

    folder = locate(job.model)
    labels = model_folder.read_labels(folder)
    tokenizer = Tokenizer(folder / "tokenizer.json", labels.tokens)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    text, image, fusion = (
        onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"]) for name in NETWORKS
    )
    widths = {entry.name: entry.shape[1] for entry in fusion.get_inputs() if len(entry.shape) == 2}
    ready: dict[str, tuple[np.ndarray | None, np.ndarray | None]] = {}  # by post id

    def prepare(post: Post) -> tuple[np.ndarray | None, np.ndarray | None]:
        ids = np.array([tokenizer(post).ids], np.int64) if post.has_text else None  # (1, T)
        rgb = None if post.image is None else read_rgb(post.image, labels.size)[np.newaxis]  # (1, H, W, 3)
        return ids, rgb

    def one(ids: np.ndarray | None, rgb: np.ndarray | None) -> None:
        feed = {
            "text": np.zeros((1, widths["text"]), np.float32) if ids is None else text.run(None, {"ids": ids})[0],
            "image": np.zeros((1, widths["image"]), np.float32) if rgb is None else image.run(None, {"rgb": rgb})[0],
            "has_text": np.array([ids is not None], np.float32),
            "has_image": np.array([rgb is not None], np.float32),
        }
        fusion.run(None, feed)

    for post in read_posts(Path(job.table), job.part)[:MOST_DECODED]:
        ready[post.id] = prepare(post)
    arrays = list(ready.values())

    def read(posts: Sequence[Post]) -> None:
        numbers = iter(range(len(posts)))  # shared: each thread takes the next post when it is done with one

        def work(_: int) -> None:
            for number in numbers:
                one(*arrays[number % len(arrays)])

        threads = min(job.threads, len(posts))
        if threads == 1:
            work(0)
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))

    return read


def torch_way(job: Job) -> Read:
    """Torch with the settings of the job, which `tune` found."""
    return TorchEncoders(job).reader(job.settings["batch"], job.settings["dtype"])


def tune(job: Job, known: Sequence[Post]) -> dict[str, Any]:
    """The fastest settings on some of the posts, and what each reached."""
    encoders = TorchEncoders(job)
    count = min(WARM_UP, job.posts)
    posts = list(itertools.islice(itertools.cycle(known), count))
    sizes = [size for size, smaller in zip(BATCH_SIZES, (0, *BATCH_SIZES), strict=False) if smaller < count]
    tried: list[dict[str, Any]] = []
    for batch, dtype in itertools.product(sizes, job.settings["dtypes"]):
        read = encoders.reader(batch, dtype)
        read(posts[: min(batch, count)])
        best = min(timed(read, posts) for _ in range(2))
        tried.append({"batch": batch, "dtype": dtype, "posts_per_second": round(count / best, 2)})
    return {"posts": count, "tried": tried, "best": max(tried, key=lambda one: one["posts_per_second"])}


def timed(read: Read, posts: Sequence[Post]) -> float:
    start = time.perf_counter()
    read(posts)
    return time.perf_counter() - start


class TorchEncoders:
    """The encoders and the fusion in torch; their weights are the published ones, which cost the same time."""

    def __init__(self, job: Job):
        import torch

        from feelscope.encoders.efficientnet_lite0 import WIDTH as IMAGE_WIDTH
        from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0
        from feelscope.encoders.minilm import WIDTH as TEXT_WIDTH
        from feelscope.encoders.minilm import MiniLM
        from feelscope.encoders.onnx import fold_norms
        from feelscope.models.gated import GatedFusion

        torch.set_num_threads(job.threads)
        folder = locate(job.model)
        self.labels = model_folder.read_labels(folder)
        self.tokenizer = Tokenizer(folder / "tokenizer.json", self.labels.tokens)
        self.threads = job.threads
        self.widths = (TEXT_WIDTH, IMAGE_WIDTH)
        self.text = MiniLM.pretrained().eval() if job.part != "image" else None
        self.image: torch.nn.Module | None = None
        if job.part != "text":
            self.image = EfficientNetLite0.pretrained().eval()
            fold_norms(self.image)  # batch norms go into the convolutions here too: a fair race
            self.image = self.image.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.fusion = GatedFusion(*self.widths, emotions=len(self.labels.emotions), width=384, dropout=0.0).eval()

    def reader(self, batch: int, dtype: str) -> Read:
        import torch

        def read(posts: Sequence[Post]) -> list[np.ndarray]:
            answers: list[Any] = [None] * len(posts)
            with (
                torch.inference_mode(),
                torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16"),
                ThreadPoolExecutor(self.threads) as pool,
            ):
                ids = [self.tokenizer(post).ids if post.has_text else [] for post in posts]
                order = sorted(range(len(posts)), key=lambda number: -len(ids[number]))  # little padding in a batch
                batches = [order[start : start + batch] for start in range(0, len(order), batch)]
                for numbers, rgb in zip(batches, self._decoded(posts, batches, pool), strict=True):
                    for number, row in zip(numbers, self._probabilities([ids[n] for n in numbers], rgb), strict=True):
                        answers[number] = row
            return answers

        return read

    def _decoded(
        self, posts: Sequence[Post], batches: list[list[int]], pool: ThreadPoolExecutor
    ) -> Iterator[list[np.ndarray]]:
        """Pictures of each batch, decoded while the batch before is computed."""
        waiting: deque[list[Future[np.ndarray]]] = deque()
        source = iter(batches)
        while True:
            while len(waiting) < 2 and (numbers := next(source, None)) is not None:
                pictures = [picture for n in numbers if (picture := posts[n].image) is not None]
                waiting.append([pool.submit(read_rgb, picture, self.labels.size) for picture in pictures])
            if not waiting:
                return
            yield [future.result() for future in waiting.popleft()]

    def _probabilities(self, ids: list[list[int]], rgb: list[np.ndarray]) -> np.ndarray:
        """Token ids and pictures of B posts, all alike, to (B, K)."""
        import torch

        from feelscope.encoders.efficientnet_lite0 import PIXEL_MEAN, PIXEL_SCALE

        text, image = (torch.zeros(len(ids), width) for width in self.widths)
        if self.text is not None:
            longest = max(map(len, ids))
            padded = torch.tensor([one + [0] * (longest - len(one)) for one in ids])  # (B, T)
            mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in ids])  # (B, T)
            text = self.text(padded, mask).float()  # (B, 384)
        if self.image is not None:
            stacked = torch.from_numpy(np.stack(rgb)).permute(0, 3, 1, 2)  # (B, 3, H, W), already channels last
            image = self.image(stacked.float().sub_(PIXEL_MEAN).div_(PIXEL_SCALE)).float()  # (B, 1280)
        networks = {"text": self.text, "image": self.image}
        present = {name: torch.full((len(ids),), float(network is not None)) for name, network in networks.items()}
        return self.fusion({"text": text, "image": image}, present).float().softmax(dim=1).numpy()  # (B, K)


def clip(job: Job) -> Read:
    from clip_pipeline import clip_reader

    labels = model_folder.read_labels(locate(job.model))
    return clip_reader(read_posts(Path(job.table), job.part), labels.emotions, job.threads)


WAYS: dict[str, Callable[[Job], Read]] = {"feelscope": feelscope, "torch": torch_way, "limit": limit, "clip": clip}

if __name__ == "__main__":
    main()
