// The command line itself: which commands there are, what they take, and what an exit code says. A command's own module,
// and with it the runtime and the store, is loaded when that command is run, so that help and typing errors are quick.

import { readFileSync } from 'node:fs'
import { Command as Parser, CommanderError, Option } from 'commander'
import {
  DATA_TO_READ,
  DATA_TO_RUN,
  KEY_FILE,
  limit,
  milliseconds,
  PASSPHRASE,
  position,
  threads,
} from './arguments.js'
import type { AnchorCommandOptions } from './commands/anchor.js'
import type { Command, DataOption } from './commands/command.js'
import type { RunOptions } from './commands/run.js'
import type { ExportCommandOptions } from './commands/export.js'
import { PS_ORDERS, type PsOrder } from './commands/ps-order.js'
import type { ShredCommandOptions } from './commands/shred.js'
import type { VerifyOptions } from './commands/verify.js'
import { withDataKey } from './data-keys.js'
import { EXIT, exitCodeOf } from './exit-codes.js'
import { tellFailure } from './failure.js'
import { addIncidents } from './incident-commands.js'
import type { KeyOptions } from './incident-file.js'
import { addMoving } from './moving-commands.js'
import { Output } from './output.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** Runs the command line. @returns its exit code; what failed has been told */
export async function main(argv: readonly string[], given: Terminal): Promise<number> {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const terminal = withDataKey(given, words)
  const output = new Output(terminal, {
    json: words.includes('--json'),
    color: !words.includes('--no-color'),
    verbose: words.includes('--verbose') || words.includes('-v'),
  })
  let code: number = EXIT.ok
  const parser = createParser({ terminal, output }, (ended) => {
    code = ended
  })
  try {
    await parser.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    const failure = error instanceof CommanderError ? usageError(error, parser, words) : error
    if (failure !== undefined) tellFailure(failure, output)
    return failure === undefined ? EXIT.usage : exitCodeOf(failure)
  }
}

// Commander's messages start with "error: " and carry their suggestion in brackets on a second line.
function usageError(error: CommanderError, parser: Parser, words: readonly string[]): UsageError | undefined {
  // Without a command the help was shown, which says all there is to say.
  if (error.code === 'commander.help') return undefined
  const [said = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const known = words.find((word) => parser.commands.some((each) => each.name() === word))
  const help = `holdfast${known === undefined ? '' : ` ${known}`} --help says what there is.`
  return new UsageError(`${said.charAt(0).toUpperCase()}${said.slice(1)}.`.replace(/\.\.$/, '.'), {
    hint: suggestion === undefined ? help : suggestion.replace(/^\(|\)$/g, ''),
  })
}

type End = (code: number) => void

function createParser(command: Command, end: End): Parser {
  const { terminal } = command
  const parser = new Parser('holdfast')
  parser
    .description('Run a swarm of supervised actors, look at it, replay what happened.')
    .version(version(), '-V, --version', 'say the version')
    .option('--json', 'one JSON document instead of text')
    .option('--no-color', 'no colours')
    .option(
      '--data-key <file>',
      'keys of an encrypted data directory (default: HOLDFAST_KEY_FILE, HOLDFAST_KEY)',
    )
    .option('--subject-keys <dir>', 'the folder with the keys of subjects (default: HOLDFAST_SUBJECT_KEYS)')
    .option('-v, --verbose', 'more: stacks of errors, decisions of supervisors')
    .helpOption('-h, --help', 'say what there is')
    .helpCommand('help [command]', 'say what a command takes')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      // Failures are told in one place and one form.
      outputError: () => undefined,
    })
    .exitOverride()
    .addHelpText('after', EXAMPLES)
  addRun(parser, command, end)
  addLooking(parser, command, end)
  addParked(parser, command, end)
  addRecords(parser, command, end)
  addIncidents(parser, command, end)
  addShred(parser, command, end)
  addFiles(parser, command, end)
  addMoving(parser, command, end)
  return parser
}

function addRun(parser: Parser, command: Command, end: End): void {
  parser
    .command('run')
    .description('run a swarm file until it is done or stopped; the same command goes on from there')
    .argument('<swarm file>', 'module whose default export was made by swarm()')
    .argument('[args...]', 'handed to the swarm; put -- before options of its own')
    .option('-d, --data <dir>', DATA_TO_RUN)
    .option('-q, --quiet', 'only warnings and failures beside what the swarm prints')
    .option('--watchdog-ms <ms>', 'tell of an event loop that stands still for longer', milliseconds)
    .option('--end-after-ms <ms>', 'end the process when it stands still for longer', milliseconds)
    .option('--threads <n>', 'threads for handlers that run in some; 0: they run in the main thread', threads)
    .action(async (file: string, args: string[], options: RunOptions) => {
      // Loading the runtime takes a moment, and silence looks like nothing.
      command.output.progress(`starting ${file}`)
      const { run } = await import('./commands/run.js')
      command.output.progress('')
      end(await run(file, args, options, command))
    })
}

function addLooking(parser: Parser, command: Command, end: End): void {
  parser
    .command('tree')
    .description('the actors as a tree')
    .argument('[path]', 'only this actor and what is below it')
    .option('-d, --data <dir>', DATA_TO_READ)
    .action(async (path: string | undefined, options: { data?: string }) => {
      end(await (await import('./commands/tree.js')).tree(path, options, command))
    })
  parser
    .command('ps')
    .description('the actors as a table')
    .option('-d, --data <dir>', DATA_TO_READ)
    .addOption(new Option('--sort <column>', 'what comes first').choices(PS_ORDERS).default('tree'))
    .option('-n, --limit <n>', 'actors to show, or "all"', limit, 100)
    .action(async (options: { data?: string; sort: PsOrder; limit: number }) => {
      end(await (await import('./commands/ps.js')).ps(options, command))
    })
  parser
    .command('inspect')
    .description('one actor in full: state, mailbox, timers, failures')
    .argument('<path>', 'where it lives, e.g. /bank/reserve')
    .option('-d, --data <dir>', DATA_TO_READ)
    .action(async (path: string, options: { data?: string }) => {
      end(await (await import('./commands/inspect.js')).inspect(path, options, command))
    })
}

function addParked(parser: Parser, command: Command, end: End): void {
  parser
    .command('parked')
    .description('the messages that were given up after their last attempt, the oldest first')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('-a, --actor <path>', 'only those of one actor')
    .option('-n, --limit <n>', 'messages to show, or "all"', limit, 100)
    .action(async (options: { data?: string; actor?: string; limit: number }) => {
      end(await (await import('./commands/parked.js')).parked(options, command))
    })
}

function addRecords(parser: Parser, command: Command, end: End): void {
  parser
    .command('journal')
    .description('the records of the log: the newest, or those from a position on')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('-a, --actor <path>', 'only what an actor did, was sent or sent')
    .option('-c, --correlation <name>', 'only one correlation, by its name or the position of a message')
    .option('-k, --kind <kind...>', 'only these kinds, e.g. message, turn, failed, directive')
    .option('--from <position>', 'the first position to show', position)
    .option('-n, --limit <n>', 'records to show, or "all"', limit, 100)
    .option('--ndjson', 'one JSON document a line')
    .action(async (options: { limit: number; kind?: string[] }) => {
      end(await (await import('./commands/journal.js')).journal(options, command))
    })
  parser
    .command('verify')
    .description('check every batch, record and index entry of the store')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('--anchors <file>', 'file with the signed heads that the log must agree with')
    .option('--key <file>', 'key that they were signed with: the public half is enough')
    .action(async (options: VerifyOptions) => {
      end(await (await import('./commands/verify.js')).verify(options, command))
    })
  parser
    .command('anchor')
    .description('sign how far the log goes, so that verify can tell later whether it was cut or rolled back')
    .option('-d, --data <dir>', DATA_TO_READ)
    .requiredOption(
      '--anchors <file>',
      'file that the signed head is added to, outside of the data directory',
    )
    .requiredOption('--key <file>', 'an Ed25519 private key as PEM, or 32 random bytes in hex or base64')
    .action(async (options: AnchorCommandOptions) => {
      end(await (await import('./commands/anchor.js')).anchor(options, command))
    })
  parser
    .command('rekey')
    .description('seal an encrypted data directory with the first key of --data-key, in one transaction')
    .option('-d, --data <dir>', DATA_TO_READ)
    .action(async (options: DataOption) => {
      end(await (await import('./commands/rekey.js')).rekey(options, command))
    })
}

function addShred(parser: Parser, command: Command, end: End): void {
  parser
    .command('shred')
    .description('destroy what belongs to a subject, by destroying its key; for data that nobody has open')
    .argument('<subject>', 'its name, as the swarm calls it')
    .requiredOption('--swarm <file>', 'the swarm file that runs on the data')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('--timeout <seconds>', 'time that others have to end what they do for it (default: 30)')
    .action(async (subject: string, options: ShredCommandOptions) => {
      end(await (await import('./commands/shred.js')).shred(subject, options, command))
    })
}

function addFiles(parser: Parser, command: Command, end: End): void {
  parser
    .command('export')
    .description('one correlation into one file, with everything that a replay of it reads')
    .argument('<correlation>', 'its name, or the position of a message')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('-o, --output <file>', 'name of the file (default: <correlation>.hfi)')
    .option('-r, --redact <rule...>', 'replace these fields, e.g. payload.card.number, "**.password"')
    .option('--key-file <file>', KEY_FILE)
    .option('--passphrase-env <name>', PASSPHRASE)
    .option('--pin', 'keep what is exported from being deleted in the data directory')
    .option('--note <text>', 'what whoever opens the file should know')
    .option('-f, --force', 'replace a file that is there')
    .action(async (correlation: string, options: ExportCommandOptions) => {
      end(await (await import('./commands/export.js')).exportFile(correlation, options, command))
    })
  parser
    .command('import')
    .description('an incident file from elsewhere, to be found beside the incidents of this log')
    .argument('<file>', 'the incident file')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('--key-file <file>', KEY_FILE)
    .option('--passphrase-env <name>', PASSPHRASE)
    .action(async (file: string, options: { data?: string } & KeyOptions) => {
      end(await (await import('./commands/import.js')).importFile(file, options, command))
    })
  parser
    .command('diff')
    .description('two incidents side by side: what happened in one of them only, or in another way')
    .argument('<a>', 'an incident file, or a correlation of --data')
    .argument('<b>', 'the same')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('--key-file <file>', KEY_FILE)
    .option('--passphrase-env <name>', PASSPHRASE)
    .action(async (a: string, b: string, options: { data?: string } & KeyOptions) => {
      end(await (await import('./commands/diff.js')).diff(a, b, options, command))
    })
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}

const EXAMPLES = `
Examples:
  holdfast run swarm.ts --data ./data -- --fast      run it; what stands behind -- is the swarm's
  holdfast tree --data ./data                        who is there, beside the running system or after it
  holdfast journal --kind failed                     what failed
  holdfast incidents --since 2h                      what went wrong, incident by incident
  holdfast trace incident-123                        how it went
  holdfast replay incident-123 --against changed.ts  would other code have done the same?
  holdfast backup --to ./backups/monday              a copy, while the system runs or after it
  holdfast export incident-123 --redact "**.iban"    all of it in one file, for somebody else

Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 5 diverged, 6 unhealthy, 7 refused, 130 and 143 stopped.`
