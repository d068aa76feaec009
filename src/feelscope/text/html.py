"""The HTML of a post to its plain words and the addresses of its pictures."""

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "figure", "hr", "tr"}
_SILENT = {"script", "style"}
_AUTHOR = "tumblr_blog"  # of a link to the blog whose post is quoted
_NOT_IN_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_ADDRESS = re.compile(rf"https?://[^\s/?#\\{_NOT_IN_LINE}][^{_NOT_IN_LINE}]*")
_LONGEST = 8192  # characters of an address


class _Reader(HTMLParser):
    def __init__(self, *, quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.pictures: list[str] = []
        self._silent = 0
        self._quotes = quotes
        self._quoted = 0  # block quotes that are open within a quoted post
        self._named: int | None = None  # where the line begins that names a quoted post's author

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote" and not self._quotes and (self._quoted or self._is_named()):
            self._quoted += 1
        if tag in _BLOCKS:
            self.words.append("\n")
        self._silent += tag in _SILENT
        if tag == "a" and _AUTHOR in (dict(attrs).get("class") or "").split() and not self._quoted:
            breaks = (place for place in range(len(self.words), 0, -1) if self.words[place - 1] == "\n")
            self._named = next(breaks, 0)
        if tag == "img" and not self._quoted and (address := dict(attrs).get("src")):
            self.pictures.append(address)

    def _is_named(self) -> bool:
        """Whether the line before names the author of a quoted post, as in "kim:"; that line goes."""
        if self._named is None or not "".join(self.words[self._named :]).rstrip().endswith(":"):
            return False
        del self.words[self._named :]
        self._named = None
        return True

    def handle_endtag(self, tag: str) -> None:
        self._quoted -= tag == "blockquote" and self._quoted > 0
        if tag in _BLOCKS:
            self.words.append("\n")
        self._silent -= tag in _SILENT and self._silent > 0

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        return self.parse_bogus_comment(i)  # as browsers do; the library's own fails at a word that it does not know

    def handle_data(self, data: str) -> None:
        if not (self._silent or self._quoted):
            self.words.append(data)


def read_html(html: str, *, quotes: bool = True) -> tuple[str, list[str]]:
    """The words of a piece of HTML, one line per paragraph, and the addresses of its pictures.

    Args:
        quotes: Whether posts that are quoted below their author's name, as Tumblr writes reblogs, are read too.
    """
    if "<" not in html and "&" not in html:
        return tidy(html), []
    reader = _Reader(quotes=quotes)
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
