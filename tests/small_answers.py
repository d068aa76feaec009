"""An answer model that trains in seconds: texts of three kinds, each with its emoji."""

from pathlib import Path

from feelscope.emoji.answer.train import train_answers
from feelscope.table import PostsTable

SAID = {
    "😡": ("the flight was awful and late", "this is terrible service", "I am furious about this", "worst day ever"),
    "❤️": ("I love you so much", "love my dear family", "you are my love", "all my heart is yours"),
    "🎄": ("christmas is near", "the tree is up for christmas", "merry christmas to all", "gifts under the tree"),
}


def write_posts(folder: Path, copies: int = 4) -> Path:
    """A table of 12 texts, each some times with another ending."""
    rows = [
        f"{emoji}{number}-{copy},{text} {'again ' * copy}{emoji},{emoji}"
        for emoji, texts in SAID.items()
        for number, text in enumerate(texts)
        for copy in range(copies)
    ]
    table = folder / "posts.csv"
    table.write_text("\n".join(["id,text,emotion", *rows]) + "\n", encoding="utf-8")
    return table


def train(folder: Path, **given) -> Path:
    """Train on them; returns the folder."""
    given = {"epochs": 30, "cache": folder / "features", **given}
    train_answers(PostsTable(write_posts(folder)), folder / "run", **given)
    return folder / "run"
