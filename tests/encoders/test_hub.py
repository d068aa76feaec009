import http.server
import io
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from PIL import Image
from small_hub import SAVED, WORDS, picture, save_bert
from transformers import BertModel, CLIPModel, ViTModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from feelscope.encoders.hub import HubImage, HubText
from feelscope.encoders.hub_folder import find_folder
from feelscope.encoders.picture_networks import HubPictures
from feelscope.encoders.sentence_networks import HubSentences
from feelscope.errors import ConfigError, ModelError, PictureError


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folder of each tiny model."""
    made = {name: tmp_path_factory.mktemp(name) for name in SAVED}
    for name, save in SAVED.items():
        save(made[name])
    return made


def ids(words):
    """[CLS] words [SEP]."""
    return [2, *(WORDS.index(word) for word in words.split()), 3]


TEXTS = [ids("a good dog"), ids("bad"), ids("cat cat c d e"), ids("fire a")]
WIDTHS = {"bert": 8, "mpnet": 8, "t5": 8, "clip": 6, "siglip": 8, "vit": 8}


@pytest.mark.parametrize("name", ["bert", "mpnet", "t5", "clip", "siglip"])
def test_texts_become_vectors_that_do_not_depend_on_the_texts_beside(folders, name):
    encoder = HubText(f"hub:{folders[name]}")
    vectors = encoder.compute(TEXTS * 5)
    assert (vectors.shape, vectors.dtype, encoder.width) == ((20, WIDTHS[name]), np.float32, WIDTHS[name])
    alone = np.concatenate([encoder.compute([text]) for text in TEXTS])
    np.testing.assert_allclose(vectors[:4], alone, atol=1e-5)
    assert np.linalg.norm(vectors[0] - vectors[1]) > 1e-3
    np.testing.assert_array_equal(HubText(f"hub:{folders[name]}").compute(TEXTS[:1]), alone[:1])
    one = encoder.one_text().eval()
    with torch.inference_mode():
        saved = torch.cat([one(torch.tensor([text])) for text in TEXTS])
    np.testing.assert_allclose(saved, alone, atol=1e-5)


def test_a_vector_is_the_mean_over_the_tokens_and_not_over_padding(folders):
    bert = BertModel.from_pretrained(folders["bert"]).eval()
    with torch.inference_mode():
        expected = bert(input_ids=torch.tensor([ids("good cat a")])).last_hidden_state.mean(dim=1)
    vectors = HubText(f"hub:{folders['bert']}").compute([ids("good cat a"), ids("a b c d e a b c d e a b c")])
    np.testing.assert_allclose(vectors[:1], expected, atol=1e-5)


def test_it_reads_as_many_tokens_as_the_network_takes(folders):
    lengths = {name: HubText(f"hub:{folders[name]}").length for name in ("bert", "mpnet", "clip", "t5")}
    assert lengths == {"bert": 32, "mpnet": 32, "clip": 16, "t5": 512}
    assert HubText(f"hub:{folders['bert']}", length=4).length == 4
    assert HubText(f"hub:{folders['bert']}", length=40).length == 32
    assert [HubText(f"hub:{folders[name]}").pairs for name in ("bert", "t5")] == [True, False]


def test_equal_encoders_have_one_identity_and_others_another(folders):
    text = {
        HubText(f"hub:{folders['bert']}").identity,
        HubText(f"hub:{folders['bert']}").identity,
        HubText(f"hub:{folders['bert']}", length=4).identity,
        HubText(f"hub:{folders['mpnet']}").identity,
    }
    assert len(text) == 3
    image = {HubImage(f"hub:{folders[name]}").identity for name in ("vit", "vit", "clip")}
    assert len(image) == 2
    sentences = HubSentences(f"hub:{folders['clip']}", 16)
    assert sentences.identity != HubPictures(f"hub:{folders['clip']}").identity


@pytest.mark.parametrize("name", ["vit", "clip"])
def test_pictures_become_vectors(folders, tmp_path, name):
    network = HubPictures(f"hub:{folders[name]}")
    (tmp_path / "a.png").write_bytes(picture(1))
    contents = [tmp_path / "a.png", picture(1), picture(2, (90, 33))]
    vectors = network.run([network.read(content) for content in contents])
    assert (vectors.shape, vectors.dtype, network.width) == ((3, WIDTHS[name]), np.float32, WIDTHS[name])
    assert network.size == 32
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    assert np.linalg.norm(vectors[0] - vectors[2]) > 1e-4
    with pytest.raises(PictureError):
        network.read(b"no picture")


def test_clip_gives_its_towers_in_the_space_they_share(folders):
    clip = CLIPModel.from_pretrained(folders["clip"]).eval()
    square = picture(1, (32, 32))
    pixels = CLIPImageProcessorPil.from_pretrained(folders["clip"])(Image.open(io.BytesIO(square)), return_tensors="pt")
    with torch.inference_mode():
        whole = clip(input_ids=torch.tensor([ids("good dog")[1:]]), pixel_values=pixels["pixel_values"])
    text = HubText(f"hub:{folders['clip']}").compute([ids("good dog")[1:]])
    np.testing.assert_allclose(text / np.linalg.norm(text), whole.text_embeds, atol=1e-5)
    pictures = HubPictures(f"hub:{folders['clip']}")
    image = pictures.run([pictures.read(square)])
    np.testing.assert_allclose(image / np.linalg.norm(image), whole.image_embeds, atol=1e-5)


def test_a_pooler_without_weights_is_not_used(folders, tmp_path):
    whole = ViTModel.from_pretrained(folders["vit"])
    whole.pooler = None
    whole.save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_bytes((folders["vit"] / "preprocessor_config.json").read_bytes())
    first, second = (HubPictures(f"hub:{tmp_path}") for _ in range(2))
    rgb = first.read(picture(1))
    np.testing.assert_array_equal(first.run([rgb]), second.run([rgb]))
    assert first.identity == second.identity
    pixels = torch.from_numpy((rgb / 255 - 0.5) / 0.5).float().permute(2, 0, 1)[None]
    with torch.inference_mode():
        expected = whole.eval()(pixel_values=pixels).last_hidden_state.mean(dim=1)
    np.testing.assert_allclose(first.run([rgb]), expected, atol=1e-5)


# Wrong names, no network, no such tower


def refused(error, encoder, name):
    with pytest.raises(error) as caught:
        encoder(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_without_the_tower_is_refused(folders):
    assert "(vit) has no text tower" in refused(ModelError, HubText, f"hub:{folders['vit']}")
    assert "(bert) has no image tower" in refused(ModelError, HubImage, f"hub:{folders['bert']}")


@pytest.mark.parametrize("name", ["ORG/NAME", "hub:", "hub:a b", "hub:a/b/c", "hub:a//b"])
def test_what_is_no_name_is_refused(name):
    assert "write hub:ORG/NAME" in refused(ConfigError, HubText, name)


def test_a_folder_that_is_no_model_is_refused(folders, tmp_path):
    assert "has no config.json" in refused(ModelError, HubText, f"hub:{tmp_path / 'none'}")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80")
    assert "no *.safetensors" in refused(ModelError, HubText, f"hub:{tmp_path}")
    (tmp_path / "model.safetensors").write_bytes(b"torn")
    assert "cannot be loaded" in refused(ModelError, HubText, f"hub:{tmp_path}")
    (tmp_path / "config.json").write_text('{"model_type": "none-such"}')
    assert "none-such" in refused(ModelError, HubText, f"hub:{tmp_path}")
    (tmp_path / "config.json").write_text("{")
    assert "cannot be loaded" in refused(ModelError, HubText, f"hub:{tmp_path}")


def test_program_code_of_a_model_is_not_run(folders, tmp_path):
    save_bert(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config", "AutoModel": "mine.Model"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    ran = tmp_path / "ran"
    (tmp_path / "mine.py").write_text(f"import pathlib\npathlib.Path({str(ran)!r}).touch()\n")
    assert "cannot be loaded" in refused(ModelError, HubText, f"hub:{tmp_path}")
    assert not ran.exists()


def test_missing_weights_and_a_missing_tokenizer_are_refused(tmp_path):
    save_bert(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "tokenizer_config.json").unlink()
    assert "tokenizer" in refused(ModelError, HubText, f"hub:{tmp_path}")
    config = json.loads((tmp_path / "config.json").read_text()) | {"num_hidden_layers": 3}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert "encoder.layer.2" in refused(ModelError, HubText, f"hub:{tmp_path}")
    config |= {"num_hidden_layers": 2, "intermediate_size": 24}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert "cannot be loaded" in refused(ModelError, HubText, f"hub:{tmp_path}")


ASK = """
from feelscope.encoders.hub_folder import find_folder
from feelscope.errors import ModelError
for name in ("unknown", "gated", "silent"):
    try:
        find_folder(f"hub:some/{name}")
    except ModelError as error:
        print(error)
"""


def test_an_unknown_name_one_on_request_and_a_hub_that_does_not_answer_are_told_apart(tmp_path):
    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if "silent" in self.path:
                return
            unknown = "unknown" in self.path
            self.send_response(404 if unknown else 403)
            self.send_header("X-Error-Code", "RepoNotFound" if unknown else "GatedRepo")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # The client reads the hub's address when it is imported, so it runs in a process of its own.
        hub = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
        env = {**os.environ, **hub, "NO_PROXY": "*", "no_proxy": "*"}
        ran = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=env, timeout=60)
        server.shutdown()
    assert ran.returncode == 0, ran.stderr
    unknown, gated, unanswered = ran.stdout.splitlines()
    assert "hub:some/unknown: the hub has no model of this name" in unknown
    assert "hub:some/gated: its makers give it out on request only" in gated
    assert "hub:some/silent: it is not on this computer" in unanswered and "check the network" in unanswered


def test_a_local_folder_needs_no_hub(folders, monkeypatch):
    assert find_folder(f"hub:{folders['bert']}") == folders["bert"]
    monkeypatch.chdir(folders["bert"].parent)
    assert find_folder(f"hub:{folders['bert'].name}").name == folders["bert"].name
