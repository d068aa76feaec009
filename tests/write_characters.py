"""Writes src/feelscope/export/page/characters.js: kinds of characters as the package tokenizers knows them.

    python tests/write_characters.py

Its tables are of an older Unicode than those of browsers, which also differ from each other; a page with tables of its
own reads the same words everywhere. A test says when a newer tokenizers has others.
"""

import sys
from collections.abc import Iterable

import feelscope.export.browser_page

FILE = feelscope.export.browser_page.PAGE / "characters.js"
HEAD = """// Kinds of characters as the package tokenizers has them, whose Unicode is older than a browser's.
// Written by tests/write_characters.py.
"""


def text() -> str:
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    options = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    cleaned, stripped = (BertNormalizer(**options | {name: True}) for name in ("clean_text", "strip_accents"))
    ideographs = BertNormalizer(**options | {"handle_chinese_chars": True})
    split = BertPreTokenizer()
    kinds: dict[str, list[int]] = {
        name: [] for name in ("CONTROL", "BLANK", "MARK", "PUNCTUATION", "IDEOGRAPH", "DECOMPOSED")
    }
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code <= 0xDFFF:
            continue
        one = chr(code)
        clean = cleaned.normalize_str(f"a{one}b")
        if clean == "ab":
            kinds["CONTROL"].append(code)
        elif clean == "a b":
            kinds["BLANK"].append(code)
        plain = stripped.normalize_str(f"a{one}b")
        if plain == "ab":
            kinds["MARK"].append(code)
        elif plain != f"a{one}b":
            kinds["DECOMPOSED"].append(code)
        if ideographs.normalize_str(one) != one:
            kinds["IDEOGRAPH"].append(code)
        if len(split.pre_tokenize_str(f"a{one}b")) == 3:
            kinds["PUNCTUATION"].append(code)
    return HEAD + "".join(f"export const {name} =\n  /[{pattern(codes)}]/u;\n" for name, codes in kinds.items())


def pattern(codes: Iterable[int]) -> str:
    """The inside of a regular expression's brackets."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(written(first) + (f"-{written(last)}" if last > first else "") for first, last in runs)


def written(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\u{{{code:x}}}"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
