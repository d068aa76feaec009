"""What killed workers left half-written goes in the end, from a job's own folder alone."""

from pathlib import Path

import pytest

from feelscope.scale import job
from feelscope.scale.addresses import Address

HALF = "000000-000000100.parquet.5d4b6d6d56516cf6.partial"


@pytest.mark.parametrize("below", ["", "blocks"])
def test_half_written_files_of_a_job_go_in_the_end(tmp_path: Path, below: str) -> None:
    job.claim(Address(str(tmp_path / below)), job.Job("predict", "t.parquet", 50, {}), rows_given=False)
    half = tmp_path / below / "posts" / HALF
    half.parent.mkdir()
    with pytest.raises(KeyboardInterrupt), job.tidied(Address(str(tmp_path)), below):
        half.write_bytes(b"PAR1")
        raise KeyboardInterrupt
    assert not half.exists()
    assert (tmp_path / below / job.FILE).exists()


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    half = tmp_path / HALF
    half.write_bytes(b"PAR1")
    with job.tidied(Address(str(tmp_path))):
        pass
    assert half.exists()
