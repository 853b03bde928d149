// The commands of incidents: finding them, looking at them, replaying them, and what is made of them.

import { Option, type Command as Parser } from 'commander'
import {
  DATA_TO_READ,
  KEY_FILE,
  limit,
  PASSPHRASE,
  position,
  since,
  speed,
  unrecorded,
  volatileRule,
} from './arguments.js'
import type { Command } from './commands/command.js'
import type { ForkCommandOptions } from './commands/fork.js'
import { INCIDENT_ORDERS } from './commands/incident-order.js'
import type { IncidentReportOptions } from './commands/incident-report.js'
import type { IncidentsOptions } from './commands/incidents.js'
import type { ReplayCommandOptions } from './commands/replay-options.js'
import type { ShrinkCommandOptions } from './commands/shrink.js'
import type { TraceOptions } from './commands/trace.js'

type End = (code: number) => void

/** Adds them to the command line. */
export function addIncidents(parser: Parser, command: Command, end: End): void {
  parser
    .command('incidents')
    .description('the correlations in which something went wrong, the newest first')
    .option('-d, --data <dir>', DATA_TO_READ)
    .addOption(new Option('--sort <order>', 'what comes first').choices(INCIDENT_ORDERS).default('newest'))
    .option('-a, --actor <path>', 'only those in which this actor, or one below it, failed first')
    .option('-e, --error <name>', 'only those that began with an error of this name or code')
    .option('--since <time>', 'only those that went on after a date, or an age such as 2h', since)
    .option('-n, --limit <n>', 'incidents to show, or "all"', limit, 100)
    .action(async (options: IncidentsOptions) => {
      end(await (await import('./commands/incidents.js')).incidents(options, command))
    })
  addTrace(parser, command, end)
  addReplay(parser, command, end)
  addMaking(parser, command, end)
}

function addTrace(parser: Parser, command: Command, end: End): void {
  parser
    .command('trace')
    .description('one correlation as a sequence: who told whom what, effects, failures, decisions')
    .argument('<correlation>', 'its name, the position of a message, or an incident file')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('-w, --waterfall', 'when each turn, effect and question was, and how long it took')
    .option('--key-file <file>', KEY_FILE)
    .option('--passphrase-env <name>', PASSPHRASE)
    .action(async (correlation: string, options: TraceOptions) => {
      end(await (await import('./commands/trace.js')).trace(correlation, options, command))
    })
}

function addReplay(parser: Parser, command: Command, end: End): void {
  parser
    .command('replay')
    .description(
      'one correlation again, on the code that wrote it or on other code; nothing leaves the process',
    )
    .argument('[correlation]', 'its name, the position of a message, or an incident file')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('--swarm <file>', 'where the code is, when it has moved since it wrote the log')
    .option('--against <file>', 'other code to replay against: a file, or git:REVISION')
    .option('--to <position>', 'stop there, and show the states of the actors', position)
    .option('-a, --actor <path>', 'show the state of this actor only')
    .option('--step', 'turn by turn, by hand')
    .option('--diff', 'for each divergence the places at which the values differ')
    .option('--policy <json>', 'play it again under other policies: JSON, or a file of it')
    .option('--speed <n>', 'a multiple of the speed of the original, or "max"', speed)
    .addOption(
      new Option('--all [which]', 'all there are in the data directory')
        .choices(['incidents', 'correlations'])
        .preset('incidents'),
    )
    .option('--volatile <rule...>', 'fields that are not compared, e.g. paid.at', volatileRule)
    .option(
      '--unrecorded <rule>',
      'for results that the record does not hold: fail, nearest, live:N',
      unrecorded,
    )
    .option('--inspect-brk', 'stop in a debugger right before the turn of --to, or the first failure')
    .option('--key-file <file>', KEY_FILE)
    .option('--passphrase-env <name>', PASSPHRASE)
    .action(async (correlation: string | undefined, options: ReplayCommandOptions) => {
      end(await (await import('./commands/replay.js')).replay(correlation, options, command))
    })
}

function addMaking(parser: Parser, command: Command, end: End): void {
  parser
    .command('shrink')
    .description('a test with the fewest messages after which an actor still fails as it did')
    .argument('<correlation>', 'its name, the position of a message, or an incident file')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('--failure <position>', 'which failure (default: the first one)', position)
    .option('-o, --output <file>', 'where the test is written (default: stdout)')
    .addOption(
      new Option('--runner <name>', 'what runs it (default: vitest when the package has it)').choices([
        'vitest',
        'node:test',
      ]),
    )
    .option('--swarm <file>', 'where the code is, when it has moved since it wrote the log')
    .option('-f, --force', 'replace a file that is there')
    .option('--key-file <file>', KEY_FILE)
    .option('--passphrase-env <name>', PASSPHRASE)
    .action(async (correlation: string, options: ShrinkCommandOptions) => {
      end(await (await import('./commands/shrink.js')).shrinkIncident(correlation, options, command))
    })
  parser
    .command('fork')
    .description('copy the log up to an incident, to go on from there for real')
    .argument('<correlation>', 'its name, or the position of a message')
    .requiredOption('--to <dir>', 'data directory that is made')
    .option('--at <position>', 'the last position to copy (default: the first message of it)', position)
    .option('--to-key <file>', 'keys that the copy is encrypted with (default: those of the original)')
    .option('-d, --data <dir>', DATA_TO_READ)
    .action(async (correlation: string, options: ForkCommandOptions) => {
      end(await (await import('./commands/fork.js')).forkIncident(correlation, options, command))
    })
  parser
    .command('incident')
    .description('what is made of one incident')
    .command('report')
    .description('a page about it: what happened when, why, who decided what, states, times, a diagram')
    .argument('<correlation>', 'its name, the position of a message, or an incident file')
    .option('-d, --data <dir>', DATA_TO_READ)
    .option('-o, --output <file>', 'where the page is written (default: stdout)')
    .option('--swarm <file>', 'code to play it on, for the states (default: those of the snapshots)')
    .option('-f, --force', 'replace a file that is there')
    .option('--key-file <file>', KEY_FILE)
    .option('--passphrase-env <name>', PASSPHRASE)
    .action(async (correlation: string, options: IncidentReportOptions) => {
      end(await (await import('./commands/incident-report.js')).incidentReport(correlation, options, command))
    })
}
