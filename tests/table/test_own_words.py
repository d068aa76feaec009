"""A table's posts have their authors' words; the cells are kept beside them."""

import json
from pathlib import Path

from feelscope.table import PostsTable

ROWS = [
    {"id": "1", "title": "A walk", "text": "[removed]"},
    {"id": "2", "title": "[deleted by user]", "text": "[deleted]"},
    {"id": "3", "text": "cats &amp; dogs"},
    {"id": "4", "text": "<p>rain</p>"},
    {"id": "5", "text": "cafÃ©"},
    {"id": "6", "text": "\u200b\u3164"},
    {"id": "7", "text": "𝗯𝗼𝗹𝗱 words"},
]


def test_words_are_the_authors_and_the_cell_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    table = PostsTable(path)
    found = {post.id: post for post in table}
    texts = {"1": "", "3": "cats & dogs", "4": "rain", "5": "café", "7": "𝗯𝗼𝗹𝗱 words"}
    assert {id: post.text for id, post in found.items()} == texts
    assert found["1"].other == {"text_as_it_was": "[removed]"}
    assert found["3"].other == {"text_as_it_was": "cats &amp; dogs"}
    assert found["7"].other == {}
    assert table.quarantine.reasons == {"neither text nor image": 2}
    assert sum(table.mended.values()) == 6
    assert len(list(table)) == 5 and sum(table.mended.values()) == 6, "a second pass counts again, not on"
