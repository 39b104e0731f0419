"""Probabilities of the next token as transformers' own warpers leave them.

    warpers.py JOBS

JOBS is a JSON list of {"logits": [V numbers], "temperature": …, "top_k": … (0: none), "top_p": …}. Prints a JSON list
with the V float64 probabilities of each; 0 for a token that may not be drawn.
"""

import json
import sys

import torch
from transformers.generation.logits_process import (
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)


def probabilities(job):
    """In the order of GenerationMixin._get_logits_processor, each only where it does something."""
    scores = torch.tensor([job["logits"]], dtype=torch.float64)
    warpers = [TemperatureLogitsWarper(float(job["temperature"]))]
    if job["top_k"] > 0:
        warpers.append(TopKLogitsWarper(job["top_k"]))
    if job["top_p"] < 1:
        warpers.append(TopPLogitsWarper(float(job["top_p"])))
    for warper in warpers:
        scores = warper(None, scores)
    return scores.softmax(-1)[0].tolist()


if __name__ == "__main__":
    print(json.dumps([probabilities(job) for job in json.loads(sys.argv[1])]))
