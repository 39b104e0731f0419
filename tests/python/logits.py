"""Logits of checkpoints by transformers in float32, with PEFT adapters where asked for.

    logits.py JOBS

JOBS is a JSON list of {"model": folder, "peft": folder or absent, "ids": [1, 2, …], "out": file}. Each job
writes the F32 tensor `logits` [T, V] to `out`. Prints a JSON list of the mean losses in nats over ids 1 .. T-1.
A tensor that PEFT misses is an error here, not a warning.
"""

import json
import sys
import warnings

import torch
import torch.nn.functional as F
from peft import PeftModel
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM


def load(folder, peft=None):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    if peft is not None:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*adapter keys.*")
            model = PeftModel.from_pretrained(model, peft)
    return model.eval()


@torch.no_grad()
def run(job):
    tokens = torch.tensor([job["ids"]])
    logits = load(job["model"], job.get("peft"))(tokens, use_cache=False).logits[0]
    save_file({"logits": logits.contiguous()}, job["out"])
    return F.cross_entropy(logits[:-1], tokens[0, 1:]).item()


if __name__ == "__main__":
    print(json.dumps([run(job) for job in json.loads(sys.argv[1])]))
