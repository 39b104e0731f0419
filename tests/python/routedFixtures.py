"""Writes fixtures of routed adapters and of MASA's mixes into a folder, as tests/fixtures/make_fixtures.py does.

Argument: the folder. Prints nothing. The names begin with `train` where ten optimiser steps are taken; in the folders
`grid` and `steps` lie the products over E and S, gradients and ten steps, on a small model.
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
# Long enough for nearly every expert to be chosen by a token that attends to another one: else its gradient at q_proj
# is exactly 0 in PyTorch and rounding here.
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

# A small model and three modules, two of which read the same x, for products over E and S.
SMALL = shape(43, 16, 20, 4, 2, 1, 6)
FEW = {"r": 3, "target_modules": ["q_proj", "v_proj", "down_proj"]}
EXPERTS = (1, 2, 3, 8)
GROUPS = (1, 3, 4)
VARIANTS = {
    "masa-sum": {"method": "masa"},
    "masa-mean": {"method": "masa", "expert_mix": "mean"},
    "masa-router": {**MASA, **BALANCE},
    "masa-router-top": {**MASA, **BALANCE, "top_k": 2},
    "hydralora": {"method": "hydralora", **BALANCE},
    "hydralora-top": {"method": "hydralora", **BALANCE, "top_k": 2},
    "lora-moe": {"method": "lora_moe", **BALANCE},
    "lora-moe-top": {"method": "lora_moe", **BALANCE, "top_k": 2},
}


def variant(name, experts, group):
    """A key and the settings of one of the variants; two of E experts chosen, or one of two."""
    settings = {**VARIANTS[name], **FEW, "num_experts": experts}
    if "top_k" in settings:
        settings["top_k"] = min(2, experts - 1)
    if settings["method"] == "masa":
        return f"{name}-e{experts}-s{group}", {**settings, "group_size": group}
    return f"{name}-e{experts}", settings


def grid():
    """Every variant with every E, and for MASA every S: gradients."""
    cases = {"lora-e1": {"method": "lora", **FEW}}
    for name in VARIANTS:
        for experts in EXPERTS[1:] if name.endswith("-top") else EXPERTS:
            for group in GROUPS:
                cases.update([variant(name, experts, group)])
    return cases


# Ten steps: every method and mix with every E, MASA's mixes with every S, not each with each.
COVERING = [
    *[("masa-sum", 1, 4), ("masa-sum", 2, 3), ("masa-sum", 3, 4), ("masa-sum", 8, 1)],
    *[("masa-mean", 1, 1), ("masa-mean", 3, 1), ("masa-mean", 8, 3)],
    *[("masa-router", 1, 3), ("masa-router", 2, 1), ("masa-router", 3, 4), ("masa-router", 8, 3)],
    *[("masa-router-top", 2, 1), ("masa-router-top", 8, 4)],
    *[("hydralora", 1, 1), ("hydralora", 2, 1), ("hydralora", 8, 1), ("hydralora-top", 8, 1)],
    *[("lora-moe", 1, 1), ("lora-moe", 3, 1), ("lora-moe", 8, 1), ("lora-moe-top", 3, 1), ("lora-moe-top", 8, 1)],
]

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
    (home / "grid").mkdir()
    for seed, (name, settings) in enumerate(grid().items(), 300):
        gradient_fixture(name, seed, adapter(settings, seed), LENGTHS, home=home / "grid", **SMALL)
    (home / "steps").mkdir()
    for seed, case in enumerate(COVERING, 400):
        name, settings = variant(*case)
        training_fixture(name, seed, adapter(settings, seed), TRAINING, [[11, 7], [5]], home=home / "steps", **SMALL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
