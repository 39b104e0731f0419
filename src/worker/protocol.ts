import type { Materials, PlannedRun } from '../compare/plan';
import type { BaseResult, RunResult } from '../compare/result';
import type { ModuleName } from '../config/modules';
import type { RunConfig } from '../config/runConfig';
import type { ExpertReport } from '../engine/analysis/features/report';
import type { RowChoice } from '../engine/analysis/features/rows';
import type { Matrix } from '../engine/analysis/matrix';
import type { TaskSummary } from '../engine/eval/summary';
import type { SamplingDefaults } from '../engine/model/checkpoint';
import type { LlamaConfig } from '../engine/model/llamaConfig';
import type { RouterMetrics } from '../engine/train/routerStatistics';
import type { BlockNorm } from '../engine/train/blockNorms';
import type { ChatCommand, ChatEvent, ChatReply } from './chatProtocol';

/**
 * Everything that crosses between the page and the worker. Commands are answered one by one (a result or one
 * sentence); events are what a run says on its own, tagged with the run or the job they belong to.
 */
export type Command =
  | { readonly type: 'openDevice' }
  | { readonly type: 'loadModel'; readonly source: FileSource }
  | { readonly type: 'loadData'; readonly source: FileSource }
  | { readonly type: 'plan'; readonly run: RunConfig }
  | {
      readonly type: 'train';
      readonly runId: number;
      readonly run: RunConfig;
      readonly prompt: string;
      /** How the run is kept in this browser; it is not where this is left out. */
      readonly keep?: { readonly id: string; readonly name: string; readonly caption: string };
    }
  /** Goes on with a kept run on the model and the data that were loaded, which must be its own. */
  | { readonly type: 'continueRun'; readonly runId: number; readonly id: string; readonly paused: boolean }
  | { readonly type: 'pause'; readonly runId: number }
  | { readonly type: 'resume'; readonly runId: number }
  /** One step of a paused run, which is paused again after it. */
  | { readonly type: 'step'; readonly runId: number }
  | { readonly type: 'stop'; readonly runId: number }
  | { readonly type: 'sample'; readonly runId: number; readonly prompt: string }
  | { readonly type: 'export'; readonly runId: number }
  /** The same of a kept run. */
  | { readonly type: 'exportKept'; readonly id: string }
  | { readonly type: 'loadQuestions'; readonly source: FileSource }
  /** Asks the base model, and the adapted one where a run has trained one. */
  | { readonly type: 'evaluate'; readonly runId: number; readonly source: FileSource }
  | { readonly type: 'stopEvaluation' }
  /** Measures the experts of a run as they are between two steps. */
  | ({ readonly type: 'inspectExperts'; readonly runId: number } & TokenChoice)
  /** Reads what one module makes of many tokens, to be drawn. */
  | ({
      readonly type: 'expertPoints';
      readonly runId: number;
      readonly layer: number;
      readonly module: ModuleName;
    } & TokenChoice)
  /** Reads how large the gradient and the update of every block were in the last step. */
  | { readonly type: 'blockNorms'; readonly runId: number }
  | { readonly type: 'stopLook' }
  /** Has base and adapter continue a text or answer a conversation. */
  | ChatCommand
  | { readonly type: 'stopChat' }
  /** What a comparison would be made from: the model and the data that were loaded. */
  | { readonly type: 'materials' }
  /** Trains one run of a comparison to its end and asks so many held-out questions a task. */
  | { readonly type: 'runJob'; readonly job: PlannedRun; readonly questions: number | undefined }
  /** Asks the base model of a comparison so many held-out questions a task. */
  | { readonly type: 'askBase'; readonly id: string; readonly questions: number }
  | { readonly type: 'stopJob' };

export type CommandType = Command['type'];

/** What each command resolves to. `train` resolves as soon as the run has been accepted. */
export interface Results {
  readonly openDevice: DeviceInfo;
  readonly loadModel: ModelInfo;
  readonly loadData: DataInfo;
  readonly plan: PlanInfo;
  readonly train: undefined;
  readonly pause: undefined;
  readonly resume: undefined;
  readonly step: undefined;
  readonly stop: undefined;
  readonly sample: undefined;
  readonly continueRun: undefined;
  readonly export: ExportFile;
  readonly exportKept: ExportFile;
  /** undefined where the files hold no questions. */
  readonly loadQuestions: QuestionsInfo | undefined;
  /** undefined where it was stopped. */
  readonly evaluate: EvaluationInfo | undefined;
  readonly stopEvaluation: undefined;
  /** undefined where it was stopped. */
  readonly inspectExperts: ExpertLook | undefined;
  /** undefined where it was stopped. */
  readonly expertPoints: ExpertPoints | undefined;
  readonly blockNorms: BlockNorms;
  readonly stopLook: undefined;
  /** undefined where it was stopped before it wrote anything. */
  readonly chat: ChatReply | undefined;
  readonly stopChat: undefined;
  readonly materials: Materials;
  /** undefined where it was stopped. */
  readonly runJob: RunResult | undefined;
  /** undefined where it was stopped. */
  readonly askBase: BaseResult | undefined;
  readonly stopJob: undefined;
}

/**
 * What the page points at: files that were dropped or chosen, files that lie beside the page, or a scenario, whose
 * records are made where they are needed.
 */
export type FileSource = (
  | { readonly kind: 'files'; readonly files: readonly File[] }
  | { readonly kind: 'urls'; readonly urls: readonly string[] }
  | { readonly kind: 'scenario'; readonly id: string }
) & {
  readonly name: string;
  /** For a data file with other field names: which of its columns stand for ours, `field=column,…`. */
  readonly columns?: string;
};

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

/**
 * One optimiser step. Losses in nats, durations in seconds; `tokens` are those that counted in the loss. What the routers
 * did only where the method has some.
 */
export interface StepPoint extends Partial<RouterMetrics> {
  readonly step: number;
  readonly loss: number;
  readonly learning_rate: number;
  readonly grad_norm: number;
  readonly tokens: number;
  readonly seconds: number;
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

/** How far a job of a comparison is. */
export interface JobEvent {
  readonly type: 'job';
  /** Of the job. */
  readonly id: string;
  readonly stage: 'loading' | 'compiling' | 'training' | 'asking';
  /** Bytes, kernels, steps or answers. */
  readonly done: number;
  readonly total: number;
}

export type RunEvent =
  | JobEvent
  | ChatEvent
  | { readonly type: 'prepared'; readonly runId: number; readonly data: PreparedInfo }
  | { readonly type: 'loading'; readonly runId: number; readonly done: number; readonly total: number }
  | {
      readonly type: 'compiling';
      readonly runId: number;
      readonly done: number;
      readonly total: number;
      /** The one that was ready last. */
      readonly kernel?: string;
    }
  | { readonly type: 'running'; readonly runId: number; readonly step: number }
  | { readonly type: 'paused'; readonly runId: number; readonly step: number }
  | { readonly type: 'step'; readonly runId: number; readonly point: StepPoint }
  | { readonly type: 'validation'; readonly runId: number; readonly step: number; readonly loss: number }
  | { readonly type: 'asking'; readonly runId: number; readonly done: number; readonly total: number }
  | { readonly type: 'evaluating'; readonly runId: number; readonly done: number; readonly total: number }
  | { readonly type: 'looking'; readonly runId: number; readonly done: number; readonly total: number }
  | ({ readonly type: 'accuracy'; readonly runId: number; readonly step: number } & Accuracy)
  | {
      readonly type: 'sample';
      readonly runId: number;
      readonly when: 'before' | 'after';
      readonly step: number;
      /** The continuation so far, without the prompt. */
      readonly text: string;
      readonly complete: boolean;
    }
  | { readonly type: 'mark'; readonly runId: number; readonly mark: Mark }
  /** The run is kept up to here. */
  | { readonly type: 'kept'; readonly runId: number; readonly step: number }
  /** It could not be kept any further, and why; training goes on. */
  | { readonly type: 'unkept'; readonly runId: number; readonly message: string }
  | { readonly type: 'done'; readonly runId: number; readonly step: number; readonly stopped: boolean }
  | {
      readonly type: 'failed';
      readonly runId: number;
      readonly message: string;
      /** Step of the last snapshot: `resume` goes on from there. */
      readonly resumable: number | undefined;
    };

/** Page to worker. */
export interface Request {
  readonly id: number;
  readonly command: Command;
}

/** Worker to page. */
export type Message =
  /** It has started, and holds this lock until it dies. */
  | { readonly kind: 'alive'; readonly lock: string }
  | { readonly kind: 'result'; readonly id: number; readonly result: Results[CommandType] }
  | { readonly kind: 'error'; readonly id: number; readonly message: string }
  | { readonly kind: 'event'; readonly event: RunEvent };

/** Fails to compile where a union has a member that a switch forgot. */
export function unreachable(value: never): never {
  throw new Error(`unexpected message ${JSON.stringify(value)}`);
}
