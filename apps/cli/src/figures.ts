// Numbers as people read them.

/** A count with its word: `1 turn`, `2,000 turns`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`
}

/** A whole number with its thousands apart. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A span of time: `0 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function span(ms: number): string {
  const abs = Math.abs(ms)
  const sign = ms < 0 ? '-' : ''
  if (abs < 1_000) return `${sign}${Math.round(abs)} ms`
  if (abs < 60_000) return `${sign}${(abs / 1_000).toFixed(1).replace(/\.0$/, '')} s`
  const seconds = Math.floor(abs / 1_000)
  const [large, small] = seconds < 3_600 ? [60, 1] : seconds < 86_400 ? [3_600, 60] : [86_400, 3_600]
  const rest = Math.floor((seconds % large) / small)
  const [first, second] = NAMES[large]!
  return `${sign}${Math.floor(seconds / large)} ${first}${rest === 0 ? '' : ` ${rest} ${second}`}`
}

const NAMES: Readonly<Record<number, readonly [string, string]>> = {
  60: ['min', 's'],
  3_600: ['h', 'min'],
  86_400: ['d', 'h'],
}

/** A point in time, always in UTC so that two machines say the same. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString()
}

/** A number of bytes. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const power = bytes < 1_000_000 ? 1 : bytes < 1_000_000_000 ? 2 : 3
  return `${(bytes / 1_000 ** power).toFixed(1)} ${['kB', 'MB', 'GB'][power - 1] ?? 'GB'}`
}
