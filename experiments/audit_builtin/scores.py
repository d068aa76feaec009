"""Score the built-in model by kind of post, on dev tables that it was not trained on.

python experiments/audit_builtin/scores.py DIR
"""

import sys
from pathlib import Path

from feelscope import EmotionClassifier, Post
from feelscope.audit.score_report import figure, to_text
from feelscope.audit.scores import audit_scores
from feelscope.drawing import save
from feelscope.emotions import SEVEN
from feelscope.table import PostsTable
from feelscope.train.data import read_source, without_overlap
from feelscope.train.recipe import Source

HERE, DATA = Path(__file__).parent, Path(sys.argv[1])


def msed() -> list[Post]:
    """MSED's dev table without the posts whose text or picture also appears in its training table."""
    train = Source(table="msed/train.csv", name="MSED", licence="research use")
    apart = without_overlap(
        list(PostsTable(DATA / "msed/dev.csv", need=("emotion",))), [read_source(DATA / train.table, train, SEVEN)]
    )
    return list(apart)


def goemotions() -> list[Post]:
    """GoEmotions' dev rows with exactly one label, mapped to the seven emotions."""
    path = DATA / "goemotions/dev.csv"
    source = Source(table="", name="", licence="", column="emotions", map="goemotions")
    single = {post.id for post in PostsTable(path, {"emotion": "emotions"}) if "|" not in (post.emotion or "|")}
    return [post for post in read_source(path, source, SEVEN).posts if post.id in single]


classifier = EmotionClassifier.load()
for name, posts in (("msed", msed), ("goemotions", goemotions)):
    found = audit_scores(classifier, posts())
    drawn, rows = figure(found)
    save(drawn, rows, HERE / "scores", name)
    (HERE / "scores" / f"{name}.svg").unlink()
    print(f"{name}\n{to_text(found)}\n")
