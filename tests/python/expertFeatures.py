"""CKA and effective ranks by numpy, from the features that `masa experts --save DIR` wrote, as JSON on stdout.

Usage: expertFeatures.py DIR MODULE_PATH LAYERS, for example `expertFeatures.py saved mlp.down_proj 2`.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def cka(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def effective_rank(x):
    values = np.linalg.svd(x, compute_uv=False)
    share = values[values > 0] / values.sum()
    return float(np.exp(-np.sum(share * np.log(share))))


folder, module, layers = Path(sys.argv[1]), sys.argv[2], range(int(sys.argv[3]))
tensors = {name: t.astype(np.float64) for name, t in load_file(folder / "features.safetensors").items()}
of = lambda kind: [tensors[f"layers.{layer}.{module}.{kind}"] for layer in layers]
experts = of("experts")  # [N, E, R]
adjacent = lambda kind: [float(cka(x, y)) for x, y in zip(of(kind), of(kind)[1:])]
print(
    json.dumps(
        {
            "a_outputs": adjacent("mix"),
            "increments": adjacent("increment"),
            "single": [[effective_rank(u[:, i]) for i in range(u.shape[1])] for u in experts],
            "sum": [effective_rank(u.sum(axis=1)) for u in experts],
            "stack": [effective_rank(u.reshape(len(u), -1)) for u in experts],
        }
    )
)
