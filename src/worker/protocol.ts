import type { StepMetrics } from '../engine/train/metrics';
import type { Materials, PlannedRun } from '../compare/plan';
import type { BaseResult, RunResult } from '../compare/result';
import type { ModuleName } from '../config/modules';
import type { RunConfig } from '../config/runConfig';
import type {
  Accuracy,
  BlockNorms,
  DataInfo,
  DeviceInfo,
  EvaluationInfo,
  ExpertLook,
  ExpertPoints,
  ExportFile,
  Mark,
  ModelInfo,
  PlanInfo,
  PreparedInfo,
  QuestionsInfo,
  TokenChoice,
} from './answers';
import type { ChatCommand, ChatEvent, ChatReply } from './chatProtocol';

export type * from './answers';

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
  /** Another learning rate for a paused run, from its next step on. */
  | { readonly type: 'setLearningRate'; readonly runId: number; readonly learning_rate: number }
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
  readonly setLearningRate: undefined;
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
  | { readonly type: 'step'; readonly runId: number; readonly point: StepMetrics }
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
  | {
      readonly type: 'unkept';
      readonly runId: number;
      readonly message: string;
      /** For want of room. */
      readonly isFull: boolean;
    }
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
