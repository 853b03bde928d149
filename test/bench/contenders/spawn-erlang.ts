import { contend } from '../contender.js'
import { runErlang } from '../erlang.js'

const program = { module: 'idle', better: 'higher', flags: ['+P', '1000000'], arguments: ['rate'] } as const

await contend((assignment) => runErlang(program, assignment))
