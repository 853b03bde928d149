import { Packr } from 'msgpackr'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { median } from '../statistics.js'
import { largeState, longestStall } from '../stalls.js'

const TIMES = 40

await contend(async () => {
  const packr = new Packr({ useRecords: false })
  const state = largeState()
  const stalls: number[] = []
  let bytes = 0
  for (let time = 0; time < TIMES; time++) {
    const stall = await longestStall(() => {
      bytes = packr.pack(state).byteLength
      return Promise.resolve()
    })
    if (time >= TIMES / 4) stalls.push(stall)
  }
  return { value: median(stalls), version: packageVersion('msgpackr'), details: { bytes } }
})
