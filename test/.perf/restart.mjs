import { actor, child, createSystem, supervisor, oneForOne } from 'holdfast'
let wake
const fragile = actor({ name: 'fragile', durable: false, state: () => ({ n: 0 }), on: { crash() { throw new Error('crash') }, probe(ctx) { wake(ctx.state.n); ctx.state.n++ } } })
const system = await createSystem({ name: 'bench', root: supervisor({ name: 'bench', strategy: oneForOne({ maxRestarts: 1e6, withinMs: 1 }), children: [child(fragile)] }) })
const ref = system.ref(fragile, '/bench/fragile')
const lat = []
const c0 = process.cpuUsage()
for (let i = 0; i < 30000; i++) { const next = new Promise((r) => { wake = r }); const s = performance.now(); ref.tell('crash'); ref.tell('probe'); await next; lat.push(performance.now() - s) }
const c = process.cpuUsage(c0)
lat.sort((a, b) => a - b); console.log('restart p50 us', (lat[15000] * 1000).toFixed(1), 'cpu us', ((c.user + c.system) / 30000).toFixed(1))
process.exit()
