"""Word vectors are learnt from posts: phrases by equation 4.14, planted kinds of words, resumed exactly."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from feelscope.errors import ConfigError, WordsError
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.words.load import load
from feelscope.words.neighbours import nearest
from feelscope.words.phrases import join_phrases, score
from feelscope.words.skip_gram import SkipGram, learn, learning_rates
from feelscope.words.train_vectors import train_vectors, write_corpus

pytest.importorskip("gensim")
ANIMALS, METALS = ("cat", "dog", "horse", "cow", "goat"), ("iron", "copper", "gold", "tin", "zinc")
SETTINGS = SkipGram(
    width=16, window=3, epochs=4, frequent=0.1, phrase_discount=5, phrase_threshold=20, learning_rate=0.05
)


def posts(count: int = 600, seed: int = 0) -> list[Post]:
    """Texts that speak of animals or of metals, and of New York."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        kind, verbs = (ANIMALS, ("runs", "eats", "sleeps")) if number % 2 else (METALS, ("melts", "shines", "rusts"))
        words = [
            str(random.choice(kind)),
            str(random.choice(verbs)),
            str(random.choice(kind)),
            str(random.choice(verbs)),
        ]
        made.append(Post(str(number), " ".join(words) + (" in New York" if number % 5 == 0 else " in a town")))
    return made


def test_the_score_is_equation_4_14() -> None:
    # "new" 12 times, "york" 10 times, together 10 times in 1,000 words; delta is 5.
    assert score(12, 10, 10, 77, 5, 1000) == pytest.approx((10 - 5) / (12 * 10) * 1000)


def test_phrases_are_joined_in_passes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    lines = [f"{' '.join(map(str, random.integers(0, 40, 6)))} times higher education" for _ in range(60)]
    (tmp_path / "corpus.txt").write_text("\n".join(lines) + "\n")
    passes = []
    for number in (0, 1, 2):
        settings = SkipGram(phrase_passes=number, phrase_discount=20, phrase_threshold=3, phrase_decay=0.5)
        found = join_phrases(tmp_path / "corpus.txt", tmp_path / "joined.txt", settings, lambda *now: None)
        passes.append((found, (tmp_path / "joined.txt").read_text().splitlines()[0].split()[6:]))
    assert passes[0] == ([], ["times", "higher", "education"])
    assert passes[1][1] in (["times_higher", "education"], ["times", "higher_education"])
    assert passes[2][1] == ["times_higher_education"]
    assert {path.name for path in tmp_path.iterdir()} == {"corpus.txt", "joined.txt"}


@pytest.mark.parametrize(
    ("threshold", "decay", "passes", "phrases"),
    [
        (11.9, 1.0, 1, ["alpha_beta"]),
        (12.1, 1.0, 1, []),
        (12.1, 0.5, 1, []),  # it is the second pass that is the first to be easier
        (24.2, 0.5, 2, []),  # 12.1 in the second pass
        (23.8, 0.5, 2, ["alpha_beta"]),  # 11.9
        (3.1, 1.0, 1, ["alpha_beta", "gamma_delta"]),  # the higher score first
        (3.3, 1.0, 1, ["alpha_beta"]),
    ],
)
def test_a_pair_is_joined_where_its_score_is_above_the_threshold_of_the_pass(
    threshold: float, decay: float, passes: int, phrases: list[str], tmp_path: Path
) -> None:
    # Of 320 words, alpha and beta are 20 each, always together: (20 - 5) / (20 * 20) * 320 = 12. Gamma and delta are
    # 20 and 40, together 13 times: (13 - 5) / (20 * 40) * 320 = 3.2.
    lines = ["alpha beta"] * 20 + ["gamma delta"] * 13 + ["delta gamma"] * 7 + ["delta"] * 20
    lines += [f"filler{number}" for number in range(320 - sum(len(line.split()) for line in lines))]
    (tmp_path / "corpus.txt").write_text("\n".join(lines) + "\n")
    settings = SkipGram(phrase_passes=passes, phrase_discount=5, phrase_threshold=threshold, phrase_decay=decay)
    found = join_phrases(tmp_path / "corpus.txt", tmp_path / "out.txt", settings, lambda *now: None)
    assert found == phrases


def test_the_learning_rate_falls_evenly_to_a_250th() -> None:
    assert learning_rates(0.025, 0, 100) == pytest.approx((0.025, 0.025 - 0.000249))
    assert learning_rates(0.025, 49, 100) == pytest.approx((0.012799, 0.01255))
    assert learning_rates(0.025, 99, 100) == pytest.approx((0.000349, 0.0001))
    assert learning_rates(0.05, 0, 1) == pytest.approx((0.05, 0.0002))


def test_gensim_is_given_these_rates_and_all_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gensim.models import Word2Vec

    given, models, really_train = [], [], Word2Vec.train

    def train(model: Word2Vec, **arguments: object) -> object:
        given.append(arguments)
        models.append(model)
        return really_train(model, **arguments)

    monkeypatch.setattr(Word2Vec, "train", train)
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("cat dog\n" * 600)
    learn(corpus, replace(SETTINGS, epochs=2), tmp_path, resume=False, progress=lambda *now: None)
    rates = [(arguments["start_alpha"], arguments["end_alpha"]) for arguments in given]
    assert len(rates) == 2 * 20
    assert rates[0] == pytest.approx((0.05, 0.048755))
    assert rates[20] == pytest.approx((0.0251, 0.023855))
    assert rates[-1] == pytest.approx((0.001445, 0.0002))
    assert [arguments["total_words"] for arguments in given] == [60] * 40
    assert [arguments["total_examples"] for arguments in given] == [30] * 40
    assert [Path(str(arguments["corpus_file"])).stem for arguments in given] == [
        f"corpus-{n:02}" for n in range(20)
    ] * 2
    assert {arguments["epochs"] for arguments in given} == {1}
    model = models[0]
    assert (model.sg, model.vector_size, model.window, model.negative, model.sample) == (1, 16, 3, 5, 0.1)
    assert (model.min_count, model.workers, model.seed) == (5, 1, 0)


def test_the_defaults_are_those_of_the_thesis_and_of_the_word2vec_program() -> None:
    thesis = {"width": 300, "window": 10, "negatives": 5, "frequent": 1e-3, "phrase_passes": 2}
    thesis |= {"phrase_discount": 100, "phrase_threshold": 100, "phrase_decay": 0.5}
    program = {"fewest": 5, "epochs": 5, "learning_rate": 0.025}
    assert asdict(SkipGram()) == thesis | program | {"seed": 0, "workers": 1}


def test_planted_kinds_of_words_lie_together(tmp_path: Path) -> None:
    report = train_vectors(posts(), SETTINGS, tmp_path / "words", source="a test")
    vectors = load(tmp_path / "words" / "vectors.bin")
    assert vectors.width == 16 and "new_york" in vectors and report["phrases"] == ["new_york"]
    for kind in (ANIMALS, METALS):
        near = [word for word, _ in nearest(vectors, kind[0], len(vectors))]
        other = METALS if kind is ANIMALS else ANIMALS
        assert max(near.index(word) for word in kind[1:]) < min(near.index(word) for word in other)
    assert {path.name for path in (tmp_path / "words").iterdir()} == {"vectors.bin", "report.json", "README.md"}
    kept = json.loads((tmp_path / "words" / "report.json").read_text())
    assert kept["posts"] == 600 and kept["vocabulary"] == len(vectors) and kept["settings"]["width"] == 16
    assert "new york" in (tmp_path / "words" / "README.md").read_text()


def test_one_seed_gives_one_result_and_another_another(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train_vectors(posts(), replace(SETTINGS, seed=seed, epochs=1), tmp_path / name, source="a test")
    a, b, c = ((tmp_path / name / "vectors.bin").read_bytes() for name in "abc")
    assert a == b != c


def test_a_resumed_training_is_the_uninterrupted_one(tmp_path: Path) -> None:
    train_vectors(posts(), SETTINGS, tmp_path / "whole", source="a test")

    def stop(stage: str, done: int, total: int, detail: str) -> None:
        if stage == "learning vectors" and done == total // 2 + 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_vectors(posts(), SETTINGS, tmp_path / "parts", source="a test", progress=stop)
    with pytest.raises(WordsError, match="is of other texts or settings"):
        train_vectors(posts(), replace(SETTINGS, window=4), tmp_path / "parts", source="a test", resume=True)
    with pytest.raises(WordsError, match="is not empty"):
        train_vectors(posts(), SETTINGS, tmp_path / "parts", source="a test")
    train_vectors(posts(), SETTINGS, tmp_path / "parts", source="a test", resume=True)
    assert (tmp_path / "whole" / "vectors.bin").read_bytes() == (tmp_path / "parts" / "vectors.bin").read_bytes()


def test_a_killed_training_goes_on_in_its_folder(tmp_path: Path) -> None:
    train_vectors(posts(), SETTINGS, tmp_path / "whole", source="a test")
    folder = tmp_path / "words"
    (folder / ".training").mkdir(parents=True)  # killed before the first epoch was over
    (folder / ".training" / "corpus.txt").write_text("half")
    (folder / ".lock").touch()
    train_vectors(posts(), SETTINGS, folder, source="a test")
    assert (folder / "vectors.bin").read_bytes() == (tmp_path / "whole" / "vectors.bin").read_bytes()
    left = {"vectors.bin", "report.json", "README.md"}
    assert {path.name for path in folder.iterdir()} == left
    (folder / "checkpoint.npz").write_bytes(b"of a training that was killed when it was finished")
    (folder / ".training").mkdir()
    report = train_vectors(posts(), SETTINGS, folder, source="a test", resume=True)
    assert report == json.loads((folder / "report.json").read_text())
    assert {path.name for path in folder.iterdir()} == left
    for resume, settings in ((False, SETTINGS), (True, replace(SETTINGS, window=4))):
        with pytest.raises(WordsError, match="there are vectors already; give a new folder"):
            train_vectors(posts(), settings, folder, source="a test", resume=resume)


@pytest.mark.parametrize("name", ["corpus.txt", "joined.txt", "README.md"])
def test_a_file_that_lies_there_is_not_written_over(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(WordsError, match="is not empty"):
        train_vectors(posts(), SETTINGS, tmp_path, source="a test")
    assert [path.name for path in tmp_path.iterdir()] == [name] and (tmp_path / name).read_text() == "mine"


def test_other_texts_are_not_resumed_and_a_second_training_is_refused(tmp_path: Path) -> None:
    def stop(stage: str, done: int, total: int, detail: str) -> None:
        if stage == "learning vectors" and done == total // 2:
            with pytest.raises(WordsError, match="another process is writing it"):
                train_vectors(posts(), SETTINGS, tmp_path / "words", source="a test", resume=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_vectors(posts(), SETTINGS, tmp_path / "words", source="a test", progress=stop)
    changed = [replace(posts()[0], text="the same id and other words"), *posts()[1:]]
    with pytest.raises(WordsError, match="is of other texts or settings"):
        train_vectors(changed, SETTINGS, tmp_path / "words", source="a test", resume=True)


def test_too_little_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    few = [Post("1", "ten words are not enough to learn any word from")]
    with pytest.raises(WordsError, match="the posts have 10 words in all; give posts with 1,000 words or more"):
        train_vectors(few, SETTINGS, tmp_path / "few", source="a test")
    letters = "abcdefghijklmnop"
    rare = [Post(f"{a}{b}{c}", f"{a}{b}{c}") for a in letters for b in letters for c in letters]
    with pytest.raises(WordsError, match="no two words occur 5 times"):
        train_vectors(rare, SETTINGS, tmp_path / "rare", source="a test")
    assert not (tmp_path / "few").exists() and not (tmp_path / "rare").exists()
    with pytest.raises(WordsError, match="there is no training to resume"):
        train_vectors(posts(), SETTINGS, tmp_path / "none", source="a test", resume=True)


def test_a_torn_checkpoint_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(b"PK\x03\x04 torn")
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("cat dog\n" * 600)
    with pytest.raises(WordsError, match=r"not a readable .npz .*; delete the checkpoint"):
        learn(corpus, SETTINGS, tmp_path, resume=True, progress=lambda *now: None)


@pytest.mark.parametrize("change", [{"width": 0}, {"learning_rate": 0.0}, {"phrase_passes": -1}, {"phrase_decay": 2.0}])
def test_wrong_settings_are_refused(change: dict) -> None:
    with pytest.raises(ConfigError, match=next(iter(change))):
        SkipGram(**change)


def test_a_corpus_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "corpus.txt").symlink_to("mine")
    posts = [Post(str(n), "one two three four five six seven eight nine ten") for n in range(200)]
    write_corpus(posts, tmp_path / "corpus.txt", silent)
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "corpus.txt").read_text().count("\n") == 200
