import { contend } from '../contender.js'
import { runErlang } from '../erlang.js'

const program = { module: 'idle', better: 'lower', flags: ['+P', '1000000'], arguments: ['bytes'] } as const

await contend((assignment) => runErlang(program, assignment))
