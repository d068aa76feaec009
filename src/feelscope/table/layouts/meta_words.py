"""Texts of Meta's exports of an account: UTF-8 of which every byte was made a character."""

from feelscope.text.own_words import own_words


def repaired(said: str) -> tuple[str, str]:
    """A text as its author wrote it, and as it was where the reader of all tables would not repair it by itself.

    What that reader repairs is left to it, as it counts what it does.
    """
    try:
        text = said.encode("latin-1").decode()
    except UnicodeError:
        return said, ""
    return (said, "") if text == said or own_words(said)[0] == own_words(text)[0] else (text, said)
