"""The feature cache, of words whose row is their length and first letter."""

import json
import threading

import numpy as np
import pytest
import torch
from torch import nn

from feelscope.encoders import feature_cache
from feelscope.encoders.feature_cache import FeatureCache, weights_digest
from feelscope.errors import ModelError, PictureError

WORDS = ["a", "bb", "ccc", "dddd", "eeeee"]
ROWS = [[len(word), ord(word[0])] for word in WORDS]


class Cache(FeatureCache[str, str]):
    """It counts what is read and computed."""

    def __init__(self, folder, per_step=2, dtype=np.float32):
        self.read, self.steps = [], []
        super().__init__(
            folder, "words", (2,), dtype, key=lambda word: f"key of {word}", read=self.open, compute=self.measure,
            per_step=per_step,
        )  # fmt: skip

    def open(self, word):
        if word.startswith("?"):
            raise PictureError(f"{word}: cannot be read")
        self.read.append(word)
        return word

    def measure(self, words):
        self.steps.append(len(words))
        return np.array([[len(word), ord(word[0])] for word in words], np.float64)


def never(*_):
    raise AssertionError("refused")


def silent(done, total, remark):
    pass


def rows(cache, words):
    return cache.rows(words, silent, never)


def test_each_content_is_read_and_computed_once(tmp_path):
    cache = Cache(tmp_path)
    progress = []
    asked = ["a", "bb", "a", "ccc", "bb"]
    assert cache.rows(asked, lambda *now: progress.append(now), never) == [0, 1, 0, 2, 1]
    assert (cache.read, cache.steps) == (["a", "bb", "ccc"], [2, 1])
    assert progress == [(number, 5, "") for number in range(1, 6)]
    assert cache.array().tolist() == ROWS[:3]
    again = Cache(tmp_path)
    assert again.array().tolist() == ROWS[:3]
    assert rows(again, ["ccc", "dddd", "a"]) == [2, 3, 0]
    assert again.read == ["dddd"]
    assert again.array().tolist() == ROWS[:4]


@pytest.mark.parametrize(
    ("dtype", "ending", "size"), [(np.float16, "f16", 2), (np.float32, "f32", 4), (np.uint8, "u8", 1)]
)
def test_the_files_are_plain_numbers_and_a_plain_index(tmp_path, dtype, ending, size):
    rows(Cache(tmp_path, dtype=dtype), WORDS[:3])
    data = (tmp_path / f"words.{ending}").read_bytes()
    assert len(data) == 3 * 2 * size
    assert np.frombuffer(data, dtype).reshape(3, 2).tolist() == ROWS[:3]
    assert json.loads((tmp_path / "words.json").read_text()) == {"key of a": 0, "key of bb": 1, "key of ccc": 2}


def test_nothing_asked_is_nothing_kept(tmp_path):
    cache = Cache(tmp_path)
    assert rows(cache, []) == []
    assert cache.array().shape == (0, 2)
    assert cache.steps == []


def test_what_cannot_be_read_has_no_row_and_is_told(tmp_path):
    refused = []
    cache = Cache(tmp_path)
    answer = cache.rows(["?x", "a", "?y", "bb"], silent, lambda position, error: refused.append((position, str(error))))
    assert answer == [-1, 0, -1, 1]
    assert refused == [(0, "?x: cannot be read"), (2, "?y: cannot be read")]
    assert cache.array().tolist() == ROWS[:2]


def read_back(cache, words):
    """What the cache has of each word, once all are there."""
    numbers = rows(cache, words)
    return cache.array()[numbers].tolist()


class Stopped(Exception):
    pass


@pytest.mark.parametrize("steps_per_save", [1, 2, 50])
@pytest.mark.parametrize("last", range(1, 6))
def test_an_interrupted_run_leaves_whole_rows_and_the_next_computes_the_rest(
    tmp_path, monkeypatch, last, steps_per_save
):
    monkeypatch.setattr(feature_cache, "_STEPS_PER_SAVE", steps_per_save)

    def stop(done, total, remark):
        if done == last:
            raise Stopped

    with pytest.raises(Stopped):
        Cache(tmp_path, per_step=1).rows(WORDS, stop, never)
    cache = Cache(tmp_path, per_step=1)
    kept = len(cache.array())
    assert kept <= last
    assert cache.array().tolist() == ROWS[:kept]
    assert rows(cache, WORDS[::-1])[::-1] == [*range(kept), *reversed(range(kept, 5))]
    assert cache.read == WORDS[kept:][::-1]
    assert read_back(cache, WORDS) == ROWS


def test_rows_that_were_written_but_not_indexed_are_written_again(tmp_path):
    rows(Cache(tmp_path), WORDS[:2])
    with (tmp_path / "words.f32").open("ab") as file:
        file.write(np.array([9, 9, 9], np.float32).tobytes())  # a row and a half
    cache = Cache(tmp_path)
    assert rows(cache, WORDS) == [0, 1, 2, 3, 4]
    assert cache.array().tolist() == ROWS
    assert (tmp_path / "words.f32").stat().st_size == 5 * 8


@pytest.mark.parametrize("left", range(0, 25))
def test_rows_that_were_cut_off_are_computed_again(tmp_path, left):
    rows(Cache(tmp_path), WORDS[:3])
    with (tmp_path / "words.f32").open("r+b") as file:
        file.truncate(left)
    cache = Cache(tmp_path)
    assert cache.array().tolist() == ROWS[: left // 8]
    assert read_back(cache, WORDS[:3]) == ROWS[:3]


def test_a_damaged_index_is_one_line_or_does_no_harm(tmp_path):
    rows(Cache(tmp_path), WORDS[:3])
    index, data = tmp_path / "words.json", (tmp_path / "words.f32").read_bytes()
    whole = index.read_bytes()
    refused = 0
    damaged = [whole[:cut] for cut in range(len(whole))]
    damaged += [
        whole[:place] + bytes([byte]) + whole[place + 1 :] for place in range(len(whole)) for byte in b'\x0002"-\xff'
    ]
    for content in [*damaged, b"[]", b"3", b"null", b'{"a": {}}', b'{"a": 1, "b": 1}', b'{"a": -1}']:
        index.write_bytes(content)
        (tmp_path / "words.f32").write_bytes(data)
        try:
            cache = Cache(tmp_path)
        except ModelError as error:
            assert str(error).startswith(f"{index}: ") and str(error).endswith("; delete this feature cache")
            refused += 1
            continue
        # Only a key was hurt: its content is computed once more.
        assert read_back(cache, WORDS) == ROWS, content
    assert refused > len(whole)
    index.unlink()
    cache = Cache(tmp_path)
    assert rows(cache, WORDS[:3]) == [0, 1, 2]
    assert cache.read == WORDS[:3]


def test_a_second_training_waits_and_finds_the_rows_of_the_first(tmp_path):
    first, second = Cache(tmp_path, per_step=1), Cache(tmp_path, per_step=1)
    answers = {}
    said = set()
    waiting = threading.Thread(
        target=lambda: answers.update(second=second.rows(WORDS, lambda *now: said.add(now[2]), never))
    )

    def start(done, total, remark):
        if done == 1:
            waiting.start()
            waiting.join(1.5)
            assert waiting.is_alive()

    assert first.rows(WORDS, start, never) == [0, 1, 2, 3, 4]
    waiting.join(30)
    assert answers["second"] == [0, 1, 2, 3, 4]
    (file,) = tmp_path.glob("*.f32")
    assert said == {"", f"waiting for another process that fills {file}"}
    assert second.read == []
    assert second.array().tolist() == ROWS


def test_equal_weights_have_one_digest():
    torch.manual_seed(0)
    layer, other = nn.Linear(3, 2), nn.Linear(3, 2)
    before = weights_digest(layer)
    assert len(before) == 64
    assert weights_digest(other) != before
    other.load_state_dict(layer.state_dict())
    assert weights_digest(other) == before
    other.bias.data[0] += 1e-6
    assert weights_digest(other) != before
