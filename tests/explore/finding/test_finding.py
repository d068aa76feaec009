"""What was kept as one page: counts and quotes of the index, and everything escaped."""

import http.client
import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from small_archive import MARKUP

from feelscope import __version__


def send(address, content, kind="application/json"):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    connection.request("POST", "/finding.json", body, {"Content-Type": kind})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def page(address, *kept, title=""):
    status, said = send(address, {"title": title, "kept": kept})
    assert status == 200, said
    return said["html"]


def test_a_question_has_its_counts_charts_and_subjects(address, archive):
    given = {"query": "storm", "subject": "red cross", "from": "2011-01-01", "to": "2012-01-01"}
    found = archive.views(given)
    asked = "query=storm&subject=red+cross&from=2011-01-01&to=2012-01-01&course=fear"
    written = page(address, {"question": asked, "note": "Look"}, title="Storms")
    assert "<title>Storms</title>" in written and "<script" not in written
    words = f"{found['counts']['query']} posts for storm, from 1 Jan 2011 to 31 Dec 2011"
    assert f"1. {words}; {found['counts']['subject']} of them mention red cross" in written
    charts = [ElementTree.fromstring(svg) for svg in re.findall("<svg.*?</svg>", written, re.DOTALL)]
    bars = [len(charts[0].findall(f"rect[@class='{kind}-area']")) for kind in "qf"]
    bins = found["timeline"]["bins"]
    assert bars == [sum(bool(one[name]) for one in bins) for name in ("query", "subject")] and len(charts) == 3
    assert len(charts[1].findall("circle")) == len(found["feelings"]["rows"])
    for row in found["subjects"]["rows"]:
        assert f"<td>{row['subject']}</td>" in written and f'<td class="number">{row["posts"]}</td>' in written
    assert f"Feelscope {__version__}" in written and "602 posts, 4 Jan 2010 to before" in written
    assert re.search(r"Counted in the index of \d{1,2} [A-Z][a-z]{2} 20\d\d", written)


def test_a_comparison_has_both_sides(address, archive):
    found = archive.views({"query": "storm"}, against={"against": "rest"})
    written = page(address, {"question": "query=storm&against=rest"})
    assert f"compared with {found['counts']['other']} posts without these words" in written
    assert "More here" in written and "to a scale of its own" in written
    written = page(address, {"question": "query=storm&from=2011-01-01&against_to=2011-01-01"})
    assert "from 4 Jan 2010 to 31 Dec 2010" in written


def test_a_quote_is_of_the_post_or_none_at_all(address, archive):
    rows = archive.views({"query": "storm"}, parts=("sentences",))["sentences"]["rows"]
    row = next(row for row in rows if row["id"].startswith("p"))
    true = {"question": "query=storm", "post": row["id"], "sentence": row["text"]}
    written = page(address, true)
    quote = re.search("<blockquote.*?>(.*)</blockquote>", written)[1]
    assert re.sub("<.*?>", "", quote) == row["text"] and '<mark class="q">storm</mark>' in quote
    assert "javascript:" not in written
    assert page(address, true | {"sentence": "What nobody has said."}) == written
    assert page(address, true | {"sentence": ""}) == written
    odd = page(address, {"question": "query=storm&subject=red+cross", "post": "odd0", "sentence": MARKUP})
    assert '<a href="https://example.org/" rel="noopener noreferrer">' in odd
    assert "<svg" not in odd and "&lt;svg onload=" in odd and "&lt;big&gt;" in odd


def test_markup_in_what_is_sent_is_text(address):
    bad = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x1b[2J"
    written = page(
        address, {"question": "query=" + "%3Cscript%3E", "note": bad}, {"question": bad, "note": bad}, title=bad
    )
    assert "<script" not in written and "<img" not in written and "\x1b" not in written
    assert written.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert "default-src 'none'" in written


def test_what_is_gone_is_said_in_its_place(address):
    written = page(
        address,
        {"question": "query=storm", "post": "p99999", "note": "kept"},
        {"question": "emotion=joy"},
        {"question": "colour=red"},
        {"question": "query=storm", "post": "\ud800"},
        {"question": "emotion=joy", "post": "p0"},
        {"question": "query=storm"},
    )
    assert "The archive has no post p99999 any more." in written and "kept</p>" in written
    assert "any more: no post has the emotion &#x27;joy&#x27;" in written
    assert "&#x27;colour&#x27; is not known" in written
    assert written.count("<blockquote") == 1 and "posts for storm" in written


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ([], "expected an object with title and kept"),
        ({"kept": []}, "a finding has 1 to 100 things, and this one 0"),
        ({"kept": [{"question": ""}] * 101}, "and this one 101"),
        ({"kept": ["query=storm"]}, "expected an object for each thing"),
        ({"kept": [{"question": "", "note": "x" * 2001}]}, "its note has 2,001 letters, and 2,000 are the most"),
        ({"kept": [{"question": "q" * 10_001}]}, "its question has 10,001 letters"),
        ({"kept": [{"question": "", "post": 7}]}, "expected text as its post"),
        ({"title": ["x"], "kept": [{"question": ""}]}, "expected text as its title"),
        ({"title": "x" * 201, "kept": [{"question": ""}]}, "its title has 201 letters"),
    ],
)
def test_what_cannot_be_read_is_one_line(address, sent, said):
    status, answer = send(address, sent)
    assert status == 400 and said in answer["error"]


def test_only_the_page_sends_and_not_without_end(address):
    assert send(address, {"kept": [{"question": ""}]}, "text/plain") == (403, {"error": "not sent by this page"})
    assert send(address, b"{" * 100)[0] == 400
    assert send(address, b" " * 4_000_001) == (413, {"error": "over 4,000,000 bytes"})
