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
from transformers import (
    BertModel,
    CLIPModel,
    ViTModel,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from feelscope.encoders import feature_cache as kept_rows
from feelscope.encoders.hub import HubFeatures, HubImage, HubText
from feelscope.encoders.hub_folder import find_folder
from feelscope.errors import ConfigError, ModelError, PictureError, TableError
from feelscope.post import Post


def silent(done, total):
    pass


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folder of each tiny model."""
    made = {name: tmp_path_factory.mktemp(name) for name in SAVED}
    for name, save in SAVED.items():
        save(made[name])
    return made


POSTS = [Post("1", "a good dog"), Post("2", "bad"), Post("3", "cat cat c d e", "good"), Post("4", "", "fire a")]


@pytest.mark.parametrize("name", ["bert", "mpnet", "t5", "clip", "siglip"])
def test_texts_become_vectors_that_do_not_depend_on_the_posts_beside(folders, name):
    encoder = HubText(f"hub:{folders[name]}")
    seen = []
    vectors = encoder.vectors(POSTS * 5, lambda *at: seen.append(at))
    width = 6 if name == "clip" else 8
    assert (vectors.shape, vectors.dtype, encoder.width) == ((20, width), np.float32, width)
    assert seen == [(16, 20), (20, 20)]
    alone = np.concatenate([encoder.vectors([post], silent) for post in POSTS])
    np.testing.assert_allclose(vectors[:4], alone, atol=1e-5)
    assert np.linalg.norm(vectors[0] - vectors[1]) > 1e-3
    assert encoder.vectors([], silent).shape == (0, width)
    np.testing.assert_array_equal(HubText(f"hub:{folders[name]}").vectors(POSTS[:1], silent), alone[:1])


def test_a_vector_is_the_mean_over_the_tokens_and_not_over_padding(folders):
    bert = BertModel.from_pretrained(folders["bert"]).eval()
    ids = torch.tensor([[2, WORDS.index("good"), 3, WORDS.index("cat"), WORDS.index("a"), 3]])
    kinds = torch.tensor([[0, 0, 0, 1, 1, 1]])
    with torch.inference_mode():
        expected = bert(input_ids=ids, token_type_ids=kinds).last_hidden_state.mean(dim=1)
    posts = [Post("1", "cat a", "good"), Post("2", "a b c d e a b c d e a b c d e")]
    np.testing.assert_allclose(HubText(f"hub:{folders['bert']}").vectors(posts, silent)[:1], expected, atol=1e-5)


def test_emoji_are_spelled_and_a_repeated_title_is_read_once(folders):
    encoder = HubText(f"hub:{folders['bert']}")
    assert encoder.key(Post("1", "\U0001f525")) == encoder.key(Post("2", "fire", "fire"))
    assert encoder.key(Post("1", "fire")) != encoder.key(Post("2", "fire", "a"))


def test_a_long_text_is_cut_to_what_the_network_takes(folders):
    for name, most in (("bert", 32), ("mpnet", 32), ("clip", 16)):
        encoder = HubText(f"hub:{folders[name]}")
        assert encoder.length == most
        long = encoder.vectors([Post("1", "good dog " * 100), Post("2", "good dog " * 300)], silent)
        np.testing.assert_allclose(long[0], long[1], atol=1e-5)
    short = HubText(f"hub:{folders['bert']}", length=4)
    np.testing.assert_allclose(
        short.vectors([Post("1", "a b")], silent), short.vectors([Post("1", "a b c d")], silent), atol=1e-6
    )


def test_a_post_without_words_is_refused(folders):
    with pytest.raises(TableError, match="post '7' has no words"):
        HubText(f"hub:{folders['bert']}").vectors([Post("7", " ", image=picture(1))], silent)


@pytest.mark.parametrize("name", ["vit", "clip"])
def test_pictures_become_vectors(folders, tmp_path, name):
    encoder = HubImage(f"hub:{folders[name]}")
    (tmp_path / "a.png").write_bytes(picture(1))
    vectors = encoder.vectors([tmp_path / "a.png", picture(1), picture(2, (90, 33))], silent)
    width = {"vit": 8, "clip": 6}[name]
    assert (vectors.shape, vectors.dtype, encoder.width) == ((3, width), np.float32, width)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    assert np.linalg.norm(vectors[0] - vectors[2]) > 1e-4
    with pytest.raises(PictureError):
        encoder.vectors([b"no picture"], silent)


def test_clip_gives_its_towers_in_the_space_they_share(folders):
    clip = CLIPModel.from_pretrained(folders["clip"]).eval()
    ids = torch.tensor([[WORDS.index("good"), WORDS.index("dog"), 3]])
    pixels = CLIPImageProcessorPil.from_pretrained(folders["clip"])(
        Image.open(io.BytesIO(picture(1))), return_tensors="pt"
    )
    with torch.inference_mode():
        whole = clip(input_ids=ids, pixel_values=pixels["pixel_values"])
    for encoder, content, expected in (
        (HubText, Post("1", "good dog"), whole.text_embeds),
        (HubImage, picture(1), whole.image_embeds),
    ):
        found = encoder(f"hub:{folders['clip']}").vectors([content], silent)
        np.testing.assert_allclose(found / np.linalg.norm(found), expected, atol=1e-5)


def test_a_pooler_without_weights_is_not_used(folders, tmp_path):
    whole = ViTModel.from_pretrained(folders["vit"])
    whole.pooler = None
    whole.save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_bytes((folders["vit"] / "preprocessor_config.json").read_bytes())
    first, second = (HubImage(f"hub:{tmp_path}") for _ in range(2))
    np.testing.assert_array_equal(first.vectors([picture(1)], silent), second.vectors([picture(1)], silent))
    assert first.identity == second.identity
    pixels = torch.from_numpy(first.read(picture(1)))[None]
    with torch.inference_mode():
        expected = whole.eval()(pixel_values=pixels).last_hidden_state.mean(dim=1)
    np.testing.assert_allclose(first.vectors([picture(1)], silent), expected, atol=1e-5)


def never(*_):
    raise AssertionError("computed again")


def test_vectors_are_kept_by_content_and_encoder(folders, tmp_path, monkeypatch):
    text = HubText(f"hub:{folders['bert']}")
    kept = HubFeatures(tmp_path, text)
    assert kept.rows([*POSTS, Post("9", "bad")], silent, never) == [0, 1, 2, 3, 1]
    np.testing.assert_allclose(kept.array(), text.vectors(POSTS, silent), atol=1e-5)
    again = HubText(f"hub:{folders['bert']}")
    assert again.identity == text.identity
    monkeypatch.setattr(again, "compute", never)
    assert HubFeatures(tmp_path, again).rows(POSTS[::-1], silent, never) == [3, 2, 1, 0]
    for other in (HubText(f"hub:{folders['bert']}", length=4), HubText(f"hub:{folders['mpnet']}")):
        assert len(HubFeatures(tmp_path, other).array()) == 0


def test_pictures_that_cannot_be_read_are_told_and_have_no_row(folders, tmp_path):
    refused = []
    kept = HubFeatures(tmp_path, HubImage(f"hub:{folders['vit']}"))
    found = kept.rows([picture(1), b"none", picture(2)], silent, lambda at, error: refused.append((at, error)))
    assert found == [0, -1, 1]
    assert [at for at, _ in refused] == [1] and isinstance(refused[0][1], PictureError)
    assert kept.array().shape == (2, 8)


@pytest.mark.parametrize("steps", [1, 2])
def test_after_an_interruption_only_the_rest_is_computed(folders, tmp_path, monkeypatch, steps):
    monkeypatch.setattr(kept_rows, "_STEPS_PER_SAVE", steps)
    encoder = HubText(f"hub:{folders['bert']}")
    posts = [Post(str(at), " ".join(WORDS[4 + int(digit)] for digit in str(at))) for at in range(60)]

    def stop(done, total):
        if done == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        HubFeatures(tmp_path, encoder).rows(posts, stop, never)
    kept = HubFeatures(tmp_path, encoder)
    assert 0 < len(kept.array()) <= 40
    rows = kept.rows(posts, silent, never)
    np.testing.assert_allclose(kept.array()[rows], encoder.vectors(posts, silent), atol=1e-5)


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
