import { crunch } from './far-actors.js'

/** What a thread of bare piscina does: the rounds that it is given, or its own end. */
export function crunchOrEnd(rounds: number): number {
  return rounds < 0 ? process.exit(1) : crunch(rounds)
}
