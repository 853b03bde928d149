import { actor, child, createSystem, supervisor, oneForOne } from 'holdfast'
import { rmSync } from 'node:fs'
const which = process.argv[2]
const imm = () => new Promise((r) => setImmediate(r))
if (which === 'tell' || which === 'ping' || which === 'spawn') {
  let done
  const counter = actor({
    name: 'counter',
    durable: false,
    mailbox: { capacity: 1048576 },
    state: () => ({ n: 0 }),
    on: {
      add(ctx, { amount }) {
        ctx.state.n += amount
      },
      total: (ctx) => ctx.state.n,
    },
  })
  const ponger = actor({
    name: 'pong',
    durable: false,
    state: () => ({ n: 0 }),
    on: {
      ping(ctx, n) {
        if (n === 0) {
          done()
          return
        }
        ctx.tell(ctx.sender, 'ping', n - 1)
      },
      start(ctx, { to, n }) {
        ctx.tell(to, 'ping', n)
      },
    },
  })
  const idle = actor({ name: 'idle', durable: false, state: () => ({ n: 0 }), on: { x(ctx) {} } })
  const parent = actor({
    name: 'parent',
    durable: false,
    spawns: [idle],
    state: () => ({}),
    on: {
      go(ctx, n) {
        for (let i = 0; i < n; i++) ctx.spawn(idle)
      },
    },
  })
  const system = await createSystem({
    name: 'b',
    root: supervisor({
      name: 'b',
      children: [child(counter), child(ponger, { id: 'a' }), child(ponger, { id: 'z' }), child(parent)],
    }),
  })
  for (let rep = 0; rep < 5; rep++) {
    if (which === 'tell') {
      const ref = system.ref(counter, '/b/counter')
      const N = 1e7,
        B = 10000
      const t = performance.now()
      for (let i = 0; i < N; i += B) {
        for (let k = 0; k < B; k++) ref.tell('add', { amount: 5 })
        await imm()
      }
      await ref.ask('total')
      console.log('tell', (N / (performance.now() - t) / 1000).toFixed(2), 'M/s')
    } else if (which === 'ping') {
      const N = 5e6
      const t = performance.now()
      await new Promise((r) => {
        done = r
        system.ref(ponger, '/b/a').tell('start', { to: system.ref(ponger, '/b/z'), n: N })
      })
      console.log('ping', (N / (performance.now() - t) / 1000).toFixed(2), 'M/s')
    } else {
      const N = 200000
      const m0 = process.memoryUsage().heapUsed
      const t = performance.now()
      await system.ref(parent, '/b/parent').ask('go', N)
      const dt = performance.now() - t
      global.gc?.()
      console.log(
        'spawn',
        (N / dt / 1000).toFixed(2),
        'M/s',
        ((process.memoryUsage().heapUsed - m0) / N).toFixed(0),
        'B',
      )
    }
  }
  await system.stop()
} else if (which === 'durable') {
  const dir = process.argv[3] ?? '/work/main/.holdfast/perf'
  rmSync(dir, { recursive: true, force: true })
  const counter = actor({
    name: 'counter',
    snapshot: { everyBytes: 1e15 },
    state: () => ({ n: 0 }),
    on: {
      add(ctx, { amount }) {
        ctx.state.n += amount
      },
      total: (ctx) => ctx.state.n,
    },
  })
  const root = supervisor({
    name: 'b',
    children: Array.from({ length: 1000 }, (_, i) => child(counter, { id: `c${i}` })),
  })
  let system = await createSystem({ name: 'b', data: dir, root })
  const refs = root.children.map((c) => system.ref(counter, `/b/${c.id}`))
  for (let rep = 0; rep < 6; rep++) {
    const N = 1e6,
      B = 10000
    const t = performance.now()
    for (let i = 0; i < N; i += B) {
      for (let k = 0; k < B; k++) refs[(i + k) % 1000].tell('add', { amount: 5 })
      await imm()
      await system.room()
    }
    await system.flushed()
    console.log('durable', (N / (performance.now() - t) / 1000).toFixed(3), 'M/s')
  }
  const k = (await import('@holdfast/kernel')).System.kernelOf(system)
  console.log('bytes/msg', k.log.size / 6e6)
  await k.log.close()
  const t = performance.now()
  system = await createSystem({ name: 'b', data: dir, root })
  console.log('recover', (6e6 / (performance.now() - t) / 1000).toFixed(3), 'M turns/s')
  console.log(await system.ref(counter, '/b/c7').ask('total'))
  const lat = []
  const r0 = system.ref(counter, '/b/c0')
  for (let i = 0; i < 500; i++) {
    const s = performance.now()
    await r0.ask('total')
    lat.push(performance.now() - s)
  }
  lat.sort((a, b) => a - b)
  console.log('ask p50', lat[250].toFixed(3))
  await system.stop()
}
