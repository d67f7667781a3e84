import { useEffect, useState } from 'react';

const MINUTE_MS = 60_000;
const UNITS = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE_MS],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export function agoText(unixMs: number, nowUnixMs: number): string {
  const differenceMs = unixMs - nowUnixMs;
  for (const [unit, lengthMs] of UNITS)
    if (Math.abs(differenceMs) >= lengthMs) return relative.format(Math.round(differenceMs / lengthMs), unit);
  return differenceMs > 0 ? 'in a moment' : 'just now';
}

/** A moment as "3 minutes ago", with the date on hover; it stays true while it is shown. */
export function Ago({ unixMs }: { readonly unixMs: number }) {
  const [nowUnixMs, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS / 2);
    return () => clearInterval(timer);
  }, []);
  const date = new Date(unixMs);
  return (
    <time dateTime={date.toISOString()} title={absolute.format(date)} className="whitespace-nowrap">
      {agoText(unixMs, Math.max(nowUnixMs, Date.now()))}
    </time>
  );
}
