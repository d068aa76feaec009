"""What all trainings of a comparison share is made once, also what only some objectives need."""

import numpy as np
import small_family

from feelscope.compare.material import gather
from feelscope.encoders.encoder import Resources
from feelscope.encoders.settings import ImageSettings
from feelscope.objectives.settings import DSRegSettings, SecretSettings
from feelscope.progress import silent
from feelscope.table import Quarantine
from feelscope.train.data import read_table


def test_hard_negatives_and_label_vectors_are_those_of_the_recipe_that_asks(tmp_path):
    vectors = small_family.write_vectors(tmp_path / "vectors.txt")
    with vectors.open("a", encoding="utf-8") as file:
        for number, emotion in enumerate(small_family.EMOTIONS):
            file.write(f"{emotion} {' '.join(str(float(place == number)) for place in range(6))}\n")
    table = small_family.write_table(tmp_path / "posts.csv", 60)
    plain = small_family.recipe("text_only", image=ImageSettings(), choices__validation=0.2)
    asking = small_family.changed(plain, dsreg=DSRegSettings(by="chance"), secret=SecretSettings())
    control = small_family.changed(asking, secret=SecretSettings(permute=True))
    with Quarantine(tmp_path / "bad.jsonl") as bad:
        material = gather(
            {"plain": plain, "asking": asking, "control": control},
            read_table(table, plain, None, bad),
            None,
            resources=Resources(tmp_path / "features", vectors),
            quarantine=bad,
            progress=silent,
        )
    without, corpus = material.corpus(plain), material.corpus(asking)
    assert without.training.hard.shape[1] == 0 and without.label_vectors is None
    assert corpus.training.hard.shape == (len(corpus.training), 3) and corpus.training.hard.any()
    assert corpus.validation.hard.shape[1] == 0 and corpus.label_vectors.shape == (3, 6)
    assert corpus.training.hard is material.corpus(asking).training.hard
    usual = corpus.label_vectors.tolist()
    seeds = [material.corpus(small_family.changed(control, seed=seed)).label_vectors.tolist() for seed in range(9)]
    assert usual == np.eye(3, 6)[[small_family.EMOTIONS.index(emotion) for emotion in material.emotions]].tolist()
    assert all(own != other for found in seeds for own, other in zip(usual, found, strict=True))
    assert len({str(found) for found in seeds}) == 2  # the ways to put three into one cycle
