"""Prompts, judgements and token ids of lm-evaluation-harness itself, on local files and without a download.

    lmEvalPrompts.py JOBS

JOBS is a JSON file with a list; prints a JSON list with one answer a job:

{"do": "prompts", "config": YAML file below lm_eval/tasks, "questions": file, "pool": file or null,
 "shots": n, "description": text or null}
    Every request of the task as [[context, continuation or null], …], and the description of its YAML. Without a pool
    the questions are the few-shot split too. A null description keeps the one of the YAML. Shots are the first rows
    (`first_n`), whichever sampler the YAML names.
{"do": "judge", …the same…, "answers": [[text, …] for each question]}
    {filter: [[0 or 1, …], …]} for each filter of the task.
{"do": "tokens", "model": Hugging Face folder, "requests": [[context, continuation], …]}
    The ids that HFLM feeds to the model for each request, with the folder's tokenizer.json.
"""

import csv
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

os.environ["HF_DATASETS_OFFLINE"] = "1"
logging.disable(logging.WARNING)

import datasets
import lm_eval.tasks
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks._yaml_loader import load_yaml

LETTERS = "ABCD"


def read_rows(path, cache):
    """The rows of a file in the fields that the published data set has."""
    if path.endswith(".csv"):
        with open(path, newline="", encoding="utf-8-sig") as file:
            names = next(csv.reader(file))
        # As text: a column of numbers would lose its zeros.
        features = datasets.Features({name: datasets.Value("string") for name in names})
        table = datasets.load_dataset("csv", data_files=path, features=features, cache_dir=cache, split="train")
        return [mmlu_row(list(row.values())) for row in table]
    text = Path(path).read_text(encoding="utf-8-sig")
    if path.endswith(".jsonl"):
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    return json.loads(text)["examples"]


def mmlu_row(cells):
    question, *choices, answer = cells
    index = LETTERS.index(answer) if answer in LETTERS else int(answer)
    return {"question": question, "choices": choices, "answer": index}


def make_task(job, cache):
    config = load_yaml(Path(lm_eval.tasks.__file__).parent / job["config"])
    questions = datasets.Dataset.from_list(read_rows(job["questions"], cache))
    splits = {"test": questions}
    if job["pool"] is not None:
        splits["pool"] = datasets.Dataset.from_list(read_rows(job["pool"], cache))
    config["custom_dataset"] = lambda **_: datasets.DatasetDict(splits)
    config["test_split"] = "test"
    config["training_split"] = config["validation_split"] = None
    config["fewshot_split"] = "test" if job["pool"] is None else "pool"
    config["fewshot_config"] = {"sampler": "first_n"}
    config["num_fewshot"] = job["shots"]
    described = config.get("description") or ""
    if job["description"] is not None:
        config["description"] = job["description"]
    return ConfigurableTask(config=config), described


def prompts(job, cache):
    task, description = make_task(job, cache)
    task.build_all_requests()
    arguments = [instance.arguments for instance in task.instances]
    requests = [[context, behind if isinstance(behind, str) else None] for context, behind in arguments]
    return {"requests": requests, "description": description}


def judge(job, cache):
    task, _ = make_task(job, cache)
    task.build_all_requests()
    scores = {}
    # One answer a question at a time: `take_first` would drop the others.
    for column in zip(*job["answers"], strict=True):
        for instance, answer in zip(task.instances, column, strict=True):
            instance.resps = [answer]
            instance.filtered_resps = {}
        task.apply_filters()
        for name in task.instances[0].filtered_resps:
            values = [
                int(task.process_results(instance.doc, [instance.filtered_resps[name]])["exact_match"])
                for instance in task.instances
            ]
            scores.setdefault(name, []).append(values)
    return {name: [list(row) for row in zip(*columns)] for name, columns in scores.items()}


def tokens(job, _cache):
    # Slow to import, and not needed for prompts.
    import torch
    from lm_eval.models.huggingface import HFLM
    from transformers import PreTrainedTokenizerFast

    # The passes are short: on a busy machine, threads that wait for one another take far longer than one.
    torch.set_num_threads(1)
    # The checkpoint's own tokenizer.json as it stands: the LlamaTokenizer that transformers 5 makes of it leaves out
    # characters that the vocabulary lacks, where the file says <unk>.
    names = json.loads((Path(job["model"]) / "special_tokens_map.json").read_text(encoding="utf-8"))
    special = {key: value if isinstance(value, str) else value["content"] for key, value in names.items()}
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(Path(job["model"]) / "tokenizer.json"), **special)
    lm = HFLM(pretrained=job["model"], tokenizer=tokenizer, device="cpu", batch_size=1, logits_cache=False)
    fed = []
    call = lm._model_call
    lm._model_call = lambda inps, **rest: (fed.append(inps[0].tolist()), call(inps, **rest))[1]
    for index, request in enumerate(job["requests"]):
        lm.loglikelihood([Instance("loglikelihood", {}, tuple(request), index)], disable_tqdm=True)
    return fed


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        jobs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        answers = [{"prompts": prompts, "judge": judge, "tokens": tokens}[job["do"]](job, cache) for job in jobs]
        # The libraries print on the way; the answer is the last line.
        print("\n" + json.dumps(answers))
