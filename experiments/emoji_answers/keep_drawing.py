"""Give a newly trained answer model the decoder of an earlier one, fitted to its own answers.

    python experiments/emoji_answers/keep_drawing.py NEW OLD

The codes and the decoder are the autoencoder's, which reads no text; from codes to answers is fitted again.
"""

import sys
from pathlib import Path

import numpy as np

from feelscope.emoji.answer import drawing_file, fit_drawing
from feelscope.emoji.answer import folder as answer_folder
from feelscope.saved_model.manifest import write_manifest


def main() -> None:
    new, old = map(Path, sys.argv[1:3])
    model, earlier = answer_folder.read(new), answer_folder.read(old)
    arrays = drawing_file.read(old, len(earlier.settings.emoji), earlier.arrays["answers"].shape[1])
    if arrays is None:
        raise SystemExit(f"{old}: draws no emoji")
    rows = {emoji: row for row, emoji in enumerate(model.settings.emoji)}
    arrays["known"] = np.array([rows[earlier.settings.emoji[row]] for row in arrays["known"]])
    weight, bias, reach = fit_drawing.fit(arrays["codes"], model.arrays["answers"][arrays["known"]])
    drawing_file.write(new, arrays | {"fit_weight": weight, "fit_bias": bias, "fit_reach": np.array(reach)})
    write_manifest(new, (answer_folder.SETTINGS, answer_folder.WEIGHTS, drawing_file.DRAWING))


if __name__ == "__main__":
    main()
