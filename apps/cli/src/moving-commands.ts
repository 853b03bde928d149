// The commands that take data elsewhere and bring them back, and that keep them: backups, shipped logs, dumps, holds.

import { InvalidArgumentError, type Command as Parser } from 'commander'
import { DATA_TO_READ, position } from './arguments.js'
import type { BackupCommandOptions } from './commands/backup.js'
import type { Command } from './commands/command.js'
import type { DumpCommandOptions } from './commands/dump.js'
import type { HoldCommandOptions } from './commands/hold.js'
import type { LoadCommandOptions } from './commands/load.js'
import type { RestoreCommandOptions } from './commands/restore.js'
import type { ShipCommandOptions } from './commands/ship.js'

type End = (code: number) => void

/** Adds them to the command line. */
export function addMoving(parser: Parser, command: Command, end: End): void {
  addBackup(parser, command, end)
  addDump(parser, command, end)
  addHold(parser, command, end)
}

function addBackup(parser: Parser, command: Command, end: End): void {
  parser
    .command('backup')
    .description('a verified copy of the data up to one position, also while a system runs on them')
    .argument('[data]', DATA_TO_READ)
    .requiredOption('--to <dir>', 'directory that is made: empty, or not there')
    .option('--at <position>', 'up to the last batch that ends here or before (default: the end)', position)
    .action(async (data: string | undefined, options: BackupCommandOptions) => {
      end(await (await import('./commands/backup.js')).backupData(data, options, command))
    })
  parser
    .command('ship')
    .description('follow the log and put what is new into another directory, until it is stopped')
    .argument('[data]', DATA_TO_READ)
    .requiredOption('--to <dir>', 'directory that is shipped to; it goes on where it ends')
    .option('--every <seconds>', 'how often the log is looked at', seconds, 5)
    .option('--once', 'ship what there is, and end')
    .action(async (data: string | undefined, options: ShipCommandOptions) => {
      end(await (await import('./commands/ship.js')).shipLog(data, options, command))
    })
  parser
    .command('restore')
    .description('data to go on from, out of a backup or a shipped log, up to a position or a moment')
    .argument('<from>', 'the backup, or the directory that was shipped to')
    .requiredOption('--to <dir>', 'data directory that is made: empty, or not there')
    .option('--at <position>', 'the last position that is restored (default: the end)', position)
    .option('--time <date>', 'the last moment that is restored, e.g. 2026-02-01T12:00:00Z')
    .option('--to-key <file>', 'keys that the new data are encrypted with (default: those of --data-key)')
    .action(async (from: string, options: RestoreCommandOptions) => {
      end(await (await import('./commands/restore.js')).restoreData(from, options, command))
    })
}

function addDump(parser: Parser, command: Command, end: End): void {
  parser
    .command('dump')
    .description('a whole system as one file that any machine and any later version can load')
    .argument('[data]', DATA_TO_READ)
    .requiredOption('-o, --output <file>', 'name of the file')
    .option('--at <position>', 'the last position that is dumped (default: the end)', position)
    .option('--ndjson', 'one JSON document a line, for other programs')
    .option('-f, --force', 'replace a file that is there')
    .option('--actors <paths...>', 'only these actors, and who is below them, as they are at that position')
    .option(
      '--swarm <file>',
      'the swarm file that wrote the log, for their states (default: what the log says)',
    )
    .action(async (data: string | undefined, options: DumpCommandOptions) => {
      const { actors } = options
      if (actors !== undefined) {
        const { dumpActorsOf } = await import('./commands/dump-actors.js')
        end(await dumpActorsOf(data, { ...options, actors }, command))
        return
      }
      end(await (await import('./commands/dump.js')).dumpData(data, options, command))
    })
  parser
    .command('load')
    .description('a data directory out of a dump')
    .argument('<file>', 'the dump, in either form')
    .requiredOption('--to <dir>', 'data directory that is made: empty, or not there')
    .option('--to-key <file>', 'keys that it is encrypted with (default: it is not)')
    .action(async (file: string, options: LoadCommandOptions) => {
      end(await (await import('./commands/load.js')).loadDump(file, options, command))
    })
}

function seconds(text: string): number {
  const n = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (n > 0 && n <= 3_600) return n
  throw new InvalidArgumentError('It must be a number of seconds, up to 3600.')
}

function addHold(parser: Parser, command: Command, end: End): void {
  parser
    .command('hold')
    .description('keep the log from being cut, whatever its retention says, or say who does')
    .argument('[data]', DATA_TO_READ)
    .option('--name <name>', 'what the hold is called, such as the case that it is for')
    .option('--since <date>', 'keep what was written from then on (default: all that is there)')
    .action(async (data: string | undefined, options: HoldCommandOptions) => {
      end(await (await import('./commands/hold.js')).hold(data, options, command))
    })
  parser
    .command('release')
    .description('let go of a log that was held')
    .argument('[data]', DATA_TO_READ)
    .requiredOption('--name <name>', 'what the hold is called')
    .action(async (data: string | undefined, options: { readonly name: string }) => {
      end(await (await import('./commands/hold.js')).release(data, options, command))
    })
}
