"""A slow archive that answers as the index does: every post is looked at for every question."""

import math
import re
from collections import Counter
from datetime import date

EMOTIONS = ("happiness", "sadness", "anger", "fear", "surprise", "disgust", "neutral")


def words(text):
    return re.findall(r"\w+", text.lower())


def subjects_of(text):
    found = {match.lower() for match in re.findall(r"\b[A-Z]\w+(?: [A-Z]\w+)+", text)}
    return sorted(found | set(re.findall(r"#\w+", text)))


class StandIn:
    def __init__(self, posts, name="stand-in", thumbnails=None):
        self.posts = sorted(posts, key=lambda post: (post["date"], post["id"]))
        for post in self.posts:
            whole = f"{post.get('title', '')}\n{post['text']}".strip()
            post.update(whole=whole, words=set(words(whole)), subjects=subjects_of(whole))
        self.df = Counter(subject for post in self.posts for subject in post["subjects"])
        self.name, self.thumbnails = name, thumbnails
        last = date.fromisoformat(self.posts[-1]["date"])
        self.first, self.end = self.posts[0]["date"], date.fromordinal(last.toordinal() + 1).isoformat()

    def bins(self, unit):
        year, month = int(self.first[:4]), int(self.first[5:7]) if unit == "month" else 1
        start = f"{year}-{month:02}-01"
        while start < self.end:
            year, month = (year + 1, 1) if unit == "year" or month == 12 else (year, month + 1)
            end = f"{year}-{month:02}-01"
            yield start, end
            start = end

    def views(self, state, *, unit="month", parts=(), subjects_page=1, sentences_page=1):
        query, subject, emotion = state["query"], state["subject"], state["emotion"]
        start, end = state["from"] or self.first, state["to"] or self.end
        asked = set(words(query))
        hits = [post for post in self.posts if asked <= post["words"]]
        felt = [post for post in hits if emotion in (None, post["emotion"])]
        timed = [post for post in felt if start <= post["date"] < end]
        both = [post for post in timed if subject is None or subject in post["subjects"]]
        felt_how = Counter(
            post["emotion"] for post in hits
            if start <= post["date"] < end and (subject is None or subject in post["subjects"])
        )  # fmt: skip
        bins = list(self.bins(unit))
        answer = {
            "state": {"query": query, "subject": subject, "from": start, "to": end, "emotion": emotion},
            "archive": {"name": self.name, "posts": len(self.posts), "from": self.first, "to": self.end,
                        "emotions": list(EMOTIONS), "pictures": bool(self.thumbnails)},
            "counts": {"query": len(timed), "subject": None if subject is None else len(both),
                       "emotions": {name: felt_how[name] for name in EMOTIONS}},
        }  # fmt: skip
        if "timeline" in parts:
            rows = []
            for low, high in bins:
                within = [post for post in hits if low <= post["date"] < high]
                lens = Counter(post["emotion"] for post in within if subject is None or subject in post["subjects"])
                total, of_e = sum(lens.values()), [post for post in within if emotion in (None, post["emotion"])]
                rows.append({
                    "from": low, "to": high, "archive": sum(low <= post["date"] < high for post in self.posts),
                    "query": len(of_e), "emotions": {name: lens[name] for name in EMOTIONS},
                    "subject": None if subject is None else sum(subject in post["subjects"] for post in of_e),
                    "shares": None if total < 30 else {name: lens[name] / total for name in EMOTIONS},
                })  # fmt: skip
            answer["timeline"] = {"unit": unit, "bins": rows}
        if "subjects" in parts:
            counts = Counter(one for post in timed for one in post["subjects"] if self.df[one] >= 3)
            score = {one: number * math.log(len(self.posts) / self.df[one]) for one, number in counts.items()}
            ranked = sorted(score, key=lambda one: (-score[one], one))
            answer["subjects"] = page(ranked, subjects_page, 10, lambda one: self.row(one, counts, score, felt, bins))
        if "sentences" in parts:
            answer["sentences"] = page(both, sentences_page, 10, lambda post: sentence(post, asked, subject))
        if "pictures" in parts:
            pictures = [post for post in both if post.get("image")]
            rows = {name: [picture(post) for post in pictures if post["emotion"] == name][:12] for name in EMOTIONS}
            answer["pictures"] = {"total": len(pictures), "rows": rows}
        return answer

    def row(self, subject, counts, score, felt, bins):
        having = [post for post in felt if subject in post["subjects"]]
        spark = [sum(low <= post["date"] < high for post in having) for low, high in bins]
        emotions = None
        if counts[subject] >= 20:
            rest = len(felt) - len(having) or 1
            emotions = []
            for name in EMOTIONS:
                here = sum(post["emotion"] == name for post in having) / len(having)
                there = (sum(post["emotion"] == name for post in felt) - here * len(having)) / rest
                spread = 1.96 * math.sqrt(here * (1 - here) / len(having) + there * (1 - there) / rest)
                gap = here - there
                emotions.append({"emotion": name, "difference": gap, "low": gap - spread, "high": gap + spread})
        return {"subject": subject, "kind": "hashtag" if subject[0] == "#" else "phrase", "posts": counts[subject],
                "archive_posts": self.df[subject], "score": score[subject], "sparkline": spark,
                "emotions": emotions}  # fmt: skip

    def post(self, id):
        post = next((post for post in self.posts if post["id"] == id), None)
        if post is None:
            return None
        keys = ("id", "title", "text", "image", "emotion", "date", "author", "url", "source")
        return {
            **{key: post.get(key) for key in keys},
            "probabilities": post.get("probabilities", {post["emotion"]: 1}),
        }


def sentence(post, asked, subject):
    spans = [
        {"start": match.start(), "end": match.end(), "mark": "query"}
        for match in re.finditer(r"\w+", post["whole"]) if match[0].lower() in asked
    ]  # fmt: skip
    if subject is not None:
        spans += [
            {"start": match.start(), "end": match.end(), "mark": "subject"}
            for match in re.finditer(re.escape(subject), post["whole"], re.IGNORECASE)
        ]
    return {"id": post["id"], "date": post["date"], "emotion": post["emotion"], "text": post["whole"],
            "spans": sorted(spans, key=lambda span: span["start"]), "image": post.get("image")}  # fmt: skip


def picture(post):
    return {"id": post["id"], "image": post["image"], "text": post["whole"]}


def page(rows, number, size, shown):
    pages = max(1, -(-len(rows) // size))
    part = rows[(number - 1) * size : number * size]
    return {"total": len(rows), "page": number, "pages": pages, "rows": [shown(row) for row in part]}
