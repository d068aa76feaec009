"""A row of a table as a post: its id, words, picture and label, and what of it could not be used."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from feelscope.post import Post, is_blank
from feelscope.table.cells import fault_of, is_empty, look_at, look_at_texts, read_id, read_words
from feelscope.table.columns import FIELDS, PICTURE_ADDRESSES
from feelscope.table.fields import readers_of, standard_fields
from feelscope.table.labels import NO_LABEL, Label, OneHot, label_of
from feelscope.table.nested import read_nested
from feelscope.table.picture_paths import WEB_ADDRESS, web_addresses
from feelscope.table.quarantine import BadRow, Quarantine
from feelscope.text.json_lines import LONGEST
from feelscope.text.own_words import begins_plain, is_plain, own_words

AS_IT_WAS = "_as_it_was"  # behind `text` or `title`, the column of a cell that was mended
_NEEDED = ("id", "text", "title")  # a fault in these costs the row, one in `image` the picture


class RowReader:
    """Make posts of rows.

    Args:
        columns: Standard name to the table's name. Without `id`, the row's number is the id.
        need: Standard names of columns that have to be filled.
        quarantine: Counts cells, labels and pictures that could not be used.
        find_picture: Gives the picture of an image cell, or raises `BadRow`.
        label_names: Of labels that are numbers.
        one_hot: Where the label is in columns of 0 and 1.
        addresses: Whether a picture's web address is enough for a post.
        dates: The order of days and months, see `read_time`.

    Attributes:
        mended: Texts and titles that were not as their author wrote them, by what was done.
    """

    def __init__(
        self,
        columns: Mapping[str, str],
        need: Collection[str],
        quarantine: Quarantine,
        find_picture: Callable[[str], Path | bytes],
        *,
        label_names: Sequence[str] = (),
        one_hot: OneHot | None = None,
        addresses: bool = False,
        dates: str = "",
    ) -> None:
        self._need = tuple(need)
        self._quarantine = quarantine
        self._find_picture = find_picture
        self._label_names, self._one_hot = label_names, one_hot
        self._addresses, self._dates = addresses, dates
        self.mended: Counter[str] = Counter()
        self._is_text = True  # whether all cells so far were texts
        self.know(columns)

    def know(self, columns: Mapping[str, str]) -> None:
        """Take in which column is which, and what `Post.other` leaves out."""
        self._id, self._text, self._title = columns.get("id"), columns.get("text"), columns.get("title")
        self._image, self._emotion = columns.get("image"), columns.get("emotion")
        self._has_labels = self._emotion is not None or self._one_hot is not None
        self._may_have_pictures = self._addresses or self._image is not None
        self._fields = {name for standard, name in columns.items() if standard in FIELDS}
        # A column that has a standard name while another was given for it, as in author=author_id, keeps its cells.
        named = {*columns.values()}
        self._passed_on = {name: f"other_{name}" for name in columns if name not in named}
        self._shared: list[tuple[str, str]] = []  # standard names whose column is another thing as well
        for standard, name in columns.items():
            if standard not in FIELDS:
                if name in self._fields or name in self._passed_on:
                    self._shared.append((standard, name))
                else:
                    self._passed_on[name] = standard
        needed = [*_NEEDED, *self._need]
        self._costs_row = {columns[standard] for standard in needed if standard in columns}
        self._renames = any(name != other for name, other in self._passed_on.items())
        self._columns = dict(columns)
        self._readers = readers_of(columns)

    def id(self, row: Mapping[str, object], number: int) -> str:
        """The id of a row; raises `BadRow` where it has none."""
        return str(number) if self._id is None else read_id(row.get(self._id))

    def label(self, row: Mapping[str, object]) -> str:
        """The label of a row; empty where it has none that can be read."""
        try:
            return self._label(row, {}).name
        except BadRow:
            return ""

    def post(self, row: Mapping[str, object], number: int, is_new: bool, label: str | None = None) -> Post:
        """Make a post of a row.

        Args:
            number: Of the row, from 1.
            is_new: Whether what could not be used is still to be counted.
            label: That of all its raters; None takes the row's own.

        Raises:
            BadRow: There is no post in it.
        """
        id = str(number) if self._id is None else read_id(row.get(self._id))
        lost: dict[str, int] = {}  # cells that are empty in the post, by column
        faults: list[BadRow] = []  # of the picture
        try:
            is_whole, is_usual = self._look(row)
            if not is_whole:
                row = self._sound(row, lost, faults)
            said = row.get(self._text, "") if self._text is not None else ""
            if type(said) is not str or len(said) > LONGEST:  # asked here, as a call takes time in every row
                said = read_words("text", said)
            headed = row.get(self._title, "") if self._title is not None else ""
            if type(headed) is not str or len(headed) > LONGEST:
                headed = read_words("title", headed)
            text, title = said, headed
            if not (is_usual and begins_plain(said, headed)) and not is_plain(said, headed):
                text, title = self._own_words(said), self._own_words(headed)
            emotion, null_word, its_label = label or "", "", None
            if label is None and self._has_labels:
                its_label = self._label(row, lost)
                emotion, null_word = its_label.name, its_label.null_word
            image, address = self._picture(row, faults) if self._may_have_pictures else (None, "")
            if image is None and (not text or is_blank(text)) and (not title or is_blank(title)):
                self._check_picture_alone(row, address, faults)
            for name in self._need:
                empty = not emotion if name == "emotion" else is_empty(row.get(self._columns.get(name, "")))
                if empty:
                    raise BadRow(f"no {name}", null_word if name == "emotion" else "", broken=False)
        except BadRow as bad:
            bad.id = id
            raise
        if is_new and (lost or faults or null_word):
            self._count(lost, faults, null_word)
        # The cells to be written out again, the standard ones by their standard names.
        if self._renames:
            passed_on, fields = self._passed_on, self._fields
            other = {passed_on.get(name, name): value for name, value in row.items() if name not in fields}
        else:
            other = {**row}
            for name in self._fields:
                other.pop(name, None)
        for standard, name in self._shared:
            other[standard] = row.get(name)
        if text is not said and text != said:
            other[f"text{AS_IT_WAS}"] = said
        if title is not headed and title != headed:
            other[f"title{AS_IT_WAS}"] = headed
        if its_label is not None and its_label.raters:
            other |= its_label.cells()
        typed = standard_fields(other, self._dates, self._readers) if other else {}
        if address:
            typed["picture_address"] = address
        if faults:
            typed["warnings"] = tuple(map(_warning, faults))
        return Post(id, text, title, image, emotion or None, other, number, **typed)

    def picture(self, row: Mapping[str, object]) -> Path | bytes | None:
        """The picture of a row: its file, which may be missing, or its bytes.

        Raises:
            BadRow: The cell names no file of the folder.
        """
        if self._image is None:
            return None
        value = row.get(self._image)
        if isinstance(value, str) and value[:1] == "[":
            value = read_nested(value) or value
        if isinstance(value, list | tuple) and value:  # a post's pictures, of which the first is read
            value = value[0]
        if isinstance(value, Mapping):  # as in Hugging Face data sets: the picture's bytes, or else its path
            value = value.get("bytes") or value.get("path")
        if isinstance(value, bytes):
            return value or None
        cell = read_words("image", value).strip()
        return self._find_picture(cell) if cell else None

    def _look(self, row: Mapping[str, object]) -> tuple[bool, bool]:
        """Whether no cell of a row has a fault, and whether its texts are surely ASCII without & and <."""
        if self._is_text:
            try:
                return look_at_texts(row)  # type: ignore[arg-type]
            except TypeError:  # from now on, cells are of several kinds
                self._is_text = False
        return look_at(row)

    def _own_words(self, cell: str) -> str:
        """What the author wrote of a cell."""
        text, done = own_words(cell)
        if done:
            self.mended.update(done)
        return text

    def _picture(self, row: Mapping[str, object], faults: list[BadRow]) -> tuple[Path | bytes | None, str]:
        """The picture, or where it is on the web."""
        if self._addresses:
            cells = [row.get(name) for name in (self._image, *PICTURE_ADDRESSES) if name is not None]
            address = next((address for cell in cells if cell for address in web_addresses(cell)), "")
            if address and (self._image is None or web_addresses(row.get(self._image))):
                return None, address
        else:
            address = ""
        try:
            return self.picture(row), address
        except BadRow as fault:
            faults.append(fault)
            return None, address

    def _check_picture_alone(self, row: Mapping[str, object], address: str, faults: list[BadRow]) -> None:
        """Raise what is wrong with a post of neither words nor a picture that is here."""
        if address:
            return
        if faults:
            raise faults[0]
        on_web = (found for name in PICTURE_ADDRESSES for found in web_addresses(row.get(name)))
        if (found := next(on_web, "")) and not self._addresses:
            raise BadRow(WEB_ADDRESS, found, broken=False)
        raise BadRow("neither text nor image", broken=False)

    def _label(self, row: Mapping[str, object], lost: dict[str, int]) -> Label:
        """What the row says of the emotion."""
        if self._one_hot is not None:
            return Label(self._one_hot.label(row))
        if self._emotion is None:
            return NO_LABEL
        value = row.get(self._emotion)
        if value is None or value == "":
            return NO_LABEL
        try:
            return label_of(value, self._label_names)
        except BadRow:
            if self._emotion in self._costs_row:
                raise
            lost[self._emotion] = 1
            return NO_LABEL

    def _sound(self, row: Mapping[str, object], lost: dict[str, int], faults: list[BadRow]) -> Mapping[str, object]:
        """The row, None in place of cells with NUL or what was not UTF-8: most formats can hold neither.

        Raises:
            BadRow: The cell is one that a post needs.
        """
        sound: dict[str, object] = {}
        for name, value in row.items():
            if fault_of([name]) is not None:
                lost[ascii(name)] = 1
            elif (fault := fault_of([value])) is None:
                sound[name] = value
            elif name in self._costs_row:
                raise BadRow(fault.reason, fault.detail or name)
            elif name == self._image:
                sound[name] = None
                faults.append(BadRow(fault.reason, fault.detail or name))
            else:
                sound[name] = None
                lost[name] = 1
        return sound

    def _count(self, lost: dict[str, int], faults: list[BadRow], null_word: str) -> None:
        self._quarantine.emptied.update(lost)
        for fault in faults:
            self._quarantine.pictures[fault.reason] += 1
        if null_word:
            self._quarantine.null_words[null_word] += 1


def _warning(fault: BadRow) -> str:
    detail = f": {fault.detail[:200]}" if fault.detail else ""
    return f"the picture was not used: {fault.reason}{detail}"
