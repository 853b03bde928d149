import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { isAlive, self, type Owner } from './owner.js'

const me = self()

describe('the owner of a store', () => {
  it('is this process, told apart from every other one by more than its pid', () => {
    expect(me.pid).toBe(process.pid)
    expect(me.host).not.toBe('')
    expect(self()).toEqual(me)
  })

  // On Linux a process is known by when it started; elsewhere only its pid is.
  const linux = process.platform === 'linux'
  const cases: [what: string, owner: Partial<Owner>, alive: boolean][] = [
    ['this process', {}, true],
    ['an earlier process of the same pid', { startTicks: '1' }, !linux && me.startTicks === '1'],
    ['a process of an earlier boot of this machine', { boot: 'another boot' }, false],
    ['a process of another host, of which nothing is known', { host: 'elsewhere' }, true],
    ['a process of another pid namespace, of which nothing is known', { namespace: 'pid:[1]' }, true],
  ]
  it.each(cases)('%s', (_, owner, alive) => {
    expect(isAlive({ ...me, ...owner }, me)).toBe(alive)
  })

  it.skipIf(!linux)('a process that has ended, also when its pid was given to another', () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    expect(isAlive({ ...me, pid, startTicks: '1' }, me)).toBe(false)
    expect(isAlive({ ...me, pid: process.ppid, startTicks: '1' }, me)).toBe(false)
  })

  it('a process of which only the pid is known, for as long as there is one', () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    expect(isAlive({ ...me, pid, startTicks: '' }, me)).toBe(false)
  })
})
