"""Occupations and the share of women among those who have them, for the figures beside a model's.

The table that ships has the 60 occupations of Winogender Schemas (Rudinger et al. 2018; MIT, see occupations.LICENSE)
with the percentages of the United States' Bureau of Labor Statistics for 2015 and 2016 that it gives.
"""

import csv
from pathlib import Path

from feelscope.config import listed, shown
from feelscope.errors import ConfigError
from feelscope.files import read_bounded
from feelscope.text.csv_cells import csv_text

FILE = Path(__file__).parent / "occupations.csv"
OCCUPATION, SHARE = "occupation", "percent_women"
LEAST = 5  # of a table, as a correlation of fewer says nothing
_MOST_BYTES = 2_000_000


def read_occupations(path: Path = FILE) -> dict[str, float]:
    """The percentage of women by occupation, 0 to 100.

    Raises:
        ConfigError: There is no such file, a column is missing, or a cell is no occupation or no percentage.
    """
    try:
        rows = [*csv.reader(read_bounded(path, _MOST_BYTES).decode("utf-8-sig").splitlines())]
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a CSV of occupations") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: not a CSV in UTF-8 ({type(error).__name__}); save it as one") from error
    heads = [head.strip().lower() for head in rows[0]] if rows else []
    if missing := [name for name in (OCCUPATION, SHARE) if name not in heads]:
        raise ConfigError(f"{path}: the column {missing[0]} is missing; found {listed(heads)}")
    at, share_at = heads.index(OCCUPATION), heads.index(SHARE)
    found: dict[str, float] = {}
    for line, row in enumerate(rows[1:], 2):
        if not any(map(str.strip, row)):
            continue
        if len(row) <= max(at, share_at) or not row[at].strip():
            raise ConfigError(f"{path}, line {line}: expected an occupation and a percentage, found {shown(row)}")
        name = " ".join(csv_text(row[at]).split())
        if name in found:
            raise ConfigError(f"{path}, line {line}: {shown(name)} is there twice; remove one")
        found[name] = _percentage(path, line, row[share_at])
    if len(found) < LEAST:
        raise ConfigError(f"{path}: {len(found)} occupations; give {LEAST} or more")
    return found


def _percentage(path: Path, line: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 100:
        raise ConfigError(f"{path}, line {line}: {SHARE} is a number from 0 to 100, found {shown(cell)}")
    return value
