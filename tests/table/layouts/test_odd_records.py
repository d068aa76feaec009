"""A record in which one cell is not what it should be costs itself at most, and never ends the reading."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from platforms import submission, tumblr_post

from feelscope.table import BadRow
from feelscope.table.layouts.known import LAYOUTS, layout_of, rows_of

WHEN = {"created_at": "Tue Nov 14 22:13:20 +0000 2023", "createdAt": "2023-11-14T22:13:20Z"}
MEDIA = {"media": [{"url": "https://t.co/1", "media_url_https": "https://img.example/1.jpg", "ext_alt_text": "A cup"}]}
POST = {"$type": "app.bsky.feed.post", "text": "x", "langs": ["en"], "facets": [{"features": [{"tag": "a"}]}], **WHEN}
TWEET = {"id_str": "1", "full_text": "x", "entities": {"hashtags": [{"text": "a"}]}, "extended_entities": MEDIA, **WHEN}
NOTE = {"id": "https://m.example/1", "type": "Note", "content": "x", "attachment": [{"url": "/a.png"}], "tag": [{}]}
NOTE |= {"attributedTo": "https://m.example/al", "contentMap": {"en": "x"}}
RECORDS: dict[str, dict[str, Any]] = {
    "Label Studio": {"id": 1, "data": {"text": "x"}, "annotations": [{"result": [{"value": {"choices": ["joy"]}}]}]},
    "4CAT": {
        **{"id": "1", "thread_id": "1", "body": "x", "author": "al", "timestamp": "2023-11-14 22:13:20", "source": "a"},
        **{"is_retweet": "no", "is_quote_tweet": "no", "author_id": "2", "hashtags": "a,b"},
    },
    "CrowdTangle": {
        **{"Message": "x", "URL": "https://f.example/al/posts/1", "Post Created": "2021-05-03 10:22:13 EDT"},
        **{"Link Text": "", "Facebook Id": "2", "Likes": "1,000"},
    },
    "twint": {
        **{"id": 1, "conversation_id": "1", "tweet": "x", "user_id": 2, "username": "al", "retweet": False},
        **{"link": "https://x.example/al/status/1", "photos": []},
    },
    "Bluesky": {"post": {"uri": "at://did:plc:a/b/c", "author": {"did": "did:plc:a"}, "record": POST}, "reason": None},
    "Mastodon": {
        "type": "Create",
        "object": {**NOTE, "attributedTo": "https://m.example/al", "contentMap": {"en": "x"}},
    },
    "X": {"rest_id": "1", "core": {"user_results": {"result": {"rest_id": "2"}}}, "legacy": TWEET, "note_tweet": {}},
    "X (archive)": {"tweet": TWEET},
    "X (pages of the API)": {
        "data": [{"id": "1", "text": "x", "attachments": {"media_keys": ["3"]}}],
        "includes": {"media": [{"media_key": "3", "url": "https://img.example/1.jpg"}]},
    },
    "Reddit": submission(1) | {"crosspost_parent_list": [submission(2)], "media_metadata": {"a": {"s": {"u": "b"}}}},
    "Tumblr": tumblr_post(1, 1_400_000_000),
    "TikTok": {
        "id": "1",
        "desc": "x",
        "createTime": 1,
        "challenges": [{"title": "a"}],
        "contents": [{"textExtra": [{}]}],
    },
    "Instagram": {"pk": "1", "code": "C", "taken_at": 1, "user": {"pk": "2"}, "caption": {"text": "x"}},
    "Instagram (archive)": {"media": [{"uri": "media/1.jpg", "creation_timestamp": 1, "title": "x"}], "title": ""},
    "Facebook": {
        "comet_sections": {"content": {"story": {"post_id": "1", "message": {"text": "x"}, "attachments": [{}]}}}
    },
    "Facebook (archive)": {
        "timestamp": 1,
        "data": [{"post": "x"}],
        "attachments": [{"data": [{"media": {"uri": "media/1.jpg", "description": "y"}}]}],
        "title": "",
    },
    "doccano": {"id": 1, "text": "x", "label": ["joy", "joy"]},
}
ODD = (None, "", [], {}, 0, True, 1e300, 10**30, "x", "\0", "\ud800", [1], [None], [[]], {"a": 1}, [{"a": None}])


def changed(value: Any, odd: object) -> Iterator[Any]:
    """The value with one of its parts after another replaced, then taken out of its object."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, part in parts:
        for other in (odd, *changed(part, odd)):
            whole = copy.copy(value)
            whole[place] = other
            yield whole
        if isinstance(value, dict):
            yield {name: one for name, one in value.items() if name != place}


def test_every_layout_has_a_record_here() -> None:
    assert [*RECORDS] == [layout.name for layout in LAYOUTS]


@pytest.mark.parametrize("name", RECORDS)
def test_an_odd_cell_costs_its_record(name: str) -> None:
    record = RECORDS[name]
    layout = layout_of([record])
    assert layout is not None and layout.name == name
    (whole,) = rows_of(record, layout)
    assert not isinstance(whole, BadRow) and whole["id"]
    for odd in ODD:
        for torn in changed(record, odd):
            layout_of([torn])
            for row in rows_of(torn, layout):
                assert isinstance(row, BadRow | dict)
