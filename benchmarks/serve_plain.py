"""The same encoders as a plain FastAPI and torch handler: written as one would who has an hour.

It is measured beside `feelscope serve`; see serve.py. Networks in float32 with torch's own number of threads, one post
a request, decoded by PIL; weights are the published ones and random in the fusion, which takes the same time.

    python benchmarks/serve_plain.py --port 8081
"""

import argparse
import io
from typing import Annotated

import torch
import uvicorn
from fastapi import FastAPI, Form, UploadFile
from PIL import Image

from feelscope.encoders.efficientnet_lite0 import PIXEL_MEAN, PIXEL_SCALE, SIZE, EfficientNetLite0
from feelscope.encoders.efficientnet_lite0 import WIDTH as IMAGE_WIDTH
from feelscope.encoders.minilm import WIDTH as TEXT_WIDTH
from feelscope.encoders.minilm import MiniLM
from feelscope.encoders.tokenizer import Tokenizer
from feelscope.models.gated import GatedFusion
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder

folder = model_folder.BUILTIN
labels = model_folder.read_labels(folder)
tokenizer = Tokenizer(folder / "tokenizer.json", labels.tokens)
text_network = MiniLM.pretrained().eval()
image_network = EfficientNetLite0.pretrained().eval()
fusion = GatedFusion(TEXT_WIDTH, IMAGE_WIDTH, emotions=len(labels.emotions), width=384, dropout=0.0).eval()
app = FastAPI()


@app.post("/predict")
def predict(
    image: UploadFile,
    id: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> dict:
    ids = torch.tensor([tokenizer(Post(id, text, title)).ids])  # (1, T)
    picture = Image.open(io.BytesIO(image.file.read())).convert("RGB").resize((SIZE, SIZE))
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).view(1, SIZE, SIZE, 3)
    pixels = (pixels.permute(0, 3, 1, 2).float() - PIXEL_MEAN) / PIXEL_SCALE  # (1, 3, S, S)
    with torch.no_grad():
        vectors = {"text": text_network(ids, torch.ones_like(ids)), "image": image_network(pixels)}
        present = dict.fromkeys(vectors, torch.ones(1))
        row = fusion(vectors, present).softmax(dim=1)[0].tolist()  # (K,)
    probabilities = dict(zip(labels.emotions, row, strict=True))
    return {"id": id, "emotion": max(probabilities, key=probabilities.__getitem__), "probabilities": probabilities}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port, access_log=False, log_level="warning")
