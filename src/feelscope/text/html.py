"""The HTML of a post to its plain words and the addresses of its pictures."""

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "figure", "hr", "tr"}
_SILENT = {"script", "style"}
_NOT_IN_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_ADDRESS = re.compile(rf"https?://[^\s/?#\\{_NOT_IN_LINE}][^{_NOT_IN_LINE}]*")
_LONGEST = 8192  # characters of an address


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.pictures: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.words.append("\n")
        self._silent += tag in _SILENT
        if tag == "img" and (address := dict(attrs).get("src")):
            self.pictures.append(address)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.words.append("\n")
        self._silent -= tag in _SILENT and self._silent > 0

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        return self.parse_bogus_comment(i)  # as browsers do; the library's own fails at a word that it does not know

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def read_html(html: str) -> tuple[str, list[str]]:
    """The words of a piece of HTML, one line per paragraph, and the addresses of its pictures."""
    if "<" not in html and "&" not in html:
        return tidy(html), []
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tidy("".join(reader.words)), [address for address in reader.pictures if is_address(address)]


def tidy(text: str) -> str:
    """A text without needless spaces or empty lines."""
    lines = (" ".join(line.split()) for line in re.split(r"[\r\n]+", text))
    return "\n".join(line for line in lines if line)


def is_address(text: object) -> bool:
    """Whether it is a web address: http or https, with a host, in one piece, and not longer than servers take."""
    return isinstance(text, str) and len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None
