"""A comparison that takes a second: posts of planted emotions, read by word vectors and tags, without pictures."""

import csv
from pathlib import Path

import numpy as np

EMOTIONS = ("happiness", "sadness", "fear")
SAID = {"happiness": ("sunny", "laugh"), "sadness": ("grave", "tears"), "fear": ("scream", "dark")}
FILLERS = tuple("the a we saw house then went over under river market window table street garden morning".split())
TAGGED = """
purpose = "A test."

[text]
encoder = "words"
training = "new"

[further]
modalities = ["tags"]

[fusion]
model = "joint"

[steps]
learning_rate = 0.05
epochs = 3
"""


def write_posts(path: Path, posts: int = 90, seed: int = 0) -> Path:
    """A table whose words, and whose tags in half of the posts, say the emotion."""
    draw = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "text", "tags", "emotion"))
        for number in range(posts):
            emotion = EMOTIONS[number % 3]
            words = [*draw.choice(FILLERS, 9), draw.choice(SAID[emotion])]
            tags = f"t{number % 3}" if number % 2 else ""
            writer.writerow((f"p{seed}-{number}", " ".join(draw.permutation(words)), tags, emotion))
    return path


def write_vectors(path: Path, width: int = 6) -> Path:
    """Word vectors as GloVe writes them; words of one emotion are alike."""
    draw = np.random.default_rng(0)
    rows = [(word, draw.normal(0, 0.3, width)) for word in FILLERS]
    for axis, words in enumerate(SAID.values()):
        rows += [(word, 2 * np.eye(width)[axis] + draw.normal(0, 0.1, width)) for word in words]
    lines = [f"{word} {' '.join(f'{number:.4f}' for number in vector)}" for word, vector in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
