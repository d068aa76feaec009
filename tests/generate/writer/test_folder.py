import json
import shutil

import numpy as np
import pytest

from feelscope.errors import ModelError
from feelscope.files import digest
from feelscope.generate.writer.folder import MANIFEST, SETTINGS, WEIGHTS, read, write


@pytest.fixture
def copy(run, tmp_path):
    return shutil.copytree(run, tmp_path / "copy")


def sign(folder) -> None:
    (folder / MANIFEST).write_text(json.dumps({name: digest(folder / name) for name in (SETTINGS, WEIGHTS)}))


def test_saved_is_loaded(run, tmp_path) -> None:
    saved = read(run)
    write(tmp_path, saved)
    again = read(tmp_path)
    assert again.vocabulary.words == saved.vocabulary.words
    assert (again.settings, again.emotions, again.forms) == (saved.settings, saved.emotions, saved.forms)
    assert (again.guard.hashes == saved.guard.hashes).all()
    assert all((again.weights[name] == value).all() for name, value in saved.weights.items())


@pytest.mark.parametrize("name", [SETTINGS, WEIGHTS, MANIFEST])
def test_a_missing_file(copy, name) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=r"missing|cannot be read"):
        read(copy)


def test_an_altered_file(copy) -> None:
    content = bytearray((copy / WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match="was altered since the writer was saved; copy the folder again"):
        read(copy)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "name: expected a printable text"),
        ({"emotions": ["joy", "joy"]}, "emotions: expected different names"),
        ({"words": []}, "words: expected different words"),
        ({"words": [1]}, "words: expected different words"),
        ({"forms": {"london": 5}}, "forms: expected words by words"),
        ({"forms": []}, "forms: expected words by words"),
        ({"settings": {"hiden": 5}}, "did you mean 'hidden'"),
        ({"settings": {"hidden": 5}}, "expected numbers"),
        ({"emotions": ["joy"]}, "emotions.weight: expected numbers"),
        ({"scores": 1}, "scores: expected an object"),
    ],
)
def test_wrong_values(copy, change, said) -> None:
    values = json.loads((copy / SETTINGS).read_text(encoding="utf-8"))
    (copy / SETTINGS).write_text(json.dumps(values | change), encoding="utf-8")
    sign(copy)
    with pytest.raises(ModelError, match=said):
        read(copy)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("see.weight", np.zeros(3), "its layers are not those of a writer"),
        ("bias", np.zeros(3, np.float16), "bias: expected numbers"),
        ("no_picture", np.full(8, np.nan, np.float16), "infinite or not numbers"),
        ("hashes", np.zeros(3, np.float32), "hashes: expected 64-bit whole numbers"),
    ],
)
def test_wrong_arrays(copy, name, value, said) -> None:
    with np.load(copy / WEIGHTS) as arrays:
        values = {**arrays} | {name: value}
    np.savez(copy / WEIGHTS, **values)
    sign(copy)
    with pytest.raises(ModelError, match=said):
        read(copy)


def test_a_folder_without_a_writer(tmp_path) -> None:
    with pytest.raises(ModelError, match="feelscope generate train-writer TABLE --out RUN"):
        read(tmp_path)
