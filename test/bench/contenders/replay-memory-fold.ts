import { contend } from '../contender.js'
import { folded } from '../folds.js'

await contend(() => {
  folded()
  return Promise.resolve({ value: process.memoryUsage().rss / 1_000_000 })
})
