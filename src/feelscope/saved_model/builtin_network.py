"""One network of the built-in model, for what is made after it: it ships anyway, so only small layers are added."""

from dataclasses import replace

from feelscope.saved_model.folder import BUILTIN, read_labels, read_object
from feelscope.saved_model.reader import OwnReader


class BuiltinNetwork:
    """What reads one modality. Safe to use from many threads.

    Args:
        modality: `text` or `image`.

    Attributes:
        width: Of a vector.
        identity: SHA-256 of the network; equal for equal vectors.

    Raises:
        ModelError: The built-in model is damaged.
    """

    def __init__(self, modality: str):
        self.labels = replace(read_labels(BUILTIN), modalities=(modality,))
        self.reader = OwnReader(BUILTIN, self.labels)
        self.width = self.reader.widths[modality]
        self.identity = str(read_object(BUILTIN, "manifest.json")[f"{modality}.onnx"])  # `read_labels` checks it
