import type { Reply, Task } from '../wire/tasks.js'
import type { Values } from '../wire/values.js'
import { Definitions } from './definitions.js'
import { Workplace } from './workplace.js'

/** What a worker thread does with each task that it is given; its file exports this as `doTask`. */
export function serveThread(values: Values): (task: Task) => Promise<Reply> {
  const definitions = new Definitions()
  const workplace = new Workplace({
    values,
    find: (name, module) => definitions.find(name, module),
    step: setImmediate,
  })
  return (task) => workplace.do(task)
}
