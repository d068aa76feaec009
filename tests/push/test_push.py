"""Models to a hub and back: a small hub on this machine, and the real client."""

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub_stub import Hub, hub
from small_model import write_small_model

from feelscope.errors import ConfigError, FeelscopeError, MissingExtra, ModelError
from feelscope.push.push import push
from feelscope.saved_model.locate import locate

CARD = "# small\n\n## What it is for\n\nTests.\n"
SECRET = "a-secret-of-the-tests"
Ran = subprocess.CompletedProcess[str]
Asking = Callable[..., Ran]


def write_model(folder: Path) -> Path:
    write_small_model(folder)
    (folder / "README.md").write_text(CARD)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with its card and a figure; not to be changed."""
    folder = write_model(tmp_path_factory.mktemp("small") / "model")
    (folder / "figures").mkdir()
    (folder / "figures" / "confusion.png").write_bytes(b"a picture")
    (folder / "checkpoint").mkdir()
    (folder / "checkpoint" / "posts.pt").write_bytes(b"of the training")
    return folder


@contextlib.contextmanager
def commands(here: Hub | str, cache: Path) -> Iterator[Asking]:
    """Runs `feelscope` with that hub; the token is in nothing that it says."""
    address = here if isinstance(here, str) else here.address
    hub = {"HF_ENDPOINT": address, "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "*", "no_proxy": "*"}

    def run(*arguments: object, **environment: str) -> Ran:
        env = {**os.environ, "HF_HOME": str(cache), "HF_TOKEN": f"writer-{SECRET}", **hub, **environment}
        line = [sys.executable, "-m", "feelscope.cli", *map(str, arguments)]
        ran = subprocess.run(line, capture_output=True, text=True, env=env, timeout=120)
        assert SECRET not in ran.stdout + ran.stderr
        return ran

    yield run


@pytest.fixture(scope="module")
def pushed(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, Asking, Ran]]:
    """A hub that has the model as me/small, privately."""
    with hub() as here, commands(here, tmp_path_factory.mktemp("cache")) as run:
        yield here, run, run("push", model, "hub:me/small", "--licence", "apache-2.0")


def refused(ran: Ran) -> str:
    """The one line of a command that failed."""
    assert ran.returncode == 1, ran.stdout + ran.stderr
    (line,) = ran.stderr.strip().splitlines()
    return line


# To the hub


def test_a_model_is_pushed_whole_privately_and_with_its_card(model: Path, pushed: tuple[Hub, Asking, Ran]) -> None:
    here, _, ran = pushed
    assert ran.returncode == 0, ran.stderr
    repository = here.repositories["me/small"]
    commit, files = repository.commits[1]
    assert repository.private
    assert ran.stdout == f"hub:me/small@{commit}\n"
    assert f"{here.address}/me/small, private" in ran.stderr
    assert len(repository.commits) == 2  # the one that made it, and one for all files
    assert {*files} - {".gitattributes"} == {
        *("README.md", "figures/confusion.png", "labels.json", "manifest.json", "tokenizer.json"),
        *("text.onnx", "image.onnx", "fusion.onnx"),
    }
    for name in {*files} - {".gitattributes", "README.md"}:
        assert files[name] == (model / name).read_bytes()
    card = files["README.md"].decode()
    assert card.startswith('---\nlicense: "apache-2.0"\n') and card.endswith(CARD)
    assert {*here.large.values()} >= {(model / "text.onnx").read_bytes()}  # large files go beside the commit


def test_a_second_push_replaces_what_the_first_one_wrote_and_may_make_it_public(
    model: Path, pushed: tuple[Hub, Asking, Ran], tmp_path: Path
) -> None:
    here, run, _ = pushed
    assert run("push", model, "hub:me/second").returncode == 0
    repository = here.repositories["me/second"]
    repository.commit({**repository.commits[-1][1], "calibration.json": b"{}", "notes.txt": b"of its page"})
    assert "it has notes.txt, no file of a saved model" in refused(run("push", model, "hub:me/second", "--public"))
    assert repository.private and "calibration.json" in repository.commits[-1][1]
    assert run("push", model, "hub:me/second").returncode == 0
    files = repository.commits[-1][1]
    assert "calibration.json" not in files  # this model has none, and would be damaged by it
    assert files["notes.txt"] == b"of its page"
    repository.commit({name: content for name, content in files.items() if name != "notes.txt"})
    assert run("push", model, "hub:me/second", "--public").returncode == 0
    assert not repository.private
    assert "is public already; give --public" in refused(run("push", model, "hub:me/second"))


def test_a_model_that_is_to_be_public_is_so_at_once(model: Path, pushed: tuple[Hub, Asking, Ran]) -> None:
    here, run, _ = pushed
    assert run("push", model, "hub:me/public", "--public").returncode == 0
    assert not here.repositories["me/public"].private


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("reader", "the hub refuses: the token in HF_TOKEN does not allow this"),
        ("broken", "the hub refuses: it does not accept the token in HF_TOKEN"),
        ("", "pushing needs a token that may write; set HF_TOKEN"),
    ],
)
def test_a_token_that_may_not_write_is_refused(
    model: Path, pushed: tuple[Hub, Asking, Ran], token: str, said: str
) -> None:
    here, run, _ = pushed
    assert said in refused(run("push", model, "hub:me/third", HF_TOKEN=token and f"{token}-{SECRET}"))
    assert "me/third" not in here.repositories


def test_a_hub_that_cannot_be_reached_is_one_line(model: Path, tmp_path: Path) -> None:
    with hub() as here:
        gone = here.address
    with commands(gone, tmp_path) as run:
        assert "the hub could not be asked (ConnectError); check the network" in refused(
            run("push", model, "hub:me/small")
        )
        said = refused(run("predict", "--text", "so happy", "--model", "hub:me/small"))
        assert "it is not on this computer, and the hub could not be asked (ConnectError)" in said


@pytest.mark.parametrize("name", ["quarantine.jsonl", "posts.parquet", "model.pkl", "figures/me.png", "below/a.csv"])
def test_what_is_no_part_of_a_model_stops_a_push(tmp_path: Path, name: str) -> None:
    folder = write_model(tmp_path / "model")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"of somebody")
    with pytest.raises(ModelError, match="no file of a saved model") as caught:
        push(folder, "hub:me/small")
    assert str(caught.value).startswith(f"{folder / name}: ")


def test_a_model_below_the_folder_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_model(tmp_path / "model")
    write_model(folder / "answer")
    monkeypatch.setenv("HF_TOKEN", "")
    with pytest.raises(ConfigError, match="set HF_TOKEN"):  # all else was right
        push(folder, "hub:me/small")


def test_a_model_without_a_card_is_not_published(tmp_path: Path) -> None:
    for card in (None, " \n"):
        folder = write_small_model(tmp_path / f"model{card is None}")
        if card is not None:
            (folder / "README.md").write_text(card)
        with pytest.raises(ModelError, match="has no card"):
            push(folder, "hub:me/small")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    (tmp_path / "mine.txt").write_text("a secret")
    (folder / "metrics.json").symlink_to(tmp_path / "mine.txt")
    with pytest.raises(ModelError, match=r"metrics\.json: no regular file of the model's folder"):
        push(folder, "hub:me/small")


def test_a_damaged_model_is_not_published(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    (folder / "text.onnx").write_bytes(b"another")
    with pytest.raises(ModelError, match=r"text\.onnx: this file was altered"):
        push(folder, "hub:me/small")


@pytest.mark.parametrize(
    ("model", "name", "said"),
    [
        ("builtin", "me/small", "names no model of the hub"),
        ("builtin", "hub:me/small@main", "leave out @main"),
        ("hub:me/other", "hub:me/small", "give a folder"),
    ],
)
def test_a_name_that_cannot_be_pushed_to_is_refused(model: str, name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        push(model, name)


# From the hub


def test_a_model_of_the_hub_answers_as_the_folder_does_and_once_it_is_here_without_the_hub(
    model: Path, pushed: tuple[Hub, Asking, Ran]
) -> None:
    here, run, first = pushed
    own = run("predict", "--text", "so happy", "--model", model)
    assert own.returncode == 0, own.stderr
    assert run("predict", "--text", "so happy", "--model", "hub:me/small").stdout == own.stdout
    here.asked.clear()
    for name in ("hub:me/small", first.stdout.strip()):
        ran = run("predict", "--text", "so happy", "--model", name, HF_HUB_OFFLINE="1", HF_TOKEN="")
        assert (ran.stdout, ran.stderr) == (own.stdout, "")
    assert not here.asked
    shown = run("models", "hub:me/small", HF_HUB_OFFLINE="1")
    assert "hub:me/small: " in shown.stdout and "emotions: happiness, sadness, fear" in shown.stdout


def test_only_files_of_a_saved_model_are_fetched(model: Path, pushed: tuple[Hub, Asking, Ran], tmp_path: Path) -> None:
    here, run, _ = pushed
    assert run("push", model, "hub:me/odd").returncode == 0
    repository = here.repositories["me/odd"]
    more = {"model.pkl": pickle.dumps("x"), "pytorch_model.bin": b"x", "run.py": b"x", "below/labels.json": b"{}"}
    repository.commit({**repository.commits[-1][1], **more})
    here.asked.clear()
    assert run("predict", "--text", "so sad", "--model", "hub:me/odd").returncode == 0
    fetched = {asked.rpartition("/")[2] for asked in here.asked if "/resolve/" in asked}
    assert fetched == {
        *("README.md", "labels.json", "manifest.json", "tokenizer.json", "text.onnx", "image.onnx", "fusion.onnx")
    }


def test_an_older_revision_can_be_asked_for_and_its_copy_is_whole(
    model: Path, pushed: tuple[Hub, Asking, Ran], tmp_path: Path
) -> None:
    here, run, _ = pushed
    assert run("push", model, "hub:me/older").returncode == 0
    repository = here.repositories["me/older"]
    old = repository.commits[-1][0]
    damaged = {**repository.commits[-1][1], "fusion.onnx": b"not what the manifest says" * 20}
    repository.commit(damaged)
    said = refused(run("predict", "--text", "so happy", "--model", "hub:me/older"))
    assert "fusion.onnx: this file was altered since the model was saved; delete " in said
    assert run("predict", "--text", "so happy", "--model", f"hub:me/older@{old}").returncode == 0
    said = refused(run("predict", "--text", "so happy", "--model", "hub:me/older@v2"))
    assert "the hub has no revision v2 of it" in said
    code = "import sys; from feelscope import EmotionClassifier as E; E.load(sys.argv[1]).save(sys.argv[2])"
    line = [sys.executable, "-c", code, f"hub:me/older@{old}", str(tmp_path / "copy")]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(cache_of(run))}
    subprocess.run(line, check=True, env=env, timeout=120)
    assert not any(path.is_symlink() for path in (tmp_path / "copy").iterdir())
    assert (tmp_path / "copy" / "text.onnx").read_bytes() == (model / "text.onnx").read_bytes()


def cache_of(run: Asking) -> Path:
    """The cache that `commands` was given."""
    return next(cell.cell_contents for cell in run.__closure__ or () if isinstance(cell.cell_contents, Path))


def test_what_is_not_there_or_no_model_of_feelscope_is_one_line(pushed: tuple[Hub, Asking, Ran]) -> None:
    here, run, _ = pushed
    asked = ("predict", "--text", "so happy", "--model")
    assert "hub:me/none: the hub has no model of this name, or it is private" in refused(run(*asked, "hub:me/none"))
    said = refused(run(*asked, "hub:me/small", HF_TOKEN="", HF_HOME=str(cache_of(run) / "empty")))
    assert "or it is private" in said and "a private one needs HF_TOKEN" in said
    said = refused(run(*asked, "hub:me/none", HF_HUB_OFFLINE="1"))
    assert "it is not on this computer, and HF_HUB_OFFLINE keeps from asking the hub" in said
    here.repositories["me/bert"] = type(here.repositories["me/small"])(private=False)
    here.repositories["me/bert"].commit({"config.json": b"{}", "model.safetensors": b"0" * 5000})
    here.asked.clear()
    assert "hub:me/bert: not a model of Feelscope, it has no manifest.json" in refused(run(*asked, "hub:me/bert"))
    assert not [one for one in here.asked if "safetensors" in one]  # nothing huge is fetched to find that out


@pytest.mark.parametrize("name", ["hub:", "hub:a b", "hub:a/b/c", "hub:a/b@"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="names no model of the hub; write hub:OWNER/NAME"):
        locate(name)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("huggingface_hub", "huggingface_hub.errors"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("HF_TOKEN", "writer")
    folder = write_model(tmp_path / "model")
    for ask in (lambda: locate("hub:me/small"), lambda: push(folder, "hub:me/small")):
        with pytest.raises(MissingExtra) as caught:
            ask()
        assert isinstance(caught.value, FeelscopeError)
        assert 'the hub needs huggingface_hub: pip install "feelscope[hub]"' in str(caught.value)
