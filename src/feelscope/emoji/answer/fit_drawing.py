"""Teach an answer model to draw: from codes of pictures to answer vectors, and the autoencoder's decoder beside it.

Kernel ridge regression on the emoji that have both a code and an answer vector, one of each base form, so that no
picture counts by its genders. How far a known emoji reaches and how much is smoothed are those with the least error
on emoji that are left out one by one; no text is read. The answer model stays as it is.

Source: Saunders, Gammerman and Vovk 1998, "Ridge regression learning algorithm in dual variables"; the error on one
left out from the fit to all: Rifkin and Lippert 2007, "Notes on regularized least squares", section 3.
"""

from pathlib import Path

import numpy as np

from feelscope.emoji import catalogue
from feelscope.emoji.answer import drawing_file
from feelscope.emoji.answer import folder as answer_folder
from feelscope.emoji.answer.drawn import squared_distances
from feelscope.emoji.autoencoder import folder as autoencoder_folder
from feelscope.emoji.autoencoder.folder import SavedAutoencoder
from feelscope.errors import ModelError
from feelscope.models.emoji_autoencoder import EmojiAutoencoder
from feelscope.saved_model.manifest import write_manifest

REACHES = (0.5, 1.0, 2.0, 3.0)  # times the width of a code, as codes have a deviation of one
SMOOTHINGS = (0.5, 1.0, 2.0, 4.0)
_FEWEST = 20  # emoji that have both


def open_autoencoder(run: Path) -> SavedAutoencoder:
    """A trained autoencoder whose decoder an answer model can draw by.

    Raises:
        ModelError: It is no autoencoder, or not ours.
    """
    saved = autoencoder_folder.read(run)
    if not isinstance(saved.network, EmojiAutoencoder):
        raise ModelError(
            f"{run}: this is the published network, whose codes may be infinite; give one that "
            "`feelscope emoji train-autoencoder` trained without --published"
        )
    return saved


def add_drawing(folder: Path, saved: SavedAutoencoder) -> None:
    """Add `drawing.npz` to a finished answer model, or put another in its place.

    Raises:
        ModelError: Too few emoji have a picture that the autoencoder knows.
    """
    model = answer_folder.read(folder)
    drawing_file.write(folder, arrays(saved, model))
    write_manifest(folder, (answer_folder.SETTINGS, answer_folder.WEIGHTS, drawing_file.DRAWING))


def arrays(saved: SavedAutoencoder, model: answer_folder.AnswerModel) -> dict[str, np.ndarray]:
    """The arrays of `drawing_file.shapes`.

    Raises:
        ModelError: As `add_drawing`.
    """
    codes = dict(zip(map(catalogue.bare, saved.sequences), saved.codes.numpy(), strict=True))
    emoji = model.settings.emoji
    known = np.array([row for row, one in enumerate(emoji) if one in codes and catalogue.base_form(one) == one])
    if len(known) < _FEWEST:
        raise ModelError(
            f"the autoencoder knows pictures of {len(known)} of the answer model's emoji, expected {_FEWEST} or more; "
            "train it with more pictures"
        )
    read = np.stack([codes[emoji[row]] for row in known])  # (K, Z)
    weight, bias, reach = fit(read, model.arrays["answers"][known])
    return {
        "known": known,
        "codes": read,
        "fit_reach": np.array(reach),
        "fit_weight": weight,
        "fit_bias": bias,
        **decoder(saved),
    }


def fit(codes: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights (K, D), bias (D,) and reach, from codes (K, Z) and answer vectors (K, D)."""
    distances = squared_distances(codes.astype(np.float64), codes.astype(np.float64))  # (K, K)
    bias = vectors.mean(axis=0, dtype=np.float64)
    wanted = vectors - bias
    least, weight, best = np.inf, wanted, 0.0
    for reach in np.array(REACHES) / codes.shape[1]:
        values, axes = np.linalg.eigh(np.exp(-reach * distances))  # (K,), (K, K)
        turned = axes.T @ wanted  # (K, D)
        for smoothing in SMOOTHINGS:
            solved = axes @ (turned / (values + smoothing)[:, None])  # (K, D)
            inverse = (axes**2 / (values + smoothing)).sum(axis=1)  # (K,), the diagonal of (kernel + smoothing)^-1
            error = float(((solved / inverse[:, None]) ** 2).sum())
            if error < least:
                least, weight, best = error, solved, float(reach)
    return weight.astype(np.float32), bias.astype(np.float32), best


def decoder(saved: SavedAutoencoder) -> dict[str, np.ndarray]:
    """The decoder's layers, named as in `drawing_file.shapes`."""
    network = saved.network
    assert isinstance(network, EmojiAutoencoder)
    layers = {
        "write": network.write,
        "inner": network.decoder[0],
        "spread": network.decoder[3],
        "first": network.decoder[6],
        "last": network.decoder[8],
    }
    return {
        f"{name}_{part}": getattr(layer, part).detach().numpy()
        for name, layer in layers.items()
        for part in ("weight", "bias")
    }
