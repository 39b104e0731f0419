import type { ModuleName } from '../config/modules';
import type { ExpertReport } from '../engine/analysis/features/report';
import type { RowChoice } from '../engine/analysis/features/rows';
import type { Matrix } from '../engine/analysis/matrix';
import type { TaskSummary } from '../engine/eval/summary';
import type { SamplingDefaults } from '../engine/model/checkpoint';
import type { LlamaConfig } from '../engine/model/llamaConfig';
import type { BlockNorm } from '../engine/train/blockNorms';

/** What the worker says about things: plain values that cross to the page. */

export interface DeviceInfo {
  readonly name: string;
  /** A software adapter: correct, but slow. */
  readonly fallback: boolean;
  /** Largest piece of a buffer that one kernel can see, in bytes. */
  readonly maxBinding: number;
}

export interface ModelInfo {
  readonly name: string;
  readonly config: LlamaConfig;
  /** Number of frozen weights. */
  readonly parameters: number;
  /** Bytes that the weights take on the GPU. */
  readonly bytes: number;
  /** Precision of the large weights, for example `BF16`. */
  readonly dtype: string;
  readonly hasChatTemplate: boolean;
  /** How its makers sample from it, where they say. */
  readonly sampling: SamplingDefaults;
}

export interface DataInfo {
  readonly name: string;
  /** What the file was recognised as, in words. */
  readonly format: string;
  readonly records: number;
  /** Lines that were skipped, the first few of them in words. */
  readonly skipped: number;
  readonly problems: readonly DataProblem[];
  /** Labels of the records, in order of appearance; empty where they have none. */
  readonly tasks: readonly string[];
  /** The first records, cut where they are long. */
  readonly examples: readonly Example[];
  /** Opening of a record, to be continued before and after training. */
  readonly prompt: string;
}

export interface DataProblem {
  /** 1-based line, or record where the file has no lines. */
  readonly line: number;
  readonly problem: string;
}

/** One record as the model sees it; only trained pieces count in the loss. */
export interface Example {
  /** Label of the record, where it has one. */
  readonly task: string | undefined;
  readonly pieces: readonly { readonly text: string; readonly trained: boolean }[];
}

/** What a run would take, in weights and in bytes of GPU memory. */
export interface PlanInfo {
  readonly trainableParameters: number;
  readonly baseParameters: number;
  /** Whether the backward pass computes each layer's activations again, to save memory. */
  readonly recomputed: boolean;
  readonly bytes: {
    readonly weights: number;
    readonly adapter: number;
    readonly optimizer: number;
    readonly activations: number;
    /** Keys and values of the text that is being continued. */
    readonly sampling: number;
    readonly io: number;
    readonly total: number;
  };
  /** The largest single buffer, and the most that this device gives to one, in bytes. */
  readonly largest: { readonly name: string; readonly bytes: number; readonly limit: number };
}

export interface ExportFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What to type to load the adapter in PEFT. */
  readonly usage: string;
}

/** Something that happened to a run, marked on its curves. */
export interface Mark {
  /** Steps done when it happened. */
  readonly step: number;
  readonly kind: 'paused' | 'resumed' | 'continued' | 'rate' | 'spike';
  /** In words: `continued here`. */
  readonly label: string;
}

/** What preparing the data for a run gave; it depends on the length and on the validation part. */
export interface PreparedInfo {
  readonly trainExamples: number;
  readonly validationExamples: number;
  /** Examples shortened to the length of a row. */
  readonly truncated: number;
  /** Records that gave no example, beyond the lines that were skipped when the file was read. */
  readonly skipped: number;
  readonly problems: readonly DataProblem[];
}

/** Shares of right answers to held-out questions, each with its number of questions, interval and chance. */
export interface Accuracy {
  /** Over all questions. */
  readonly mean: TaskSummary;
  readonly byTask: readonly TaskSummary[];
  /** Questions whose prompt was too long for the model and lost its beginning. */
  readonly cut: number;
}

/** Questions that can be asked. */
export interface QuestionsInfo {
  readonly name: string;
  /** Whether an answer is chosen, or written and compared. */
  readonly form: 'choice' | 'exact';
  /** Of the files. */
  readonly format: string;
  readonly count: number;
  readonly tasks: number;
  /** How the files were read, one sentence each. */
  readonly notes: readonly string[];
}

/** What came of asking. */
export interface EvaluationInfo {
  readonly questions: QuestionsInfo;
  /** Name of the base model. */
  readonly model: string;
  readonly before: Accuracy;
  /** With the adapter, as it is after `step` steps. */
  readonly after: (Accuracy & { readonly step: number }) | undefined;
}

/** Which tokens are looked at; see chooseRows. */
export interface TokenChoice {
  /** At most. */
  readonly rows: number;
  /** What is usual for the data where it is undefined. */
  readonly choice: RowChoice | undefined;
  readonly seed: number;
}

/** Whose tokens are looked at: a scenario's held-out questions, or a file's validation part or records. */
export type LookedAt = 'questions' | 'validation' | 'training';

export interface ExpertLook {
  readonly of: LookedAt;
  readonly report: ExpertReport;
}

/** What one module of one layer makes of N tokens, and the task of each. */
export interface ExpertPoints {
  readonly layer: number;
  readonly module: ModuleName;
  readonly step: number;
  readonly of: LookedAt;
  readonly choice: RowChoice;
  /** null where the data names none. */
  readonly tasks: readonly (string | null)[];
  /** E */
  readonly experts: number;
  /** [N, R] A_1 x */
  readonly single: Matrix;
  /** [N, E·R] A_i x of every expert side by side; with one A before several B's g_i A x, as its router weighs it. */
  readonly all: Matrix;
}

/** Of every trainable tensor after `step` steps; empty where none was done since the run was put on the GPU. */
export interface BlockNorms {
  readonly step: number;
  readonly norms: readonly BlockNorm[];
}
