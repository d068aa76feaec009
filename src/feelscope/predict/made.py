"""What a file of predictions says of how it was made: model, version, settings, what was read, what was left out."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from feelscope import __version__
from feelscope.files import digest
from feelscope.saved_model.folder import SHIPPED
from feelscope.saved_model.manifest import MANIFEST

if TYPE_CHECKING:
    from feelscope.saved_model.calibration import Abstention
    from feelscope.saved_model.classifier import EmotionClassifier
    from feelscope.table import PostsTable

KIND = "predictions"


def settings_of(classifier: "EmotionClassifier", abstention: "Abstention | None") -> dict[str, object]:
    """What a model is asked with."""
    return {
        "abstain": None if abstention is None else abstention.share,
        "read_pictures": classifier.reads_pictures,
        "alt_text": classifier.reads_alt_text,
        "skip_pictures": classifier.skip_pictures,
    }


class Made:
    """Counts the rows of a file of predictions.

    Args:
        settings: What they were asked with, beyond the model.
        table: Whose posts they are; None for posts that come from none.

    Attributes:
        model: The digest of the model's manifest, and so of all its files.
        answers: Posts by emotion; those whose answer is refused are under None.
        modalities: Posts by what was read of them.
    """

    def __init__(
        self, classifier: "EmotionClassifier", settings: Mapping[str, object], table: "PostsTable | None" = None
    ) -> None:
        self._classifier, self._settings, self._table = classifier, settings, table
        self.model = digest(classifier.folder / MANIFEST)
        self.answers: Counter[str | None] = Counter()
        self.modalities: Counter[str] = Counter()

    def add(self, row: Mapping[str, object]) -> None:
        """Count a row; one of a half-made CSV has texts."""
        emotion = row["emotion"]
        self.answers[str(emotion) if emotion else None] += 1
        used = row["modalities"]
        self.modalities[" and ".join(used if isinstance(used, list) else str(used).split("|"))] += 1

    def about(self) -> dict[str, Any]:
        """All of it, once the last row is written."""
        folder, total = self._classifier.folder, self.answers.total()
        posts: dict[str, Any] = {"predicted": total}
        of_table: dict[str, Any] = {}
        if (table := self._table) is not None:
            bad = table.quarantine
            posts = {
                "rows": table.rows,
                "predicted": total,
                "left_out": bad.count,
                "left_out_by_reason": dict(bad.reasons.most_common()),
                "pictures_not_used": dict(bad.pictures.most_common()),
            }
            of_table = {"table": {"name": table.path.name, "columns": dict(table.columns)}}
        return {
            "kind": KIND,
            "feelscope": __version__,
            "made": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "model": {
                "name": self._classifier.name,
                "folder": next((name for name, path in SHIPPED.items() if path == folder), folder.name),
                "digest": self.model,
                "emotions": list(self._classifier.emotions),
                "modalities": list(self._classifier.modalities),
            },
            "settings": dict(self._settings),
            **of_table,
            "posts": posts,
            "answers": {name: self.answers[name] for name in self._classifier.emotions}
            | ({"refused": self.answers[None]} if self.answers[None] else {}),
            "read": dict(self.modalities.most_common()),
        }
