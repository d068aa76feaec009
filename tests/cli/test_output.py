"""What commands print: nothing that a terminal obeys, and nothing lost in silence."""

import ast
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_runs import COMMAND, EXAMPLES, Run, on_terminal, write

import feelscope
from feelscope.files import write_bytes

PACKAGE = Path(feelscope.__file__).parent
TABLE = EXAMPLES / "posts.csv"
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\b\u202e\u2066\u2028\u200b"
OBEYED = set("\x1b\x07\x9b\b\u202e\u2066\u2028\u200b\0")


def test_commands_print_through_one_gate() -> None:
    """`cli/output.py` and `cli/progress.py` alone write to a stream; a person adds a command by `show` and `say`.

    `progress.py` shows programs how far a call is, by names of stages and numbers.
    """
    direct = []
    exported = PACKAGE / "export" / "plain.py"  # a program by itself, in the folder of an exported model
    for file in sorted({*PACKAGE.rglob("*.py")} - {exported, PACKAGE / "progress.py"}):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name == "print" or name.split(".")[-1] in ("echo", "secho", "echo_via_pager", "pprint"):
                direct.append(f"{file.relative_to(PACKAGE)}:{node.lineno}")
            used = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if used in ("sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer", "sys.stderr.buffer"):
                direct.append(f"{file.relative_to(PACKAGE)}:{node.lineno}")
    assert not direct


def check(shown: str, *expected: str) -> str:
    """What stays on the screen: nothing in it is obeyed, and all of it is there."""
    shown = re.sub(r"\r(\w[^\r]*)?\x1b\[K", "", shown)  # progress, which a slow machine shows, takes its line back
    assert r"\x1b]0;owned\x07" in shown or r"\u001b]0;owned\u0007" in shown, shown
    assert not (OBEYED | {"\r"}) & set(shown), ascii(shown)
    for text in expected:
        assert text in shown, shown
    return shown


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A table whose name, columns, ids and texts are commands to a terminal."""
    rows = [{"id": f"{n}{EVIL}", "text": f"We won {n}! {EVIL} 👨‍👩‍👧 مرحبا", f"more{EVIL}": n} for n in range(3)]
    rows.append({"id": f"1{EVIL}", "text": "twice"})
    return write(tmp_path / f"posts{EVIL.replace(chr(0x2028), '')}.jsonl", *map(json.dumps, rows))


def test_a_table_does_not_command_the_terminal(evil: Path, tmp_path: Path) -> None:
    check(on_terminal("predict", evil.name, folder=tmp_path), "3 posts")
    shown = check(on_terminal("predict", evil.name, "--json", folder=tmp_path), r"\x9b31m\r\x08\u202e")
    rows = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
    assert [row["id"] for row in rows] == [f"{n}{EVIL}" for n in range(3)]


def test_json_in_a_pipe_is_exact_and_keeps_its_characters(evil: Path, run: Run) -> None:
    ran = run("predict", evil.name)
    rows = [json.loads(line) for line in ran.stdout.split("\n") if line]
    assert [row["id"] for row in rows] == [f"{n}{EVIL}" for n in range(3)]
    assert not OBEYED & set(ran.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("predict", f"no{EVIL}.csv"),
        ("predict", TABLE, "--model", f"no{EVIL}"),
        ("predict", TABLE, "--columns", f"text=no{EVIL}"),
        ("predict", TABLE, f"--no{EVIL}"),
        (f"no{EVIL}",),
        ("models", f"no{EVIL}"),
        ("--debug", "predict", f"no{EVIL}.csv"),
    ],
)
def test_an_error_does_not_command_the_terminal(arguments: tuple[object, ...], tmp_path: Path) -> None:
    check(on_terminal(*arguments, folder=tmp_path))


def test_an_error_is_one_line_whatever_it_names(run: Run) -> None:
    ran = run("predict", "a\nError:\u2028\x85.csv")
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1 and ran.stderr.startswith(r"Error: a\nError:\u2028\x85.csv: ")


def test_word_vectors_do_not_command_the_terminal(tmp_path: Path) -> None:
    words = ["happy", f"glad{EVIL.replace(chr(0x2028), '').replace(chr(13), '')}"]
    (tmp_path / "words.txt").write_text("".join(f"{word} 1 2 3\n" for word in words), encoding="utf-8", newline="\n")
    check(on_terminal("words", "similar", "happy", "--words", "words.txt", folder=tmp_path), "1.000  glad")


def test_an_archive_does_not_command_the_terminal(tmp_path: Path) -> None:
    pytest.importorskip("tantivy")
    row = {"text": f"The army 👨‍👩‍👧 shelled Aleppo.{EVIL}", "emotion": f"fear{EVIL}", "created_at": "2012-01-01"}
    write(tmp_path / "posts.jsonl", *(json.dumps({"id": str(n), **row}) for n in range(4)))
    on_terminal("explore", "build", "posts.jsonl", "archive", "--name", f"name{EVIL}", folder=tmp_path)
    shown = on_terminal("explore", "query", "archive", "army", folder=tmp_path)
    for style in ("\x1b[34m", "\x1b[31m", "\x1b[1m", "\x1b[4m", "\x1b[0m"):  # of the words that were asked for
        shown = shown.replace(style, "")
    check(shown, r"name\x1b]0;owned", "👨‍👩‍👧")


def test_warnings_and_tracebacks_of_other_packages_are_escaped(run: Run) -> None:
    code = f"""
import warnings
from feelscope.cli import output
output.open_streams()
warnings.warn({EVIL!r})
raise ValueError({EVIL!r})
"""
    ran = run(code=code)
    assert ran.stderr.count(r"\x1b]0;owned\x07\x1b[2J\x9b31m\r\x08\u202e") >= 2
    assert not OBEYED & set(ran.stderr)


# What cannot be written

LOST = "Error: standard output cannot be written ({}); what was to come is lost"
PRINTING = [("--help",), ("--version",), ("models",), ("predict", "--text", "We won!")]


def ended(arguments: tuple[object, ...], folder: Path, closed: str = "", **streams: object) -> tuple[int, str]:
    """How a command ends, and what it says on stderr."""
    command = [*COMMAND, *map(str, arguments)]
    if closed:
        command = ["sh", "-c", f'exec "$@" {closed}', "sh", *command]
    ran = subprocess.run(command, cwd=folder, text=True, **{"stderr": subprocess.PIPE, **streams})  # type: ignore[call-overload]
    return ran.returncode, ran.stderr or ""


@pytest.mark.parametrize("arguments", PRINTING)
def test_a_full_disk_behind_stdout_is_one_line(arguments: tuple[object, ...], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        assert ended(arguments, tmp_path, stdout=full) == (1, LOST.format("No space left on device") + "\n")


@pytest.mark.parametrize("arguments", PRINTING)
def test_a_closed_stdout_is_one_line(arguments: tuple[object, ...], tmp_path: Path) -> None:
    assert ended(arguments, tmp_path, ">&-") == (1, LOST.format("Bad file descriptor") + "\n")


@pytest.mark.parametrize("arguments", [("--help",), ("predict", TABLE)])
def test_a_reader_that_has_enough_ends_a_command_quietly(arguments: tuple[object, ...], tmp_path: Path) -> None:
    read, written = os.pipe()
    os.close(read)
    code, said = ended(arguments, tmp_path, stdout=written)
    os.close(written)
    assert code == 141
    assert [line for line in said.splitlines() if "columns" not in line] == []


@pytest.mark.parametrize("closed", ["2>/dev/full", "<&- >&- 2>&-"])
def test_remarks_that_nobody_can_read_stop_nothing(closed: str, tmp_path: Path) -> None:
    assert ended(("predict", TABLE, "--out", "out.jsonl"), tmp_path, closed) == (0, "")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(rows) == 12  # and nothing that a library says on stderr in between
    assert ended(("predict", "none.csv"), tmp_path, closed)[0] == 1


def test_a_reader_that_leaves_in_the_middle(tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "id,text", *(f"{n},We won this game!" for n in range(3000)))
    command = [*COMMAND, "predict", "posts.csv"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None and process.stderr is not None
    assert json.loads(process.stdout.readline())["id"] == "0"
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait() == 141
    assert "Traceback" not in said and "Error" not in said and "Exception" not in said


def small_files(limit: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_full_disk_below_out_is_one_line(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"out.{ending}").write_text("from before")
    arguments = ("predict", TABLE, "--out", f"out.{ending}")
    code, said = ended(arguments, tmp_path, preexec_fn=small_files(300))
    assert code == 1
    (line,) = [line for line in said.splitlines() if "columns" not in line]
    assert line.startswith("Error: ") and f"out.{ending}" in line and "File too large" in line
    assert (tmp_path / f"out.{ending}").read_text() == "from before"


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("explore", "build", "posts.jsonl", "made"),
        ("explore", "trend", "posts.jsonl", "--out", "made"),
        ("words", "train", "posts.jsonl", "--out", "made"),
        ("prepare", "posts.jsonl", "made", "--labels", "column"),
        ("collect", "made.db", "files", "posts.jsonl"),
        ("explain", "structure", "posts.jsonl", "--out", "made"),
        ("train", "posts.jsonl", "--recipe", "paper/text_only", "--words", "words.txt", "--out", "made"),
    ],
)
def test_a_full_disk_below_any_writer_is_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    feelings = ["happiness", "sadness", "anger"]
    rows = [
        {"id": str(n), "text": f"number {n % 7} of the {n % 11} is {n}", "emotion": feelings[n % 3]} for n in range(300)
    ]
    write(tmp_path / "posts.jsonl", *(json.dumps({**row, "created_at": "2012-01-01"}) for row in rows))
    write(tmp_path / "words.txt", "number 1 2 3", "of 3 2 1", "the 1 1 1", "is 2 2 2")
    code, said = ended(arguments, tmp_path, preexec_fn=small_files(3000))
    assert code == 1
    assert "Traceback" not in said and "Exception" not in said
    assert len([line for line in said.splitlines() if line.startswith("Error: ")]) == 1, said


def test_a_full_disk_names_the_file(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from feelscope.files import write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
try:
    write_bytes(Path("scores.json"), b"x" * 1000)
except OSError as error:
    print(error.filename, error.strerror)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout == "scores.json File too large\n", ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "locale",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp1252:strict"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda locale: "-".join(locale.values()),
)
def test_json_on_a_pipe_is_utf_8_whatever_the_locale(tmp_path: Path, locale: dict[str, str]) -> None:
    write_bytes(tmp_path / "posts.csv", "id,text\né😊,We won!\n".encode())
    environment = {**os.environ, **locale}
    ran = subprocess.run([*COMMAND, "predict", "posts.csv"], capture_output=True, cwd=tmp_path, env=environment)
    assert ran.returncode == 0 and '"id": "é😊"' in ran.stdout.decode("utf-8"), ran.stderr


def test_json_is_escaped_where_the_terminal_has_no_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bytes(tmp_path / "posts.csv", "id,text\né😊,We won!\n".encode())
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    shown = on_terminal("predict", "posts.csv", "--json", folder=tmp_path)
    line = next(line for line in shown.splitlines() if line.startswith('{"id"'))
    assert line.isascii() and json.loads(line)["id"] == "é😊"
