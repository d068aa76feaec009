"""Settings of recipes as they were before there was one recipe, and what they are called now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feelscope.errors import ConfigError

_NOW = {
    "data": "[[data.tables]]",
    "emotions": "[data] emotions",
    "finer": "[data] subclass",
    "text": "[text] encoder",
    "tokens": "[text] tokens",
    "vocabulary": "[text] vocabulary",
    "aggregate": "[text] pooling",
    "units": "[text] hidden_size",
    "train_words": "[text] train_words",
    "text_dropout": "[text] dropout",
    "text_rate": "[text] learning_rate",
    "layer_decay": "[text] layer_decay",
    "half_precision": "[text] half_precision",
    "normalise": "[text] normalise and [image] normalise",
    "image": "[image] encoder",
    "unfreeze": "[image] tune_from",
    "image_dropout": "[image] dropout",
    "image_rate": "[image] learning_rate",
    "erase": "[image] erase",
    "modalities": "[further] modalities",
    "model": "[fusion] model",
    "fusion": "[fusion] model",
    "width": "[fusion] hidden_size",
    "hidden": "[fusion] hidden_size",
    "dropout": "[fusion] dropout",
    "activation": "[fusion] activation",
    "pooling": "[fusion] pooling",
    "text_features": "[fusion] text_features",
    "image_features": "[fusion] image_features",
    "fusion_rate": "[fusion] learning_rate",
    "optimizer": "[steps] optimizer",
    "rate": "[steps] learning_rate",
    "halve": "[steps] lr_halving_steps",
    "warm_up": "[steps] warm_up",
    "clip": "[steps] max_grad_norm",
    "steps": "[steps] max_steps",
    "momentum": "[steps] momentum",
    "weight_decay": "[steps] weight_decay",
    "batch": "[steps] batch_size",
    "epochs": "[steps] epochs",
    "label_smoothing": "[steps] label_smoothing",
    "average": "[steps] ema_decay",
    "complete_only": "[steps] complete_only",
    "tuning": "[choices] validation",
    "patience": "[choices] patience",
    "temperature": "[choices] temperature",
    "refit": "[choices] refit",
    "trainings": "[choices] trainings",
    "negatives": "[common_space] negatives",
    "main_weight": "[common_space] main_weight",
    "modality_dropout": "[modality_dropout] share",
    "text_weight": "[combinations] text_weight",
    "image_weight": "[combinations] image_weight",
    "teacher_share": "[distillation] share",
}


def refuse_old_names(values: Mapping[str, Any], path: Path) -> None:
    """Refuse a recipe whose settings are not in tables.

    Raises:
        ConfigError: It says what each setting of the file is called now.
    """
    old = [name for name, value in values.items() if name in _NOW and not isinstance(value, dict)]
    if old:
        renamed = ", ".join(f"{name} is now {_NOW[name]}" for name in old)
        raise ConfigError(f"{path}: this recipe is of an older version: {renamed}; docs/train.md shows a whole recipe")
