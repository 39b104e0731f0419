import type { Adapter } from '../adapters/adapter';
import { METHODS } from '../adapters/registry';

/** README.md of a PEFT folder: front matter for the Hub, what the adapter is, how it was trained, how to load it. */
export function modelCard(adapter: Adapter, baseModel: string): string {
  const { config, base, metadata } = adapter;
  const method = METHODS[config.method];
  const block = method.block(config);
  const quoted = JSON.stringify(baseModel); // JSON strings are YAML strings
  const rows: [string, string][] = [
    ['method', `[${method.label}](${method.paper})`],
    ...(block.downs > 1 || block.groupSize > 1
      ? ([
          ['num_experts (E)', String(config.num_experts)],
          ['group_size (S)', String(config.group_size)],
          ['expert_mix', config.expert_mix],
        ] satisfies [string, string][])
      : []),
    ['r', String(config.r)],
    ['lora_alpha', String(config.lora_alpha)],
    ['lora_dropout', String(config.lora_dropout)],
    ['target_modules', config.target_modules.join(', ')],
    ['base fingerprint', base.fingerprint ?? 'unknown'],
    ...Object.entries(metadata),
  ];
  return `---
base_model: ${quoted}
library_name: peft
pipeline_tag: text-generation
tags:
  - ${JSON.stringify(`base_model:adapter:${baseModel}`)}
  - lora
  - transformers
---

# ${method.label} adapter for ${baseModel}

A LoRA adapter in PEFT's format. ${
    block.downs > 1
      ? `It was trained with ${block.downs} down-projections per module; here their ${block.mix} is one matrix, which
computes exactly the same.`
      : 'It computes exactly what was trained.'
  }

| setting | value |
| --- | --- |
${rows.map(([key, value]) => `| ${cell(key)} | ${cell(value)} |`).join('\n')}

## Use

\`\`\`python
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained(${quoted})
model = PeftModel.from_pretrained(base, "path/to/this/folder")
\`\`\`
`;
}

/** Text that cannot break out of its cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
