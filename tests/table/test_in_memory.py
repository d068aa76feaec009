"""Posts in memory: each kind gives the posts that the same table on disk would, one for each that was given."""

import io
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas
import pyarrow
import pytest
from PIL import Image

from feelscope.errors import PostsError, TableError
from feelscope.images.read import read_rgb
from feelscope.post import Post
from feelscope.table import PostsTable
from feelscope.table.given_posts import posts_in
from feelscope.table.in_memory import MemoryRows, length_of

RED = Image.new("RGB", (30, 20), "red")


def texts(given: object, **options: object) -> list[tuple[str, str]]:
    return [(post.id, post.text) for post in posts_in(given, **options)]  # type: ignore[arg-type]


AB = [("1", "a"), ("2", "b")]


class Dataset:
    """What a dataset of the package `datasets` has: rows, names and features."""

    def __init__(self, rows: list[dict], features: Mapping[str, object]) -> None:
        self._rows, self.features, self.column_names = rows, dict(features), list(features)

    def __iter__(self):
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


KINDS = {
    "texts": ["a", "b"],
    "a tuple": ("a", "b"),
    "posts": [Post("1", "a"), Post("2", "b")],
    "dicts": [{"text": "a"}, {"text": "b"}],
    "dicts of other names": [{"Caption": "a"}, {"tweet": "b", "likes": 3}],
    "of several kinds": [Post("1", "a"), "b"],
    "a dict of columns": {"text": ["a", "b"], "likes": [1, 2]},
    "a dict of arrays": {"text": np.array(["a", "b"]), "likes": np.arange(2)},
    "pandas": pandas.DataFrame({"text": ["a", "b"], "likes": [1, 2]}),
    "pandas, other names": pandas.DataFrame({"Tweet": ["a", "b"]}, index=[7, 8]),
    "pandas, ids in the index": pandas.DataFrame({"text": ["a", "b"]}, index=pandas.Index([1, 2], name="tweet_id")),
    "a series": pandas.Series(["a", "b"], index=[7, 8]),
    "an array": np.array(["a", "b"]),
    "an array of objects": np.array([["a"], ["b"]], dtype=object),
    "pyarrow": pyarrow.table({"text": ["a", "b"]}),
    "a column of pyarrow": pyarrow.array(["a", "b"]),
    "a dataset": Dataset([{"text": "a"}, {"text": "b"}], {"text": None}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_gives_the_same_posts(kind: str) -> None:
    assert texts(KINDS[kind]) == AB
    assert length_of(KINDS[kind]) == (0 if isinstance(KINDS[kind], dict) else 2)  # 0 is nobody knows


def test_a_generator_is_read_as_it_comes() -> None:
    def endless():
        number = 0
        while True:
            yield f"text {number}"
            number += 1

    posts = posts_in(endless())
    assert [next(posts).text for _ in range(3)] == ["text 0", "text 1", "text 2"]
    assert length_of(endless()) == 0


def test_polars_gives_the_same_posts() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"text": ["a", "b"], "image": [b"x", None]})
    assert texts(frame) == texts(polars.Series(["a", "b"])) == AB
    assert [post.image for post in posts_in(frame)] == [b"x", None]
    with pytest.raises(PostsError, match=r"collect\(\)"):
        posts_in(frame.lazy())


@pytest.mark.parametrize("one", ["a", Post("1", "a"), {"text": "a"}, {"text": "a", "id": None}])
def test_one_post_alone_is_one(one: object) -> None:
    assert texts(one) == [("1", "a")]
    assert length_of(one) == 1


@pytest.mark.parametrize("nothing", [None, float("nan"), np.nan, np.float64("nan"), pandas.NA, pandas.NaT, "", {}])
def test_nothing_is_a_post_in_which_nothing_is(nothing: object) -> None:
    first, second = posts_in([nothing, "b"])
    assert (first.id, first.text, first.image, first.warnings) == ("1", "", None, ())
    assert second.text == "b"


def test_empty_cells_of_every_column_are_nothing() -> None:
    frame = pandas.DataFrame(
        {
            "id": [None, "x"],
            "text": ["a", None],
            "title": [np.nan, "t"],
            "image": [None, np.nan],
            "created_at": [pandas.NaT, pandas.Timestamp("2021-05-03 14:22")],
            "author": pandas.array([pandas.NA, "m"], dtype="string"),
        }
    )
    first, second = posts_in(frame)
    assert (first.id, first.text, first.title, first.image, first.created_at, first.author) == (
        "1",
        "a",
        "",
        None,
        None,
        "",
    )
    assert (second.id, second.text, second.title) == ("x", "", "t")
    assert second.created_at is not None and second.created_at.isoformat() == "2021-05-03T14:22:00+00:00"
    assert second.author == "m"


def test_ids_stay_text_and_numbers_lose_nothing() -> None:
    ids = ["007", 12, np.int64(2**62 + 1), 3.0, None]
    given = [{"text": "a", "id": id} for id in ids]
    assert [post.id for post in posts_in(given)] == ["007", "12", str(2**62 + 1), "3", "5"]
    with pytest.raises(PostsError, match="lose digits; give ids as text"):
        list(posts_in([{"text": "a", "id": 1.294030472427835e18}]))


def test_columns_may_be_named_and_a_wrong_name_is_told() -> None:
    frame = pandas.DataFrame({"said": ["a"], "text": ["not this"]})
    assert texts(frame, columns={"text": "said"}) == [("1", "a")]
    with pytest.raises(TableError, match="no column 'sayd'; they have said, text"):
        list(posts_in(frame, {"text": "sayd"}))
    with pytest.raises(TableError, match="'words' is no standard column"):
        list(posts_in(frame, {"words": "said"}))
    with pytest.raises(TableError, match="none of the columns likes, shares is a text or a picture"):
        list(posts_in([{"likes": 1, "shares": 2}]))


def test_a_dict_need_not_have_every_named_column() -> None:
    assert texts([{"said": "a"}, {"text": "b"}], columns={"text": "said"}) == AB


def test_words_are_the_authors_as_in_a_table() -> None:
    (post,) = posts_in({"text": "Tom &amp; Jerry"})
    assert post.text == "Tom & Jerry"


PICTURES = {
    "Pillow": RED,
    "an array": np.asarray(RED),
    "an array of floats": np.asarray(RED) / 255,
    "with transparency": RED.convert("RGBA"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_in_memory_has_the_same_pixels(kind: str) -> None:
    for given in (
        PICTURES[kind],
        [PICTURES[kind]],
        {"image": PICTURES[kind]},
        {"text": ["a"], "image": [PICTURES[kind]]},
    ):
        (post,) = posts_in(given)
        assert isinstance(post.image, bytes)
        assert np.array_equal(read_rgb(post.image), np.asarray(RED))


def test_grey_pictures_and_stacks_of_pictures() -> None:
    grey = np.arange(0, 200, 2, dtype=np.uint8).reshape(10, 10)
    (post,) = posts_in(grey)
    assert isinstance(post.image, bytes)
    assert np.array_equal(read_rgb(post.image), np.repeat(grey[..., None], 3, axis=2))
    assert len(list(posts_in(np.stack([np.asarray(RED)] * 3)))) == 3


def test_a_turned_photo_is_upright() -> None:
    tall = Image.new("RGB", (20, 30), "navy")
    tall.paste("gold", (0, 0, 20, 15))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    file = io.BytesIO()
    tall.save(file, "PNG", exif=exif)
    from_file, from_memory = posts_in([file.getvalue(), Image.open(file)])
    assert isinstance(from_memory.image, bytes) and isinstance(from_file.image, bytes)
    assert np.array_equal(read_rgb(from_file.image), read_rgb(from_memory.image))
    assert read_rgb(from_memory.image).shape == (20, 30, 3)


def test_pictures_by_path_bytes_and_files(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    RED.save(path)
    content = path.read_bytes()
    with path.open("rb") as file:
        given = [path, content, bytearray(content), io.BytesIO(content), file, {"image": str(path)}, {"image": path}]
        given += [{"image": {"bytes": content, "path": None}}, {"image": {"bytes": None, "path": str(path)}}]
        images = [post.image for post in posts_in(given)]
    assert images == [path, *[content] * 4, path, path, content, path]


def test_paths_start_from_a_folder_and_may_not_leave_it_where_one_is_named(tmp_path: Path) -> None:
    RED.save(tmp_path / "red.png")
    given = {"text": ["a", "b", "c"], "image": ["red.png", "../x.png", "https://example.org/x.png"]}
    first, second, third = posts_in(given, images=tmp_path)
    assert first.image == tmp_path / "red.png"
    assert second.image is third.image is None
    assert second.warnings == ("the picture was not used: image path leaves the folder of --images: ../x.png",)
    assert "web address" in third.warnings[0]
    with pytest.raises(PostsError, match="no folder"):
        list(posts_in(given, images=tmp_path / "gone"))


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (np.zeros((3, 20, 30), np.uint8), r"expected an array \(height, width, 3\), found 3 x 20 x 30"),
        (np.full((2, 2, 3), 7.0), "expected numbers from 0 to 1 in an array of float64"),
        (np.zeros((2, 2, 3), np.int32), "expected an array of uint8, or of floats from 0 to 1, found int32"),
        (io.StringIO("x"), "a file that was opened for text"),
        (object(), "expected a path, bytes, a file opened to read bytes, a Pillow image, or a NumPy array"),
    ],
)
def test_a_picture_that_is_none_is_said_and_the_words_stay(image: object, reason: str) -> None:
    import re

    (post,) = posts_in([{"text": "a", "image": image}])
    assert post.text == "a" and post.image is None
    assert re.search(reason, post.warnings[0])


def test_a_row_that_cannot_be_read_still_has_its_place() -> None:
    first, second, third = posts_in([{"text": {"a": 1}, "id": "x"}, {"text": "a\0b"}, {"text": "c"}])
    assert first == Post("x", warnings=("the post was not read: text is no text: dict",))
    assert "NUL" in second.warnings[0] and second.id == "2"
    assert third.text == "c"


WRONG = {
    "a number": (5, "found int 5"),
    "numbers": ([1, 2], "found int 1 among them"),
    "lists": ([["a"]], r"found list \['a'\] among them"),
    "a set": ({"a", "b"}, "found set"),
    "an array of numbers": (np.zeros((3, 4)), r"numpy.ndarray of float64 \(3, 4\): texts are \(N,\)"),
    "columns of other lengths": ({"text": ["a", "b"], "n": [1]}, "equal length in each, found 'text' 2, 'n' 1"),
    "a dict of datasets": ({"train": Dataset([], {})}, r"give one of them, as in data\['train'\]"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_type_is_one_line_that_says_what_is_taken(kind: str) -> None:
    given, said = WRONG[kind]
    with pytest.raises(PostsError, match=said) as error:
        list(posts_in(given))
    assert isinstance(error.value, TypeError)
    assert "\n" not in str(error.value)


def test_the_name_of_a_file_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text\na\nb\n")
    with pytest.raises(PostsError, match="is a file, and a text is read as words; give Path"):
        posts_in(str(path))
    assert texts(path) == texts(PostsTable(path)) == AB
    assert texts([str(path)]) == [("1", str(path))]
    assert texts("posts.csv") == [("1", "posts.csv")]  # there is none here


def test_a_posts_table_may_be_in_memory() -> None:
    frame = pandas.DataFrame(
        {"Tweet": ["a", "b", None, "a"], "label": ["joy", "sad", "fear", None], "votes": [1, 2, 3, 4]}
    )
    table = PostsTable(frame, need=("emotion",))
    posts = list(table)
    assert [(post.id, post.text, post.emotion, post.other["votes"]) for post in posts] == [
        ("1", "a", "joy", 1),
        ("2", "b", "sad", 2),
    ]
    assert dict(table.quarantine.reasons) == {"neither text nor image": 1, "no emotion": 1}
    assert list(table) == posts
    assert table.rough_length() == 4
    with pytest.raises(TableError, match="the posts in memory: no emotion column; it has text"):
        PostsTable(["a"], need=("emotion",))
    with pytest.raises(TableError, match="there are none"):
        PostsTable([])


def test_labels_may_be_beside_the_posts() -> None:
    rows = MemoryRows(["a", Post("7", "b", emotion="anger")], labels=["joy", np.str_("fear")])
    assert [(post.id, post.emotion) for post in PostsTable(rows, need=("emotion",))] == [("1", "joy"), ("7", "fear")]
    with pytest.raises(PostsError, match="expected a label for each of 2 posts, found 1"):
        MemoryRows(["a", "b"], labels=["joy"])
    assert len(list(PostsTable(iter(["a", "b"])))) == 2  # read once alone, and twice by a table


def test_a_post_goes_through_a_table_as_it_was() -> None:
    path = Path("there.png")
    (dated,) = posts_in({"text": "x", "created_at": "2021-05-03", "tags": "#a #b", "author": "m", "votes": 3})
    post = Post("9", "a", "t", path, "joy", {"votes": 3}, created_at=dated.created_at, tags=("a b", "c"), author="m")
    (read,) = PostsTable([post])
    for name in ("id", "text", "title", "image", "emotion", "created_at", "tags", "author"):
        assert getattr(read, name) == getattr(post, name), name
    assert read.other["votes"] == 3


def test_numbers_of_a_dataset_are_the_labels_they_mean() -> None:
    label = SimpleNamespace(names=["joy", "sadness"])
    data = Dataset([{"text": "a", "label": 1}, {"text": "b", "label": 0}], {"text": None, "label": label})
    assert [post.emotion for post in PostsTable(data, need=("emotion",))] == ["sadness", "joy"]
