"""What the pages say is so: commands run, outputs are what is printed, nothing is left out, no link is dead."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import typer
from documented import PATH, ROOT, printed_alike, shell
from PIL import Image

from feelscope.cli import app
from feelscope.compare.estimator import read_estimator
from feelscope.config import build
from feelscope.label.codebook import from_values
from feelscope.models.bottleneck_settings import BottleneckSettings
from feelscope.objectives.settings import (
    CommonSpaceSettings,
    DeltaSettings,
    DropoutSettings,
    DSRegSettings,
    SecretSettings,
)
from feelscope.prepare.counterfactual import AugmentationSettings
from feelscope.saved_model import folder as model_folder
from feelscope.train import recipe

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(file for folder in ("docs", "experiments", "benchmarks") for file in sorted((ROOT / folder).rglob("*.md"))),
    model_folder.BUILTIN / "README.md",
]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def parts(command: Any) -> dict[str, Any]:
    """The commands of a group, as of `explain`; none of a plain command."""
    return getattr(command, "commands", {})


# By command; of a group, of all its commands together.
OPTIONS = {
    name: {
        option
        for one in (command, *parts(command).values())
        for parameter in one.params
        for option in parameter.opts
        if option.startswith("--")
    }
    for name, command in COMMANDS.items()
}


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    """The code blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def lines(text: str) -> list[str]:
    """The commands in the `sh` blocks of a page."""
    return [line for block in blocks(text, "sh") for line in block.splitlines()]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the examples, as a reader has it."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def script(name: str) -> ModuleType:
    """A script of the examples, as a module."""
    found = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


# The README


def test_two_commands_do_the_set_up_and_ci_runs_the_second() -> None:
    first, second = (line for line in lines(README) if "venv" in line)
    assert first.endswith(" && pip install . && feelscope predict examples/posts.csv")
    for part in (
        'pip install -e ".[dev]"',
        "ruff check .",
        "ruff format --check .",
        "mypy",
        'pytest -n auto --dist loadfile -m "slow or not slow"',
    ):
        assert f" && {part}" in second
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert second in ci.splitlines()
    assert "set -euo pipefail" in ci.splitlines()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_first_command_reads_the_examples(clone: Path) -> None:
    command = next(line for line in lines(README) if "venv" in line).split(" && ")[-1]
    ran = shell(command, clone)
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 12


@pytest.mark.parametrize("command", re.findall(r"^```console\n\$ (.*)$", README, re.MULTILINE))
def test_the_pasted_output_is_what_is_printed(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", PATH["PATH"])
    (pasted,) = [block.partition("\n")[2] for block in blocks(README, "console") if block.startswith(f"$ {command}\n")]
    assert printed_alike(pasted, script("fill_readme").printed(command)), "run examples/fill_readme.py"


def test_the_readmes_commands_without_training_run(clone: Path) -> None:
    commands = [line for line in lines(README) if line.startswith("feelscope")]
    before_training = commands[: next(at for at, line in enumerate(commands) if " train " in line)]
    assert before_training
    for command in before_training:
        ran = shell(command, clone)
        assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
def test_all_commands_of_the_readme_run_in_their_order(clone: Path) -> None:
    for command in [line for line in lines(README) if line.startswith("feelscope")]:
        ran = shell(command, clone)
        assert ran.returncode == 0, ran.stderr
    assert len((clone / "mine.csv").read_text(encoding="utf-8").splitlines()) == 13
    assert {path.suffix for path in (clone / "runs" / "mine" / "figures").iterdir()} == {".png", ".svg", ".csv"}


def test_the_readme_has_its_parts_and_its_picture_is_there() -> None:
    for part in ("## Install it", "## Results", "## The rooms", "## Limits", "## For developers"):
        assert part in README
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert README.index("![") < README.index("## Install it"), "a picture leads"
    for picture in pictures:
        with Image.open(ROOT / picture) as image:
            assert image.width >= 1000


@pytest.mark.parametrize(
    ("name", "code"),
    [(file.name, code) for file in PAGES for code in blocks(file.read_text(encoding="utf-8"), "python")],
)
def test_the_python_of_a_page_runs(name: str, code: str) -> None:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, f"{name}: {ran.stderr}"
    assert ran.stdout


# Nothing is left out, nothing is said that is not there


@pytest.mark.parametrize("command", OPTIONS)
def test_a_command_has_a_page_that_has_its_options_and_no_others(command: str) -> None:
    text = page(command)
    assert f"feelscope {command}" in text
    # A row of a table of options begins with them; elsewhere a page may speak of other commands' options.
    said = {
        option
        for row in re.findall(r"^\| (.*?) \| ", text, re.MULTILINE)
        for option in re.findall(r"--[a-z]+(?:-[a-z]+)*", row)
    }
    assert said == OPTIONS[command]
    for part in parts(COMMANDS[command]):
        assert f"feelscope {command} {part} " in text


def test_the_options_of_feelscope_itself_are_documented() -> None:
    for parameter in typer.main.get_command(app).params:
        assert any(f"`{option}`" in page("README") for option in parameter.opts)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_page_shows_commands_and_options_that_are_there(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for command, rest in re.findall(r"^\$? ?feelscope ([a-z]+)(.*)$", "\n".join(lines(text)), re.MULTILINE):
        assert command in OPTIONS
        assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", rest)) <= OPTIONS[command] | {"--help"}


@pytest.mark.parametrize("name", recipe.names())
def test_a_recipe_is_documented_with_its_tables(name: str) -> None:
    assert f"| `{name}` |" in page("fusion" if "/" in name else "train")
    for source in recipe.read_recipe(name).data.tables:
        assert source.table in page("data")
        assert source.column in page("data")


def test_every_setting_of_a_recipe_is_documented() -> None:
    made = recipe.read_recipe("fusion")
    tables = {field.name: getattr(made, field.name) for field in fields(made)}
    tables |= {"modality_dropout": DropoutSettings(0.5), "common_space": CommonSpaceSettings()}
    tables |= {"bottleneck": BottleneckSettings(), "delta": DeltaSettings(0.01), "dsreg": DSRegSettings()}
    tables |= {"secret": SecretSettings(), "augmentation": AugmentationSettings()}
    for name, settings in tables.items():
        if is_dataclass(settings):
            (row,) = re.findall(rf"^\| `\[{name}\]` \|(.*)", page("train"), re.MULTILINE)
            assert {field.name for field in fields(settings)} <= set(re.findall(r"`(\w+)`", row)), name
    assert not [field.name for field in fields(recipe.Source) if f"`{field.name}`" not in page("data")]


RECIPES = [(file.name, toml) for file in PAGES for toml in blocks(file.read_text(encoding="utf-8"), "toml")]


@pytest.mark.parametrize(("name", "toml"), RECIPES)
def test_the_toml_of_a_page_is_a_recipe_or_some_tables_of_one(name: str, toml: str, tmp_path: Path) -> None:
    encoders = {"text": {"encoder": "minilm"}, "image": {"encoder": "lite0"}}
    smallest = {"purpose": "A page.", "fusion": {"model": "joint"}, **encoders}
    values = tomllib.loads(toml)
    if "emotion" in values:  # of labelling
        assert from_values(values, name).names
        return
    if "estimator" in values:  # of a comparison
        (tmp_path / "page.toml").write_text(toml)
        assert read_estimator(tmp_path / "page.toml").features
        return
    assert build(values if "fusion" in values else smallest | values, recipe.Recipe, name)


def test_the_whole_recipe_of_the_page_is_the_one_that_is_trained() -> None:
    (whole, *_) = blocks(page("train"), "toml")
    assert whole == (recipe.FOLDER / "fusion.toml").read_text(encoding="utf-8")


# Words that docs/glossary.md replaced, and turns of phrase that no native engineer writes.
RETIRED = (
    r"tuning (part|tenth|posts)",
    r"kept rows",
    r"far posts",
    r"(missing|lose a|[Oo]ne|other|both|every|words'|picture's) hal(f|ves)\b",
    r"(vectors|weights|words|encoders) at rest",
    r"by heart",
    r"parts of (an )?emotions?",
    r"--anew",
    r"go(es)? behind",
    r"the day behind",
    r"go(ne|es)? on with",
    r"\bstands? in\b",
    r"has no chance in it",
    r"as often as it stands",
    r"\bparted\b",
    r"one a processor",
    r"unless said",
    r"\band leave\b",
    r"hang together",
    r"posts a second",
    r"(?<![\d,.])1 posts",
)


def helps(command: Any, name: str = "feelscope") -> dict[str, str]:
    """The help of a command and of all below it, by name."""
    found = {name: command.get_help(typer.Context(command, info_name=name))}
    for part, below in parts(command).items():
        found |= helps(below, f"{name} {part}")
    return found


HELPS = helps(typer.main.get_command(app))
TEXTS = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
    for file in PAGES
    if file.parent != model_folder.BUILTIN
}
TEXTS["CHANGELOG.md"] = TEXTS["CHANGELOG.md"].partition("### What there is")[2]  # before it, old names beside the new


@pytest.mark.parametrize("name", [*TEXTS, *(f"{name} --help" for name in HELPS)])
def test_retired_words_do_not_come_back(name: str) -> None:
    text = " ".join((TEXTS.get(name) or HELPS[name.removesuffix(" --help")]).split())
    assert not [word for word in RETIRED if re.search(word, text)]


@pytest.mark.parametrize("name", HELPS)
def test_the_help_of_a_command_has_an_example_and_is_listed_whole(name: str) -> None:
    assert re.search(rf"^ +{name}( |$)", HELPS[name], re.MULTILINE)
    assert "..." not in re.sub(r"ARGS\]\.\.\.|,\.\.\.|\]\.\.\.|=\.\.\.", "", HELPS[name])


def test_every_page_is_in_the_index() -> None:
    for file in (ROOT / "docs").glob("*.md"):
        assert file.name == "README.md" or f"]({file.name})" in page("README")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_link_is_dead(file: Path) -> None:
    text = re.sub(r"^```.*?^```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", target):
            continue
        path, _, heading = target.partition("#")
        linked = file.parent / path if path else file
        assert linked.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, target


def test_the_files_a_page_names_are_there() -> None:
    named = {
        path for file in PAGES for path in re.findall(r"`((?:src|tests|examples|docs)/[\w./-]+)`", file.read_text())
    }
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


# The examples


def test_the_example_pictures_are_those_the_script_draws() -> None:
    drawn = script("draw_pictures")
    assert {path.name for path in (ROOT / "examples" / "images").iterdir()} == drawn.PICTURES.keys()
    for name, draw in drawn.PICTURES.items():
        with Image.open(ROOT / "examples" / "images" / name) as image:
            kept = np.asarray(image.convert("RGB").resize((60, 60)), dtype=float)
        again = np.asarray(draw().resize((60, 60)), dtype=float)
        assert np.abs(kept - again).mean() < 4, f"{name}: run examples/draw_pictures.py"


def test_the_examples_have_every_kind_of_post_and_every_emotion() -> None:
    from feelscope import PostsTable
    from feelscope.emotions import SEVEN

    posts = list(PostsTable(ROOT / "examples" / "posts.csv"))
    assert len(posts) == 12
    assert {(post.has_text, post.image is not None) for post in posts} == {(True, True), (True, False), (False, True)}
    assert {post.emotion for post in posts} == {*SEVEN}
