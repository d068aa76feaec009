"""The methods paragraph: model, version, data, what was left out and why, and how the intervals are made."""

from collections.abc import Mapping
from typing import Any

from feelscope.report.found import Report
from feelscope.report.settings import LEAST_POSTS
from feelscope.report.summary import BIASED
from feelscope.report.words import PERCENT, day
from feelscope.text.counts import counted

UNSAID = (
    "The file of predictions does not say which model made it: it is from an earlier version, or what lay beside it is "
    "missing."
)


def methods(report: Report) -> list[str]:
    """The paragraphs, each a few sentences."""
    return [_model(report.made), _data(report), _intervals(report), BIASED]


def _model(made: Mapping[str, Any] | None) -> str:
    if made is None:
        return UNSAID
    model, settings = _of(made, "model"), _of(made, "settings")
    said = f"Emotions were read by the model {model.get('name', 'of unknown name')}"
    if digest := model.get("digest"):
        said += f" (SHA-256 of its files' checksums {str(digest)[:16]}…)"
    said += f" of Feelscope {made.get('feelscope', '')}"
    if made.get("made"):
        said += f" on {day(str(made['made'])[:10])}"
    said += f", from {' and '.join(model.get('modalities') or ['each post'])}."
    if emotions := model.get("emotions"):
        said += f" It chooses among {len(emotions)} emotions: {', '.join(map(str, emotions))}."
    if only := settings.get("only"):
        said += f" Only the {'words' if only == 'text' else 'picture'} of each post was read."
    if settings.get("abstain"):
        said += f" It was asked to refuse its {float(settings['abstain']):.0%} least sure answers."
    if settings.get("read_pictures"):
        said += " Words in pictures were read too."
    if settings.get("alt_text"):
        said += " What authors said of their pictures (alt text) was read too."
    if settings.get("skip_pictures", 1) < 1:
        said += f" Pictures were left out where the words alone were surer than {settings['skip_pictures']:g}."
    return said


def _data(report: Report) -> str:
    posts = _of(report.made or {}, "posts")
    said = []
    if rows := posts.get("rows"):
        left = int(posts.get("left_out") or 0)
        name = _of(report.made or {}, "table").get("name", "of posts")
        of_them = f"{report.posts:,} of them" if left else "all of them" if rows > 1 else "it"
        if limit := _of(report.made or {}, "settings").get("limit"):
            said.append(f"Of the table {name}, the first {limit:,} posts were asked for.")
            of_them = of_them if left else "all"
            said.append(f"{counted(int(rows), 'row')} of it were looked at; {of_them} could be read.")
        else:
            said.append(f"The table {name} has {counted(int(rows), 'row')}; {of_them} could be read.")
        if left:
            said.append(f"{counted(left, 'row')} left out{_reasons(posts.get('left_out_by_reason'))}.")
    else:
        said.append(f"There are predictions for {counted(report.posts, 'post')}.")
    if report.refused:
        said.append(f"{counted(report.refused, 'answer')} refused as unsure, and in no share.")
    read = ", ".join(f"{number:,} from {name}" for name, number in report.read.items() if name)
    if read:
        said.append(f"Posts were read: {read}.")
    if report.pictures:
        said.append(f"{counted(sum(report.pictures.values()), 'picture')} not used{_reasons(report.pictures)}.")
    if report.warned:
        listed = "; ".join(f"{name} ({counted(number, 'post')})" for name, number in [*report.warned.items()][:5])
        said.append(f"The model warns: {listed}.")
    if report.undated:
        said.append(f"{counted(report.undated, 'post')} without a date.")
    return " ".join([*said, *report.remarks])


def _intervals(report: Report) -> str:
    said = f"Intervals are of {PERCENT}. "
    if report.clustered:
        said += (
            "Posts of one author go together, so shares have Wilson's interval of an effective sample size: authors "
            "are dealt into 256 groups, whose shares say how many independent posts would tell as much."
        )
    else:
        said += (
            "Shares have Wilson's interval, which takes posts as independent: no authors are known, and where few "
            "people write much, it is too narrow."
        )
    if report.by:
        said += (
            " The interval of the clearest difference between groups holds for all emotions and all pairs of the "
            "twelve largest groups together (Bonferroni)."
        )
    if report.event is not None:
        what = "authors" if report.clustered else "days, as the posts of a day are alike,"
        said += (
            f" Changes at the event hold for all emotions together (Bonferroni), and are clustered by {what} after Zou "
            "(2007); they say that shares changed at that day, not why."
        )
    if report.by or report.over:
        said += f" Groups and times with under {LEAST_POSTS} posts have no shares by themselves."
    return said


def _reasons(reasons: Any) -> str:
    listed = ", ".join(f"{number:,} {name}" for name, number in dict(reasons or {}).items())
    return f" ({listed})" if listed else ""


def _of(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}
