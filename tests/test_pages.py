"""The pages that come with the package: the same in a clone and in a wheel, found by their names."""

from pathlib import Path

import pytest
from documented import ROOT
from hatchling.builders.wheel import WheelBuilder

from feelscope import pages
from feelscope.errors import FeelscopeError


def test_every_page_is_listed_with_a_line() -> None:
    listed = pages.summaries()
    files = {file.relative_to(ROOT / "docs").with_suffix("").as_posix() for file in (ROOT / "docs").rglob("*.md")}
    assert listed.keys() == files - {"README"}
    assert next(iter(listed)).startswith("tutorials/")  # as the index has them
    assert listed["predict"] == "the emotion of one post, or of every post of a table"
    assert all(line and "\n" not in line and "](" not in line for line in listed.values())


@pytest.mark.parametrize("name", ["posts_table", "posts_table.md", "docs/posts_table.md", "Posts table", "posts-table"])
def test_a_page_is_found_however_it_is_named(name: str) -> None:
    assert pages.text(name) == (ROOT / "docs" / "posts_table.md").read_text(encoding="utf-8")


def test_the_last_part_of_a_name_is_enough() -> None:
    assert pages.text("archive") == pages.text("tutorials/archive") != pages.text("explore")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("trian", "near names: train"),
        ("explore build", "near names: explore"),
        ("posts", "near names: posts_table"),
        ("xyz", "`feelscope docs` lists them"),
        ("", "`feelscope docs` lists them"),
        ("../pyproject", "`feelscope docs` lists them"),
    ],
)
def test_of_a_wrong_name_near_ones_are_said(name: str, advice: str) -> None:
    with pytest.raises(FeelscopeError) as found:
        pages.text(name)
    assert advice in str(found.value)
    assert "\n" not in str(found.value)


def test_a_wheel_has_every_page_and_all_of_the_package() -> None:
    paths = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    wanted = {f"feelscope/{file.relative_to(ROOT)}" for file in (ROOT / "docs").rglob("*.md")}
    assert {path for path in paths if path.startswith("feelscope/docs/")} == wanted
    source = ROOT / "src"
    files = (file for file in (source / "feelscope").rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    assert paths - wanted == {file.relative_to(source).as_posix() for file in files}


def test_an_installed_package_has_its_own_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feelscope" / "docs").mkdir(parents=True)
    (tmp_path / "feelscope" / "docs" / "README.md").write_text("# Documentation\n\n| [one](one.md) | the only one |\n")
    (tmp_path / "feelscope" / "docs" / "one.md").write_text("# One\n")
    monkeypatch.setattr(pages, "_PACKAGE", tmp_path / "feelscope")
    assert pages.summaries() == {"one": "the only one"}
    assert pages.text("one") == "# One\n"
