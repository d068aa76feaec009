import numpy as np
import torch
from PIL import Image

from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0, scale_pixels
from feelscope.generate.pictures.lite0_features import SIDE, lite0_features


def test_features_are_those_of_the_enlarged_pictures_one_by_one() -> None:
    torch.manual_seed(0)
    network = EfficientNetLite0().eval()
    pixels = torch.randint(0, 256, (17, 3, 32, 32), dtype=torch.uint8)  # more than are read at once
    found = lite0_features(pixels, network)
    assert (found.shape, found.dtype) == ((17, 1280), np.float32)
    for at in (0, 16):
        planes = [Image.fromarray(plane.numpy().astype(np.float32)) for plane in pixels[at]]
        large = np.stack([np.asarray(one.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) for one in planes], axis=-1)
        with torch.no_grad():
            wanted = network(torch.from_numpy(scale_pixels(large[np.newaxis])))[0]
        assert np.allclose(found[at], wanted.numpy(), atol=1e-3 * float(wanted.max()))
