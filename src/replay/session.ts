import { UserError } from '../config/errors';
import { planRun } from '../worker/plan';
import { unreachable, type Command, type CommandType, type Results, type RunEvent } from '../worker/protocol';
import { Workbench } from '../worker/workbench';
import { Player, playerOf } from './player';
import { otherSettings, type Recording } from './recording';

/** What cannot be done without a GPU, as the subject and the problem of the sentence that says so. */
const REFUSED = {
  continueRun: ['This run', 'this browser cannot go on with it'],
  export: ['Export', 'the adapter of the recorded run was not kept'],
  exportKept: ['Export', 'this browser cannot open the adapter'],
  setLearningRate: ['Learning rate', 'what was recorded cannot learn otherwise'],
  inspectExperts: ['Experts', 'there are only curves and texts in a recording, no experts to look into'],
  expertPoints: ['Experts', 'there are only curves and texts in a recording, no experts to look into'],
  chat: ['Chat', 'a recording does not answer'],
  runJob: ['Comparison', 'this browser cannot train what would be compared'],
  askBase: ['Comparison', 'this browser cannot train what would be compared'],
} as const satisfies Partial<Record<CommandType, readonly [subject: string, problem: string]>>;
type Refused = Extract<Command, { readonly type: keyof typeof REFUSED }>;

/**
 * The worker's session where nothing can be trained. What needs no GPU is done: models and data are read, runs are
 * planned. A run is the recorded one or refused, and so is all the rest, in one sentence.
 */
export class ReplaySession {
  readonly #recording: () => Promise<Recording>;
  readonly #bench: Workbench;
  readonly #post: (event: RunEvent) => void;
  #player: Player | undefined;

  /** @param recording fetches it, or gives the one that was fetched */
  constructor(recording: () => Promise<Recording>, post: (event: RunEvent) => void) {
    this.#recording = recording;
    this.#post = post;
    const refuse = () => Promise.reject(refusal('WebGPU', 'this browser does not offer it'));
    this.#bench = new Workbench({ openDevice: refuse, loadBaseModel: refuse }, undefined);
  }

  /**
   * Carries out one command; the result is the one that `Results` names for it.
   *
   * @throws UserError for what cannot be done here
   */
  async handle(command: Command): Promise<Results[CommandType]> {
    if (isRefused(command)) {
      const [subject, problem] = REFUSED[command.type];
      throw refusal(subject, problem);
    }
    switch (command.type) {
      case 'openDevice':
        return (await this.#recording()).device;
      case 'loadModel':
        return await this.#bench.loadModel(command.source);
      case 'loadData':
        return await this.#bench.loadData(command.source);
      case 'materials':
        return await this.#bench.materials();
      case 'plan': {
        const { device, maxBufferSize } = await this.#recording();
        const limits = { maxStorageBufferBindingSize: device.maxBinding, maxBufferSize };
        return planRun(this.#bench.model.checkpoint, command.run, limits);
      }
      case 'train':
        await this.#train(command);
        return undefined;
      case 'pause':
      case 'resume':
      case 'step':
      case 'stop':
        playerOf(this.#player, command.runId)[command.type]();
        return undefined;
      case 'sample':
        await this.#sample(command);
        return undefined;
      case 'blockNorms':
        return playerOf(this.#player, command.runId).blockNorms();
      case 'evaluate':
        return await this.#evaluate(command);
      case 'stopEvaluation':
      case 'stopLook':
      case 'stopChat':
      case 'stopJob':
      case 'loadQuestions': // a file's questions could not be asked
        return undefined;
      default:
        return unreachable(command);
    }
  }

  async #train({ runId, run, prompt }: Extract<Command, { type: 'train' }>): Promise<void> {
    const recording = await this.#recording();
    const now = await this.#bench.materials();
    const isSame =
      now.model.fingerprint === recording.model.fingerprint &&
      now.data.sha256 === recording.data.sha256 &&
      now.data.columns === recording.data.columns &&
      otherSettings(recording, run).length === 0;
    if (!isSame) throw refusal('Train', 'this browser can only replay the run that was recorded');
    requirePrompt(recording, prompt);
    if (this.#player?.active === true) throw new UserError('Replay', 'one is under way', 'stop it first');
    this.#player = new Player(recording, runId, this.#post);
    this.#player.start();
  }

  async #sample({ runId, prompt }: Extract<Command, { type: 'sample' }>): Promise<void> {
    const player = playerOf(this.#player, runId);
    requirePrompt(await this.#recording(), prompt);
    player.sample();
  }

  /** Only what was asked then: the questions of the scenario, after the last step. */
  async #evaluate({ runId, source }: Extract<Command, { type: 'evaluate' }>): Promise<Results['evaluate']> {
    const { evaluation, scenario, run } = await this.#recording();
    const player = playerOf(this.#player, runId);
    const isTheirs = source.kind === 'scenario' && source.id === scenario;
    if (isTheirs && player.isDone) return evaluation;
    const problem = `the questions of ${scenario} were asked after all ${run.max_steps} steps, and no others`;
    throw refusal('Questions', problem);
  }
}

/** @throws UserError where a text is to be continued that was not */
function requirePrompt({ prompt }: Recording, wanted: string): void {
  if (wanted === prompt) return;
  throw refusal('Prompt', 'the recorded run continued another one, and cannot write anew');
}

function isRefused(command: Command): command is Refused {
  return Object.hasOwn(REFUSED, command.type);
}

function refusal(subject: string, problem: string): UserError {
  return new UserError(subject, problem, 'for that, open this page in a browser with WebGPU');
}
