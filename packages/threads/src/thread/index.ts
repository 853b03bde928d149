export { FarRef } from './far-ref.js'
export { serveThread } from './serve-thread.js'
export type { Reply, Task } from '../wire/tasks.js'
export type { Values } from '../wire/values.js'
