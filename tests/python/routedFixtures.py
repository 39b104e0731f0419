"""Writes fixtures of routed adapters and of MASA's mixes into a folder, as tests/fixtures/make_fixtures.py does.

Argument: the folder. Prints nothing. The names begin with `train` where ten optimiser steps are taken.
"""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
from make_fixtures import TRAINING, gradient_fixture, shape, training_fixture  # noqa: E402
from masa_torch import Adapter  # noqa: E402

# Whole quads where kernels ask for them, and odd widths.
EVEN = shape(61, 24, 36, 4, 2, 1, 12)
ODD = shape(53, 26, 35, 4, 2, 1, 10)

MASA = {"method": "masa", "expert_mix": "router"}
# Long enough for every expert to be chosen by a token that attends to another one: else its gradient at q_proj is
# exactly 0 in PyTorch and rounding here.
LENGTHS = [21, 11]
BALANCE = {"router_aux_loss_coef": 0.1}

GRADIENTS = {
    "masa-sum": ({"method": "masa", "num_experts": 8, "group_size": 4, "r": 3}, ODD),
    "masa-mean": ({"method": "masa", "expert_mix": "mean", "num_experts": 3, "group_size": 3, "r": 4}, EVEN),
    "masa-router": ({**MASA, **BALANCE, "num_experts": 2, "group_size": 3, "r": 4}, EVEN),
    "masa-router-top": ({**MASA, **BALANCE, "num_experts": 8, "group_size": 4, "top_k": 2, "r": 3}, ODD),
    "masa-router-masks": ({**MASA, "num_experts": 3, "r": 3, "dropout_mode": "per_expert"}, ODD),
    "hydralora": ({"method": "hydralora", "num_experts": 3, "r": 3}, ODD),
    "hydralora-top-heads": (
        {"method": "hydralora", **BALANCE, "num_experts": 8, "top_k": 3, "r": 4, "dropout_mode": "per_expert"},
        EVEN,
    ),
    "hydralora-masked": ({"method": "hydralora", "num_experts": 2, "r": 3, "dropout_mode": "shared"}, ODD),
    "lora-moe": ({"method": "lora_moe", **BALANCE, "num_experts": 3, "r": 4}, EVEN),
    "lora-moe-one": ({"method": "lora_moe", **BALANCE, "num_experts": 1, "r": 3}, ODD),
    "lora-moe-top-masked": (
        {"method": "lora_moe", "num_experts": 8, "top_k": 2, "r": 3, "dropout_mode": "shared"},
        ODD,
    ),
    "lora-moe-top-masks": (
        {"method": "lora_moe", **BALANCE, "num_experts": 2, "top_k": 1, "r": 4, "dropout_mode": "per_expert"},
        EVEN,
    ),
}

STEPS = {
    "train-masa-mean": ({"method": "masa", "expert_mix": "mean", "num_experts": 2, "group_size": 4, "r": 3}, ODD),
    "train-masa-router-top": ({**MASA, **BALANCE, "num_experts": 3, "group_size": 3, "top_k": 2, "r": 4}, EVEN),
    "train-hydralora": (
        {"method": "hydralora", **BALANCE, "num_experts": 3, "r": 3, "dropout_mode": "per_expert"},
        ODD,
    ),
    "train-hydralora-top": ({"method": "hydralora", "num_experts": 3, "top_k": 1, "r": 4}, EVEN),
    "train-lora-moe": ({"method": "lora_moe", **BALANCE, "num_experts": 2, "r": 3}, ODD),
}


def adapter(settings, seed):
    """Dropout where the settings say how."""
    dropout = 0.25 if "dropout_mode" in settings else 0.0
    return Adapter(**settings, lora_alpha=6, lora_dropout=dropout, seed=seed)


def main(home):
    torch.set_num_threads(1)
    for seed, (name, (settings, config)) in enumerate(GRADIENTS.items(), 100):
        gradient_fixture(name, seed, adapter(settings, seed), LENGTHS, step=4, micro=1, home=home, **config)
    for seed, (name, (settings, config)) in enumerate(STEPS.items(), 200):
        training_fixture(name, seed, adapter(settings, seed), TRAINING, [[11, 7], [5]], home=home, **config)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
