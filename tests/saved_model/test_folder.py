import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from feelscope.errors import ModelError
from feelscope.files import digest
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.saved_model.folder import BUILTIN, CHECKED, Labels, copy, files, read_labels, read_scores, write
from feelscope.saved_model.locate import locate
from feelscope.saved_model.runtime import NETWORKS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model whose files are small stand-ins: what is checked here is their checksums."""
    made = tmp_path / "model"
    made.mkdir()
    write(made, Labels("mine", ("happiness", "fear"), 96, 224, ("text", "image")), stand_ins)
    return made


def stand_ins(folder: Path) -> None:
    for name in (*NETWORKS, "tokenizer.json"):
        (folder / name).write_bytes(name.encode() * 100)


def sign(folder: Path) -> None:
    """Write the checksums of the files as they are."""
    digests = {name: digest(folder / name) for name in CHECKED}
    (folder / "manifest.json").write_text(json.dumps(digests))


def refused(folder: Path) -> str:
    """The one line a model is refused with."""
    with pytest.raises(ModelError) as caught:
        EmotionClassifier.load(folder)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    return message


def test_written_is_read(folder: Path) -> None:
    assert read_labels(folder) == Labels("mine", ("happiness", "fear"), 96, 224, ("text", "image"))


def test_an_older_model_reads_title_and_text_as_two_sequences(folder: Path) -> None:
    values = json.loads((folder / "labels.json").read_text())
    for name in ("pairs", "further", "reading", "languages", "warns_of", "skip_pictures"):
        del values[name]
    (folder / "labels.json").write_text(json.dumps(values))
    sign(folder)
    labels = read_labels(folder)
    assert labels.pairs is Labels("new", (), 0, 0, ()).pairs is True
    assert labels.reading == Labels("new", (), 0, 0, ()).reading == "plain"
    assert (labels.further, labels.languages, labels.warns_of, labels.skip_pictures) == ((), (), (), 1.0)


def test_the_manifest_has_what_a_model_needs_and_what_lies_beside_it(tmp_path: Path) -> None:
    def pictures_alone(folder: Path) -> None:
        for name in ("image.onnx", "fusion.onnx"):
            (folder / name).write_bytes(name.encode())

    labels = Labels("mine", ("happiness", "fear"), 0, 224, ("image",))
    assert files(labels) == ["image.onnx", "fusion.onnx", "labels.json"]
    write(tmp_path, labels, pictures_alone)
    assert read_labels(tmp_path) == labels
    needed = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in files(labels)}
    assert json.loads((tmp_path / "manifest.json").read_text()) == needed
    write(tmp_path, labels, stand_ins)  # the words' files too, as of a model that was trained on pictures alone
    assert set(json.loads((tmp_path / "manifest.json").read_text())) == set(CHECKED)
    with pytest.raises(FileNotFoundError):
        write(tmp_path, labels, lambda folder: (folder / "image.onnx").unlink())
    assert not (tmp_path / "manifest.json").exists()


def test_the_builtin_model_is_whole() -> None:
    labels = read_labels(locate("builtin"))
    assert labels.name == "builtin"
    assert len(set(labels.emotions)) == len(labels.emotions) >= 6
    assert sum(path.stat().st_size for path in BUILTIN.rglob("*")) < 45_000_000


@pytest.mark.parametrize("name", [*CHECKED, "manifest.json"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    message = refused(folder)
    assert message.startswith(f"{folder / name}: this file is missing; ")
    assert "copy the folder again" in message


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("change", ["one bit", "cut in half", "empty", "longer"])
def test_an_altered_file(folder: Path, name: str, change: str) -> None:
    path = folder / name
    data = path.read_bytes()
    changed = {
        "one bit": bytes([data[0] ^ 1]) + data[1:],
        "cut in half": data[: len(data) // 2],
        "empty": b"",
        "longer": data + b" ",
    }
    path.write_bytes(changed[change])
    assert refused(folder).startswith(f"{path}: this file was altered since the model was saved; ")


@pytest.mark.parametrize("name", CHECKED)
def test_a_folder_in_the_place_of_a_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert str(folder / name) in refused(folder)


def test_a_manifest_that_is_a_folder(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").mkdir()
    assert "cannot be read" in refused(folder)


@pytest.mark.parametrize("text", [b"", b'{"text.onnx": "8a', b"\xff\xfe", b"[1]", b'"text"'])
def test_a_torn_manifest(folder: Path, text: bytes) -> None:
    (folder / "manifest.json").write_bytes(text)
    assert str(folder / "manifest.json") in refused(folder)


def test_a_manifest_that_lacks_a_file(folder: Path) -> None:
    path = folder / "manifest.json"
    digests = json.loads(path.read_text())
    del digests["fusion.onnx"]
    path.write_text(json.dumps(digests))
    assert refused(folder).startswith(f"{folder / 'fusion.onnx'}: this file was altered")


@pytest.mark.parametrize(
    "labels",
    [
        b'{"name": "mine", "emoti',
        b"{}",
        b'["happiness"]',
        b'{"name": "mine", "emotions": 7, "tokens": 96, "size": 224}',
        b'{"name": "mine", "emotions": ["fear"], "tokens": "many", "size": 224}',
    ],
)
def test_labels_that_were_saved_torn(folder: Path, labels: bytes) -> None:
    """The checksum fits and the content does not: a fault of whoever saved it."""
    (folder / "labels.json").write_bytes(labels)
    sign(folder)
    assert refused(folder).startswith(f"{folder / 'labels.json'}: ")


def test_networks_that_are_none(folder: Path) -> None:
    assert refused(folder).startswith(f"{folder / 'fusion.onnx'}: not a whole ONNX file (")


def test_no_folder_and_no_model(tmp_path: Path) -> None:
    assert "no model folder is there" in refused(tmp_path / "nowhere")
    file = tmp_path / "model.onnx"
    file.write_bytes(b"weights")
    assert str(file) in refused(file) and "no model folder" in refused(file)
    (tmp_path / "empty").mkdir()
    assert str(tmp_path / "empty") in refused(tmp_path / "empty")
    (tmp_path / "photos").mkdir()
    shutil.copyfile(file, tmp_path / "photos" / "cat.jpg")
    assert str(tmp_path / "photos") in refused(tmp_path / "photos")


def test_a_broken_installation_says_so(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(model_folder.SHIPPED, "builtin", folder)
    (folder / "text.onnx").unlink()
    with pytest.raises(ModelError, match="reinstall feelscope"):
        EmotionClassifier.load()


def test_half_written_is_no_model(folder: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "text.onnx").write_bytes(b"half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write(folder, read_labels(folder), fails)
    assert refused(folder).startswith(f"{folder / 'manifest.json'}: this file is missing")


# Foreign folders


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("name", value) for value in ("", "a" * 201, "two\nlines", "\x1b[31m", 7, None)),
        *(
            ("emotions", value)
            for value in (["joy"] * 7, ["joy"], [], "joy", [1, 2], ["a", ""], ["a", "b\n"], {"a": 1})
        ),
        *(("emotions", value) for value in (["a", "b" * 201], ["a", ["b"]], ["a", "\ud83d"], None)),
        *(("tokens", value) for value in (1, 513, -1, 96.0, True, "96", None, 10**400)),
        *(("size", value) for value in (0, -1, 2049, 30_000, 224.0, False, "224", [224])),
        *(("modalities", value) for value in ([], ["text", "text"], ["sound"], "text", [["text"]], None)),
        *(("further", value) for value in ([{}], [{"kind": "tags"}], {}, [1], "tags", None)),
        *(("pairs", value) for value in (1, "yes", None, [])),
        *(("reading", value) for value in ("other", True, None, [])),
        *(("languages", value) for value in ("en", ["English"], ["en", "en"], [["en"]], None)),
        *(("warns_of", value) for value in ("blank", ["dull"], [1], {}, None)),
        *(("skip_pictures", value) for value in (-0.1, 1.1, True, "0.8", None, float("nan"), 10**400)),
    ],
)
def test_a_value_that_no_model_has_is_said(folder: Path, name: str, value: object) -> None:
    values = json.loads((folder / "labels.json").read_text())
    (folder / "labels.json").write_text(json.dumps(values | {name: value}))
    sign(folder)
    message = refused(folder)
    assert message.startswith(f"{folder / 'labels.json'}: {name}: expected ") or name == "further"
    assert message.startswith(f"{folder / 'labels.json'}: {name}: ")


@pytest.mark.parametrize("name", ["name", "emotions", "tokens", "size", "modalities"])
def test_a_value_that_is_missing_is_said(folder: Path, name: str) -> None:
    values = json.loads((folder / "labels.json").read_text())
    del values[name]
    (folder / "labels.json").write_text(json.dumps(values))
    sign(folder)
    assert refused(folder).startswith(f"{folder / 'labels.json'}: it has no {name!r}; ")


@pytest.mark.parametrize(
    "name", ["../other.onnx", "/etc/passwd", ".", "..", "", "a/b", "a\\b", "c:b", "\0", "\n", "x" * 300]
)
def test_a_manifest_names_files_of_its_own_folder_alone(folder: Path, name: str) -> None:
    (folder.parent / "other.onnx").write_bytes(b"")
    digests = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**digests, name: hashlib.sha256(b"").hexdigest()}))
    assert refused(folder).startswith(f"{folder / 'manifest.json'}: it may name files of its own folder alone")


@pytest.mark.parametrize("value", ["", "0" * 63, "0" * 65, "G" * 64, "A" * 64, 7, None, ["0" * 64]])
def test_a_manifest_has_checksums_alone(folder: Path, value: object) -> None:
    digests = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**digests, "text.onnx": value}))
    assert refused(folder).startswith(f"{folder / 'manifest.json'}: expected a SHA-256 for text.onnx, found ")


def test_a_manifest_of_very_many_files_is_refused_before_any_is_read(folder: Path) -> None:
    digests = {str(number): "0" * 64 for number in range(51)}
    (folder / "manifest.json").write_text(json.dumps(digests))
    assert "it names 51 files, more than 50" in refused(folder)


@pytest.mark.parametrize("name", ["text.onnx", "tokenizer.json", "labels.json", "manifest.json"])
def test_a_file_that_never_ends_or_never_comes_is_not_waited_for(folder: Path, name: str) -> None:
    path = folder / name
    path.unlink()
    os.mkfifo(path)
    assert "cannot be read (not a regular file)" in refused(folder)
    path.unlink()
    path.symlink_to("/dev/zero")
    assert refused(folder).startswith(f"{path}: ")
    path.unlink()
    path.touch()
    os.truncate(path, 10**12)
    assert "1,000,000.0 MB, over" in refused(folder)


def test_a_link_may_not_lead_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "text.onnx").rename(tmp_path / "text.onnx")
    (folder / "text.onnx").symlink_to(tmp_path / "text.onnx")
    message = f"{folder / 'text.onnx'}: this is a link to a file outside the model's folder"
    assert refused(folder).startswith(message)
    (folder / "text.onnx").unlink()
    (tmp_path / "text.onnx").rename(folder / "weights")
    (folder / "text.onnx").symlink_to("weights")
    read_labels(folder)
    (tmp_path / "link").symlink_to(folder)  # the folder itself may be one
    read_labels(tmp_path / "link")


@pytest.mark.parametrize(
    "scores",
    [
        *(7, [1], {"set": 7}, {"set": None}, {"set": {"both": 7}}, {"set": {"both": {"f1": 1}}}),
        *({"set": {"both": {"macro_f1": value}}} for value in ("x", 10**400, None)),
    ],
)
def test_scores_that_are_none_are_one_line(folder: Path, scores: object) -> None:
    (folder / "metrics.json").write_text(json.dumps({"scores": scores}))
    with pytest.raises(ModelError, match=r"metrics\.json: not scores as Feelscope writes them"):
        read_scores(folder)


def test_scores_are_read_as_far_as_there_are_any(folder: Path) -> None:
    assert read_scores(folder) == {}
    written = {"\x1b[31m": {"both": {"macro_f1": 0.5}, "text": None}}
    (folder / "metrics.json").write_text(json.dumps({"scores": written}))
    assert read_scores(folder) == {"'\\x1b[31m'": {"both": 0.5}}
    (folder / "metrics.json").unlink()
    os.mkfifo(folder / "metrics.json")
    with pytest.raises(ModelError, match="not a regular file"):
        read_scores(folder)


# Copies


def test_a_copy_has_all_but_the_checkpoints(folder: Path, tmp_path: Path) -> None:
    (folder / "README.md").write_text("A card")
    (folder / "figures").mkdir()
    (folder / "figures" / "curve.csv").write_text("1")
    (folder / "checkpoint.safetensors").write_bytes(b"large")
    target = tmp_path / "new" / "very" / "deep"
    copy(folder, target)
    found = {str(path.relative_to(target)) for path in target.rglob("*")}
    assert found == {*CHECKED, "manifest.json", "README.md", "figures", "figures/curve.csv"}
    assert read_labels(target) == read_labels(folder)


def test_a_copy_into_an_empty_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    copy(folder, tmp_path / "empty")
    assert read_labels(tmp_path / "empty") == read_labels(folder)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    copy(folder, Path())
    assert read_labels(tmp_path / "here") == read_labels(folder)


def test_a_copy_inside_the_model_itself(folder: Path) -> None:
    copy(folder, folder / "copy")
    assert {path.name for path in (folder / "copy").iterdir()} == {*CHECKED, "manifest.json"}


def test_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("mine")
    (tmp_path / "new.partial").mkdir()
    (tmp_path / "new.partial" / "thesis.txt").write_text("mine")
    for target in (taken, taken / "thesis.txt", folder):
        with pytest.raises(ModelError, match="something is there already; give a new or an empty folder"):
            copy(folder, target)
    with pytest.raises(ModelError, match="cannot be written"):
        copy(folder, taken / "thesis.txt" / "below")
    copy(folder, tmp_path / "new")
    assert [path.name for path in taken.iterdir()] == ["thesis.txt"]
    assert (tmp_path / "new.partial" / "thesis.txt").read_text() == "mine"


def test_a_copy_that_fails_leaves_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(source: Path, target: Path, **_: object) -> None:
        assert tmp_path in target.parents, "on the disk that it is for"
        target.mkdir()
        (target / "text.onnx").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(shutil, "copytree", full_disk)
    with pytest.raises(ModelError, match="No space left"):
        copy(folder, tmp_path / "new")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_that_cannot_be_copied_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "figures").symlink_to(tmp_path / "gone")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ModelError, match="figures: neither a folder nor a regular file of the model's") as caught:
        copy(folder, tmp_path / "new")
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["pipe", "zero", "outside", "circle"])
def test_what_is_no_file_of_the_model_is_neither_copied_nor_waited_for(folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("mine")
    if name == "pipe":
        os.mkfifo(folder / name)
    else:
        (folder / name).symlink_to({"zero": "/dev/zero", "outside": tmp_path / "secret", "circle": "."}[name])
    with pytest.raises(
        ModelError, match=f"{name}: neither a folder nor a regular file of the model's folder; remove it"
    ):
        copy(folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_model_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("fusion.onnx", "labels.json", "manifest.json"):
        (folder / name).symlink_to(tmp_path / "mine")
    labels = Labels("run", ("fear", "joy"), tokens=0, size=0, modalities=())
    write(folder, labels, lambda scratch: (scratch / "fusion.onnx").write_bytes(b"network"))
    assert (tmp_path / "mine").read_text() == "mine"
    assert (folder / "fusion.onnx").read_bytes() == b"network"
    assert not [path for path in folder.iterdir() if path.is_symlink() or path.suffix == ".partial"]


def test_the_built_in_model_says_what_it_knows() -> None:
    labels = read_labels(BUILTIN)
    assert "en" in labels.languages
    assert {"blank", "noise"} <= {*labels.warns_of}
