// Does what the definition of a task says: answers, waits until its gate opens, keeps the thread until then, or ends it.

/** Resolves when a gate opens, while the thread is free for others. */
async function opened(gate) {
  const { async, value } = Atomics.waitAsync(gate, 0, 0)
  if (async) await value
}

async function work({ definition, gate, inHand, count = 1 }) {
  if (definition === 'waits') await opened(gate)
  if (definition === 'blocks') {
    Atomics.store(inHand, 0, 1)
    Atomics.notify(inHand, 0)
    Atomics.wait(gate, 0, 0)
    Atomics.store(inHand, 0, 0)
  }
  if (definition === 'throws') {
    Atomics.store(inHand, 0, 1)
    setImmediate(() => {
      throw new RangeError('on purpose')
    })
    await opened(gate)
  }
  const parcel = { bytes: new Uint8Array(0), texts: [] }
  return { kind: 'work', work: { parcel, size: count, hasState: false }, busyMs: 1 }
}

export async function doTask(task) {
  if (task.kind === 'begin') return { kind: 'begun' }
  if (task.kind === 'forget' || task.kind === 'abort') return { kind: 'lost' }
  return work(task)
}
