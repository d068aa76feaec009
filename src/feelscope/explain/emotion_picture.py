"""A picture of an emotion: noise, changed until a run's network reads as much of the emotion in it as it can.

    normal noise x (S, S, 3)
    again and again:  rolled by a jitter -> g = gradient of (score - decay * |x|^2) -> x + step * g / |g|
                      -> rolled back -> every tenth time a Gaussian blur -> the pixels of smallest norm to zero
    RGB = zero + unit * x

The score is the emotion's logit, before softmax and temperature, of a post that has this picture and nothing else.
Zero is the RGB that the picture's encoder reads as zero, its mid grey (127 of 255 for EfficientNet-Lite0), and one is
its own unit of pixels (128). The decay keeps pixels near grey, the blur takes what is finer than a pixel or two, the
norm leaves room for the main thing, the jitter keeps the picture from fitting one grid of strides.

Source of PUBLISHED: thesis of Hu 2017, 6.3 and equation 6.1, after Simonyan et al. 2014 and Yosinski et al. 2015; the
jitter is of its released code. That code sets to zero the values, not the pixels, that lie below the 20th percentile
of all values, so that it takes away what is dark and leaves grey: a bug. It also reads the picture with batch
statistics, as in training. Here the norm is over the three channels and its percentile the 10th, as the thesis says,
and the network is the one that is served. The length of a step is not in the thesis, and ours.

OURS changes the direction of a step, after Olah et al. 2017, "Feature Visualization", on preconditioning: coarse waves
count more than fine ones, and the three colours change more alike than the gradient says, as in photos.

Relations: `gradients` explains one post; this shows what an emotion is to the network, without any post.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from feelscope.config import check_ranges
from feelscope.errors import ModelError

if TYPE_CHECKING:
    import torch

    from feelscope.encoders.rebuilt import RebuiltImage

_REACH = 4.0  # deviations to which a blur is computed


@dataclass(frozen=True, slots=True)
class AscentSettings:
    """How a picture is made; what is not given is as in thesis 6.3.2, unless said otherwise."""

    updates: int = 500
    step: float = 10.0  # length of an update in all S * S * 3 numbers together; ours
    decay: float = 0.001  # lambda of equation 6.1
    blur: float = 0.5  # pixels, deviation of the Gaussian; 0 leaves it out
    blur_every: int = 10  # updates
    small_norm: float = 10.0  # percent of the pixels that are set to zero; 0 leaves it out
    jitter: int = 16  # pixels each way, of the released code; 0 leaves it out
    noise: float = 1.0  # deviation of the noise, in units of the encoder's pixels
    coarse: float = 0.0  # power of 1 / frequency that an update's waves are weighed by; not in the thesis
    grey: float = 0.0  # how far an update's three colours are drawn to their mean, 0 to 1; not in the thesis

    def __post_init__(self) -> None:
        """Refuse what is no ascent."""
        check_ranges(
            self,
            ("updates", lambda value: 0 <= value <= 100_000, "0 to 100,000"),
            ("step", lambda value: 0 < value <= 1e6, "more than 0"),
            ("decay blur", lambda value: 0 <= value <= 100, "0 to 100"),
            ("noise", lambda value: 0 <= value <= 10, "0 to 10"),
            ("grey", lambda value: 0 <= value <= 1, "0 to 1"),
            ("coarse", lambda value: 0 <= value <= 4, "0 to 4"),
            ("blur_every", lambda value: value >= 1, "1 or more"),
            ("small_norm", lambda value: 0 <= value < 100, "0 to below 100"),
            ("jitter", lambda value: 0 <= value <= 1000, "0 to 1,000"),
        )


PUBLISHED = AscentSettings()
OURS = AscentSettings(  # chosen by a judge with another image encoder, on another seed; experiments/emotion_picture
    updates=150, step=20.0, decay=1e-4, blur=1.0, jitter=32, noise=0.1, coarse=1.5, grey=0.7
)


class Drawable(Protocol):
    """A network in torch whose scores have gradients by pixels; `train.rebuilding.RebuiltRun` is one."""

    name: str
    emotions: tuple[str, ...]
    image: "RebuiltImage | None"

    def scores(
        self, ids: "torch.Tensor | None", rgb: "torch.Tensor | None", further: "Mapping[str, torch.Tensor]"
    ) -> "torch.Tensor":
        """Token ids (B, T), RGB (B, S, S, 3), floats of 0 to 255, and vectors (B, F) to logits (B, K)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture on the way.

    Args:
        update: After how many updates.
        score: The emotion's, of the picture in floats.
        pixels: uint8 (S, S, 3), what is out of range cut off.
    """

    update: int
    score: float
    pixels: np.ndarray


@dataclass(frozen=True, slots=True)
class EmotionPicture:
    """What was drawn for an emotion: the frames that were asked for, the noise first and the picture last."""

    emotion: str
    frames: tuple[Frame, ...]

    @property
    def pixels(self) -> np.ndarray:
        """The picture, uint8 (S, S, 3)."""
        return self.frames[-1].pixels


def draw(
    network: Drawable,
    emotion: str,
    settings: AscentSettings = OURS,
    *,
    seed: int = 0,
    frames: Collection[int] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> EmotionPicture:
    """Draw an emotion, on one thread: a second one gains little on a single picture, and waits for a busy machine.

    Args:
        emotion: As the network spells it.
        seed: Of noise and jitter.
        frames: Numbers of updates after which a frame is kept, beside the first and the last.
        progress: Called with the updates that are done, and all.

    Raises:
        ModelError: The network reads no pictures.
    """
    image, column = network.image, network.emotions.index(emotion)
    if image is None:
        raise ModelError(
            f"{network.name}: this run reads no pictures; give one that does, as of feelscope train posts.csv "
            "--recipe strong/image_only --out runs/pictures"
        )
    with _one_thread():
        return _drawn(network, image, column, settings, seed, frames, progress)


def _drawn(
    network: Drawable,
    image: "RebuiltImage",
    column: int,
    settings: AscentSettings,
    seed: int,
    frames: Collection[int],
    progress: Callable[[int, int], None],
) -> EmotionPicture:
    import torch

    device = next(image.parameters()).device
    draws = torch.Generator().manual_seed(seed)  # the processor's, so that any device begins with the same noise
    zero, unit = (torch.tensor(one).to(device) for one in (image.zero, image.unit))  # (3,) each
    picture = settings.noise * torch.randn(image.size, image.size, 3, generator=draws).to(device)  # (S, S, 3)

    def score(pixels: torch.Tensor) -> torch.Tensor:
        return network.scores(None, (zero + unit * pixels)[None], {})[0, column]

    def frame(update: int) -> Frame:
        with torch.no_grad():
            value, rgb = float(score(picture)), zero + unit * picture
        return Frame(update, value, rgb.round().clamp(0, 255).byte().cpu().numpy())

    kept = [frame(0)]
    for update in range(1, settings.updates + 1):
        down, right = torch.randint(-settings.jitter, settings.jitter + 1, (2,), generator=draws).tolist()
        moved = picture.roll((down, right), (0, 1)).requires_grad_()
        (gradient,) = torch.autograd.grad(score(moved) - settings.decay * moved.square().sum(), moved)
        gradient = greyer(coarser(gradient, settings.coarse), settings.grey)
        climbed = moved.detach() + settings.step * gradient / gradient.norm().clamp(min=1e-12)
        picture = climbed.roll((-down, -right), (0, 1))
        if update % settings.blur_every == 0:
            picture = blurred(picture, settings.blur)
        picture = without_small(picture, settings.small_norm)
        if update in frames and update != settings.updates:
            kept.append(frame(update))
        progress(update, settings.updates)
    if settings.updates:
        kept.append(frame(settings.updates))
    return EmotionPicture(network.emotions[column], tuple(kept))


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def blurred(picture: "torch.Tensor", deviation: float) -> "torch.Tensor":
    """A picture (S, S, 3) after a Gaussian of so many pixels; its edge goes on outside."""
    import torch
    from torch.nn import functional as F

    if not deviation:
        return picture
    reach = max(1, round(_REACH * deviation))
    places = torch.arange(-reach, reach + 1, device=picture.device, dtype=picture.dtype)
    kernel = torch.exp(-places.square() / (2 * deviation**2))
    kernel = kernel / kernel.sum()  # (W,)
    channels = picture.permute(2, 0, 1)[:, None]  # (3, 1, S, S)
    padded = F.pad(channels, (reach,) * 4, mode="replicate")  # (3, 1, S + 2 reach, S + 2 reach)
    across = F.conv2d(padded, kernel.reshape(1, 1, 1, -1))
    return F.conv2d(across, kernel.reshape(1, 1, -1, 1))[:, 0].permute(1, 2, 0)  # (S, S, 3)


def coarser(gradient: "torch.Tensor", power: float) -> "torch.Tensor":
    """A gradient (S, S, 3) whose waves are divided by their frequency to a power, those of one a picture by 1."""
    import torch

    if not power:
        return gradient
    side = len(gradient)
    down, across = torch.fft.fftfreq(side), torch.fft.rfftfreq(side)  # waves a pixel
    waves = side * (down[:, None].square() + across.square()).sqrt()  # (S, S / 2 + 1), waves a picture
    weights = (waves.clamp(min=1) ** -power).to(gradient.device)
    spectrum = torch.fft.rfft2(gradient, dim=(0, 1)) * weights[:, :, None]  # (S, S / 2 + 1, 3)
    return torch.fft.irfft2(spectrum, s=(side, side), dim=(0, 1))


def greyer(gradient: "torch.Tensor", share: float) -> "torch.Tensor":
    """A gradient (S, S, 3) whose colours are drawn to their mean by a share."""
    return gradient if not share else gradient.lerp(gradient.mean(dim=2, keepdim=True).expand_as(gradient), share)


def without_small(picture: "torch.Tensor", percent: float) -> "torch.Tensor":
    """A picture (S, S, 3) whose pixels of smallest norm over the channels, so many in a hundred, are zero."""
    norms = picture.norm(dim=2)  # (S, S)
    count = int(norms.numel() * percent / 100)
    if not count:
        return picture
    least = norms.flatten().kthvalue(count).values
    return picture * (norms > least)[:, :, None]
