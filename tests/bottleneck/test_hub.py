import pytest
import small_hub
import torch
from transformers import BlipConfig, BlipForConditionalGeneration, BlipForQuestionAnswering
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

from feelscope.bottleneck.hub import BlipCaptioner, BlipQuiz
from feelscope.errors import FeelscopeError, ModelError, PictureError

TEXT = {
    "vocab_size": len(small_hub.WORDS), "encoder_hidden_size": 8, "max_position_embeddings": 80, "pad_token_id": 0,
    "bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 3, **small_hub.SMALL,
}  # fmt: skip
VISION = {"image_size": 32, "patch_size": 16, **small_hub.SMALL}


def save(kind, folder):
    torch.manual_seed(0)
    config = BlipConfig(text_config=TEXT, vision_config=VISION, projection_dim=6, image_text_hidden_size=8)
    kind(config).save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    small_hub.save_tokenizer(folder)
    return folder


@pytest.fixture(scope="module")
def captions(tmp_path_factory):
    return save(BlipForConditionalGeneration, tmp_path_factory.mktemp("captions"))


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return save(BlipForQuestionAnswering, tmp_path_factory.mktemp("answers"))


def test_a_captioner_writes_words_of_its_own(captions):
    captioner = BlipCaptioner(str(captions))
    said = captioner.caption(small_hub.picture(0))
    assert (
        said
        == captioner.caption(small_hub.picture(0))
        == BlipCaptioner(f"hub:{captions}").caption(small_hub.picture(0))
    )
    assert set(said.split()) <= {*small_hub.WORDS}
    pixels = captioner._blip.pixels(small_hub.picture(0))
    assert pixels.shape == (1, 3, 32, 32)
    written = captioner._blip.model.generate(pixel_values=pixels, max_new_tokens=40, do_sample=False)
    assert captioner._blip.tokenizer.decode(written[0], skip_special_tokens=True).strip() == said


def test_a_quiz_answers_each_question(answers):
    quiz = BlipQuiz(str(answers))
    said = quiz.answer(small_hub.picture(1), ["a dog?", "good or bad?"])
    assert len(said) == 2
    assert said[1] == quiz.answer(small_hub.picture(1), ["good or bad?"])[0]  # whatever is asked beside it


def test_what_is_no_captioner_is_told_in_one_line(tmp_path, captions, answers):
    small_hub.save_bert(tmp_path / "bert")
    (tmp_path / "empty").mkdir()
    for name, said in (
        (answers, "this is no captioner"),
        (tmp_path / "bert", "this is no captioner"),
        (tmp_path / "empty", "has no config.json"),
        (tmp_path / "none", "has no config.json"),
    ):
        with pytest.raises(FeelscopeError, match=said) as caught:
            BlipCaptioner(str(name))
        assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match="no network that answers questions"):
        BlipQuiz(str(captions))


def test_damaged_weights_are_told_in_one_line(tmp_path, captions):
    for file in captions.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        BlipCaptioner(str(tmp_path))


def test_a_picture_that_cannot_be_read(captions):
    with pytest.raises(PictureError):
        BlipCaptioner(str(captions)).caption(b"no picture")
