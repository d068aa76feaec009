"""The words of a query, each by itself."""

import pytest
from explore_archive import small_archive

from feelscope.explore.archive import Archive
from feelscope.text.stems import stem

TEXTS = ["manning", "Manning's trial", "MAN", "men", "mans mans", "the skies", "sky", "Happiness", "happy", "#manning"]
TEXTS += ["hoping", "hope", "dying", "die", "reliable", "reliability", "café", "wellknown", "well-known"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    posts = [{"id": str(at), "text": text, "emotion": "fear"} for at, text in enumerate(TEXTS)]
    return small_archive(posts, tmp_path_factory.mktemp("words"))


@pytest.mark.parametrize(
    ("query", "posts", "finds"),
    [
        ("manning", 5, "manning 3, man 1, mannings 1, mans 1"),
        ('"manning"', 3, ""),
        ("#manning", 1, ""),
        ("sky", 2, "sky 1, skies 1"),
        ("happy", 2, "happy 1, happiness 1"),
        ("hope", 2, "hope 1, hoping 1"),
        ("die", 2, "die 1, dying 1"),
        ("reliable", 2, "reliable 1, reliability 1"),
        ("CAFE", 1, "cafe 1"),
        ("well-known", 2, "wellknown 2"),
    ],
)
def test_what_a_word_finds(archive: Archive, query: str, posts: int, finds: str) -> None:
    answer = archive.views({"query": query}, parts=("words",))
    (row,) = answer["words"]
    assert answer["counts"]["query"] == row["posts"] == posts
    assert ", ".join(f"{form['word']} {form['posts']}" for form in row["finds"]) == finds
    assert row["near"] == []


def test_which_word_has_none_and_what_is_near_it(archive: Archive) -> None:
    answer = archive.views({"query": 'sky mannign -trail "manning man" #maning x'}, parts=("words",))
    assert answer["counts"]["query"] == 0
    rows = {
        row["written"]: (row["posts"], row["excluded"], [near["word"] for near in row["near"]])
        for row in answer["words"]
    }
    assert rows == {
        "sky": (2, False, []),
        "mannign": (0, False, ["manning", "mannings"]),
        "trail": (0, True, ["trial"]),
        '"manning man"': (0, False, []),
        "#maning": (0, False, ["#manning", "manning"]),
        "x": (0, False, []),
    }
    assert archive.views({"query": "mannign"}, parts=("words",))["words"][0]["near"] == [
        {"word": "manning", "posts": 3},
        {"word": "mannings", "posts": 1},
    ]


def test_every_word_of_the_archive_is_found_by_its_stem(archive: Archive) -> None:
    lexicon = archive.index.lexicon
    every = [word for letter in "abcdefghijklmnopqrstuvwxyz#" for word, _ in lexicon._words(letter)]
    assert len(every) == 23
    for word in every:
        assert word in lexicon.of_stem(stem(word))
