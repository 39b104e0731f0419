"""What numpy and scikit-learn make of the features in a JSON file, as JSON on the standard output.

Usage: analysis.py FILE, which holds {"features": [...], "points": ..., "perplexity": ..., "embedding": ...}; a matrix
is {"rows", "cols", "values"}, row-major.
"""

import json
import sys

import numpy as np
from sklearn.manifold import TSNE, _t_sne


def matrix(entry):
    return np.array(entry["values"], dtype=np.float64).reshape(entry["rows"], entry["cols"])


def cka(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    norms = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    return np.linalg.norm(y.T @ x) ** 2 / norms


def spectrum(x):
    values = np.linalg.svd(x, compute_uv=False)
    share = values[values > 0] / values.sum()
    return {
        "values": values.tolist(),
        # numpy's own rule, which takes its epsilon from the precision of the features.
        "rank": int(np.linalg.matrix_rank(x.astype(np.float32))),
        "effectiveRank": float(np.exp(-np.sum(share * np.log(share)))),
    }


def squared_distances(x):
    return ((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)


def affinities(x, perplexity):
    """P in float64, each row's width found by bisection until its entropy is exact."""
    n = len(x)
    distances = squared_distances(x)
    conditional = np.zeros((n, n))
    for i in range(n):
        others = np.arange(n) != i
        d = distances[i, others] - distances[i, others].min()
        low, high = 1e-6, 1e6
        for _ in range(60):
            beta = np.sqrt(low * high)
            p = np.exp(-beta * d)
            p /= p.sum()
            entropy = -np.sum(p[p > 0] * np.log(p[p > 0]))
            low, high = (beta, high) if entropy > np.log(perplexity) else (low, beta)
        conditional[i, others] = p
    return ((conditional + conditional.T) / (2 * n))[np.triu_indices(n, 1)]


def divergence(p, embedding):
    weights = 1 / (1 + squared_distances(embedding)[np.triu_indices(len(embedding), 1)])
    return float(2 * np.sum(p * np.log(p / (weights / (2 * weights.sum())))))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    features = [matrix(entry) for entry in given["features"]]
    points, embedding, perplexity = matrix(given["points"]), matrix(given["embedding"]), given["perplexity"]
    joint = affinities(points, perplexity)
    theirs = _t_sne._joint_probabilities(
        squared_distances(points), perplexity, verbose=0
    )
    their_divergence, _ = _t_sne._kl_divergence(embedding.ravel(), theirs, 1, len(points), 2)
    tsne = TSNE(perplexity=perplexity, method="exact", random_state=0).fit(points)
    json.dump(
        {
            "cka": [[cka(x, y) for y in features] for x in features],
            "spectra": [spectrum(x) for x in features],
            "numpy": {"affinities": joint.tolist(), "divergence": divergence(joint, embedding)},
            "sklearn": {"affinities": theirs.tolist(), "divergence": float(their_divergence)},
            "final": float(tsne.kl_divergence_),
        },
        sys.stdout,
    )


main()
