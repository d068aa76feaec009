"""Tiny models in the folders of the hub, of every kind that is told apart, and pictures for them."""

import io

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPModel,
    MPNetConfig,
    MPNetModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipModel,
    T5Config,
    T5Model,
    ViTConfig,
    ViTModel,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"a b c d e good bad dog cat fire".split()]
SMALL = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}


def save_tokenizer(folder, pairs=True, inputs=("input_ids", "attention_mask")):
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = [("[CLS]", 2), ("[SEP]", 3)]
    both = "[CLS] $A [SEP] $B:1 [SEP]:1" if pairs else "[CLS] $A $B:1"
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]" if pairs else "$A [SEP]", pair=both, special_tokens=marks
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        sep_token="[SEP]" if pairs else None,
        eos_token=None if pairs else "[SEP]",
        model_input_names=list(inputs),
    ).save_pretrained(folder)


def save_bert(folder, **changes):
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **SMALL | changes)).save_pretrained(folder)
    save_tokenizer(folder, inputs=("input_ids", "token_type_ids", "attention_mask"))


def save_mpnet(folder):
    torch.manual_seed(0)
    config = MPNetConfig(vocab_size=len(WORDS), max_position_embeddings=34, pad_token_id=0, **SMALL)
    MPNetModel(config).save_pretrained(folder)
    save_tokenizer(folder)


def save_t5(folder):
    torch.manual_seed(0)
    config = T5Config(vocab_size=len(WORDS), d_model=8, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    T5Model(config).save_pretrained(folder)
    save_tokenizer(folder, pairs=False)


def save_vit(folder):
    torch.manual_seed(0)
    ViTModel(ViTConfig(image_size=32, patch_size=16, **SMALL)).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)


TOWERS = (
    {"vocab_size": len(WORDS), "max_position_embeddings": 16, "eos_token_id": 3, "projection_dim": 6, **SMALL},
    {"image_size": 32, "patch_size": 16, "projection_dim": 6, **SMALL},
)


def save_clip(folder):
    torch.manual_seed(0)
    text, vision = TOWERS
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=6)).save_pretrained(folder)
    save_tokenizer(folder, pairs=False)
    size = {"height": 32, "width": 32}
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=size).save_pretrained(folder)


def save_siglip(folder):
    torch.manual_seed(0)
    text, vision = TOWERS
    SiglipModel(SiglipConfig(text_config=text, vision_config=vision)).save_pretrained(folder)
    save_tokenizer(folder, pairs=False, inputs=("input_ids",))


SAVED = {
    "bert": save_bert,
    "mpnet": save_mpnet,
    "t5": save_t5,
    "vit": save_vit,
    "clip": save_clip,
    "siglip": save_siglip,
}


def picture(seed, size=(40, 60)):
    pixels = np.random.default_rng(seed).integers(0, 255, (5, 5, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()
