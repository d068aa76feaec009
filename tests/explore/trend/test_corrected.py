"""Shares over time that labels correct."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from command_runs import COMMAND, usage_error
from small_estimate import EMOTIONS, POSTS, Known, write_known

from feelscope.estimate.cells import by_time, collect, joined
from feelscope.estimate.labelled import read_labelled
from feelscope.estimate.shares import estimate
from feelscope.table import PostsTable


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return write_known(tmp_path_factory.mktemp("known"))


def trend(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "explore", "trend", "posts.jsonl", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_they_are_those_of_estimate(known: Known) -> None:
    labels = known.label("labels.csv", [*range(0, POSTS, 5)])
    given = ("--predictions", "predictions.jsonl", "--labelled", labels)
    ran = trend(known.folder, *given, "--json", "--out", "trend")
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(ran.stdout)
    labelled = read_labelled(labels, EMOTIONS)
    batches = joined(PostsTable(known.folder / "posts.jsonl"), known.folder / "predictions.jsonl", ["created_at"])
    expected = estimate(collect(batches, EMOTIONS, labelled, by_time("month")), labelled, grouped=True)
    for bin, group in zip(figures["bins"], expected.groups, strict=True):
        assert bin["from"].startswith(group.name) and bin["labelled"] == group.labelled == 40
        assert group.corrected is not None
        for k, name in enumerate(EMOTIONS):
            found = [bin["corrected"][name][end] for end in ("share", "low", "high")]
            assert found == pytest.approx(
                np.array([group.corrected.share, group.corrected.low, group.corrected.high])[:, k]
            )
    assert expected.total.corrected is not None
    assert [of["share"] for of in figures["corrected"].values()] == pytest.approx(expected.total.corrected.share)
    assert "labelled,corrected_share,corrected_low,corrected_high" in (known.folder / "trend" / "trend.csv").read_text()


def test_the_text_says_what_the_plain_intervals_are(known: Known) -> None:
    given = ("--predictions", "predictions.jsonl")
    blind = "The intervals know the number of posts, and nothing of the model's errors"
    assert f"{blind}; --labelled gives corrected ones." in trend(known.folder, *given).stdout
    few = known.label("few.csv", [*range(30)])
    said = trend(known.folder, *given, "--labelled", few, "--unit", "day").stdout
    assert f"{blind}. Corrected: by 30 labelled posts, whatever the errors; 0 of 88 days have enough" in said
    assert "corrected" in said.splitlines()[2]
    assert "needs --predictions" in usage_error(trend(known.folder, "--labelled", few))
