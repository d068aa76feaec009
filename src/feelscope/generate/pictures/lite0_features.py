"""Pictures as EfficientNet-Lite0 sees them, for distances between drawn and real ones.

    pictures (B, 3, S, S) --enlarged to 128 px, bilinear--> EfficientNet-Lite0 of ImageNet, untuned --> (B, 1280)

The vectors are those after the last convolution, averaged over places: the layer before the classifier, as pool_3 is of
the Inception network that published Frechet distances are of. So these are on a scale of their own: compare them with
each other, never with published ones. 128 pixels, where the network was trained on 224, take a third of the time; ours.
"""

import numpy as np
import torch
from torch.nn import functional as F

from feelscope.encoders.efficientnet_lite0 import PIXEL_MEAN, PIXEL_SCALE, EfficientNetLite0

NAME = "Frechet distance on EfficientNet-Lite0 features"
SIDE = 128
_AT_ONCE = 16  # pictures; more do not fit the cache of a core, and take three times as long


@torch.no_grad()
def lite0_features(pixels: torch.Tensor, network: EfficientNetLite0, side: int = SIDE) -> np.ndarray:
    """Pictures uint8 (N, 3, S, S) to vectors float32 (N, 1280).

    Args:
        side: Pixels that pictures are enlarged to, a multiple of 32; say it beside a distance.
    """
    network.eval()
    device = next(network.parameters()).device
    found = []
    for some in pixels.split(_AT_ONCE):
        large = F.interpolate(some.to(device).float(), (side, side), mode="bilinear", align_corners=False)
        found.append(network((large - PIXEL_MEAN) / PIXEL_SCALE).cpu())  # (B, 1280)
    return torch.cat(found).numpy()
