"""Which column of a table is which: standard names, other names people use, and names that were given."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from feelscope.config import did_you_mean, listed
from feelscope.errors import TableError
from feelscope.table.dotted import column_of

# Standard name, then the other names it goes by, the better one first; German, French and Spanish ones come last.
# Capitals and surrounding spaces do not count, and blanks and hyphens are underscores.
# Sentiment is not emotion (positive is not happy), so it is not here.
STANDARD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("post_id", "postid", "tweet_id", "tweetid", "status_id", "comment_id", "image_id", "_id", "id_str", "ids"),
        *("beitrags_id", "beitrag_id", "identifiant", "id_publication", "identificador", "id_publicación"),
    ),
    "text": (
        *("caption", "body", "content", "tweet", "message", "selftext", "sentence", "full_text"),
        *("beitrag", "nachricht", "inhalt", "kommentar", "bildunterschrift", "texte", "contenu", "commentaire"),
        *("légende", "texto", "mensaje", "contenido", "comentario", "publicación"),
    ),
    "title": ("headline", "titel", "überschrift", "titre", "título", "titulo"),
    "image": (
        *("img", "image_path", "image_file", "img_path", "picture", "photo", "filename", "file_name"),
        *("bild", "bilddatei", "bildpfad", "foto", "datei", "dateiname", "fichier", "nom_du_fichier"),
        *("imagen", "archivo", "nombre_de_archivo"),
    ),
    "emotion": ("label", "feeling", "gefühl", "gefuehl", "émotion", "emoción", "emocion"),
    "created_at": (
        *("created", "date", "timestamp", "datetime", "created_utc", "datum", "zeitpunkt", "erstellt", "erstellt_am"),
        *("date_de_publication", "fecha", "fecha_de_publicación"),
    ),
    "author": (
        *("user", "account", "author_id", "user_id", "username", "autor", "autorin", "verfasser", "nutzer"),
        *("benutzername", "auteur", "utilisateur", "usuario"),
    ),
    "source": ("platform", "site", "quelle", "plattform", "plateforme", "plataforma"),
    "url": ("link", "permalink", "lien", "enlace"),
    "alt_text": ("image_alt", "alt_description", "image_description"),
    "tags": ("hashtags", "schlagwörter", "mots_clés", "etiquetas"),
}
# Other columns that name a picture on the web, 4CAT's among them.
PICTURE_ADDRESSES = ("image_url", "image_urls", "images", "image_link", "photo_url", "photo", "photos", "thumbnail_url")
_RATERS = frozenset("rater rater_id annotator annotator_id worker worker_id workerid coder coder_id".split())
FIELDS = ("id", "text", "title", "image", "emotion")  # of a Post
PASSED_ON = tuple(name for name in STANDARD_COLUMNS if name not in FIELDS)  # in `Post.other`, by these names
OTHER_COLUMNS = "the rows that are there have other columns; to begin again, leave out --resume"


def find_columns(names: Collection[str], given: Mapping[str, str], path: Path) -> dict[str, str]:
    """Find the standard columns among a table's.

    Args:
        names: The table's columns.
        given: Standard name to the table's name, or to the column's place from 1, as the user says; a dotted name
            reaches into a column, see `dotted.py`. One column may be given twice.
        path: For messages.

    Returns:
        Standard name to the table's name, for those that are there.

    Raises:
        TableError: A given name is not a standard column, or not in the table.
    """
    given = {standard: _named(name, names) for standard, name in given.items()}
    for standard, name in given.items():
        if standard not in STANDARD_COLUMNS:
            hint = did_you_mean(standard, STANDARD_COLUMNS)
            raise TableError(f"--columns {standard}={name}: {standard!r} is not a standard column; {hint}")
        if name not in names and column_of(name, names) is None:
            raise TableError(f"{path}: no column {name!r}; {did_you_mean(name, names)}")
    columns: dict[str, str] = {}
    free = [name for name in names if name not in given.values()]
    for standard, others in STANDARD_COLUMNS.items():
        if chosen := given.get(standard) or _first(free, standard, others):
            columns[standard] = chosen
    return columns


def is_known(name: str) -> bool:
    """Whether a name is one that a standard column goes by."""
    return _folded(name) in _KNOWN


def is_rater(name: str) -> bool:
    """Whether a column says who labelled a row, so that a post may have several rows."""
    return _folded(name) in _RATERS


def _named(name: str, names: Collection[str]) -> str:
    """The column of a name, or at a place from 1."""
    if name in names or not name.isascii() or not name.isdecimal() or not 1 <= int(name) <= len(names):
        return name
    return [*names][int(name) - 1]


def check_names(names: Sequence[str], path: Path) -> None:
    """Refuse a table with two columns of one name."""
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise TableError(f"{path}: two columns have the same name ({listed(twice)}); rename one")


def check_columns(
    names: Collection[str], columns: Mapping[str, str], need: Iterable[str], path: Path, *, addresses: bool = False
) -> None:
    """Refuse a table without anything to read, or without a needed column.

    Args:
        addresses: Whether a picture's web address is something to read.
    """
    for standard in dict.fromkeys(need):
        if standard not in columns:
            example = f"--columns {standard}=NAME"
            raise TableError(f"{path}: no {standard} column; it has {listed(names)}; name one with {example}")
    if not {"text", "title", "image"} & columns.keys() and not (addresses and {*PICTURE_ADDRESSES} & {*names}):
        if "source_platform" in names and "data" in names:
            hint = "an export of Zeeschuimer whose platform is not known here; name its text, as in"
            raise TableError(f"{path}: {hint} --columns id=item_id,text=data.NAME")
        example = "--columns text=NAME,image=NAME, or by place, as text=2, if the first line is no header"
        raise TableError(f"{path}: no text and no image column; it has {listed(names)}; name one with {example}")


def _first(names: Iterable[str], standard: str, others: Iterable[str]) -> str | None:
    """Choose the column for a standard name: itself, in other capitals, then by another name."""
    by_word: dict[str, str] = {}
    for name in names:
        by_word.setdefault(_folded(name), name)
        if name == standard:
            return name
    return next((by_word[word] for word in (standard, *others) if word in by_word), None)


def _folded(name: str) -> str:
    return re.sub(r"[\s-]+", "_", unicodedata.normalize("NFC", name).strip().casefold())


_KNOWN = frozenset(word for standard, others in STANDARD_COLUMNS.items() for word in (standard, *others))
