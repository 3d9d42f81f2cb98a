const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago something was, as a list says it: "just now", "12 min ago", "3 h ago", "yesterday",
 * then the day. Times in milliseconds since 1970.
 */
export function when(time: number, now: number): string {
  const age = now - time;
  if (age < MINUTE) return 'just now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  const day = new Date(time);
  const today = new Date(now);
  if (day.toDateString() === today.toDateString()) return `${Math.floor(age / HOUR)} h ago`;
  if (day.toDateString() === new Date(now - DAY).toDateString()) return 'yesterday';
  const sameYear = day.getFullYear() === today.getFullYear();
  return day.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}
