"""Settings of recipes as they were before there was one recipe, and what they are called now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feelscope.errors import ConfigError

# By table, the settings that were at the top of a recipe; where the name has changed, NOW=BEFORE.
_TABLES = {
    "data": "emotions subclass=finer",
    "text": "encoder=text tokens vocabulary pooling=aggregate hidden_size=units train_words dropout=text_dropout "
    "learning_rate=text_rate layer_decay half_precision normalise",
    "image": "encoder=image tune_from=unfreeze dropout=image_dropout learning_rate=image_rate erase",
    "further": "modalities",
    "fusion": "model=model model=fusion hidden_size=hidden hidden_size=width dropout activation pooling text_features "
    "image_features learning_rate=fusion_rate",
    "steps": "optimizer learning_rate=rate lr_halving_steps=halve warm_up max_grad_norm=clip max_steps=steps momentum "
    "weight_decay batch_size=batch epochs label_smoothing ema_decay=average complete_only",
    "choices": "validation=tuning patience temperature refit trainings",
    "common_space": "negatives main_weight",
    "modality_dropout": "share=modality_dropout",
    "combinations": "text_weight image_weight",
    "distillation": "share=teacher_share",
}
NOW = {"data": "[[data.tables]]"} | {
    pair.partition("=")[2] or pair: f"[{table}] {pair.partition('=')[0]}"
    for table, pairs in _TABLES.items()
    for pair in pairs.split()
}
NOW["train_words"] = "[text] train_words and [text] tune_from"  # of word vectors; of MiniLM when tuned
NOW["normalise"] = "[text] normalise and [image] normalise"


def refuse_old_names(values: Mapping[str, Any], path: Path) -> None:
    """Refuse a recipe whose settings are not in tables.

    Raises:
        ConfigError: It says what each setting of the file is called now.
    """
    old = [name for name, value in values.items() if name in NOW and not isinstance(value, dict)]
    if old:
        renamed = ", ".join(f"{name} is now {NOW[name]}" for name in old)
        raise ConfigError(
            f"{path}: this recipe is of an older version: {renamed}; `feelscope docs train` shows a whole recipe"
        )
