import { readFileSync } from 'node:fs'
const p = JSON.parse(readFileSync(process.argv[2]))
const self = new Map()
const byId = new Map(p.nodes.map((n) => [n.id, n]))
const dt = p.timeDeltas
p.samples.forEach((s, i) => {
  const n = byId.get(s)
  const k =
    n.callFrame.functionName +
    ' ' +
    n.callFrame.url.split('/').slice(-2).join('/') +
    ':' +
    n.callFrame.lineNumber
  self.set(k, (self.get(k) || 0) + dt[i])
})
const tot = [...self.values()].reduce((a, b) => a + b)
for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, +process.argv[3] || 18))
  console.log(((v / tot) * 100).toFixed(1).padStart(5), k)
