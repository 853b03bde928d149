import { play } from 'holdfast/replay'
import { withSwarm, type ChosenSwarm } from '../chosen-swarm.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { openNamed, type NamedIncident } from '../incident-source.js'
import type { Command } from './command.js'
import { replayAll } from './replay-all.js'
import { untilBreak } from './replay-break.js'
import { checkReplay, type ReplayCommandOptions } from './replay-options.js'
import { stateOf, statesOf, stateLines, statesJson } from './replay-states.js'
import { stepThrough } from './replay-steps.js'
import { replayLines, reportJson, turnLine } from './replay-text.js'
import { askWhatIf, policyFrom } from './what-if.js'

/** `holdfast replay <correlation>`, `holdfast replay <file.hfi>`: the incident again, on the same code or on other code. */
export async function replay(
  wanted: string | undefined,
  options: ReplayCommandOptions,
  command: Command,
): Promise<ExitCode> {
  const { terminal, output } = command
  checkReplay(wanted, options, output.json)
  if (wanted === undefined) return replayAll(options, command)
  const policy = options.policy === undefined ? undefined : policyFrom(options.policy, terminal.cwd)
  const named = await openNamed(wanted, options, terminal)
  try {
    const { swarm, against, unrecorded } = options
    const choice = { swarm, against, origin: named.origin, live: typeof unrecorded === 'object' }
    return await withSwarm(choice, terminal, (chosen) =>
      policy === undefined
        ? once(named, chosen, options, command)
        : askWhatIf(named, chosen, { policy, unrecorded }, command),
    )
  } finally {
    await named.incident.close()
  }
}

async function once(
  named: NamedIncident,
  chosen: ChosenSwarm,
  options: ReplayCommandOptions,
  command: Command,
): Promise<ExitCode> {
  const { incident, said } = named
  const { to, actor, speed, volatile, unrecorded, diff: isDiff = false } = options
  const { output } = command
  // A path at which nobody is should be refused before a long replay.
  const shown = actor === undefined ? undefined : stateOf(incident, actor)
  const player = play(incident, { swarm: chosen.swarm, volatile, unrecorded })
  if (options.step === true) await stepThrough(player, incident, { to, isDiff }, command)
  else if (options.inspectBrk === true) await untilBreak(player, incident, to, command)
  else {
    const isPaced = speed !== undefined && speed !== 'max' && !output.json
    const onTurn = isPaced
      ? (turn: Parameters<typeof turnLine>[0]) => output.line(turnLine(turn, output.paint))
      : undefined
    await player.run({ to, speed, onTurn })
  }
  const report = player.report()
  const isStopped = (to !== undefined || shown !== undefined) && options.step !== true
  const states = isStopped ? statesOf(incident, player, shown) : undefined
  if (output.json) {
    const { file: swarm, revision = null } = chosen
    const beside = states === undefined ? {} : { position: player.position, states: statesJson(states) }
    await output.document('replay', { ...said, swarm, revision, ...reportJson(report, isDiff), ...beside })
  } else {
    const { paint } = output
    for (const line of states === undefined ? [] : stateLines(states, player.position, paint))
      await output.line(line)
    for (const line of replayLines(report, paint, isDiff)) await output.line(line)
  }
  return report.identical ? EXIT.ok : EXIT.diverged
}
