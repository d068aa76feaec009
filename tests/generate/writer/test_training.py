import math
from dataclasses import replace

import numpy as np
import pytest
import small_writer
import torch
from small_family import Stopped, stop_at

from feelscope.errors import ConfigError, ModelError, TableError, WordsError
from feelscope.generate.writer import folder, posts, task
from feelscope.generate.writer.posts import read_corpus, with_words
from feelscope.generate.writer.settings import WriterSettings
from feelscope.generate.writer.task import WriterTask, new_network, numbered, perplexity, surprises
from feelscope.generate.writer.train import fit_writer, train_writer
from feelscope.models.writer import writing_loss
from feelscope.post import Post
from feelscope.progress import silent
from feelscope.text.vocabulary import END, START, UNKNOWN, Vocabulary
from feelscope.train import checkpoint

SETTINGS = small_writer.SETTINGS


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    learnt = with_words(small_writer.posts(), SETTINGS)
    return read_corpus(learnt, SETTINGS, tmp_path_factory.mktemp("cache"), silent)


@pytest.fixture(scope="module")
def network(corpus):
    return fit_writer(corpus, SETTINGS)[0]


def test_a_run_says_what_it_learnt(run) -> None:
    saved = folder.read(run)
    assert saved.emotions == ("anger", "happiness", "sadness"), "by their names among the seven"
    assert saved.scores["pictures"] == pytest.approx(saved.scores["posts"] / 2, abs=8)
    assert saved.scores["posts"] + saved.scores["kept_apart"] == 180
    assert "london" in saved.vocabulary and saved.forms["london"] == "London"
    perplexities = [one["validation_perplexity"] for one in saved.scores["history"]]
    assert min(perplexities) < perplexities[0] / 2 < len(saved.vocabulary) / 2
    card = (run / "README.md").read_text(encoding="utf-8")
    assert f"{min(perplexities):.1f}" in card and "| sadness |" in card
    assert "## Audit\n\nNot audited: " in card and f"feelscope audit gender --model {run.name} --card" in card


def test_the_loss_is_a_plain_loop_over_real_words(corpus, network) -> None:
    some = corpus.training.rows(torch.arange(6))
    with torch.no_grad():
        found = float(writing_loss(task.scored(network, some), some.words, 2.0))
    losses = []
    for row in range(6):
        words = [number for number in some.words[row].tolist() if number]
        for at in range(1, len(words)):
            before = torch.tensor([words[:at]])
            with torch.no_grad():
                scores = network(some.pictures[row][None], some.seen[row][None], some.emotions[row][None], before)
            losses.append(-float(scores[-1].log_softmax(dim=0)[words[at]]))
    assert found == pytest.approx(np.sum(losses) / 6 / 2, abs=1e-4)


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_posts_of_rarer_emotions_count_more(corpus, network, balance) -> None:
    rows = torch.cat(
        [(corpus.training.emotions == emotion).nonzero()[:count, 0] for emotion, count in ((0, 4), (1, 1))]
    )
    some = corpus.training.rows(rows)
    made = task.WriterTask(network, some, some.rows(torch.arange(0)), replace(SETTINGS, balance=balance))
    weights = np.array([4.0**-balance] * 4 + [1.0])
    assert made._weights.tolist() == pytest.approx((weights / weights.mean()).tolist())


def test_perplexity_counts_every_word_and_the_end(corpus, network) -> None:
    each = surprises(network, corpus.validation)
    counts = [(row != 0).sum().item() - 1 for row in corpus.validation.words]
    assert [len(one) for one in each] == counts
    assert perplexity(torch.cat(each)) == pytest.approx(math.exp(np.mean(np.concatenate(each))), rel=1e-5)


def test_what_was_learnt_depends_on_picture_and_emotion(corpus, network) -> None:
    held = corpus.validation
    right = perplexity(torch.cat(surprises(network, held)))
    others = replace(held, emotions=(held.emotions + 1) % 3)
    assert perplexity(torch.cat(surprises(network, others))) > 1.2 * right
    blind = replace(held, seen=torch.zeros_like(held.seen))
    assert perplexity(torch.cat(surprises(network, blind))) != right


def test_a_cut_post_has_no_end() -> None:
    words = numbered([["a", "b"], ["a", "b", "c"], ["d"]], Vocabulary(["a", "b", "c"]), 2)
    assert words.tolist() == [[START, 4, 5, END], [START, 4, 5, 0], [START, UNKNOWN, END, 0]]


def test_a_stopped_training_resumed_is_the_uninterrupted_one(run, tmp_path) -> None:
    given = small_writer.posts()
    with pytest.raises(Stopped):
        train_writer(given, tmp_path / "run", SETTINGS, cache=tmp_path, progress=stop_at("training", 25))
    with pytest.raises(ModelError, match="belongs to another recipe or other posts"):
        train_writer(given[:150], tmp_path / "run", SETTINGS, cache=tmp_path, resume=True)
    train_writer(given, tmp_path / "run", SETTINGS, cache=tmp_path, resume=True)
    again, before = folder.read(tmp_path / "run"), folder.read(run)
    assert all((again.weights[name] == value).all() for name, value in before.weights.items())
    with pytest.raises(ModelError, match="is finished, and had other settings; give a new folder"):
        train_writer(given, tmp_path / "run", replace(SETTINGS, seed=9), cache=tmp_path, resume=True)
    with pytest.raises(ModelError, match="is finished, and had other posts; give a new folder"):
        train_writer(given[1:], tmp_path / "run", SETTINGS, cache=tmp_path, resume=True)
    finished = train_writer(given, tmp_path / "run", SETTINGS, cache=tmp_path, resume=True)
    assert finished.scores == again.scores
    with pytest.raises(ModelError, match="something is there already"):
        train_writer(given, tmp_path / "run", SETTINGS, cache=tmp_path)


def test_a_loss_that_is_no_number_stops_it_and_the_last_good_state_is_kept(tmp_path, monkeypatch) -> None:
    real, calls = task.writing_loss, []

    def failing(scores, words, usual, weights):
        calls.append(1)
        return real(scores, words, usual, weights) * (float("nan") if len(calls) == 8 else 1)

    monkeypatch.setattr(task, "writing_loss", failing)
    with pytest.raises(ModelError, match=rf"loss is nan at step 8: .*{checkpoint.FILE} has the last good state"):
        train_writer(small_writer.posts(), tmp_path / "run", SETTINGS, cache=tmp_path)
    assert not (tmp_path / "run" / folder.MANIFEST).exists()


def test_ten_posts_are_refused_and_it_is_said_how_many_are_needed(tmp_path) -> None:
    with pytest.raises(TableError, match="10 posts with words, and a writer needs 100 or more: from fewer it only"):
        train_writer(small_writer.posts()[:10], tmp_path / "run", SETTINGS, cache=tmp_path)
    assert not (tmp_path / "run").exists()


def test_posts_without_words_are_left_out(tmp_path) -> None:
    wordless = [Post(f"w{number}", " ", image=small_writer.picture("joy"), emotion="joy") for number in range(200)]
    assert with_words([*small_writer.posts(), *wordless], SETTINGS) == small_writer.posts()
    with pytest.raises(TableError, match="0 posts with words"):
        with_words(wordless, SETTINGS)


def test_one_emotion_alone(tmp_path) -> None:
    double = small_writer.posts() * 2
    assert {post.emotion for post in with_words(double, replace(SETTINGS, only="sadness"))} == {"sad"}
    with pytest.raises(ConfigError, match=r"--only: no emotion of these posts is 'angr'; did you mean 'anger'\?"):
        with_words(double, replace(SETTINGS, only="angr"))
    with pytest.raises(TableError, match="60 posts of anger with words"):
        with_words(small_writer.posts(), replace(SETTINGS, only="anger"))


def test_an_unreadable_picture_is_counted_and_its_post_learnt(tmp_path) -> None:
    broken = replace(small_writer.posts()[1], id="broken", image=b"no picture")
    learnt = [*small_writer.posts(), broken]
    found = read_corpus(learnt, SETTINGS, tmp_path, silent)
    assert found.unread == 1
    assert len(found.training) + len(found.validation) == len(learnt)
    assert not bool(found.training.seen.all())


def test_a_writer_begins_with_word_vectors(corpus, tmp_path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("child 1 0 0\nelsewhere 0 2 0\nman 0 0 4\n", encoding="utf-8")
    settings = replace(SETTINGS, epochs=1, learning_rate=1e-9, weight_decay=0.0)
    train_writer(small_writer.posts(), tmp_path / "run", settings, vectors=file, cache=tmp_path)
    saved = folder.read(tmp_path / "run")
    assert saved.settings.embedding == 3
    rows = {word: saved.weights["words.weight"][saved.vocabulary.number(word)] for word in ("child", "man")}
    assert rows["child"] == pytest.approx([0.4, 0, 0], abs=1e-2)
    assert rows["man"] == pytest.approx([0, 0, 1.6], abs=1e-2)
    with pytest.raises(WordsError):
        train_writer(small_writer.posts(), tmp_path / "other", settings, vectors=tmp_path / "none", cache=tmp_path)


def test_a_training_of_other_settings_is_another(corpus) -> None:
    def identity(settings: WriterSettings, first: float = 0.0) -> str:
        torch.manual_seed(0)
        network = new_network(settings, len(corpus.vocabulary), len(corpus.emotions), 1280)
        with torch.no_grad():
            network.words.weight[7] += first
        return WriterTask(network, corpus.training, corpus.validation, settings).identity

    assert identity(SETTINGS) == identity(SETTINGS)
    others = {identity(replace(SETTINGS, word_dropout=0.3)), identity(SETTINGS, 1.0)}
    assert len(others | {identity(SETTINGS)}) == 3


@pytest.mark.parametrize("change", [{"hidden": 0}, {"dropout": 1.0}, {"longest": 1}, {"validation": 1.0}, {"seed": -1}])
def test_wrong_settings_are_refused(change) -> None:
    with pytest.raises(ConfigError):
        WriterSettings(**change)


def test_least_posts_is_what_is_said() -> None:
    assert len(with_words(small_writer.posts()[:100], SETTINGS)) == posts.LEAST_POSTS


def test_copies_with_swapped_words_are_learnt_beside_the_posts(corpus, tmp_path):
    (tmp_path / "pairs.csv").write_text("first,second\nboy,girl\nman,woman\n")
    settings = replace(SETTINGS, swaps=str(tmp_path / "pairs.csv"), epochs=1)
    learnt = with_words(small_writer.posts(), settings)
    found = read_corpus(learnt, settings, tmp_path / "cache", silent)
    plain, validation = corpus.training, found.validation
    assert len(found.training) == len(plain) + found.copies and found.copies > 40
    assert torch.equal(validation.emotions, corpus.validation.emotions)
    copies = found.training.words[len(plain) :]
    assert (copies == found.vocabulary.number("woman")).any() and "girl" in found.vocabulary
    texts = [found.vocabulary.text(row.tolist()) for row in found.training.words]
    place = next(place for place, text in enumerate(texts) if "a lonely woman weeps" in text)
    origin = next(n for n, text in enumerate(texts) if text == texts[place].replace("woman", "man"))
    assert place >= len(plain) > origin
    for part in ("pictures", "seen", "emotions"):
        assert torch.equal(getattr(found.training, part)[place], getattr(found.training, part)[origin])
    assert found.guard.repeats("a lonely woman weeps at home today.")
    saved = train_writer(small_writer.posts(), tmp_path / "run", settings, cache=tmp_path / "cache")
    assert (saved.scores["copies"], saved.scores["posts"]) == (found.copies, len(plain))
    card = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert f"{found.copies} of them were learnt a second time with the words of pairs.csv swapped" in card
    assert folder.read(tmp_path / "run").settings == settings


def test_names_without_swaps_are_one_line():
    with pytest.raises(ConfigError, match="names: belongs to swaps = 'gender', found no swaps; leave it out"):
        WriterSettings(names=True)
