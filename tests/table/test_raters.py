"""A row a rater: a post an id, with the emotion of most raters."""

from pathlib import Path

from feelscope.table import PostsTable, Quarantine
from feelscope.table.settings import reading_with

ROWS = """id,text,emotion
1,Rain at last,joy
2,The dog ran away,sadness
1,Rain at last,happiness
3,What a noise,anger
1,Rain at last,sadness
3,What a noise,fear
2,The dog ran away,Sadness
4,Alone,
4,Alone,fear
5,Once,anger
5,Something else,joy
"""


def table(folder: Path, rows: str = ROWS, **more: object) -> PostsTable:
    (folder / "posts.csv").write_text(rows)
    return PostsTable(folder / "posts.csv", need=("emotion",), quarantine=Quarantine(), **more)  # type: ignore[arg-type]


def test_the_emotion_of_most_raters_is_taken_and_their_agreement_kept(tmp_path: Path) -> None:
    posts = table(tmp_path)
    found = {post.id: (post.emotion, post.other) for post in posts}
    assert found == {
        "1": ("happiness", {"raters": 3, "agreement": 0.6667}),  # joy and happiness mean the same
        "2": ("Sadness", {"raters": 2, "agreement": 1.0}),
        "4": ("fear", {"raters": 1, "agreement": 1.0}),
        "5": ("anger", {}),
    }
    assert posts.quarantine.reasons == {"raters tie, no emotion has most of them": 1, "duplicate id": 1}
    assert posts.raters is not None
    assert str(posts.raters) == "4 posts of several raters (9 rows): the emotion of most of them is taken"
    assert len(found) + posts.quarantine.count + posts.raters.further == 11, "every row is accounted for"
    assert len(list(posts)) == 4 and posts.raters.further == 5, "a second pass gives the same"


def test_names_may_be_told_apart(tmp_path: Path) -> None:
    posts = table(tmp_path, same=str.lower)
    assert "1" not in {post.id for post in posts}, "joy, happiness and sadness tie"
    assert posts.quarantine.reasons["raters tie, no emotion has most of them"] == 2


def test_a_table_of_one_row_a_post_is_as_before(tmp_path: Path) -> None:
    posts = table(tmp_path, "id,text,emotion\n1,Rain,joy\n2,Snow,joy\n")
    assert [post.other for post in posts] == [{}, {}]
    assert str(posts.raters) == ""


def test_where_no_label_is_needed_a_post_is_its_first_row(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(ROWS)
    posts = PostsTable(tmp_path / "posts.csv")
    for _ in range(2):
        assert [post.id for post in posts] == ["1", "2", "3", "4", "5"]
        assert posts.quarantine.reasons == {"duplicate id": 1}, "other words under the same id"
        assert posts.raters is not None and posts.raters.further == 5
    assert str(posts.raters) == "4 posts of several raters (9 rows): each is one post"


def test_without_labels_an_id_that_comes_twice_is_a_duplicate(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,text\n1,Rain at last\n1,Rain at last\n")
    posts = PostsTable(tmp_path / "posts.csv")
    assert len(list(posts)) == 1 and posts.quarantine.reasons == {"duplicate id": 1} and posts.raters is None


def test_a_post_whose_raters_tie_may_stay_without_a_label(tmp_path: Path) -> None:
    posts = PostsTable(table(tmp_path).path, same=str.lower, keep_ties=True)
    assert {post.id: post.emotion for post in posts}["3"] is None
    assert "3" in {post.id for post in posts} and posts.quarantine.reasons == {"duplicate id": 1}


def test_null_words_are_no_vote_and_columns_of_bits_are_votes(tmp_path: Path) -> None:
    found = list(table(tmp_path, "id,text,emotion\n1,Rain,nan\n1,Rain,joy\n1,Rain,-\n"))
    assert [(post.emotion, post.other["raters"]) for post in found] == [("joy", 1)]
    with reading_with(labels="one-hot"):
        posts = table(tmp_path, "id,text,joy,fear\n1,Rain,0,1\n1,Rain,1,0\n1,Rain,0,1\n2,Dog,1,0\n")
        assert [(post.id, post.emotion) for post in posts] == [("1", "fear"), ("2", "joy")]


def test_a_column_of_raters_says_that_a_post_may_have_several_rows(tmp_path: Path) -> None:
    path = tmp_path / "raters.csv"
    path.write_text("id,text,rater_id\n1,So happy,7\n1,So happy,8\n1,Other words,9\n2,Rain,7\n")
    table = PostsTable(path)
    assert [post.text for post in table] == ["So happy", "Rain"]
    assert str(table.raters) == "1 post of several raters (2 rows): each is one post"
    assert dict(table.quarantine.reasons) == {"duplicate id": 1}
