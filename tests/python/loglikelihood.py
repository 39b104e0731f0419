"""Log-likelihoods of continuations by transformers in float32, as lm-evaluation-harness 0.4.13 defines them.

    loglikelihood.py FOLDER REQUESTS

FOLDER is a Hugging Face checkpoint with its tokenizer, REQUESTS a JSON file with a list of [context, continuation].
Prints a JSON list of [sum of log-probabilities in nats, whether each token is the argmax, tokens of the context and of
the continuation before any is cut off]. Each request is a forward pass of its own, without padding.
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast


def encode_pair(tokenizer, context, continuation):
    blanks = len(context) - len(context.rstrip())
    if blanks > 0:
        continuation = context[-blanks:] + continuation
        context = context[:-blanks]
    if context == "":
        return [tokenizer.bos_token_id], tokenizer.encode(continuation, add_special_tokens=False)
    whole = tokenizer.encode(context + continuation)
    before = tokenizer.encode(context)
    return before, whole[len(before) :]


@torch.no_grad()
def score(model, tokenizer, context, continuation):
    before, behind = encode_pair(tokenizer, context, continuation)
    longest = model.config.max_position_embeddings
    inputs = (before + behind)[-(longest + 1) :][:-1]
    logits = model(torch.tensor([inputs]), use_cache=False).logits[0, -len(behind) :]
    targets = torch.tensor(behind)
    sums = torch.log_softmax(logits, dim=-1).gather(1, targets[:, None]).sum().item()
    return [sums, bool((logits.argmax(dim=-1) == targets).all()), len(before), len(behind)]


if __name__ == "__main__":
    folder, requests = sys.argv[1:]
    # The passes are short: on a busy machine, threads that wait for one another take far longer than one.
    torch.set_num_threads(1)
    # As tokenizer.json says. The LlamaTokenizer that AutoTokenizer of transformers 5 makes instead takes from the file
    # the vocabulary and the merges alone, and leaves out characters that it does not know.
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with open(requests, encoding="utf-8") as file:
        print(json.dumps([score(model, tokenizer, *request) for request in json.load(file)]))
