"""The emotion of a video: seconds and memory of the whole command, and of a program that decodes every frame.

The video is drawn and encoded first: 60 s of 1280 x 720 pixels, 30 frames a second, six scenes that move, H.264 as x264
makes it unless told otherwise. Memory is that of the command and of all processes that it starts, together, every 5 ms.

    python benchmarks/video.py --runs 3
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

SCENES = 6
EVERY = """
import sys
import av, numpy as np
from PIL import Image
from feelscope.images.scenes import GREY, choose
from feelscope.images.read import squeezed
from feelscope.saved_model.classifier import EmotionClassifier
classifier = EmotionClassifier.load()
greys, pictures, times = [], [], []
with av.open(sys.argv[1]) as container:
    for frame in container.decode(video=0):
        image = frame.to_image()
        greys.append(np.asarray(image.convert("L").resize((GREY, GREY))))
        pictures.append(np.asarray(squeezed(image, 224)))
        times.append(frame.time)
chosen, _ = choose(np.stack(greys), np.array(times), times[-1], 5.0)
rows = classifier.predict_proba([pictures[place] for place in chosen])
print(len(times), classifier.emotions[rows.mean(axis=0).argmax()])
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--rate", type=int, default=30)
    arguments.add_argument("--size", type=int, nargs=2, default=(1280, 720))
    arguments.add_argument("--gop", type=int, default=250, help="frames from a key frame to the next, at most")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "video.mp4")
        draw(path, options)
        print(json.dumps({"video": path.name, "megabytes": round(path.stat().st_size / 1e6, 1)}))
        for name, command in {
            "feelscope": [sys.executable, "-m", "feelscope.cli", "predict", "--image", str(path)],
            "every frame": [sys.executable, "-c", EVERY, str(path)],
        }.items():
            for _ in range(options.runs):
                print(json.dumps({"way": name, **measured(command)}), flush=True)


def measured(command: list[str]) -> dict[str, Any]:
    start, peak, before = time.perf_counter(), 0, used()
    process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        rss = 0
        for one in (process, *process.children(recursive=True)):
            try:
                rss += one.memory_info().rss
            except psutil.Error:  # it has ended meanwhile
                continue
        peak = max(peak, rss)
        time.sleep(0.005)
    seconds = time.perf_counter() - start
    assert process.returncode == 0
    said = process.stdout.read().decode().strip()
    took = {"seconds": round(seconds, 2), "processor": round(used() - before, 2)}
    return {**took, "megabytes": round(peak / 1e6), "said": said[-200:]}


def used() -> float:
    """Seconds of a processor that ended processes have had, and those that they waited for."""
    times = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times.ru_utime + times.ru_stime


def draw(path: Path, options: argparse.Namespace) -> None:
    """Scenes of clouds of colour with grain, over which the view moves."""
    import av

    width, height = options.size
    draws = np.random.default_rng(0)
    count = options.seconds * options.rate
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=options.rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = options.gop
        stream.options = {"preset": "veryfast", "crf": "23"}
        for scene in range(SCENES):
            colours = Image.fromarray(draws.integers(0, 256, (9, 20, 3), np.uint8))
            wide = np.asarray(colours.resize((2 * width, height), Image.Resampling.BICUBIC)).astype(np.int16)
            wide = (wide + draws.integers(-12, 12, (height, 2 * width, 1))).clip(0, 255).astype(np.uint8)
            for number in range(scene * count // SCENES, (scene + 1) * count // SCENES):
                left = 2 * number % width
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, left : left + width]), "rgb24")
                frame.pts, frame.time_base = number, Fraction(1, options.rate)
                container.mux(stream.encode(frame))
        container.mux(stream.encode())


if __name__ == "__main__":
    main()
