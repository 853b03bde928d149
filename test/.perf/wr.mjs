import { actor, child, createSystem, supervisor } from 'holdfast'
import { rmSync } from 'node:fs'
const dir = '/work/main/.holdfast/perf'; rmSync(dir, { recursive: true, force: true })
const imm = () => new Promise((r) => setImmediate(r))
  const counter = actor({ name: 'counter', snapshot: { everyBytes: 1e15 }, state: () => ({ n: 0 }), on: { add(ctx, { amount }) { ctx.state.n += amount }, total: (ctx) => ctx.state.n } })
  const root = supervisor({ name: 'b', children: Array.from({ length: 1000 }, (_, i) => child(counter, { id: `c${i}` })) })
  let system = await createSystem({ name: 'b', data: dir, root })
  const refs = root.children.map((c) => system.ref(counter, `/b/${c.id}`))
  for (let rep = 0; rep < 6; rep++) {
    const N = 1e6, B = 10000; const t = performance.now(), c0 = process.cpuUsage()
    for (let i = 0; i < N; i += B) { for (let k = 0; k < B; k++) refs[(i + k) % 1000].tell('add', { amount: 5 }); await imm(); await system.room() }
    await system.flushed()
    {const c=process.cpuUsage(c0); console.log("durable", (N / (performance.now() - t) / 1000).toFixed(3), "M/s wall", (N/(c.user+c.system)).toFixed(3), "per cpu")}
  }
  process.exit()
