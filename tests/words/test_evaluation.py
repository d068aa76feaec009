"""Scores of word vectors, against numbers worked out by hand and by scipy; neighbours."""

import math
from pathlib import Path

import numpy as np
import pytest

from feelscope.errors import WordsError
from feelscope.words.evaluation import evaluate, read_set, spearman
from feelscope.words.neighbours import nearest, unit
from feelscope.words.word_vectors import WordVectors

# On the plane: capitals stand two to the right of their countries; a fruit lies elsewhere.
PLACES = {"paris": (2, 5), "france": (0, 5), "rome": (2, 1), "italy": (0, 1), "oslo": (2, -4), "norway": (0, -4)}
VECTORS = WordVectors((*PLACES, "apple"), np.array([*PLACES.values(), (-9, 0)], dtype=np.float32))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_spearman_is_scipys_also_with_equal_values() -> None:
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    for _ in range(20):
        x, y = random.integers(0, 6, 30).astype(float), random.normal(size=30)
        assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)


def test_similarity_counts_known_pairs_in_lower_case(tmp_path: Path) -> None:
    text = "# remark\nParis\tRome\t9\nparis\titaly\t5\nfrance\tnorway\t1\nparis\tzebra\t3\n"
    (score,) = evaluate(VECTORS, write(tmp_path / "pairs.tsv", text))
    assert (score.set, score.kind, score.used, score.all) == ("pairs", "similarity", 3, 4)
    unit = VECTORS.vectors / np.linalg.norm(VECTORS.vectors, axis=1, keepdims=True)
    row = VECTORS.index
    cosines = [unit[row[a]] @ unit[row[b]] for a, b in (("paris", "rome"), ("paris", "italy"), ("france", "norway"))]
    assert score.score == pytest.approx(spearman(np.array(cosines), np.array([9.0, 5, 1])))


def test_analogies_by_section_and_in_all(tmp_path: Path) -> None:
    text = ": capitals\nFrance Paris Italy Rome\nNorway Oslo Italy Rome\nitaly rome japan tokyo\n: wrong\n"
    text += "france paris italy apple\n"
    scores = evaluate(VECTORS, write(tmp_path / "questions.txt", text))
    assert [(one.set, one.used, one.all) for one in scores] == [
        ("questions", 3, 4),
        ("questions: capitals", 2, 3),
        ("questions: wrong", 1, 1),
    ]
    by_hand = 0
    unit = VECTORS.vectors / np.linalg.norm(VECTORS.vectors, axis=1, keepdims=True)
    for a, b, c, d in (("france", "paris", "italy", "rome"), ("norway", "oslo", "italy", "rome")):
        i, j, k = (VECTORS.index[word] for word in (a, b, c))
        cosines = unit @ (unit[j] - unit[i] + unit[k])
        cosines[[i, j, k]] = -np.inf
        by_hand += VECTORS.words[cosines.argmax()] == d
    assert scores[1].score == pytest.approx(by_hand / 2)
    assert scores[2].score == 0


def test_the_score_of_all_analogies_is_their_share_of_right_answers(tmp_path: Path) -> None:
    # A capital is its country and one step along the third axis.
    countries = {"france": (1, 0, 0), "italy": (0, 1, 0), "norway": (-1, 0, 0)}
    capitals = {"paris": (1, 0, 1), "rome": (0, 1, 1), "oslo": (-1, 0, 1)}
    vectors = WordVectors((*countries, *capitals), np.array([*countries.values(), *capitals.values()], np.float32))
    right, wrong = "france paris italy rome\nitaly rome norway oslo\n", "france paris italy oslo\n"
    set_of_two = write(tmp_path / "two.txt", ": capitals\n" + right * 200 + ": others\n" + right + wrong * 2)
    assert [(one.set, one.score, one.used) for one in evaluate(vectors, set_of_two)] == [
        ("two", 402 / 404, 404),
        ("two: capitals", 1, 400),
        ("two: others", 0.5, 4),
    ]
    (only,) = evaluate(vectors, write(tmp_path / "one.txt", ": others\n" + right + wrong))
    assert (only.set, only.score) == ("one: others", pytest.approx(2 / 3))
    unknown = write(tmp_path / "unknown.txt", ": capitals\n" + right + ": far\na b c d\n")
    assert [one.score for one in evaluate(vectors, unknown)] == [1, 1, None]


def test_similarity_is_of_whole_cosines(tmp_path: Path) -> None:
    angles = {"a": 0, "b": 20, "c": 45, "d": 60, "e": 90, "f": 150}  # degrees from a
    points = np.array([(math.cos(math.radians(angle)), math.sin(math.radians(angle))) for angle in angles.values()])
    vectors = WordVectors(tuple(angles), points.astype(np.float32) * 0.25)
    # By falling cosine: c-d 15 degrees, a-b 20, b-d 40, c-e 45, a-e 90, a-f 150.
    pairs = ("c d", "a b", "b d", "c e", "a e", "a f")
    rated = [(pairs, 1), (pairs[::-1], -1), ((*pairs[1:], pairs[0]), 1 - 6 * 30 / (6 * 35))]
    for order, expected in rated:
        text = "".join(f"{pair} {1 - 0.1 * place:g}\n" for place, pair in enumerate(order))
        (score,) = evaluate(vectors, write(tmp_path / "pairs.txt", text))
        assert score.score == pytest.approx(expected)


def test_equal_ratings_or_cosines_are_no_score(tmp_path: Path) -> None:
    (score,) = evaluate(VECTORS, write(tmp_path / "pairs.txt", "paris rome 3\nparis oslo 3\nparis apple 3\n"))
    assert (score.score, score.used) == (None, 3)
    (score,) = evaluate(VECTORS, write(tmp_path / "pairs.txt", "rome rome 3\nrome rome 2\nrome rome 1\n"))
    assert (score.score, score.used) == (None, 3)


def test_vectors_get_length_one_and_zeros_stay() -> None:
    assert unit(np.array([[0.3, 0.4], [3, 4], [0, 0]])) == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8], [0, 0]]))


def test_a_folder_gives_every_set_and_passes_over_other_files(tmp_path: Path) -> None:
    write(tmp_path / "pairs.txt", "paris rome 3\nparis oslo 2\nparis apple 1\n")
    write(tmp_path / "README.txt", "What these are.\n")
    (tmp_path / "more").mkdir()
    write(tmp_path / "more" / "pairs,.csv", "paris,rome,3\nparis,oslo,2\nparis,apple,1\n")
    assert [one.set for one in evaluate(VECTORS, tmp_path)] == ["pairs,", "pairs"]


def test_nothing_known_is_no_score(tmp_path: Path) -> None:
    (score,) = evaluate(VECTORS, write(tmp_path / "pairs.txt", "a b 1\nc d 2\n"))
    assert score.score is None and score.used == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("paris rome 3\nparis oslo\n", "line 2: 'paris oslo' does not fit the similarity above"),
        ("hello world\n", "has neither word pairs with ratings nor analogies"),
        ("", "has neither word pairs with ratings nor analogies"),
    ],
)
def test_a_torn_set_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(WordsError, match=message):
        evaluate(VECTORS, write(tmp_path / "set.txt", text))


def test_no_set_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="no such file or folder"):
        evaluate(VECTORS, tmp_path / "none")
    with pytest.raises(WordsError, match="there is no set of word pairs or analogies"):
        evaluate(VECTORS, tmp_path)
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WordsError, match="cannot be read as text"):
        read_set(tmp_path / "binary.txt")


def test_the_nearest_words_by_cosine() -> None:
    found = nearest(VECTORS, "paris", 3)
    by_hand = {
        word: float(
            np.dot(VECTORS["paris"], VECTORS[word]) / np.linalg.norm(VECTORS["paris"]) / np.linalg.norm(VECTORS[word])
        )
        for word in VECTORS.words
        if word != "paris"
    }
    assert [word for word, _ in found] == sorted(by_hand, key=lambda word: -by_hand[word])[:3]
    assert found[0][1] == pytest.approx(by_hand[found[0][0]], abs=1e-6)
    assert len(nearest(VECTORS, "paris", 100)) == 6


@pytest.mark.parametrize(
    ("word", "hint"),
    [("parris", r"did you mean 'paris'\?"), ("qqqqqqqqqqqqqq", "known are paris, france, "), ("Oslo", "mean 'oslo'")],
)
def test_a_word_without_a_vector_is_one_line(word: str, hint: str) -> None:
    with pytest.raises(WordsError, match=f"the word '{word}' has no vector; .*{hint}"):
        nearest(VECTORS, word, 3)
