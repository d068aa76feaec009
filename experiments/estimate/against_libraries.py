"""Our estimators against ppi-python 0.2.3 and QuaPy 0.2.3, once, in an environment that has both.

python experiments/estimate/against_libraries.py
"""

import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from quapy.method.aggregative import ACC, EMQ

from feelscope.metrics.prediction_powered import corrected_shares
from feelscope.metrics.quantification import adjusted, answers, likeliest, mean_of_each

POSTS, LABELS, SHARES = 20_000, 400, np.array([0.5, 0.3, 0.15, 0.05])


def posts(shares: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Emotions, and probabilities that are right where the shares are `SHARES`."""
    random = np.random.default_rng(seed)
    emotion = random.choice(len(shares), POSTS, p=shares)
    scores = random.normal(size=(POSTS, len(shares)))
    scores[np.arange(POSTS), emotion] += 1.5
    odds = np.exp(1.5 * scores) * SHARES
    return emotion, odds / odds.sum(axis=1, keepdims=True)


def main() -> None:
    emotion, probabilities = posts(SHARES, 0)
    truth = np.eye(len(SHARES))[emotion]
    chosen = np.random.default_rng(1).permutation(POSTS)[:LABELS]
    y, f = truth[chosen], probabilities[chosen]
    ours = corrected_shares(y, f, probabilities.mean(axis=0), np.full(LABELS, LABELS / POSTS), POSTS)
    rest = np.delete(probabilities, chosen, axis=0)
    for k in range(len(SHARES)):
        same = ppi_mean_pointestimate(y[:, k], f[:, k], probabilities[:, k], lam=float(ours.power[k]))[0]
        tuned = ppi_mean_pointestimate(y[:, k], f[:, k], rest[:, k])[0]
        low, high = (float(np.ravel(end)[0]) for end in ppi_mean_ci(y[:, k], f[:, k], rest[:, k], alpha=0.05))
        print(
            f"share {k}: ours {ours.share[k]:.5f} ({ours.low[k]:.4f} to {ours.high[k]:.4f}), ppi-python with ours "
            f"{same:.5f}, difference {abs(same - ours.share[k]):.1e}; its own {tuned:.5f} ({low:.4f} to {high:.4f})"
        )
    labels, known = posts(SHARES, 2)
    _, asked = posts(np.array([0.2, 0.2, 0.3, 0.3]), 3)
    for name, of_known, means in (
        ("ACC", answers(known), answers(asked).mean(axis=0)),
        ("PACC", known, asked.mean(axis=0)),
    ):
        errors = mean_of_each(of_known, labels)
        theirs = ACC.solve_adjustment(errors, means, method="inversion", solver="minimize")
        print(f"{name}: ours {adjusted(means, errors).round(5)}, QuaPy {np.round(theirs, 5)}")
    before = np.bincount(labels) / len(labels)
    theirs, _ = EMQ.EM(before, asked, epsilon=1e-6)
    print(f"EMQ: ours {likeliest(asked, before).round(5)}, QuaPy {theirs.round(5)}")


if __name__ == "__main__":
    main()
