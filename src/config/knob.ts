import type { ModuleName } from './modules';
import type { MethodId, RunConfig } from './runConfig';

export type KnobKey = keyof RunConfig;

interface KnobText {
  readonly label: string;
  /** What one unit of the value is, in the plural, where it has one. */
  readonly unit?: string;
  /** What happens when you raise it (or pick another choice), in one or two sentences. */
  readonly hint: string;
  /** Where the setting is explained at length. */
  readonly link?: string;
  readonly group: 'method' | 'training' | 'data' | 'schedule';
  readonly level: 'basic' | 'advanced';
  /**
   * Where the value is kept. Everything is in run.json; `link` means that the page's address carries it too,
   * because it changes the result of a run.
   */
  readonly stored: 'run' | 'link';
  /** Methods that read the setting; all of them where absent. It is validated whatever the method. */
  readonly methods?: readonly MethodId[];
}

export interface NumberKnob extends KnobText {
  readonly kind: 'integer' | 'number';
  /** Clamped to the range, which may depend on the model: `group_size` becomes min(2, L). */
  readonly default: number;
  /** Default where a processor plays the GPU, which is a hundred times slower. */
  readonly softwareDefault?: number;
  /** Values outside [min, max] are refused; 'layers' stands for the model's L. */
  readonly min: number;
  readonly max: number | 'layers';
  /** The end of the range that is itself refused. */
  readonly exclusive?: 'min' | 'max';
  /** The useful part of the range, for a slider. */
  readonly slider: readonly [number, number | 'layers'];
  readonly scale: 'linear' | 'log';
}

export interface ChoiceKnob<T extends string> extends KnobText {
  readonly kind: 'choice';
  readonly default: T;
  /** Every value with its label. */
  readonly choices: Readonly<Record<T, string>>;
}

export interface ModulesKnob extends KnobText {
  readonly kind: 'modules';
  readonly default: readonly ModuleName[];
}

/** One row for every key of RunConfig and no other, each of the kind that the key's type asks for. */
export type KnobTable = { readonly [K in KnobKey]: KnobOf<K> };

type KnobOf<K extends KnobKey> = RunConfig[K] extends number
  ? NumberKnob
  : RunConfig[K] extends readonly ModuleName[]
    ? ModulesKnob
    : RunConfig[K] extends string
      ? ChoiceKnob<RunConfig[K]>
      : never;

export type Knob = NumberKnob | ChoiceKnob<string> | ModulesKnob;
