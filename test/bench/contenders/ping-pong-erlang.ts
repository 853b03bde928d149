import { contend } from '../contender.js'
import { runErlang } from '../erlang.js'

await contend((assignment) => runErlang({ module: 'rally', better: 'higher' }, assignment))
