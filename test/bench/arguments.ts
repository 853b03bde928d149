import { parseArgs } from 'node:util'

/** Fewer rounds than this make no median worth writing down. */
const ROUNDS_FOR_A_WRITTEN_TABLE = 5

/** What the command line asks for. */
export interface BenchArguments {
  /** The names of the benchmarks to run; all of them when the command line named none. */
  readonly names: readonly string[]
  readonly json: boolean
  readonly write: boolean
  readonly help: boolean
  readonly rounds: number
  /** The day written into the page, `YYYY-MM-DD`; the day of the run when it is not given. */
  readonly date: string | undefined
  /** Where the durable benchmarks keep their data, instead of the folder in the repository. */
  readonly data: string | undefined
}

/** The command line asked for something that does not exist; the program ends with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const OPTIONS = {
  only: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false, short: 'h' },
  rounds: { type: 'string', default: String(ROUNDS_FOR_A_WRITTEN_TABLE) },
  date: { type: 'string' },
  data: { type: 'string' },
} as const

/** Reads the command line; `known` are the names that `--only` may choose from. */
export function parseBenchArguments(argv: readonly string[], known: readonly string[]): BenchArguments {
  const { only, json, write, help, rounds, date, data } = readOptions(argv)
  const wanted = only ?? []
  for (const name of wanted) {
    if (!known.includes(name)) {
      throw new UsageError(`There is no benchmark '${name}'. There are: ${known.join(', ')}.`)
    }
  }
  const parsed = { json, write, help, rounds: readRounds(rounds), date: readDate(date), data }
  if (write) refuseHalfATable(parsed.rounds, wanted)
  return { ...parsed, names: wanted.length === 0 ? known : known.filter((name) => wanted.includes(name)) }
}

function readOptions(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readRounds(text: string): number {
  const rounds = Number(text)
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds takes a whole number from 1 up, not '${text}'.`)
  }
  return rounds
}

function readDate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
  if (!isDay) throw new UsageError(`--date takes a day as YYYY-MM-DD, not '${text}'.`)
  return text
}

function refuseHalfATable(rounds: number, wanted: readonly string[]): void {
  if (rounds < ROUNDS_FOR_A_WRITTEN_TABLE) {
    throw new UsageError(`--write needs at least ${ROUNDS_FOR_A_WRITTEN_TABLE} rounds, not ${rounds}.`)
  }
  if (wanted.length > 0) {
    throw new UsageError('--write makes the whole page from one run, so it does not go with --only.')
  }
}
