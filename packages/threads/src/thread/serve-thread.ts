import type { Reply, Task } from '../wire/tasks.js'
import type { Values } from '../wire/values.js'
import { Workplace } from './workplace.js'

/** What a worker thread does with each task that it is given; its file exports this by default. */
export function serveThread(values: Values): (task: Task) => Promise<Reply> {
  const workplace = new Workplace(values)
  return (task) => workplace.do(task)
}
