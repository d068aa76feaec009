from pathlib import Path

from feelscope.post import Post
from feelscope.table import PostsTable
from feelscope.table.settings import reading_with
from feelscope.table.undated import Undated


def said(path: Path, *cells: str, dates: str = "") -> str:
    path.write_text("id,text,date\n" + "".join(f'{n},rain,"{cell}"\n' for n, cell in enumerate(cells)))
    with reading_with(dates=dates):
        table = PostsTable(path)
    assert len(list(table)) == len(cells)
    assert str(table.undated) == (again := str(table.undated)) and len(list(table)) and str(table.undated) == again
    return str(table.undated)


def test_posts_without_a_date_are_counted_and_what_to_do_is_told(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    assert said(path, "2021-05-03", "2021-05-04") == ""
    assert said(path, "2021-05-03", "", "") == "2 of 3 without a date"
    assert said(path, "soon", "2021-05-03") == "1 of 2 without a date; first: 'soon'"
    told = "3 of 4 without a date; first: '03/05/2021 14:22', say --dates dmy or mdy"
    assert said(path, "soon", "03/05/2021 14:22", "04/05/2021", "25/12/2021") == told
    assert said(path, "03/05/2021 14:22", dates="dmy") == ""


def test_large_numbers_are_readable() -> None:
    counted = Undated(dated=3750)
    for n in range(1250):
        counted.add(Post(str(n), other={"created_at": "x" if n else ""}))
    assert str(counted) == "1,250 of 5,000 without a date; first: 'x'"
