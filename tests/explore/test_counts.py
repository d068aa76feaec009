"""Every count of every view against a plain pass over the posts."""

import math
import re
from collections import Counter
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import pytest
from explore_archive import EMOTIONS, PICTURES, random_posts, simple_subjects, small_archive
from explore_queries import Asked, queries, words_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from feelscope.explore.archive import Archive
from feelscope.explore.views.orders import ORDERS
from feelscope.text.own_words import own_words
from feelscope.text.stems import stems

FACETS = ("source", "author", "tags", "country")
BUT_TIME = ("asked", "subject", "emotion", "area", *FACETS)  # which the archive's own numbers leave out
FIRST, LAST = date(2011, 1, 1), date(2013, 12, 28)  # of random posts, at most


class Oracle:
    """Answers by looking at every post for every question."""

    def __init__(self, posts: list[dict[str, Any]]) -> None:
        self.posts = []
        texts = []
        for post in posts:
            title, text = (own_words(post[name])[0].strip() for name in ("title", "text"))
            parts = [part for part in ("" if title == text else title, text) if part]
            texts.append("\n".join(parts))
            time = post["created_at"]
            self.posts.append(
                {
                    "id": post["id"],
                    "at": len(self.posts),
                    "alike": " ".join(words_of(parts[0])[0]) if parts else "",
                    "length": sum(len(words_of(part)[0]) for part in parts),
                    "sure": post[f"p_{post['emotion']}"] or 0.0,
                    "words": [words_of(part) for part in parts],
                    "day": None if time is None else time[:10],
                    "second": None if time is None else (time[:10] + "T00:00:00" if len(time) == 10 else time[:19]),
                    "emotion": post["emotion"],
                    "pictured": post["image"] is not None,
                    "facets": {
                        "source": {post["source"]} - {None},
                        "author": {post["author"]},
                        "tags": {tag.removeprefix("#") for tag in post["tags"]},
                        "country": {str(post["country"])} - {"None"},
                    },
                }
            )
        for post, found in zip(self.posts, simple_subjects(texts), strict=True):
            post["subjects"] = {one.text for one in found}
        everywhere = Counter(subject for post in self.posts for subject in post["subjects"])
        self.df = {subject: count for subject, count in everywhere.items() if count >= 5}
        days = [post["day"] for post in self.posts if post["day"]]
        self.start, self.end = min(days), (date.fromisoformat(max(days)) + timedelta(1)).isoformat()

    def locate(self, archive: Archive) -> None:
        """Note where on the map each post is."""
        points = archive.views({}, parts=("map",))["map"]["points"]
        found = zip(map(archive.spot, points["key"]), points["x"], points["y"], strict=True)
        places = {post["id"]: (x, y) for post, x, y in found if post is not None}
        for post in self.posts:
            post["place"] = places.get(post["id"])

    def matching(self, state: dict[str, Any], *without: str) -> list[dict[str, Any]]:
        state = {**state, **dict.fromkeys(without)}
        return [post for post in self.posts if self.matches(post, state)]

    def matches(self, post: dict[str, Any], state: dict[str, Any]) -> bool:
        if state["asked"] is not None and not state["asked"].matches(post["words"]):
            return False
        if any(state[name] is not None and state[name] not in post["facets"][name] for name in FACETS):
            return False
        if state["subject"] is not None and state["subject"] not in post["subjects"]:
            return False
        if state["area"] is not None:
            left, bottom, right, top = map(int, state["area"].split(","))
            x, y = post["place"] or (-1, -1)
            if not (left <= x < right and bottom <= y < top):
                return False
        if state["emotion"] is not None and state["emotion"] != post["emotion"]:
            return False
        start, end = state["from"] or self.start, state["to"] or self.end
        if start <= self.start and end >= self.end:
            return True
        return post["day"] is not None and start <= post["day"] < end

    def counts_in(self, posts: list[dict[str, Any]]) -> Counter[str]:
        return Counter(subject for post in posts for subject in post["subjects"] if subject in self.df)

    def ranked(self, state: dict[str, Any]) -> list[tuple[str, int, float]]:
        """Subjects, their posts and scores, in the order of the page."""
        counts = self.counts_in(self.matching(state, "subject"))
        mentions, everywhere = counts.total(), sum(self.df.values())
        if mentions < everywhere:
            others = everywhere - mentions
            scores = {
                s: g2(count, mentions, self.df[s] - count, others)
                for s, count in counts.items()
                if count >= 5 and count * others > (self.df[s] - count) * mentions
            }
        else:
            scores = {s: count * math.log(len(self.posts) / self.df[s]) for s, count in counts.items()}
        shown = named(scores, counts, [state["asked"]])
        return sorted(((s, counts[s], scores[s]) for s in shown), key=lambda row: (-round(row[2], 9), row[0]))


def named(
    scores: dict[str, float], counts: Counter[str], queries: list[Asked], without_queries: bool = False
) -> list[str]:
    """The longest subject of each row with at least half of the posts of its best one."""
    shown = []
    for group in grouped(scores, queries, without_queries):
        often = [subject for subject in group if 2 * counts[subject] >= counts[group[0]]]
        shown.append(max(often, key=lambda subject: len(kept_stems(subject))))
    return shown


def grouped(scores: dict[str, float], queries: list[Asked], without_queries: bool) -> list[list[str]]:
    """The best 200, without those that say no more than a query, similar ones together."""
    asked = {word for query in queries for phrase in query.stems for word in phrase}
    groups: list[list[str]] = []
    firsts: list[tuple[str, tuple[str, ...]]] = []
    for subject in sorted(scores, key=lambda s: (-round(scores[s], 9), s))[:200]:
        words = kept_stems(subject)
        left = tuple(word for word in words if word not in asked)
        if not left or (without_queries and len(left) < len(words)):
            continue
        text = subject if len(left) == len(words) else " ".join(left)
        for first, group in zip(firsts, groups, strict=True):
            if alike(first, (text, left)):
                group.append(subject)
                break
        else:
            groups.append([subject])
            firsts.append((text, left))
    return groups


def stands_in(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


@cache
def kept_stems(subject: str) -> tuple[str, ...]:
    return tuple(stems(subject)) or (subject,)


@cache
def alike(first: tuple[str, tuple[str, ...]], second: tuple[str, tuple[str, ...]]) -> bool:
    (one, words), (other, others) = first, second
    if stands_in(words, others) or stands_in(others, words):
        return True
    if len({*words} & {*others}) / len({*words} | {*others}) >= 0.3:
        return True
    return min(len(one), len(other)) >= 8 and abs(len(one) - len(other)) < 3 and distance(one, other) < 3


def distance(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    table = [[max(i, j) for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            changed = table[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            table[i][j] = min(changed, table[i - 1][j] + 1, table[i][j - 1] + 1)
    return table[-1][-1]


def bin_of(day: str | None, unit: str) -> str | None:
    if unit == "week" and day is not None:
        given = date.fromisoformat(day)
        return (given - timedelta(given.weekday())).isoformat()
    return None if day is None else day[: {"day": 10, "month": 7, "year": 4}[unit]]


def check(archive: Archive, oracle: Oracle, state: dict[str, Any], unit: str) -> None:
    """Compare every number of every view."""
    answer = archive.views(as_asked(state), unit=unit)
    in_t, in_ft = oracle.matching(state, "subject"), oracle.matching(state)
    assert answer["counts"]["query"] == len(in_t)
    assert answer["counts"]["subject"] == (None if state["subject"] is None else len(in_ft))
    felt = Counter(post["emotion"] for post in oracle.matching(state, "emotion"))
    assert answer["counts"]["emotions"] == {emotion: felt[emotion] for emotion in EMOTIONS}
    check_timeline(answer["timeline"]["bins"], oracle, state, unit)
    check_context(answer["context"], oracle, state)
    check_feelings(answer["feelings"], oracle, state)
    check_subjects(archive, oracle, state, unit)
    check_sentences(archive, oracle, state, in_ft)
    check_facets(answer, oracle, state)
    check_words(answer, oracle, state)
    check_map(archive, oracle, state)
    pictured = [post for post in in_ft if post["pictured"]]
    assert answer["pictures"]["total"] == len(pictured)
    for emotion in EMOTIONS:
        shown = {row["id"] for row in answer["pictures"]["rows"].get(emotion, [])}
        having = {post["id"] for post in pictured if post["emotion"] == emotion}
        assert shown <= having and len(shown) == min(12, len(having))


def check_map(archive: Archive, oracle: Oracle, state: dict[str, Any]) -> None:
    found, matching = archive.views(as_asked(state), parts=("map",))["map"], oracle.matching(state, "area")
    assert (found["total"], found["placed"]) == (len(matching), sum(post["place"] is not None for post in matching))
    points = found["points"]
    drawn = zip(points["x"], points["y"], (found["emotions"][one] for one in points["emotion"]), strict=True)
    assert Counter(drawn) == Counter((*post["place"], post["emotion"]) for post in matching if post["place"])


def as_asked(state: dict[str, Any]) -> dict[str, str | None]:
    """A state as it is asked: with the text of its query, and the keys of its facets."""
    given = {name: value for name, value in state.items() if name not in ("asked", *FACETS)}
    keys = {"country": "facet.country"}
    return given | {"query": state["asked"].text} | {keys.get(name, name): state[name] for name in FACETS}


def check_facets(answer: dict[str, Any], oracle: Oracle, state: dict[str, Any]) -> None:
    assert tuple(facet["facet"] for facet in answer["facets"]) == FACETS
    for facet in answer["facets"]:
        name = facet["facet"]
        posts = Counter(value for post in oracle.matching(state, name) for value in post["facets"][name])
        lens = oracle.matching(state, name, "emotion")
        felt = Counter((value, post["emotion"]) for post in lens for value in post["facets"][name])
        expected = set(posts) | ({state[name]} - {None})
        order = [(row["posts"], row["value"]) for row in facet["values"]]
        assert order == sorted(((posts[value], value) for value in expected), key=lambda row: (-row[0], row[1]))
        for row in facet["values"]:
            assert row["emotions"] == {emotion: felt[row["value"], emotion] for emotion in EMOTIONS}
        assert facet["more"] in (0, -len(expected - set(posts)))


def check_words(answer: dict[str, Any], oracle: Oracle, state: dict[str, Any]) -> None:
    asked: Asked = state["asked"]
    assert [row["written"] for row in answer["words"]] == [leaf.written for leaf in asked.leaves]
    for row, leaf in zip(answer["words"], asked.leaves, strict=True):
        assert row["posts"] == sum(leaf.is_in(post["words"]) for post in oracle.posts)
        forms = Counter(form for post in oracle.posts for form in leaf.forms_in(post["words"]))
        assert [(form["word"], form["posts"]) for form in row["finds"]] == sorted(
            forms.items(), key=lambda pair: (pair[0] != leaf.word, -pair[1], pair[0])
        )
        assert row["excluded"] == leaf.excluded and (not row["near"] or not row["posts"])
        for form in row["near"]:
            assert form["posts"] == sum(
                form["word"] in part or form["word"] in beside
                for post in oracle.posts
                for part, beside in post["words"]
            )


def check_timeline(bins: list[dict[str, Any]], oracle: Oracle, state: dict[str, Any], unit: str) -> None:
    by_query = Counter(bin_of(post["day"], unit) for post in oracle.matching(state, "subject"))
    by_subject = Counter(bin_of(post["day"], unit) for post in oracle.matching(state))
    lens = oracle.matching(state, "emotion")
    felt = Counter((bin_of(post["day"], unit), post["emotion"]) for post in lens)
    of_lens = Counter(bin_of(post["day"], unit) for post in lens)
    everything = Counter(bin_of(post["day"], unit) for post in oracle.matching(state, *BUT_TIME))
    assert all(one["to"] <= other["from"] for one, other in pairwise(bins))
    assert [bin_of(one["from"], unit) for one in bins] == sorted(key for key in everything if key is not None)
    start, end = state["from"] or oracle.start, state["to"] or oracle.end
    if start > oracle.start or end < oracle.end:  # bins are cut to the time
        assert all(start <= one["from"] < one["to"] <= end for one in bins)
    for one in bins:
        key = bin_of(one["from"], unit)
        assert one["archive"] == everything[key] and one["query"] == by_query[key]
        assert one["subject"] == (None if state["subject"] is None else by_subject[key])
        assert one["emotions"] == {emotion: felt[key, emotion] for emotion in EMOTIONS}
        shares = {emotion: pytest.approx(felt[key, emotion] / max(1, of_lens[key])) for emotion in EMOTIONS}
        assert one["shares"] == (shares if of_lens[key] >= 30 else None)


def check_context(context: dict[str, Any], oracle: Oracle, state: dict[str, Any]) -> None:
    whole, unit = {**state, "from": None, "to": None}, context["unit"]
    assert unit == "month"
    for name, without in (
        ("query", ("subject",)),
        ("subject", ()),
        ("archive", BUT_TIME),
    ):
        posts = Counter(bin_of(post["day"], unit) for post in oracle.matching(whole, *without))
        shown = {bin_of(one["from"], unit): one[name] for one in context["bins"]}
        if name == "subject" and state["subject"] is None:
            assert set(shown.values()) == {None}
        else:
            assert {key: n for key, n in shown.items() if n} == {key: n for key, n in posts.items() if key is not None}


def check_feelings(feelings: dict[str, Any], oracle: Oracle, state: dict[str, Any]) -> None:
    here = Counter(post["emotion"] for post in oracle.matching(state, "emotion"))
    archive = Counter(post["emotion"] for post in oracle.matching(state, *BUT_TIME))
    assert (feelings["posts"], feelings["archive_posts"]) == (here.total(), archive.total())
    others = archive - here
    for row in feelings["rows"]:
        name = row["emotion"]
        assert (row["posts"], row["archive"]) == (here[name], archive[name])
        assert row["share"] == (pytest.approx(here[name] / here.total()) if here else None)
        assert row["archive_share"] == (pytest.approx(archive[name] / archive.total()) if archive else None)
        compared = min(here.total(), others.total()) >= 20
        assert (row["from_archive"] is not None) == compared
        if compared:
            difference = here[name] / here.total() - others[name] / others.total()
            assert row["from_archive"]["difference"] == pytest.approx(difference)
    assert [row["emotion"] for row in feelings["rows"]][-1] == "neutral"


def check_comparison(
    archive: Archive, oracle: Oracle, state: dict[str, Any], against: dict[str, Any], unit: str
) -> None:
    """The counts of the other side, its feelings, its timeline, its course, and the subjects of both."""
    answer = archive.views(
        as_asked(state),
        against=other_side(against),
        course="anger",
        unit=unit,
        parts=("timeline", "feelings", "course"),
    )
    by_time = answer["against"]["by_time"]
    if against.get("against"):
        posts = oracle.matching(state, *(("from", "to") if by_time else ("asked",)))
        whatever = oracle.matching(state, "emotion", *(("from", "to") if by_time else ("asked",)))
        left_out = {post["id"] for post in oracle.matching(state, "emotion")}
        other, felt = ([post for post in some if post["id"] not in left_out] for some in (posts, whatever))
    else:
        other_state = changed(state, against)
        other, felt = oracle.matching(other_state), oracle.matching(other_state, "emotion")
        both = {post["id"] for post in other} & {post["id"] for post in oracle.matching(state)}
        if state["subject"] is None:
            assert answer["counts"]["both"] == len(both)
    name = "other" if state["subject"] is None else "other_subject"
    assert answer["counts"][name] == len(other)
    of_other = Counter(post["emotion"] for post in felt)
    assert answer["feelings"]["other_posts"] == of_other.total()
    assert {row["emotion"]: row["other"]["posts"] for row in answer["feelings"]["rows"]} == {
        emotion: of_other[emotion] for emotion in EMOTIONS
    }
    course = answer["course"]
    other_asked = None if against.get("against") and not by_time else against.get("asked", state["asked"])
    for name, without, bins in (
        ("timeline", ("subject",), answer["timeline"]["bins"]),
        ("course", ("emotion",), course["bins"]),
    ):
        whole = {**state, **dict.fromkeys(("from", "to", *without))}
        of_words = [post for post in oracle.matching({**whole, "asked": other_asked}) if post["day"] is not None]
        if against.get("against"):
            left_out = {post["id"] for post in oracle.matching(whole)}
            of_words = [post for post in of_words if post["id"] not in left_out]
        for one in bins if not by_time else ():
            shown = one["other"] if name == "timeline" else one["other"]["posts"]
            assert shown == sum(one["from"] <= post["day"] < one["to"] for post in of_words)
        assert not by_time or all("other" not in one for one in bins)
    drawn = [post for post in oracle.matching(state, "emotion", "from", "to") if post["day"] is not None]
    for one in course["bins"]:
        posts = [post for post in drawn if one["from"] <= post["day"] < one["to"]]
        assert (one["posts"], one["with_it"]) == (len(posts), sum(post["emotion"] == "anger" for post in posts))
    check_contrast(archive, oracle, state, against)


def other_side(against: dict[str, Any]) -> dict[str, str]:
    """A comparison as it is asked."""
    given = {name: value for name, value in against.items() if name != "asked"}
    return given | ({"against_query": against["asked"].text} if "asked" in against else {})


def changed(state: dict[str, Any], against: dict[str, Any]) -> dict[str, Any]:
    """The state of the other side."""
    times = {"from": against["against_from"], "to": against["against_to"]} if "against_from" in against else {}
    return {**state, "asked": against.get("asked", state["asked"]), **times}


def check_contrast(archive: Archive, oracle: Oracle, state: dict[str, Any], against: dict[str, Any]) -> None:
    here = oracle.matching(state, "subject")
    if against.get("against"):
        ids = {post["id"] for post in here}
        without = ("subject", "asked") if state["asked"].text.strip() else ("subject", "from", "to")
        there = [post for post in oracle.matching(state, *without) if post["id"] not in ids]
    else:
        there = oracle.matching(changed(state, against), "subject")
    answer = archive.views(as_asked(state), against=other_side(against), parts=("contrast",), rows=100)
    found, found_by_time = answer["contrast"], answer["against"]["by_time"]
    if not here or not there:
        assert found["more"]["total"] == found["less"]["total"] == 0
        return
    counts = oracle.counts_in(here), oracle.counts_in(there)
    sizes = len(here), len(there)
    queries_of = [state["asked"], *([against["asked"]] if "asked" in against else [])]
    for first, column in enumerate(("more", "less")):
        own, others = counts[first], counts[1 - first]
        scores = {
            subject: g2(posts, sizes[first], others[subject], sizes[1 - first])
            for subject, posts in own.items()
            if posts >= 5 and posts * sizes[1 - first] > others[subject] * sizes[first]
        }
        expected = named(scores, own, queries_of, without_queries=not found_by_time)
        expected.sort(key=lambda subject: (-round(scores[subject], 9), subject))
        assert [row["subject"] for row in found[column]["rows"]] == expected[:100]
        assert found[column]["total"] == len(expected)
        for row in found[column]["rows"]:
            subject = row["subject"]
            assert (row["posts"], row["other_posts"]) == (counts[0][subject], counts[1][subject])
            assert abs(row["g2"]) == pytest.approx(scores[subject]) and (row["g2"] > 0) == (column == "more")


def g2(having: int, posts: int, other_having: int, other_posts: int) -> float:
    """Dunning's log-likelihood ratio of two by two counts."""
    cells = [(having, posts), (posts - having, posts), (other_having, other_posts)]
    cells.append((other_posts - other_having, other_posts))
    both = having + other_having
    rows = [both, posts + other_posts - both] * 2
    expected = [row * size / (posts + other_posts) for row, (_, size) in zip(rows, cells, strict=True)]
    return 2 * sum(found * math.log(found / e) for (found, _), e in zip(cells, expected, strict=True) if found)


def newcombe(share: float, posts: int, other: float, others: int, z: float) -> tuple[float, float]:
    """The interval of one share less another (Newcombe 1998, method 10)."""

    def wilson(share: float, posts: int) -> tuple[float, float]:
        middle, half = share + z * z / 2 / posts, z * math.sqrt(share * (1 - share) / posts + z * z / 4 / posts**2)
        return (middle - half) / (1 + z * z / posts), (middle + half) / (1 + z * z / posts)

    (low, high), (other_low, other_high) = wilson(share, posts), wilson(other, others)
    down, up = math.hypot(share - low, other_high - other), math.hypot(high - share, other - other_low)
    return share - other - down, share - other + up


def check_subjects(archive: Archive, oracle: Oracle, state: dict[str, Any], unit: str) -> None:
    ranked = oracle.ranked(state)
    ids, page, pages = [], 1, 1
    base = oracle.matching(state, "subject", "emotion")
    over_time = oracle.matching(state, "subject")
    while page <= pages:
        found = archive.views(as_asked(state), unit=unit, parts=("subjects",), subjects_page=page, rows=ROWS)[
            "subjects"
        ]
        pages = found["pages"]
        assert found["total"] == len(ranked) and found["page"] == page
        z = NormalDist().inv_cdf(1 - 0.025 / (len(EMOTIONS) * max(1, len(found["rows"]))))  # for the whole page
        for row in found["rows"] if page == 1 else found["rows"][:1]:
            subject = row["subject"]
            having = [post for post in base if subject in post["subjects"]]
            assert row["archive_posts"] == oracle.df[subject]
            line = Counter(bin_of(post["day"], unit) for post in over_time if subject in post["subjects"])
            assert sum(row["sparkline"]) == sum(count for key, count in line.items() if key is not None)
            assert sorted(filter(None, row["sparkline"])) == sorted(n for key, n in line.items() if key is not None)
            if len(having) < 20 or len(having) == len(base):
                assert row["emotions"] is None
                continue
            rest = [post for post in base if subject not in post["subjects"]]
            felt, unfelt = (Counter(post["emotion"] for post in posts) for posts in (having, rest))
            for one in row["emotions"]:
                here, there = felt[one["emotion"]] / len(having), unfelt[one["emotion"]] / len(rest)
                assert one["difference"] == pytest.approx(here - there)
                assert (one["low"], one["high"]) == pytest.approx(
                    newcombe(here, len(having), there, len(rest), z), abs=1e-6
                )
        ids += [(row["subject"], row["posts"], pytest.approx(row["score"])) for row in found["rows"]]
        page += 1
    assert ranked == ids


def in_order(order: str, oracle: Oracle, state: dict[str, Any], matching: list[dict[str, Any]]) -> list[str]:
    """The ids of posts as they are read in an order."""
    leaves = [leaf for leaf in state["asked"].leaves if not leaf.excluded]
    if order == "newest":
        dated = sorted((post for post in matching if post["day"]), key=lambda post: (post["second"], post["at"]))
        return [post["id"] for post in (*reversed(dated), *(post for post in matching if not post["day"]))]
    if order == "typical":
        first = {subject for subject, _, _ in oracle.ranked(state)[:4]}
        keys = [(-len(first & post["subjects"]), -post["sure"], post["at"]) for post in matching]
    elif order == "best" and leaves:
        row = [word for leaf in leaves for word in ([leaf.word] if leaf.word else leaf.forms[0])]
        keys = [(tier(post["words"], leaves, row), post["length"], post["at"]) for post in matching]
    elif order == "oldest":
        return [post["id"] for post in sorted(matching, key=lambda post: (post["second"] or "9999", post["at"]))]
    else:
        keys = [(0, -post["sure"], post["at"]) for post in matching]
    return [post["id"] for _, post in sorted(zip(keys, matching, strict=True), key=lambda pair: pair[0])]


def tier(parts: list[Any], leaves: list[Any], row: list[str]) -> int:
    """0 where the words of a query are in a row, 1 where all are as typed, 2 otherwise."""
    for leaf in leaves:
        if not (
            any(leaf.word in words or leaf.word in beside for words, beside in parts)
            if leaf.word
            else leaf.is_in(parts)
        ):
            return 2
    return 0 if len(row) < 2 or any(stands_in(row, words) for words, _ in parts) else 1


def check_sentences(archive: Archive, oracle: Oracle, state: dict[str, Any], matching: list[dict[str, Any]]) -> None:
    """All pages: every matching post once, in an order; each span is what it says, and equal titles are counted."""
    order = ORDERS[(len(state["asked"].text) + len(matching)) % len(ORDERS)]
    alike = Counter(post["alike"] for post in matching)
    by_id = {post["id"]: post for post in matching}
    ids: list[str] = []
    page, pages = 1, 1
    while page <= pages:
        asked = as_asked(state)
        found = archive.views(asked, parts=("sentences",), sentences_page=page, rows=ROWS, order=order)["sentences"]
        pages = found["pages"]
        assert found["total"] == len(matching)
        for row in found["rows"]:
            ids.append(row["id"])
            assert row["alike"] == (alike[by_id[row["id"]]["alike"]] if by_id[row["id"]]["alike"] else 1)
            for span in row["spans"]:
                marked = row["text"][span["start"] : span["end"]]
                if span["mark"] == "subject":
                    bare = re.sub("[\ufe0f\U0001f3fb-\U0001f3ff]", "", marked)  # an emoji without its tone and selector
                    assert " ".join(bare.lower().split()) == state["subject"]
                else:
                    assert any(leaf.is_in([words_of(marked)]) for leaf in state["asked"].leaves if not leaf.excluded)
        page += 1
    assert ids == in_order(order, oracle, state, matching)


def probabilities(at: int, emotion: str) -> dict[str, float | None]:
    """Columns of a post's probabilities; every third post has none, and many are equal."""
    sure = 0.5 + 0.05 * (at % 9)
    other = next(name for name in EMOTIONS if name != emotion)
    given = {} if at % 3 == 0 else {emotion: sure, other: 1 - sure}
    return {f"p_{name}": given.get(name) for name in EMOTIONS}


ROWS = 40  # of a page: fewer pages to turn than with ten
POSTS = [
    {**post, "image": PICTURES[at % 5] if at % 4 == 0 else None, **probabilities(at, str(post["emotion"]))}
    for at, post in enumerate(random_posts(500, 1))
]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, Oracle]:
    archive, oracle = small_archive(POSTS, tmp_path_factory.mktemp("archive"), mapped=True), Oracle(POSTS)
    oracle.locate(archive)
    return archive, oracle


subjects = st.sampled_from(sorted(Oracle(POSTS).df))
days = st.one_of(
    st.dates(FIRST, LAST), st.sampled_from([date(2012, month, day) for month in range(1, 13) for day in (1, 15, 16)])
)


VALUES = (
    ("source", ("news", "forum", "Zürich", "news ")),
    ("author", ("a1", "a3")),
    ("tags", ("so", "such")),
    ("country", ("1", "2")),
)


@st.composite
def areas(draw: st.DrawFn) -> str:
    (left, right), (bottom, top) = (
        sorted(draw(st.lists(st.integers(0, 10_000), min_size=2, max_size=2, unique=True))) for _ in "xy"
    )
    return f"{left},{bottom},{right},{top}"


@st.composite
def states(draw: st.DrawFn) -> dict[str, Any]:
    first, last = sorted((draw(days), draw(days)))
    spanned = draw(st.sampled_from(("both", "from", "to", "neither", "neither")))
    return {
        "asked": draw(queries),
        "subject": draw(st.none() | subjects),
        "from": first.isoformat() if spanned in ("both", "from") else None,
        "to": (last if first < last else last + timedelta(1)).isoformat() if spanned in ("both", "to") else None,
        "emotion": draw(st.none() | st.sampled_from(EMOTIONS)),
        "area": draw(st.none() | st.none() | areas()),
        **{name: draw(st.sampled_from(values)) if draw(st.integers(0, 3)) == 0 else None for name, values in VALUES},
    }


quiet = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
units = st.sampled_from(("day", "week", "month", "year"))


def inside(state: dict[str, Any], oracle: Oracle) -> bool:
    """Whether a span is not outside of the archive, where an error is the answer."""
    return (state["from"] or oracle.start) < oracle.end and (state["to"] or oracle.end) > oracle.start


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(("rest", "query", "time", "both")))
    if kind == "rest":
        return {"against": "rest"}
    found: dict[str, Any] = {}
    if kind != "time":
        found["asked"] = draw(queries.filter(lambda asked: asked.text.strip()))
    if kind != "query":
        first, last = sorted((draw(days), draw(days)))
        found |= {"against_from": first.isoformat(), "against_to": (last + timedelta(1)).isoformat()}
    return found


def comparable(state: dict[str, Any], against: dict[str, Any], oracle: Oracle) -> bool:
    """Whether both sides are something, and not the same."""
    spans = [(state["from"] or oracle.start, state["to"] or oracle.end)]
    spans.append((against.get("against_from", spans[0][0]), against.get("against_to", spans[0][1])))
    inner = [(max(start, oracle.start), min(end, oracle.end)) for start, end in spans]
    if any(start >= end for start, end in inner):
        return False
    if "against" in against:
        return bool(state["asked"].text.strip()) or inner[0] != (oracle.start, oracle.end)
    return against.get("asked", state["asked"]).text != state["asked"].text or inner[0] != inner[1]


@settings(max_examples=12, derandomize=True, phases=[Phase.generate], **quiet)
@given(state=states(), against=comparisons(), unit=units)
def test_every_count_of_a_comparison(
    known: tuple[Archive, Oracle], state: dict[str, Any], against: dict[str, Any], unit: str
) -> None:
    if comparable(state, against, known[1]):
        check_comparison(*known, state, against, unit)


@pytest.mark.slow
@settings(max_examples=500, **quiet)
@given(state=states(), against=comparisons(), unit=units)
def test_every_count_of_500_comparisons(
    known: tuple[Archive, Oracle], state: dict[str, Any], against: dict[str, Any], unit: str
) -> None:
    if comparable(state, against, known[1]):
        check_comparison(*known, state, against, unit)


@settings(max_examples=40, derandomize=True, phases=[Phase.generate], **quiet)
@given(state=states(), unit=units)
def test_every_count_is_that_of_a_plain_pass(known: tuple[Archive, Oracle], state: dict[str, Any], unit: str) -> None:
    if inside(state, known[1]):
        check(*known, state, unit)


@pytest.mark.slow
@settings(max_examples=500, **quiet)
@given(state=states(), unit=units)
def test_every_count_of_500_states(known: tuple[Archive, Oracle], state: dict[str, Any], unit: str) -> None:
    if inside(state, known[1]):
        check(*known, state, unit)
