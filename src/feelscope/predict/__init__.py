"""Predict a posts table: one row per post, in the table's order; an interrupted run can be resumed.

`run.py` predicts, `rows.py` says what a row is and `keep.py` which columns of the table go along, `resuming.py` finds
again what an interrupted run has done, and `made.py` is what a file of predictions says of how it was made.
"""

from feelscope.predict.made import Made, settings_of
from feelscope.predict.resuming import KeptRows, ReadPosts, digest_of
from feelscope.predict.rows import example_row, row
from feelscope.predict.run import (
    answered,
    predict_posts,
    predict_rows,
    predict_table,
    write_answers,
    write_predictions,
)

__all__ = [
    "KeptRows",
    "Made",
    "ReadPosts",
    "answered",
    "digest_of",
    "example_row",
    "predict_posts",
    "predict_rows",
    "predict_table",
    "row",
    "settings_of",
    "write_answers",
    "write_predictions",
]
