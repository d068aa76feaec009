"""What is known of a file of vectors: what lies beside it says it, and nothing is guessed."""

import json
from pathlib import Path

import pytest
from small_family import write_vectors

from feelscope.errors import WordsError
from feelscope.files import digest
from feelscope.words.origin import NOT_STATED, origin


def test_a_file_alone_is_known_by_its_name_and_digest(tmp_path: Path) -> None:
    file = write_vectors(tmp_path / "vectors.txt")
    found = origin(file)
    assert (found.name, found.source, found.licence) == ("vectors.txt", "", NOT_STATED)
    assert str(found) == f"vectors.txt (SHA-256 {digest(file)[:16]}...)"


@pytest.mark.parametrize("key", ["licence", "license"])
def test_what_lies_beside_it_says_source_and_licence(key: str, tmp_path: Path) -> None:
    file = write_vectors(tmp_path / "vectors.txt")
    (tmp_path / "vectors.txt.about.json").write_text(json.dumps({"source": "GloVe\n of tweets", key: "PDDL 1.0"}))
    found = origin(file)
    assert found.licence == "PDDL 1.0" and str(found).endswith("...), GloVe of tweets")


def test_vectors_of_words_train_say_which_posts_they_learnt(tmp_path: Path) -> None:
    file = write_vectors(tmp_path / "vectors.bin")
    (tmp_path / "report.json").write_text(json.dumps({"source": "posts.csv", "posts": 7}))
    assert origin(file).source == "learnt by `feelscope words train` from posts.csv"
    assert origin(file).licence == NOT_STATED
    assert origin(write_vectors(tmp_path / "others.bin")).source == "", "the report is of vectors.bin"


@pytest.mark.parametrize("said", [{"licence": 7}, {"source": None}, {}])
def test_what_is_no_text_is_not_taken(said: dict, tmp_path: Path) -> None:
    file = write_vectors(tmp_path / "vectors.txt")
    (tmp_path / "vectors.txt.about.json").write_text(json.dumps(said))
    assert (origin(file).source, origin(file).licence) == ("", NOT_STATED)


def test_a_torn_file_beside_it_is_one_line(tmp_path: Path) -> None:
    file = write_vectors(tmp_path / "vectors.txt")
    (tmp_path / "vectors.txt.about.json").write_text("{")
    with pytest.raises(WordsError, match=r"about\.json: not JSON .*; mend it, or remove it"):
        origin(file)
