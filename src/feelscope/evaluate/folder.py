"""An evaluation as a folder: scores as JSON and CSV, and figures with the rows they were drawn from."""

from pathlib import Path

from feelscope.evaluate.evaluation import SCORES, Evaluation
from feelscope.evaluate.figures import save_all
from feelscope.files import write_json
from feelscope.text.csv_cells import write_csv


def save(evaluation: Evaluation, out: Path) -> None:
    """Write scores.json, scores.csv and emotions.csv, and below figures/ those of each combination of modalities.

    Raises:
        MissingExtra: The package that draws is not installed.
    """
    content = evaluation.to_json()
    scored = evaluation.by_combination()
    for name in scored:
        save_all(out / "figures" / name, content[name])  # type: ignore[arg-type]
    write_json(out / "scores.json", content)
    rows = [
        {"read_as": name, "score": key, "value": getattr(scores, key), "low": low, "high": high}
        for name, scores in scored.items()
        for key in SCORES
        for low, high in [scores.intervals.get(key, (None, None))]
    ]
    write_csv(out / "scores.csv", rows)
    emotions = [
        {"read_as": name, "emotion": emotion, "posts": of.support, "precision": of.precision, "recall": of.recall}
        | {"f1": of.f1, "f1_low": (of.f1_interval or (None, None))[0], "f1_high": (of.f1_interval or (None, None))[1]}
        for name, scores in scored.items()
        for emotion, of in scores.per_emotion.items()
    ]
    write_csv(out / "emotions.csv", emotions)
