import { contend } from '../contender.js'
import { runErlang } from '../erlang.js'

const program = { module: 'keyed', better: 'higher', flags: ['+P', '4000000'] } as const

await contend((assignment) => runErlang(program, assignment))
