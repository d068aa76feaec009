"""CSV with quotes left open: every line of the file is a row that is read, or one that is left out."""

import random
import time
from pathlib import Path

import pytest

from feelscope.errors import TableError
from feelscope.table import PostsTable, Quarantine


def read(path: Path, content: str) -> tuple[list[str], Quarantine]:
    """The ids of a table of which every row may be broken."""
    path.write_text(content, encoding="utf-8", newline="")
    quarantine = Quarantine(most_broken=1.0)
    return [post.id for post in PostsTable(path, quarantine=quarantine)], quarantine


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("row", ["{0},text {0},joy", '{0},"text {0}",joy', '"{0}","text, ""{0}""","joy"'])
@pytest.mark.parametrize("broken", ['11,"open,joy', '11,"open', '"11,open,joy', '11,open,"joy', '11,"a"b,joy'])
def test_a_quote_left_open_costs_its_own_row(tmp_path: Path, end: str, row: str, broken: str) -> None:
    rows = [row.format(number) for number in range(1, 601)]
    rows[10] = broken
    ids, quarantine = read(tmp_path / "posts.csv", end.join(["id,text,emotion", *rows]))
    assert ids == [str(number) for number in range(1, 601) if number != 11]
    assert quarantine.count == 1


@pytest.mark.parametrize("seed", range(20))
def test_rows_read_and_left_out_are_those_of_the_file(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    words = ["happy", 'say ""hi""', "a, b", "line\nbreak", "5 o'clock", "", "ü😀"]
    rows, sound = [], []
    for number in range(300):
        if draw.random() < 0.1:
            rows.append(draw.choice(['{0},"open,joy', '{0},"a"b,joy', "{0},few", "{0},x,joy,more"]).format(number))
        else:
            rows.append(f'{number},"{draw.choice(words)} {number}",joy')
            sound.append(str(number))
    ids, quarantine = read(tmp_path / "posts.csv", "\n".join(["id,text,emotion", *rows]) + "\n")
    assert ids == sound
    assert quarantine.count == len(rows) - len(sound)


def test_a_text_with_line_breaks_in_a_bad_row_is_one_bad_row(tmp_path: Path) -> None:
    content = 'id,text,emotion\n1,"first\nsecond\n\nlast",joy,too many\n2,"first\nsecond",joy\n'
    ids, quarantine = read(tmp_path / "posts.csv", content)
    assert ids == ["2"]
    assert quarantine.reasons == {"wrong number of fields": 1}


def test_the_line_of_a_bad_row_is_told(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text('id,text\n1,"two\nlines"\n2,"open\n3,fine\n')
    with Quarantine(tmp_path / "bad.jsonl", most_broken=1.0) as quarantine:
        assert [post.id for post in PostsTable(tmp_path / "posts.csv", quarantine=quarantine)] == ["1", "3"]
    assert '"row": 2' in (tmp_path / "bad.jsonl").read_text() and ": line 4, " in (tmp_path / "bad.jsonl").read_text()


def test_quotes_in_every_line_are_not_read_once_a_line(tmp_path: Path) -> None:
    lines = 3000
    content = "id,a,b\n" + 'a",","\n' * lines  # each opens a quote, and closes it for the line before
    started = time.process_time()
    ids, quarantine = read(tmp_path / "posts.csv", content.replace("id,a,b", "id,text,b"))
    assert ids == [] and quarantine.count == lines
    assert time.process_time() - started < 60  # read to the end for every line, it would be minutes


def test_a_line_over_the_limit_is_one_bad_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.table.csv_file.LONGEST", 1000)
    monkeypatch.setattr("feelscope.table.growing.LONGEST", 1000)
    ids, quarantine = read(tmp_path / "posts.csv", f"id,text\n1,fine\n2,{'x' * 5000}\n3,fine\n")
    assert ids == ["1", "3"] and quarantine.count == 1


# Too many


def broken(tmp_path: Path, name: str, rows: int, bad: int) -> Path:
    """A table of which some rows are broken."""
    step = rows // bad if bad else rows + 1
    if name.endswith("csv"):
        lines = [f"{n},x,y" if bad and n % step == 0 and n // step < bad else f"{n},x" for n in range(rows)]
        lines.insert(0, "id,text")
    else:
        lines = [
            "{" if bad and n % step == 0 and n // step < bad else f'{{"id": "{n}", "text": "x"}}' for n in range(rows)
        ]
    (tmp_path / name).write_text("\n".join(lines) + "\n")
    return tmp_path / name


@pytest.mark.parametrize("name", ["posts.csv", "posts.jsonl"])
@pytest.mark.parametrize(
    ("bad", "most", "allowed"), [(5, 0.05, True), (6, 0.05, False), (6, 0.06, True), (1, 0, False)]
)
def test_more_broken_rows_than_may_be_stop_the_reading(
    tmp_path: Path, name: str, bad: int, most: float, allowed: bool
) -> None:
    table = PostsTable(broken(tmp_path, name, 100, bad), quarantine=Quarantine(most_broken=most))
    if allowed:
        assert len(list(table)) == 100 - bad
    else:
        with pytest.raises(
            TableError, match=f"{name}: {bad} of 100 rows cannot be read .*allow it with --max-errors {bad}$"
        ):
            list(table)


def test_rows_without_a_post_are_not_broken(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,text\n1,fine\n1,again\n2,\n,\n")
    assert [post.id for post in PostsTable(tmp_path / "posts.csv")] == ["1"]


def test_a_limit_asks_of_the_rows_before_it_alone(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,text\n1,x\n2,x\n" + "few\n" * 10)
    assert len(list(PostsTable(tmp_path / "posts.csv", limit=2))) == 2
    (tmp_path / "posts.csv").write_text("id,text\n" + "few\n" * 10 + "1,x\n2,x\n3,x\n")
    with pytest.raises(TableError, match="10 of 12 rows cannot be read"):
        list(PostsTable(tmp_path / "posts.csv", limit=2))


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_limit_does_not_make_a_big_table_small(tmp_path: Path, end: str) -> None:
    rows = [f"{n},x" if n % 50 else "few" for n in range(60_000)]
    (tmp_path / "posts.csv").write_text(end.join(["id,text", *rows]) + end)
    assert len(list(PostsTable(tmp_path / "posts.csv", limit=58_000))) == 58_000


def test_a_big_table_is_not_read_to_its_end(tmp_path: Path) -> None:
    table = PostsTable(broken(tmp_path, "posts.csv", 8000, 2000))
    read = 0
    with pytest.raises(TableError, match=r"1,024 of about 8,00[01] rows cannot be read"):
        for _ in table:
            read += 1
    assert read < 4000
