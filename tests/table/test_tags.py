import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.table.tags import read_tags


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("#a #b", ("a", "b")),  # weak labels had taken it for one tag
        ("#sad#Blue", ("sad", "Blue")),
        ("sad, Blue ,dog", ("sad", "Blue", "dog")),
        ("sad|Blue|", ("sad", "Blue")),
        ("sad Blue\tdog", ("sad", "Blue", "dog")),  # `collect files` and weak labels had taken it for one tag
        ("sun set, sea", ("sun set", "sea")),
        ("#so happy #dog", ("so happy", "dog")),
        ("#a #b c,d|e", ("a", "b c", "d", "e")),
        ('["Sun Set", "sea"]', ("Sun Set", "sea")),  # nobody had read it
        (' ["Sun Set", "sea"]\n', ("Sun Set", "sea")),
        (["Sun Set", " #sea ", ""], ("Sun Set", "sea")),
        (("a", "a"), ("a", "a")),
        ([2016, "x"], ("2016", "x")),  # the tags modality had left numbers out
        (2016, ("2016",)),
        ("['Sun Set', 'sea']", ("Sun Set", "sea")),  # as Python prints a list
        ('["it\'s", "sea"]', ("it's", "sea")),
        ("['sun' 'sea']", ("sun", "sea")),  # as NumPy does
        ("('sun', 'sea')", ("sun", "sea")),
        ("[sun, sea]", ("sun", "sea")),
        ("sun; sea", ("sun", "sea")),
        ("＃sun＃sea", ("sun", "sea")),
        ([{"name": "sun", "url": "https://a.example/tags/sun"}, {"name": "#sea"}], ("sun", "sea")),  # Mastodon
        ([{"text": "sun", "indices": [0, 4]}], ("sun",)),  # tweets v1
        ([{"start": 0, "end": 4, "tag": "sun"}], ("sun",)),  # tweets v2
        ("[{'name': 'sun'}, {'name': 'sea'}]", ("sun", "sea")),
        ({"name": "sun"}, ("sun",)),
        ("[draft", ("[draft",)),
        ("[1.5]", ()),
    ],
)
def test_tags_as_tables_write_them(cell: object, expected: tuple[str, ...]) -> None:
    assert read_tags(cell) == expected


@pytest.mark.parametrize(
    "cell", [None, "", " # , ", "[]", [], [None, float("nan"), {}, True], float("nan"), 1.5, {}, "[" * 9]
)
def test_a_cell_without_tags(cell: object) -> None:
    assert read_tags(cell) == (() if cell != "[" * 9 else ("[" * 9,))


@given(st.text())
def test_any_text_gives_tags_without_spaces_around(text: str) -> None:
    assert all(tag and tag == tag.strip() for tag in read_tags(text))
