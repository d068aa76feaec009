"""The vectors of a table's posts, in a Parquet file; an interrupted run can be resumed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.errors import TableError
from feelscope.files import digest
from feelscope.predict import KeptRows, answered, write_answers
from feelscope.progress import Count
from feelscope.saved_model.manifest import MANIFEST
from feelscope.table import PostsTable

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

ENDING = ".parquet"


def column(name: str) -> str:
    """The column of the vectors of a modality, or of `fused`."""
    return f"{name}_vector"


def embed_table(
    classifier: "EmotionClassifier",
    table: PostsTable,
    out: Path,
    *,
    resume: bool = False,
    progress: Count | None = None,
    writing: Count | None = None,
) -> None:
    """Write the vectors of a table's posts to a file, which appears when it is complete; in constant memory.

    A row has the post's `id` and a list of 32-bit floats for each of the classifier's `widths`, in `text_vector`,
    `image_vector` and so on; null where the post has no such modality. A post with nothing readable goes to the table's
    quarantine and gets no row.

    Args:
        out, resume, progress, writing: As of `predict.predict_table`.

    Raises:
        TableError: The file cannot be written, is no .parquet, or what it already has does not belong to this job.
    """
    if out.suffix.lower() != ENDING:
        raise TableError(f"{out}: vectors are written as Parquet; give a name that ends in {ENDING}")
    widths = {name: width for name, width in classifier.widths.items() if width}

    def rows(kept: KeptRows) -> Iterator[tuple[bytes, dict[str, object]]]:
        for one in answered(table, kept, progress, lambda posts: classifier.stream_vectors(posts, fused=True)):
            yield one.row_digest, {"id": one.post.id, **{column(name): one.further.get(name) for name in widths}}

    write_answers(
        table,
        out,
        rows,
        like={"id": "1", **{column(name): np.zeros(width, np.float32) for name, width in widths.items()}},
        by=(digest(classifier.folder / MANIFEST), "vectors", classifier.reads_pictures, classifier.reads_alt_text),
        resume=resume,
        progress=progress,
        writing=writing,
    )
