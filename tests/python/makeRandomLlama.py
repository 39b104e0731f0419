"""Writes randomly initialised LLaMAs as Hugging Face folders.

    makeRandomLlama.py SPECS

SPECS is a JSON list of {"folder": where, "config": {fields of LlamaConfig}, "seed": 0, "dtype": "float32",
"max_shard_size": "50KB", "old_config": false}; the first two are required. `old_config` spells config.json as
before transformers 5.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM


def random_llama(folder, config, seed=0, dtype="float32", max_shard_size="1GB", old_config=False):
    """Weights of a size that keeps activations near 1 and makes norms and biases matter."""
    generator = torch.Generator().manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(max_position_embeddings=256, **config))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            random = torch.randn(weight.shape, generator=generator)
            if "norm" in name:
                weight.copy_(1 + 0.2 * random)
            elif name.endswith("bias"):
                weight.copy_(0.3 * random)
            elif "embed" in name or "lm_head" in name:
                weight.copy_(0.4 * random)
            else:
                weight.copy_(random / weight.shape[1] ** 0.5)
    folder = Path(folder)
    model.to(getattr(torch, dtype)).save_pretrained(folder, max_shard_size=max_shard_size)
    (folder / "generation_config.json").unlink()
    if old_config:
        spell_as_before(folder / "config.json")


def spell_as_before(path):
    """`rope_parameters` and `dtype` become `rope_theta`, `rope_scaling` and `torch_dtype`."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    for spec in json.loads(sys.argv[1]):
        random_llama(**spec)
