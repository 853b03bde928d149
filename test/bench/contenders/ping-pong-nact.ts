import { dispatch, type Ref, spawn, start } from 'nact'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { measureRallies, Rally } from '../rallies.js'

interface Ball {
  type: 'ball'
  left: number
  from: Ref<Ball>
}

await contend(async (assignment) => {
  const rally = new Rally()
  let handled = 0
  const system = start()
  const player = (name: string) =>
    spawn(
      system,
      (_: undefined, { left, from }: Ball, { self }) => {
        handled++
        if (left === 0) rally.over()
        else dispatch(from, { type: 'ball', left: left - 1, from: self })
      },
      name,
    )
  const ping = player('ping')
  const pong = player('pong')
  const rallies = await measureRallies(
    assignment,
    rally,
    (left) => dispatch(ping, { type: 'ball', left, from: pong }),
    () => handled,
  )
  return { ...rallies, version: packageVersion('nact') }
})
