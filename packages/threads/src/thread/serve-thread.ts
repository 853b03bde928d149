import { Isolate } from '../isolate/isolate.js'
import type { BeginTask, Reply, Task } from '../wire/tasks.js'
import type { Values } from '../wire/values.js'
import { Definitions } from './definitions.js'
import { Workplace } from './workplace.js'

/** What a worker thread does with each task that it is given; its file exports this as `doTask`. */
export function serveThread(values: Values): (task: Task) => Promise<Reply> {
  const definitions = new Definitions()
  const isolate = new Isolate()
  const workplace = new Workplace({
    values,
    find: (name, module) => definitions.find(name, module),
    step: (run) => {
      isolate.step(run)
    },
    overseer: isolate,
  })
  const begin = async ({ memory, bytesMax, modules }: BeginTask): Promise<Reply> => {
    isolate.begin(memory, bytesMax)
    await isolate.loading(() => definitions.load(modules))
    return { kind: 'begun' }
  }
  return (task) => (task.kind === 'begin' ? begin(task) : workplace.do(task))
}
