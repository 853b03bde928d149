import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MachineState, System } from 'holdfast'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { checkout, opened, paid } from './machines.js'

let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'holdfast-machines-'))
})

afterEach(() => {
  rmSync(data, { recursive: true, force: true })
})

const stateOf = (system: System) => system.inspect('/shop/checkout').state as MachineState

it('the checkout of the guide goes on where it stood when the shop is opened again', async () => {
  const first = await opened(data)
  expect(await paid(first)).toMatchObject({ value: 'paying' })
  while (stateOf(first).value !== 'paid') await new Promise((resolve) => setImmediate(resolve))
  await first.stop()

  const second = await opened(data)
  expect(stateOf(second)).toMatchObject({ value: 'paid', context: { receipt: 'receipt for 40' } })
  expect(second.inspect('/shop/mail').state).toEqual({ sent: ['thanks for 40'] })
  expect(await second.ref(checkout, '/shop/checkout').ask('SEND', { by: 'bike' })).toEqual({
    value: 'sent',
    context: { amount: 40, receipt: 'receipt for 40' },
    status: 'done',
    output: { receipt: 'receipt for 40' },
  })
  await second.stop()
})
