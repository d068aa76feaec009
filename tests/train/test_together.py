"""Two processes that train one network have the same weights after each step, and those of one process."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn import Parameter

from feelscope.train import together

CODE = """
import sys
from datetime import timedelta
from torch import distributed
import small_family
from pathlib import Path
from feelscope.encoders.encoder import Resources
from feelscope.train.train import train

place, count, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
if count > 1:
    distributed.init_process_group("gloo", f"file://{folder}/meet", timedelta(300), world_size=count, rank=place)
settings = {"steps__epochs": 1, "steps__max_steps": 5, "steps__batch_size": 8, "choices__validation": 0.0}
made = small_family.recipe("text_only", **settings)
resources = Resources(folder / f"features-{count}-{place}", folder / "vectors.txt")
out = folder / f"run-{count}-{place}"
train(made, out, table=folder / "posts.csv", resources=resources)
assert (out / "README.md").exists() == (place == 0)
"""


def run(folder: Path, count: int) -> Path:
    tests = Path(__file__).parents[1]
    environment = {"PYTHONPATH": ":".join([str(tests), *sys.path]), "OMP_NUM_THREADS": "1"}
    given = [[sys.executable, "-c", CODE, str(place), str(count), str(folder)] for place in range(count)]
    running = [subprocess.Popen(one, stderr=subprocess.PIPE, text=True, env=environment) for one in given]
    for one in running:
        _, said = one.communicate(timeout=600)
        assert one.returncode == 0, said
    return folder / f"run-{count}-0"


@pytest.mark.slow
def test_two_processes_train_the_model_of_one(tmp_path: Path) -> None:
    import small_family
    from safetensors.torch import load_file

    small_family.write_table(tmp_path / "posts.csv", 64)
    small_family.write_vectors(tmp_path / "vectors.txt")
    one, two = (load_file(run(tmp_path, count) / "model.safetensors") for count in (1, 2))
    assert one.keys() == two.keys()
    for name, value in one.items():
        assert value.allclose(two[name], atol=1e-5), name


def test_alone_nothing_is_done() -> None:
    weight = Parameter(torch.ones(2))
    weight.grad = torch.tensor([1.0, 2.0])
    together.average_gradients([weight, Parameter(torch.ones(1))])
    assert weight.grad.tolist() == [1.0, 2.0]
    assert (together.place(), together.mean(2.0), together.of_first(3.0)) == ((0, 1), 2.0, 3.0)


def test_gradients_of_few_words_are_averaged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of plain gradient descent on word vectors, whose gradients name only the words of a batch."""
    monkeypatch.setattr(together, "place", lambda: (0, 2))
    monkeypatch.setattr(together.distributed, "all_reduce", lambda sent: sent.mul_(4))  # the other's are three times
    vectors, bias = Parameter(torch.zeros(3, 2)), Parameter(torch.zeros(2))
    words = torch.nn.functional.embedding(torch.tensor([2]), vectors, sparse=True)
    (words.sum() + bias.sum()).backward()
    together.average_gradients([vectors, bias])
    assert vectors.grad is not None and bias.grad is not None
    assert vectors.grad.to_dense().tolist() == [[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]]
    assert bias.grad.tolist() == [2.0, 2.0]
