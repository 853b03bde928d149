import { contend } from '../contender.js'
import { runErlang } from '../erlang.js'

const program = {
  module: 'teams',
  better: 'lower',
  flags: ['+P', '1000000'],
  arguments: ['supervisor'],
} as const

await contend((assignment) => runErlang(program, assignment))
