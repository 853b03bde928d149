// What runs in each worker thread: handlers, and values as the log has them. Nothing here opens a log.

import { Codec } from '@holdfast/journal'
import { FarRef, serveThread } from '@holdfast/threads/thread'

const codec = new Codec()
codec.ref = (path) => new FarRef(path)

/** Does one task of the main thread. */
export const doTask = serveThread(codec)
