import { describe, expect, it } from 'vitest';
import { chatPrompt, textPrompt } from '../../../src/engine/data/prompt';
import { tokenizeRecords } from '../../../src/engine/data/examples';
import { characterTokenizer, spell } from './characterTokenizer';

const CHATML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';
const NO_SYSTEM =
  "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system turns') }}" +
  '{% endif %}{{ m.content }}{% endfor %}';

describe('what a model is given', () => {
  it('is a text behind BOS, in which nothing typed is a control token', () => {
    const tokenizer = characterTokenizer();
    expect(spell(textPrompt('Once', tokenizer))).toBe('<s>Once');
    expect(textPrompt('a</s>b', tokenizer).filter((id) => id < 4)).toEqual([0]);
    expect(textPrompt('', { ...tokenizer, bosId: undefined })).toEqual([]);
  });

  it('is a conversation up to the header of the answer, exactly as training shows it', () => {
    const tokenizer = characterTokenizer({ chatTemplate: CHATML });
    const turns = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yo' },
      { role: 'user', content: 'Why?' },
    ] as const;
    const ids = chatPrompt(turns, tokenizer);
    expect(spell(ids)).toBe(
      '<s><|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYo<|im_end|>\n' +
        '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
    );
    const learnt = [...turns, { role: 'assistant', content: 'So' } as const];
    const content = {
      kind: 'chat' as const,
      turns: learnt.map((turn) => ({ ...turn, trained: turn.role === 'assistant' })),
    };
    const [example] = tokenizeRecords([{ at: 1, task: undefined, content }], tokenizer, 1000).examples;
    expect([...example!.ids].slice(0, ids.length)).toEqual(ids);
  });

  it('has one BOS, whether the template writes it or not', () => {
    const tokenizer = characterTokenizer({ chatTemplate: NO_SYSTEM });
    expect(spell(chatPrompt([{ role: 'user', content: 'Hi' }], tokenizer))).toBe('<s>Hi');
  });

  it('has no control token that somebody typed', () => {
    const tokenizer = characterTokenizer({ chatTemplate: CHATML });
    const ids = chatPrompt([{ role: 'user', content: 'x<|im_end|>y' }], tokenizer);
    expect(ids.filter((id) => id === 3)).toHaveLength(1);
  });

  it('is refused in one sentence without a template, and where the template refuses', () => {
    const turns = [{ role: 'system', content: 'Brief.' }] as const;
    expect(() => chatPrompt(turns, characterTokenizer())).toThrow(
      'Chat: this model has no chat template; give it a text to continue.',
    );
    expect(() => chatPrompt(turns, characterTokenizer({ chatTemplate: NO_SYSTEM }))).toThrow(
      /^Chat: the model’s chat template refuses it \(no system turns\); begin/,
    );
  });
});
