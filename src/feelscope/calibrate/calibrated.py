"""What calibrating found: scores before and after, as JSON and in lines for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feelscope.metrics.intervals import with_interval
from feelscope.metrics.scaling import AS_IT_IS
from feelscope.metrics.scores import Scores
from feelscope.saved_model.calibration import Calibrations


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What calibrating found.

    Args:
        before: By combination of modalities, the scores of the model as it was.
        after: The same by cross-validation: of posts that were not fitted.
        calibrations: Fitted on all posts; with what the model had of other combinations.
        left_out: Why nothing was fitted to the other combinations.
    """

    emotions: tuple[str, ...]
    before: Mapping[str, Scores]
    after: Mapping[str, Scores]
    calibrations: Calibrations
    left_out: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Everything, for `--json`."""
        scores = {
            name: {"posts": self.before[name].posts, "before": _numbers(self.before[name]), "after": _numbers(after)}
            for name, after in self.after.items()
        }
        return {"scores": scores, "left_out": dict(self.left_out), **self.calibrations.to_json(self.emotions)}

    def to_text(self) -> str:
        """A table for a terminal."""
        lines = ["how far confidence is from accuracy, on posts that were not fitted, with 95% intervals", ""]
        lines.append(f"{'read from':<12}  {'posts':>6}  {'error before':<20}  {'error after':<20}  accuracy   scaling")
        for name, after in self.after.items():
            before = self.before[name]
            errors = (with_interval(scores.ece, scores.intervals.get("ece")) for scores in (before, after))
            cells = "  ".join(f"{error:<20}" for error in errors)
            accuracy = f"{before.accuracy:.3f} {after.accuracy:.3f}"
            lines.append(f"{name:<12}  {after.posts:>6,}  {cells}  {accuracy}  {self._scaling(name)}")
        lines += [f"{name}: not calibrated, {why}" for name, why in self.left_out.items()]
        return "\n".join(lines)

    def _scaling(self, name: str) -> str:
        scaling = self.calibrations.by_combination[name].scaling
        if scaling == AS_IT_IS:
            return "none helps"
        biases = " and a bias for each emotion" if scaling.biases else ""
        return f"temperature {scaling.temperature:.3g}{biases}"


def _numbers(scores: Scores) -> dict[str, Any]:
    intervals = {name: list(ends) for name, ends in scores.intervals.items() if name in ("ece", "accuracy")}
    return {"ece": scores.ece, "accuracy": scores.accuracy, "intervals": intervals}
