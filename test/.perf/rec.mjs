import { actor, child, createSystem, supervisor } from 'holdfast'
const dir = '/work/main/.holdfast/perf'
const counter = actor({ name: 'counter', snapshot: { everyBytes: 1e15 }, state: () => ({ n: 0 }), on: { add(ctx, { amount }) { ctx.state.n += amount }, total: (ctx) => ctx.state.n } })
const root = supervisor({ name: 'b', children: Array.from({ length: 1000 }, (_, i) => child(counter, { id: `c${i}` })) })
for (let i=0;i<3;i++) {
const t = performance.now(), c0 = process.cpuUsage()
const system = await createSystem({ name: 'b', data: dir, root })
{ const c = process.cpuUsage(c0); console.log('recover', (6e6 / (performance.now() - t) / 1000).toFixed(3), 'M turns/s wall;', (6e6/(c.user+c.system)).toFixed(3), 'per cpu') }
const k = (await import('@holdfast/kernel')).System.kernelOf(system); await k.log.close()
}
process.exit()
