"""Pre-trains the bundled checkpoints from scratch on the project's own synthetic corpus (a tool, not product code).

From the repository's root, with Python 3.11, torch, transformers and tokenizers:

    npx vite build --ssr src/world/pretrain/writeCorpus.ts --outDir .cache/world-tool
    node .cache/world-tool/writeCorpus.js corpus 200000 .cache/world/corpus.jsonl
    node .cache/world-tool/writeCorpus.js vocabulary 12000 .cache/world/vocabulary.jsonl
    python src/world/pretrain/pretrain.py tokenizer    # only for another vocabulary: the shipped one is read otherwise
    python src/world/pretrain/pretrain.py train world-small
    python src/world/pretrain/pretrain.py train world
    python src/world/pretrain/pretrain.py check world
    python src/world/pretrain/pretrain.py index

A run saves its state every 200 steps in .cache/world/<size>/ and goes on from there when started again; --work
takes another folder for that, to see whether the same seed gives the same loss. The result is a Hugging Face
directory in bf16 under public/models/<size>/ (--out takes another folder).
"""

import argparse
import json
import math
import random
import subprocess
import time
from pathlib import Path

import torch
from safetensors import safe_open
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM

CACHE = Path(".cache/world")
TOOL = Path(".cache/world-tool/writeCorpus.js")  # in a folder of its own: a build empties it
TOKENIZER = CACHE / "tokenizer.json"
MODELS = Path("public/models")
HELD_OUT = 200  # documents
BOS, EOS = "<s>", "</s>"
# The frame of instruction data is unknown to the models, but must not fall apart into single letters.
FRAME = "### Instruction:\n\n### Input:\n\n### Response:\n"
VOCABULARY = 1280
SIZES = {
    "world-small": dict(
        cycles=[(4800, 4e-3), (3600, 2.5e-3)],
        rows=12,
        shape=dict(
            hidden_size=64,
            intermediate_size=72,
            num_attention_heads=4,
            num_key_value_heads=2,
        ),
    ),
    "world": dict(
        cycles=[(6000, 3e-3)],
        rows=8,
        shape=dict(
            hidden_size=160,
            intermediate_size=448,
            num_attention_heads=10,
            num_key_value_heads=5,
        ),
    ),
}
CONTEXT = 160  # tokens of a training row; no document is longer
SEED = 7


def train_tokenizer(texts: list[str]) -> Tokenizer:
    """Byte-level BPE: any text can be encoded, the world's words in one to three tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BOS, EOS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts + [FRAME] * (len(texts) // 50), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, 0)]
    )
    return tokenizer


def pack(documents: list[list[int]], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Documents into rows of CONTEXT tokens: ids [rows, T] and document numbers [rows, T], -1 for padding."""
    order = list(documents)
    random.Random(seed).shuffle(order)
    rows: list[list[list[int]]] = []
    open_rows: list[int] = []
    space: list[int] = []
    for document in order:
        document = document[:CONTEXT]
        fit = next((row for row in open_rows if space[row] >= len(document)), None)
        if fit is None:
            fit = len(rows)
            rows.append([])
            space.append(CONTEXT)
            open_rows = (open_rows + [fit])[-50:]
        rows[fit].append(document)
        space[fit] -= len(document)
    ids = torch.zeros(len(rows), CONTEXT, dtype=torch.long)
    owner = torch.full((len(rows), CONTEXT), -1)
    for index, row in enumerate(rows):
        at = 0
        for number, document in enumerate(row):
            ids[index, at : at + len(document)] = torch.tensor(document)
            owner[index, at : at + len(document)] = number
            at += len(document)
    return ids, owner


def packed_loss(model: LlamaForCausalLM, ids: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    """Mean next-token loss in nats; attention and positions restart with every document."""
    start = torch.ones_like(owner, dtype=torch.bool)
    start[:, 1:] = owner[:, 1:] != owner[:, :-1]
    index = torch.arange(ids.shape[1]).expand_as(ids)
    positions = index - torch.where(start, index, 0).cummax(1).values
    same = owner[:, :, None] == owner[:, None, :]
    mask = (same & torch.ones_like(same[0]).tril())[:, None]
    logits = model(input_ids=ids, position_ids=positions, attention_mask=mask).logits[:, :-1]
    labels = torch.where((owner[:, 1:] == owner[:, :-1]) & (owner[:, 1:] >= 0), ids[:, 1:], -100)
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


def learning_rate(step: int, cycles: list[tuple[int, float]]) -> float:
    """In each cycle of (steps, peak): a linear warm-up over 100 steps, then a cosine down to a twentieth."""
    steps, peak = cycles[0]
    if step >= steps:
        return learning_rate(step - steps, cycles[1:])
    if step < 100:
        return peak * (step + 1) / 100
    return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - 100) / max(1, steps - 100))))


def pretrain(name: str, corpus: Path, work: Path, out: Path) -> None:
    size = SIZES[name]
    steps = sum(length for length, _ in size["cycles"])
    work.mkdir(parents=True, exist_ok=True)
    texts = read_texts(corpus)
    held_out, texts = texts[:HELD_OUT], texts[HELD_OUT:]
    shipped = MODELS / name / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(TOKENIZER if TOKENIZER.exists() else shipped))
    encode = lambda documents: [[*encoding.ids, 1] for encoding in tokenizer.encode_batch(documents)]
    ids, owner = pack(encode(texts), SEED)
    val_ids, val_owner = pack(encode(held_out), SEED)

    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        num_hidden_layers=8,
        head_dim=16,
        **size["shape"],
        max_position_embeddings=512,
        rms_norm_eps=1e-5,
        initializer_range=0.05,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=None,
    )
    model = LlamaForCausalLM(config)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [dict(params=decayed, weight_decay=0.1), dict(params=plain, weight_decay=0.0)], betas=(0.9, 0.95)
    )
    print(f"{name}: {model.num_parameters()} weights, {len(ids)} rows of {CONTEXT} tokens", flush=True)

    state_file = work / "state.pt"
    first = 0
    curve: list[tuple[int, float]] = []
    if state_file.exists():
        state = torch.load(state_file)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first, curve = state["step"], state["curve"]
        print(f"going on from step {first}", flush=True)
    per_epoch = len(ids) // size["rows"]
    began = time.time()
    for step in range(first, steps):
        epoch, place = divmod(step, per_epoch)
        order = torch.randperm(len(ids), generator=torch.Generator().manual_seed(SEED + epoch))
        batch = order[place * size["rows"] : (place + 1) * size["rows"]]
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, size["cycles"])
        loss = packed_loss(model, ids[batch], owner[batch])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        done = step + 1
        if done % 50 == 0:
            print(f"step {done} loss {loss.item():.4f} {(time.time() - began) / (done - first):.2f} s/step", flush=True)
        if done % 200 == 0 or done == steps:
            with torch.no_grad():
                curve.append((done, packed_loss(model, val_ids, val_owner).item()))
            print(f"step {done} held-out loss {curve[-1][1]:.4f}", flush=True)
            torch.save(
                dict(model=model.state_dict(), optimizer=optimizer.state_dict(), step=done, curve=curve), state_file
            )
    save(name, model, tokenizer, curve, out)


def read_texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text().splitlines()]


def save(name: str, model: LlamaForCausalLM, tokenizer: Tokenizer, curve: list[tuple[int, float]], out: Path) -> None:
    """Writes the Hugging Face directory and renews the index that the page reads."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(
        folder / "tokenizer_config.json",
        dict(
            tokenizer_class="PreTrainedTokenizerFast",
            bos_token=BOS,
            eos_token=EOS,
            add_bos_token=True,
            clean_up_tokenization_spaces=False,
            model_max_length=512,
        ),
    )
    write_json(
        folder / "generation_config.json",
        dict(bos_token_id=0, eos_token_id=1, do_sample=True, temperature=0.8, max_new_tokens=128),
    )
    (folder / "README.md").write_text(model_card(name, model, curve))
    write_index(out)


def write_index(out: Path) -> None:
    """Lists for the page what it may fetch: the files of every bundled model, with their sizes in bytes."""
    models = []
    for folder in sorted(folder for folder in out.iterdir() if folder.is_dir()):
        with safe_open(folder / "model.safetensors", "pt") as weights:
            parameters = sum(math.prod(weights.get_slice(name).get_shape()) for name in weights.keys())
        files = [dict(name=file.name, size=file.stat().st_size) for file in sorted(folder.iterdir())]
        models.append(dict(name=folder.name, parameters=parameters, files=files))
    write_json(out / "index.json", models)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


def model_card(name: str, model: LlamaForCausalLM, curve: list[tuple[int, float]]) -> str:
    size, config = SIZES[name], model.config
    cycles = " and ".join(f"{steps:,} (peak {peak})" for steps, peak in size["cycles"])
    rows = "\n".join(f"| {step:,} | {loss:.4f} |" for step, loss in curve if step % 400 == 0 or step == curve[-1][0])
    return f"""---
license: apache-2.0
language: en
library_name: transformers
tags: [llama, synthetic]
---

# {name}

A {model.num_parameters():,}-weight LLaMA-architecture model ({config.num_hidden_layers} layers, width {config.hidden_size}, {config.num_attention_heads} query and
{config.num_key_value_heads} key/value heads, vocabulary {config.vocab_size}, tied embeddings, bf16) of a small made-up village. It comes with
MASA playground, something to adapt at once and offline; it knows nothing of the real world.

- **Data**: 200,000 documents of the general part of the project's own world (`src/world/general`, corpus seed 1, the first
  {HELD_OUT} held out): stories, portraits, statements, notices, echoes. None of the special domains and reasoning tasks.
  Nothing was copied from anywhere.
- **Training**: `src/world/pretrain/pretrain.py`, seed {SEED}, steps of {size["rows"]} rows of {CONTEXT} tokens, AdamW with a
  learning rate in cosine cycles of {cycles} steps, float32 on one CPU thread.
- **Tokenizer**: byte-level BPE, trained on the same documents and on a sample of the special domains and tasks; BOS
  `{BOS}` before and EOS `{EOS}` after each document.
- **Sampling**: at temperature 0.8, as generation_config.json says. `pretrain.py check {name} --temperature T` tells
  which share of the sampled sentences the grammar accepts.
- **Licence**: Apache-2.0.

| step | loss on the held-out documents, nats a token |
| ---: | ---: |
{rows}

Reproduce it with the commands at the head of `pretrain.py`. Another version or kind of processor rounds
differently, so expect the same quality, not the same bits.
"""


def check(name: str, sentences: int, temperature: float) -> None:
    """Samples documents from the saved files and lets the grammar judge their sentences."""
    folder = MODELS / name
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    torch.manual_seed(SEED)
    samples = CACHE / f"{name}-samples.jsonl"
    ids = model.generate(
        torch.zeros(math.ceil(sentences / 3), 1, dtype=torch.long),
        do_sample=True,
        temperature=temperature,
        top_k=0,
        max_new_tokens=CONTEXT,
        pad_token_id=1,
    )
    # The last document may be cut by the limit; only whole ones count, as the model itself ends them.
    whole = [row.tolist() for row in ids if 1 in row.tolist()]
    samples.write_text("".join(json.dumps(dict(text=tokenizer.decode(row))) + "\n" for row in whole))
    judged = subprocess.run(
        ["node", str(TOOL), "parse", str(samples)], check=True, capture_output=True, text=True
    )
    result = json.loads(judged.stdout)
    print(f"{result['parsed']} of {result['sentences']} sentences parse ({result['parsed'] / result['sentences']:.1%})")
    for sentence in result["wrong"]:
        print(f"  wrong: {sentence}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("tokenizer", help="train the tokenizer that all sizes share")
    training = commands.add_parser("train", help="pre-train one size, or go on with it")
    training.add_argument("size", choices=SIZES)
    training.add_argument("--corpus", type=Path, default=CACHE / "corpus.jsonl")
    training.add_argument("--work", type=Path, help="folder of the training state (default: .cache/world/SIZE)")
    training.add_argument("--out", type=Path, default=MODELS, help="folder in which the model's folder is made")
    checking = commands.add_parser("check", help="sample from the saved model and let the grammar judge")
    checking.add_argument("size", choices=SIZES)
    checking.add_argument("--temperature", type=float, default=1.0)
    checking.add_argument("--sentences", type=int, default=600, help="about how many are sampled")
    commands.add_parser("index", help="only renew public/models/index.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    match arguments.command:
        case "tokenizer":
            train_tokenizer(read_texts(CACHE / "vocabulary.jsonl")).save(str(TOKENIZER))
        case "train":
            work = arguments.work or CACHE / arguments.size
            pretrain(arguments.size, arguments.corpus, work, arguments.out)
        case "check":
            check(arguments.size, arguments.sentences, arguments.temperature)
        case "index":
            write_index(MODELS)


if __name__ == "__main__":
    main()
