"""Captioners and quizzes of the Hugging Face hub: BLIP, which captions pictures and answers questions about them.

Source: Li, Li, Xiong and Hoi 2022, "BLIP: Bootstrapping language-image pre-training", as transformers has it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from feelscope.bottleneck.plug_ins import Picture
from feelscope.encoders.hub_folder import find_folder
from feelscope.encoders.hub_model import load_image_processor, load_model, load_tokenizer
from feelscope.errors import ModelError, one_line
from feelscope.files import read_json
from feelscope.images import read_rgb
from feelscope.web.hub import PREFIX

_MOST_TOKENS = 40  # of a caption
_MOST_ANSWER = 10  # tokens


class _Blip:
    """A BLIP network with what prepares its input.

    Args:
        name: `hub:ORG/NAME`, or a folder.
        kind: The class in transformers.
    """

    def __init__(self, name: str, kind: str, purpose: str):
        self.name = name if name.startswith(PREFIX) else f"{PREFIX}{Path(name).absolute()}"
        folder = find_folder(self.name)
        config = read_json(folder / "config.json", ModelError, f"choose a {purpose}")
        if kind not in (config.get("architectures") or ()):
            raise ModelError(f"{name}: this is no {purpose} ({kind}); give the name or the folder of one")
        self.model, _ = load_model(self.name, kind)
        self.tokenizer = load_tokenizer(self.name, folder)
        self._processor = load_image_processor(self.name, folder)

    def pixels(self, picture: Picture) -> torch.Tensor:
        """A picture as the network takes it, (1, 3, H, W)."""
        rgb = read_rgb(picture)
        return self._processor(rgb, input_data_format="channels_last", return_tensors="pt")["pixel_values"]

    @torch.inference_mode()
    def generate(self, most: int, **inputs: Any) -> list[str]:
        """What it writes for each row, at most so many tokens."""
        try:
            written = self.model.generate(**inputs, max_new_tokens=most, do_sample=False)
        except (ValueError, TypeError, RuntimeError, IndexError) as error:
            raise ModelError(f"{self.name}: it cannot write ({one_line(error)[:200]}); choose another") from error
        return [text.strip() for text in self.tokenizer.batch_decode(written, skip_special_tokens=True)]


class BlipCaptioner:
    """Captions by `BlipForConditionalGeneration`.

    Args:
        name: `hub:ORG/NAME`, such as `hub:Salesforce/blip-image-captioning-base`, or a folder.

    Raises:
        ConfigError, ModelError, MissingExtra: It cannot be had, or is none.
    """

    def __init__(self, name: str):
        self._blip = _Blip(name, "BlipForConditionalGeneration", "captioner")

    def caption(self, picture: Picture) -> str:
        """One sentence."""
        return self._blip.generate(_MOST_TOKENS, pixel_values=self._blip.pixels(picture))[0]


class BlipQuiz:
    """Answers by `BlipForQuestionAnswering`.

    Args:
        name: `hub:ORG/NAME`, such as `hub:Salesforce/blip-vqa-base`, or a folder.

    Raises:
        ConfigError, ModelError, MissingExtra: It cannot be had, or is none.
    """

    def __init__(self, name: str):
        self._blip = _Blip(name, "BlipForQuestionAnswering", "network that answers questions")

    def answer(self, picture: Picture, questions: Sequence[str]) -> list[str]:
        """Its own words for each question, one question at a time."""
        pixels = self._blip.pixels(picture)
        return [self._ask(pixels, question) for question in questions]

    def _ask(self, pixels: torch.Tensor, question: str) -> str:
        tokens = self._blip.tokenizer(question, return_tensors="pt", truncation=True, max_length=64)
        asked = {name: tokens[name] for name in ("input_ids", "attention_mask")}
        return self._blip.generate(_MOST_ANSWER, pixel_values=pixels, **asked)[0]
