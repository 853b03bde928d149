import { contend } from '../contender.js'
import { runErlang } from '../erlang.js'

await contend((assignment) => runErlang({ module: 'group', better: 'lower' }, assignment))
