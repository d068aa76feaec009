"""What all trainings of a comparison share is made once, also what only some objectives need."""

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
        for emotion in small_family.EMOTIONS:
            file.write(f"{emotion} 1 0 0 0 0 0\n")
    table = small_family.write_table(tmp_path / "posts.csv", 60)
    plain = small_family.recipe("text_only", image=ImageSettings(), choices__validation=0.2)
    asking = small_family.changed(plain, dsreg=DSRegSettings(by="chance"), secret=SecretSettings())
    with Quarantine(tmp_path / "bad.jsonl") as bad:
        material = gather(
            {"plain": plain, "asking": asking},
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
