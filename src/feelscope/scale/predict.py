"""Predict a table on many machines: a file of predictions for each block, of the same rows as `feelscope predict`."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from feelscope.errors import ModelError, TableError, one_line
from feelscope.files import digest, json_text
from feelscope.memory import BUDGET, MEGABYTES
from feelscope.predict import Made, example_row, predict_rows, settings_of
from feelscope.progress import Count
from feelscope.saved_model.calibration import Abstention
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.scale import blocks, job, running
from feelscope.scale.addresses import Address
from feelscope.scale.block_posts import check_rows, check_seen, open_block
from feelscope.scale.blocks import Block
from feelscope.scale.model_path import model_path
from feelscope.scale.running import Done
from feelscope.table import MOST_BROKEN, open_writer

_KEY = b"feelscope"  # of a file's metadata: whose results these are, and of which rows


@dataclass(slots=True)
class Predicted:
    """The counts of one run.

    Attributes:
        rows: Of the table.
        kept: Of them, in blocks that were finished before.
        left_out: Of them, in the quarantine; by reason in `reasons`.
        pictures: That could not be used, by what is wrong with them.
        megabytes: The most memory that a worker had.
    """

    rows: int = 0
    blocks: int = 0
    kept: int = 0
    left_out: int = 0
    broken: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)
    megabytes: float = 0.0

    def add(self, done: Done) -> None:
        """Count a block."""
        self.blocks += 1
        self.rows += done.rows
        self.kept += done.rows if done.kept else 0
        self.left_out += done.left_out
        self.broken += done.broken
        self.megabytes = max(self.megabytes, done.megabytes)
        for reason, count in done.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count
        for fault, count in done.pictures.items():
            self.pictures[fault] = self.pictures.get(fault, 0) + count


def predict(
    model: str | Path,
    table: Address,
    out: Address,
    workers: int,
    *,
    columns: Mapping[str, str] | None = None,
    abstain: float | None = None,
    skip_pictures: float | None = None,
    rows_a_block: int | None = None,
    most_broken: float = MOST_BROKEN,
    megabytes: int = MEGABYTES,
    progress: Count | None = None,
) -> Predicted:
    """Predict the posts of a table, or of all tables of a folder, in the cluster that this process is in.

    Blocks that are finished are kept; results of another model, other settings or other rows are refused.

    Args:
        table: A Parquet file, or a folder of them.
        out: A folder; `OUT/NAME/GROUP-START.parquet` has a block's predictions, `OUT/_quarantine/...` what was left
            out.
        columns: See `PostsTable`.
        abstain: The share of answers that are refused, see `calibration.Abstention`.
        skip_pictures: See `EmotionClassifier`.
        rows_a_block: At most; None fits the table.
        most_broken: The share of all rows that may be broken.
        megabytes: Of each worker, for posts and pictures; see `memory`.
        progress: Called with the number of posts done in this run, and of those kept.

    Raises:
        TableError, ModelError, ScaleError: One line that says what to do.
    """
    classifier = EmotionClassifier.load(model, workers=1, skip_pictures=skip_pictures)
    if abstain is not None:
        Abstention(classifier.calibration, abstain, classifier.folder)  # raises where it cannot be
    job.check_apart(table, out)
    tables = blocks.find_tables(table, columns or {})
    model_digest = digest(classifier.folder / "manifest.json")
    settings = {
        "model": model_digest,
        "columns": dict(columns or {}),
        "abstain": abstain,
        # Where it is not given, results of before it could be are kept; what labels.json says is in the model's digest.
        **({} if skip_pictures is None else {"skip_pictures": skip_pictures}),
    }
    wanted = job.Job("predict", str(table), rows_a_block or blocks.rows_a_block(tables), settings)
    ours = job.claim(out, wanted, rows_given=rows_a_block is not None)
    todo = blocks.blocks_of(tables, ours.rows_a_block)
    job.check_results(out, todo, ".parquet")
    rows = sum(block.part.rows for block in todo)
    given = dict(columns or {})
    make = PredictBlocks(model_path(model), model_digest, out, ours.digest, given, abstain, megabytes, skip_pictures)
    found = Predicted()
    for done in running.run(todo, make, workers):
        found.add(done)
        if found.broken > most_broken * rows:
            raise TableError(
                f"{table}: {found.broken:,} of {found.rows:,} rows cannot be read, see {out / job.QUARANTINE}; mend "
                "them, or allow more with --max-errors"
            )
        if progress:
            progress(found.rows - found.kept, found.kept)
    (out / job.REPORT).write(json_text(asdict(found), 2).encode())
    return found


@dataclass(frozen=True, slots=True)
class PredictBlocks:
    """Opens the model in a worker; the model is as `model_path` gives it."""

    model: str
    model_digest: str
    out: Address
    job_digest: str
    columns: Mapping[str, str]
    abstain: float | None
    megabytes: int
    skip_pictures: float | None

    def __call__(self) -> "_BlockPredictor":
        BUDGET.set(self.megabytes)
        try:
            classifier = EmotionClassifier.load(self.model, workers=1, skip_pictures=self.skip_pictures)
        except ModelError as error:
            raise ModelError(f"{error}; every machine of the cluster needs the model's folder at this path") from error
        if digest(classifier.folder / "manifest.json") != self.model_digest:
            raise ModelError(f"{self.model}: another model is there on one of the machines; copy the same to all")
        return _BlockPredictor(self, classifier)


class _BlockPredictor:
    def __init__(self, asked: PredictBlocks, classifier: EmotionClassifier) -> None:
        self._asked, self._classifier = asked, classifier
        self._abstention = None
        if asked.abstain is not None:
            self._abstention = Abstention(classifier.calibration, asked.abstain, classifier.folder)
        self._like = example_row(classifier.emotions, abstains=asked.abstain is not None)

    def __call__(self, block: Block) -> Done:
        check_seen(block)
        results = job.results_of(self._asked.out, block, ".parquet")
        if results.exists():
            return self._kept(block, results)
        with open_block(block, self._asked.columns) as given, tempfile.TemporaryDirectory() as folder:
            half = Path(folder) / "block.parquet"
            made = Made(self._classifier, settings_of(self._classifier, self._abstention), given.posts)
            with open_writer(half, like=self._like, about=made.about) as writer:
                for row in predict_rows(self._classifier, given.posts, abstention=self._abstention):
                    made.add(row)
                    writer.write(row)
            bad = given.posts.quarantine
            done = Done(
                block.name,
                block.part.rows,
                left_out=bad.count,
                broken=given.posts.broken,
                reasons=dict(bad.reasons),
                pictures=dict(bad.pictures),
            )
            said = {**asdict(done), "job": self._asked.job_digest, "digest": given.digest}
            if lines := given.bad_rows():
                job.quarantine_of(self._asked.out, block).write(lines)
            results.write(_with_metadata(half, said))  # last, as it says that the block is done
        return done

    def _kept(self, block: Block, results: Address) -> Done:
        """What is there already, if it is of this job and these rows.

        Raises:
            TableError: It is not.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with results.open() as file:
                said = json.loads((pq.read_metadata(file).metadata or {})[_KEY])
            job_digest, rows_digest = said.pop("job"), said.pop("digest")
            done = Done(**said)
        except (pa.ArrowException, OSError, LookupError, ValueError, TypeError) as error:
            raise TableError(f"{results}: not a file of predictions ({one_line(error)}); remove it") from error
        if job_digest != self._asked.job_digest:
            raise TableError(f"{results}: is from another model or other settings; name a new folder for the results")
        check_rows(results, block, rows_digest)
        return replace(done, kept=True)


def _with_metadata(path: Path, said: Mapping[str, object]) -> bytes:
    """A Parquet file's content, with a line about it in its metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    made = pa.BufferOutputStream()
    noted = {**(table.schema.metadata or {}), _KEY: json_text(said).encode()}
    pq.write_table(table.replace_schema_metadata(noted), made, compression="zstd")
    return bytes(made.getvalue().to_pybytes())
