import { contend } from '../contender.js'
import { runErlang } from '../erlang.js'

const program = { module: 'stops', better: 'lower', flags: ['+P', '1000000'], arguments: ['wide'] } as const

await contend((assignment) => runErlang(program, assignment))
