const DAY = 24 * 60 * 60 * 1000;

/** Follows the sentences with the calendar of the JavaScript engine, in the years around 2026. */
export function solveDateArithmetic(question: string): string {
  const came = new Map<string, Date>();
  let latest = new Date(NaN);
  for (const sentence of question.split('. ')) {
    const start = /^(\w+) came to the \w+ on (\w+)(?: (\w+))?$/.exec(sentence);
    const move = /^(\w+) came (\d+) days? (later|before|after)(?: (\w+))?$/.exec(sentence);
    if (start !== null) {
      latest = start[3] === undefined ? firstOf(start[2]!) : new Date(`${start[2]} ${start[3]} 2026 UTC`);
      came.set(start[1]!, latest);
    }
    if (move !== null) {
      const days = Number(move[2]) * (move[3] === 'before' ? -1 : 1);
      latest = new Date((came.get(move[4] ?? '') ?? latest).getTime() + days * DAY);
      came.set(move[1]!, latest);
    }
  }
  const [, what, name] = /On which (day|date) did (\w+) come\?$/.exec(question)!;
  const form = (options: Intl.DateTimeFormatOptions) =>
    came.get(name!)!.toLocaleDateString('en-GB', { ...options, timeZone: 'UTC' });
  return what === 'day' ? form({ weekday: 'long' }) : form({ day: 'numeric', month: 'long' });
}

/** A day of that name. */
function firstOf(weekday: string): Date {
  let day = new Date('2026-06-01T00:00:00Z');
  while (day.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' }) !== weekday) {
    day = new Date(day.getTime() + DAY);
  }
  return day;
}
