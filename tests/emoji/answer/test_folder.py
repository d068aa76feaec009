import json
import shutil

import numpy as np
import pytest

from feelscope.emoji.answer import folder as answer_folder
from feelscope.emoji.answer.folder import MANIFEST, SETTINGS, WEIGHTS, AnswerModel, AnswerSettings, read, shapes, write
from feelscope.errors import ModelError
from feelscope.files import digest


@pytest.fixture
def folder(tmp_path):
    """A small answer model, made up."""
    generator = np.random.default_rng(0)
    arrays = {
        name: generator.normal(size=shape).astype(np.float16).astype(np.float32)
        for name, shape in shapes(5, 4, 6, 3, 2).items()
    }
    write(tmp_path, AnswerModel(AnswerSettings("small", "0" * 64, ("😡", "❤"), (3, 0)), arrays))
    return tmp_path


def change(folder, **values):
    """Another answer.json, with its checksum."""
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8")) | values
    (folder / SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
    sign(folder)


def sign(folder):
    (folder / MANIFEST).write_text(json.dumps({name: digest(folder / name) for name in (SETTINGS, WEIGHTS)}))


def test_saved_is_loaded(folder):
    model = read(folder)
    assert model.settings == AnswerSettings("small", "0" * 64, ("😡", "❤"), (3, 0))
    assert {name: value.shape for name, value in model.arrays.items()} == shapes(5, 4, 6, 3, 2)
    again = folder / "again"
    again.mkdir()
    write(again, model)
    assert all((read(again).arrays[name] == value).all() for name, value in model.arrays.items())
    assert (again / WEIGHTS).stat().st_size < 10_000


@pytest.mark.parametrize("name", [SETTINGS, WEIGHTS, MANIFEST])
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=r"missing|cannot be read"):
        read(folder)


@pytest.mark.parametrize("name", [SETTINGS, WEIGHTS])
def test_an_altered_file(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match="was altered since the model was saved; copy the folder again"):
        read(folder)


def test_a_link_to_elsewhere(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / WEIGHTS
    shutil.move(folder / WEIGHTS, elsewhere)
    (folder / WEIGHTS).symlink_to(elsewhere)
    with pytest.raises(ModelError, match="a link to a file outside"):
        read(folder)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"encoder": 5},
        {"emoji": ["😡"]},
        {"emoji": ["😡", "😡"]},
        {"emoji": ["😡", "a"]},
        {"emoji": ["😡", "❤❤"]},
        {"emoji": {"😡": 1, "❤": 2}},
        {"texts": [1]},
        {"texts": [1, -1]},
        {"texts": [1, True]},
    ],
)
def test_settings_that_nobody_wrote(folder, values):
    change(folder, **values)
    with pytest.raises(ModelError, match=rf"{SETTINGS}: {next(iter(values))}: expected"):
        read(folder)


@pytest.mark.parametrize("spoil", ["another shape", "none", "not finite", "whole numbers", "no layers", "a text"])
def test_weights_that_nobody_wrote(folder, spoil):
    with np.load(folder / WEIGHTS) as file:
        arrays = dict(file)
    if spoil == "another shape":
        arrays["often"] = np.zeros(3, np.float16)
    elif spoil == "none":
        del arrays["scale"]
    elif spoil == "not finite":
        arrays["answers"][1, 1] = np.nan
    elif spoil == "whole numbers":
        arrays["often"] = np.zeros(2, np.int64)
    elif spoil == "no layers":
        del arrays["direct_weight"]
    np.savez(folder / WEIGHTS, **arrays)
    if spoil == "a text":
        (folder / WEIGHTS).write_text("no arrays")
    sign(folder)
    with pytest.raises(ModelError, match=WEIGHTS):
        read(folder)


def test_a_folder_without_one(tmp_path):
    with pytest.raises(ModelError, match="no answer model is there"):
        read(tmp_path)


def test_a_half_written_one_is_none(folder, monkeypatch):
    model = read(folder)
    monkeypatch.setattr(answer_folder, "write_json", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(folder, model)
    assert not (folder / MANIFEST).exists()
