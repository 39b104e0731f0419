import type { Browser, CDPSession, Page } from 'playwright-core';

/** One task of the page's main thread. */
export interface Task {
  /** Processor time that it took, in milliseconds: what other programs took of the processor meanwhile is not in it. */
  readonly cpu: number;
  /** Who posted it, for the message. */
  readonly from: string;
  /** Name of the last mark before it. */
  readonly after: string;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of the thread's own clock, in microseconds. */
  readonly tdur?: number;
  readonly args: { readonly name?: string; readonly src_file?: string; readonly src_func?: string };
}

/** Records the tasks of a page from before it is opened. */
export interface TaskRecorder {
  /** Names what is done from here on. */
  mark(page: Page, name: string): Promise<void>;
  /** Ends it: the tasks of the page that set the marks, the longest first. */
  stop(): Promise<readonly Task[]>;
}

/** Name of the marks of tests, which no page uses. */
const MARK = 'test: ';
const CATEGORIES = ['toplevel', 'blink.user_timing'];

/**
 * Begins to record tasks by the browser's own trace, the only one that knows a thread's processor time: `longtask`
 * entries and timers tell the time on the wall, which on a busy machine is that of its neighbours.
 */
export async function recordTasks(browser: Browser): Promise<TaskRecorder> {
  const session = await browser.newBrowserCDPSession();
  await session.send('Tracing.start', {
    transferMode: 'ReturnAsStream',
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] },
  });
  return {
    mark: (page, name) =>
      page.evaluate((text) => {
        performance.mark(text);
      }, MARK + name),
    stop: async () => {
      const complete = new Promise<{ stream?: string }>((resolve) => {
        session.once('Tracing.tracingComplete', resolve);
      });
      await session.send('Tracing.end');
      const { stream = '' } = await complete;
      return tasksIn(await readStream(session, stream));
    },
  };
}

function tasksIn(text: string): readonly Task[] {
  const { traceEvents } = JSON.parse(text) as { readonly traceEvents: readonly TraceEvent[] };
  const marks = traceEvents
    .filter(({ name }) => name.startsWith(MARK))
    .map(({ name, ts, pid, tid }) => ({ name: name.slice(MARK.length), ts, pid, tid }));
  const [first] = marks;
  if (first === undefined) throw new Error('no mark was set on the page');
  return traceEvents
    .filter(({ pid, tid, name }) => pid === first.pid && tid === first.tid && name.endsWith('::RunTask'))
    .flatMap(({ ts, dur, tdur, args }): Task[] => {
      if (dur === undefined) return [];
      // A task so short that the thread's clock was not asked has none of its own.
      const cpu = (tdur ?? dur) / 1000;
      const after = marks.findLast((mark) => mark.ts <= ts)?.name ?? 'opening';
      return [{ cpu, from: `${args.src_func ?? ''} in ${args.src_file ?? ''}`, after }];
    })
    .sort((a, b) => b.cpu - a.cpu);
}

async function readStream(session: CDPSession, handle: string): Promise<string> {
  const parts: Buffer[] = [];
  for (;;) {
    const { data, base64Encoded, eof } = await session.send('IO.read', { handle, size: 2 ** 22 });
    parts.push(Buffer.from(data, base64Encoded === true ? 'base64' : 'utf8'));
    if (eof) return Buffer.concat(parts).toString('utf8');
  }
}
