import io
import os
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import WordsError
from feelscope.words.load import load

VECTORS = {
    "the": [0.5, -1.25, 3.0],
    "don't": [1e-3, 2.0, -7.5],
    "caf\u00e9": [0.0, 0.25, 1.0],
    "\U0001f602": [4.0, 5.0, 6.0],
}


def glove(vectors):
    return "".join(f"{word} {' '.join(map(repr, numbers))}\n" for word, numbers in vectors.items()).encode()


def word2vec_text(vectors):
    lines = [f"{word} {''.join(f'{number!r} ' for number in numbers)}\n" for word, numbers in vectors.items()]
    return f"{len(vectors)} 3\n{''.join(lines)}".encode()


def word2vec_binary(vectors, between=b"\n"):
    rows = [word.encode() + b" " + struct.pack("<3f", *numbers) + between for word, numbers in vectors.items()]
    return f"{len(vectors)} 3\n".encode() + b"".join(rows)


def npz(vectors, kind=np.float16):
    file = io.BytesIO()
    np.savez(file, words=np.array([*vectors]), vec=np.array([*vectors.values()], kind))
    return file.getvalue()


FORMATS = {
    "glove": glove,
    "glove with CRLF": lambda vectors: glove(vectors).replace(b"\n", b"\r\n"),
    "word2vec text": word2vec_text,
    "word2vec binary": word2vec_binary,
    "word2vec binary without line breaks": lambda vectors: word2vec_binary(vectors, b""),
    "npz": npz,
    "npz float64": lambda vectors: npz(vectors, np.float64),
}


@pytest.fixture
def read(tmp_path):
    def write_and_load(content, keep=None):
        path = tmp_path / "vectors"
        path.write_bytes(content)
        return load(path, keep)

    return write_and_load


@pytest.fixture
def refusal(read):
    def error_of(content, keep=None):
        with pytest.raises(WordsError) as caught:
            read(content, keep)
        assert "\n" not in str(caught.value)
        assert "vectors" in str(caught.value)
        return str(caught.value)

    return error_of


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_words_and_vectors(read, name):
    found = read(FORMATS[name](VECTORS))
    assert found.words == tuple(VECTORS)
    assert (found.vectors.dtype, found.vectors.shape, found.width, len(found)) == (np.float32, (4, 3), 3, 4)
    np.testing.assert_allclose(found.vectors, [*VECTORS.values()], rtol=1e-3 if name == "npz" else 1e-6)
    assert "the" in found and "The" not in found
    np.testing.assert_array_equal(found["don't"], found.vectors[1])
    assert found.rows(["\U0001f602", "none", "the"]) == [3, 0]
    np.testing.assert_array_equal(found.table()[0], [0, 0, 0])
    np.testing.assert_array_equal(found.table()[1:], found.vectors)


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_words_wanted_are_kept_in_the_files_order(read, name):
    found = read(FORMATS[name](VECTORS), keep={"caf\u00e9", "the", "missing"})
    assert found.words == ("the", "caf\u00e9")
    np.testing.assert_allclose(found.vectors, [VECTORS["the"], VECTORS["caf\u00e9"]], rtol=1e-3)
    nothing = read(FORMATS[name](VECTORS), keep=set())
    assert (nothing.words, nothing.vectors.shape) == ((), (0, 3))


@pytest.mark.parametrize(("write", "binary"), [(word2vec_binary, True), (word2vec_text, False)])
def test_gensim_writes_what_is_read_and_reads_what_the_tests_write(read, tmp_path, write, binary):
    from gensim.models import KeyedVectors

    theirs = KeyedVectors(3)
    theirs.add_vectors([*VECTORS], np.array([*VECTORS.values()], np.float32))
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    found = load(tmp_path / "theirs")
    assert set(found.words) == set(VECTORS)
    for word, numbers in VECTORS.items():
        np.testing.assert_allclose(found[word], numbers, rtol=1e-6)
    (tmp_path / "ours").write_bytes(write(VECTORS))
    assert KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary).index_to_key == [*VECTORS]


_WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6)
_NUMBERS = st.lists(st.floats(-100, 100, width=16), min_size=3, max_size=3)


@given(st.dictionaries(_WORDS, _NUMBERS, min_size=1, max_size=5), st.sampled_from(sorted(FORMATS)))
def test_what_is_written_is_read(tmp_path_factory, vectors, name):
    path = tmp_path_factory.mktemp("given") / "vectors"
    path.write_bytes(FORMATS[name](vectors))
    found = load(path)
    assert found.words == tuple(vectors)
    np.testing.assert_allclose(found.vectors, [*vectors.values()], rtol=1e-6)


def test_a_word_of_glove_may_have_spaces_or_be_a_number(read):
    found = read(b". . . 1 2 3\n2013 4 5 6\nat name@domain.com 7 8 9\n1 0 0 0\n\xc2\x85 1 1 1\n")
    assert found.words == (". . .", "2013", "at name@domain.com", "1", "\x85")
    assert found["at name@domain.com"].tolist() == [7, 8, 9]
    assert read(b"a 1 2 3\n. . 4 5 6\n", keep={". ."}).words == (". .",)


def test_the_width_is_what_the_file_has(read):
    assert read(b"a 1\nb 2\n").width == 1
    assert read(b"a" + b" 0.5" * 300 + b"\n").width == 300


@pytest.mark.parametrize("name", ["glove", "word2vec text", "word2vec binary", "npz"])
def test_a_word_that_stands_twice_is_named_with_both_places(refusal, name):
    content = FORMATS[name]({**VECTORS, "twins": [1.0, 2.0, 3.0]}).replace(b"twins", b"the")
    if name == "npz":
        file = io.BytesIO()
        np.savez(file, words=np.array(["the", "a", "the"]), vec=np.ones((3, 3), np.float32))
        content = file.getvalue()
    message = refusal(content)
    place = {"glove": "line 5", "word2vec text": "line 6", "npz": "row 2"}.get(name, "byte ")
    assert place in message and "'the' is there again" in message and "remove one" in message


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"a 1 2 3\nb 1 2\n", 2, "found 3 fields"),
        (b"a 1 2 3\nb 1 2 x\n", 2, "found b'x'"),
        (b"a 1 2 3\n\nb 1 2 3\n", 2, "found 1 fields"),
        (b"a 0.1 0.2\nb 0.3 0.4b 0.5 0.6\n", 2, "numbers and more"),
        (b"a 0.1\nb 0.1 0.2\nc 0.3 0.4\n", 2, "numbers and more"),
        (b"word alone\n", 1, "found 2 fields"),
        (b"a 1 nan\n", 1, "infinite or not a number"),
        (b"a 1 2\nb 1e39 2\n", 2, "infinite or not a number"),
        (b"\xff\xfe 1 2\n", 1, "not UTF-8"),
        (b"3 2\na 1 2\nb 1 2\n", 3, "2 words; its first line says 3"),
        (b"1 2\na 1 2\nb 1 2\n", 3, "2 words; its first line says 1"),
        (b"2 3\na 1 2 3\nb 1 2\n", 3, "found 3 fields"),
        (b"2 0\n", 1, "width 0"),
        (b"word", 1, "found 1 fields"),
    ],
)
def test_a_damaged_line_is_told_by_its_number(refusal, content, line, found):
    message = refusal(content)
    assert found in message
    assert f"line {line}" in message


def test_lines_that_are_not_wanted_are_checked_for_their_length(refusal):
    assert "line 3" in refusal(b"a 1 2 3\nb 1 2 3\nc 1 2\n", keep={"a"})


@pytest.mark.parametrize("cut", [12, 30, -1, -17])
def test_a_binary_file_that_is_cut_off_is_told_by_its_byte(refusal, cut):
    message = refusal(word2vec_binary(VECTORS, b"")[:cut])
    assert "byte " in message
    assert "of 4 with 3 numbers, found the end of the file" in message


def test_a_binary_file_that_goes_on_or_has_no_words_is_refused(refusal):
    content = word2vec_binary(VECTORS, b"")
    assert f"byte {len(content)}: expected the end after 4 words, found 7 bytes" in refusal(content + b"further")
    assert "no end of a word" in refusal(b"2 3\nthe " + struct.pack("<3f", 1.1, 2.2, 3.3) + b"\xff" * 9000)
    assert "infinite" in refusal(word2vec_binary({"a": [1.0, float("nan"), 2.0]}))


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"words": np.array(["a"])}, "words <U1"),
        ({"words": np.array(["a", "b"]), "vec": np.ones((1, 3))}, "(1, 3)"),
        ({"words": np.array(["a"]), "vec": np.ones((1, 3)), "more": np.ones((1, 3))}, "more"),
        ({"words": np.array(["a"]), "vec": np.array([[1, 2]])}, "int64"),
        ({"words": np.array(["a"], object), "vec": np.ones((1, 3))}, "without objects"),
    ],
)
def test_an_npz_of_something_else_is_refused(refusal, arrays, found):
    file = io.BytesIO()
    np.savez(file, **arrays)
    assert found in refusal(file.getvalue())


SMALL = {"a": [0.5, -1.25, 3.0], "caf\u00e9": [4.0, 5.0, 6.0]}


@pytest.mark.parametrize("name", ["glove", "word2vec text", "word2vec binary", "npz"])
def test_damage_at_any_byte_is_one_line_or_other_words(tmp_path, name):
    path, content = tmp_path / "vectors", FORMATS[name](SMALL)
    path.write_bytes(content)
    refused = 0

    def check() -> int:
        try:
            found = load(path)
        except WordsError as error:
            assert "\n" not in str(error) and "vectors" in str(error)
            return 1
        assert found.vectors.shape == (len(found.words), found.width)
        return 0

    with path.open("r+b", buffering=0) as file:
        for place, byte in enumerate(content):
            for damage in sorted({*(byte ^ 1 << bit for bit in range(8)), *b"\0\n 9\xff"} - {byte}):
                os.pwrite(file.fileno(), bytes([damage]), place)
                refused += check()
            os.pwrite(file.fileno(), bytes([byte]), place)
        assert not check(), "the file is whole again"
        for cut in reversed(range(len(content))):
            file.truncate(cut)
            refused += check()
    assert refused > len(content)


def test_an_npz_whose_encrypted_bit_is_set_is_one_line(refusal):
    content = bytearray(npz(VECTORS))
    content[content.index(b"PK\1\2") + 8] |= 1  # the flags of the first file in the central directory
    assert "is encrypted, password required" in refusal(bytes(content))


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "empty"), (b"\x1f\x8b\x08", "gzip"), (b"\x80\x04", "pickle"), (b"\0\1\2", "begins with")],
)
def test_other_files_are_refused_with_what_they_are(refusal, content, found):
    assert found in refusal(content)


def test_no_file_a_folder_and_a_pipe_are_refused(tmp_path):
    with pytest.raises(WordsError, match=r"none.*check its path"):
        load(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(WordsError, match="not a regular file"):
            load(path)
