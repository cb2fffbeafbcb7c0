// Numbers and times as a person reads them.

const two = (n: number) => String(n).padStart(2, '0');

// Microseconds to a length of time.
export function duration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 10_000) return `${(us / 1000).toFixed(2)} ms`;
  if (us < 999_500) return `${Math.round(us / 1000)} ms`;
  if (us < 59_995_000) return `${(us / 1e6).toFixed(2)} s`;
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} m`;
}

// The same for a mark of a time axis: even numbers without zeros behind them.
export function mark(us: number): string {
  const short = (n: number) => Number(n.toFixed(3));
  if (us === 0) return '0';
  if (us < 1000) return `${us} µs`;
  if (us < 1e6) return `${short(us / 1000)} ms`;
  return us < 60e6 ? `${short(us / 1e6)} s` : duration(us);
}

export const count = (n: number) => n.toLocaleString('en-US');

export const plural = (n: number, word: string) => `${count(n)} ${word}${n === 1 ? '' : 's'}`;

// Empty for nothing: most observations cost nothing, and a column of zeros says less than an empty one.
export function dollars(cost: number | undefined): string {
  if (!cost) return '';
  return `$${cost >= 1 ? cost.toFixed(2) : cost >= 0.001 ? cost.toFixed(4) : cost.toFixed(6)}`;
}

function day(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function timeOfDay(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

// The time, with the day unless it is today, and of another year the day alone.
export function clock(us: number): string {
  const date = new Date(us / 1000);
  const now = new Date();
  if (date.getFullYear() !== now.getFullYear()) return day(date);
  if (date.toDateString() === now.toDateString()) return timeOfDay(date);
  return `${day(date).slice(5)} ${timeOfDay(date).slice(0, 5)}`;
}

export function preciseClock(us: number): string {
  const date = new Date(us / 1000);
  return `${day(date)} ${timeOfDay(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

// A CSS length: Preact does not append a unit to numbers.
export const px = (n: number) => `${n}px`;

export const percent = (n: number) => `${n.toFixed(4)}%`;
