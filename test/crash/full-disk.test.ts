// J-27, F-4: the disk of the data directory is full. Nothing is acknowledged that is not stored, reads go on, and when there
// is room again the system goes on by itself with everything that it had in memory.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { LmdbStore, LOG_FILE, openJournal, verifyStore } from '@holdfast/journal'
import { actor, machineAuthorities, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SmallDisk, whyNoSmallDisk } from './small-disk.js'

const notes = actor({
  name: 'notes',
  state: () => ({ kept: 0 }),
  on: {
    keep(ctx, { n }: { n: number; text: string }) {
      ctx.state.kept++
      return n
    },
  },
})

/** Notes that are surely stored before the disk is full. */
const ACKED_AT_LEAST = 6

/**
 * Notes that wait for the disk at the most: they do not fit into what is left of it, and fit again when there is room. A
 * slow disk would have any number of them wait, and more than a disk of this size ever takes.
 */
const WAITING_MAX = 64

const TEXT = 'x'.repeat(50_000)

describe.each(['tmpfs', 'ext4'] as const)('R6 on %s', (kind) => {
  const missing = whyNoSmallDisk(kind)

  describe.skipIf(missing !== undefined)(
    `J-27 F-4 I-11 a disk that is full${missing === undefined ? '' : ` (${missing})`}`,
    () => {
      let disk: SmallDisk
      let dir: string
      let authorities: VirtualAuthorities

      beforeEach(() => {
        disk = SmallDisk.mount(16, kind)
        dir = join(disk.dir, 'data')
        authorities = new VirtualAuthorities()
      })

      afterEach(() => {
        disk.unmount()
      })

      /** Lets virtual time stand and real input and output happen, until something is so. */
      async function until(isSo: () => boolean): Promise<void> {
        while (!isSo()) await authorities.settle()
      }

      /** Lets virtual time pass in short steps: a disk that is real has something of each. */
      async function pass(ms: number): Promise<void> {
        for (let passed = 0; passed < ms; passed++) await authorities.advance(1)
      }

      async function start(): Promise<System> {
        // Virtual time runs ahead of a disk that is real.
        const log = openJournal({ dir, authorities, flushDeadlineMs: 60_000 })
        const starting = System.start({ name: 'notes', root: notes, log, authorities })
        let system: System | undefined
        starting.then(
          (started) => (system = started),
          () => undefined,
        )
        await until(() => system !== undefined)
        return starting
      }

      async function stop(system: System): Promise<unknown> {
        let outcome: { error: unknown } | undefined
        system.stop().then(
          () => (outcome = { error: undefined }),
          (error: unknown) => (outcome = { error }),
        )
        await until(() => outcome !== undefined)
        return outcome?.error
      }

      /** A system on a disk that has just become full under its load. */
      async function fullSystem(): Promise<{
        system: System
        events: string[]
        acked: number[]
        asked: number[]
      }> {
        const system = await start()
        const events: string[] = []
        const acked: number[] = []
        const asked: number[] = []
        system.on('store-failed', ({ failure }) => events.push(`failed ${failure.code}`))
        system.on('store-recovered', () => events.push('recovered'))
        disk.fill(4_000_000)
        const ref = system.ref(notes, '/notes')
        for (let n = 1; events.length === 0; n++) {
          // The first few are waited for; then the asks come faster than the disk takes them.
          const waiting = n <= ACKED_AT_LEAST ? 0 : WAITING_MAX
          await until(() => n - 1 - acked.length <= waiting || events.length > 0)
          if (events.length > 0) break
          asked.push(n)
          ref.ask('keep', { n, text: TEXT }, { timeoutMs: 3_600_000 }).then(
            (answer) => acked.push(answer),
            () => undefined,
          )
          await authorities.settle()
        }
        return { system, events, acked, asked }
      }

      it('says so by its code and as an event, and acknowledges nothing that is not stored', async () => {
        const { system, events, acked, asked } = await fullSystem()
        expect(events).toEqual(['failed HF_STORE_FULL'])
        expect(acked.length).toBeGreaterThanOrEqual(ACKED_AT_LEAST - 1)
        expect(acked.length).toBeLessThan(asked.length)
        const reader = new LmdbStore({ dir, readOnly: true })
        const report = verifyStore(reader)
        await reader.close()
        expect(report).toMatchObject({ ok: true, findings: [] })
        // Each note is a message and a turn; the start of the system is two records more.
        expect((report.next - 3) / 2).toBeGreaterThanOrEqual(acked.length)
        // New work is refused at once, with what to do about it; looking is not.
        const full = { code: 'HF_STORE_FULL', hint: expect.stringContaining('room') as string }
        expect(() => system.ref(notes, '/notes').tell('keep', { n: 0, text: TEXT })).toThrow(
          expect.objectContaining(full),
        )
        await expect(system.ref(notes, '/notes').ask('keep', { n: 0, text: TEXT })).rejects.toMatchObject(
          full,
        )
        expect(system.inspect('/notes').state).toMatchObject({ kept: expect.any(Number) as number })
        const before = acked.length
        await pass(20_000)
        expect([acked.length, events.filter((event) => event === 'recovered')]).toEqual([before, []])
        expect(await stop(system)).toMatchObject({ code: 'HF_STORE_FULL' })
      })

      it('goes on by itself when there is room, in order, and nothing that was acknowledged is lost', async () => {
        const { system, events, acked, asked } = await fullSystem()
        const log = System.kernelOf(system).log
        const read = (): number[] => [...log.read(1)].map(({ position }) => position)
        const before = read()
        expect(before).toEqual(before.map((_, i) => i + 1))
        disk.makeRoom()
        while (events.at(-1) !== 'recovered') await pass(50)
        await until(() => acked.length === asked.length)
        expect(events.at(-1)).toBe('recovered')
        expect(acked).toEqual(asked)
        const next = asked.length + 1
        let answer = 0
        void system
          .ref(notes, '/notes')
          .ask('keep', { n: next, text: 'more' })
          .then((n) => (answer = n))
        await until(() => answer === next)
        expect(await stop(system)).toBeUndefined()
        const again = await start()
        expect(again.inspect('/notes').state).toEqual({ kept: next })
        expect(await stop(again)).toBeUndefined()
        const reader = new LmdbStore({ dir, readOnly: true })
        expect(verifyStore(reader)).toMatchObject({ ok: true, findings: [] })
        await reader.close()
      })

      it('is survived by what was acknowledged when the system is stopped in the middle of it', async () => {
        const { system, acked } = await fullSystem()
        expect(await stop(system)).toMatchObject({ code: 'HF_STORE_FULL' })
        expect(authorities.timers).toBe(0)
        disk.makeRoom()
        const reader = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
        const kept = [...reader.read(1)].flatMap((record) => {
          return record.kind === 'message' && record.type === 'keep'
            ? [(record.payload() as { n: number }).n]
            : []
        })
        await reader.close()
        expect(kept.slice(0, acked.length)).toEqual(acked)
        // The mark of its owner could not be taken away on the full disk; the same process takes it up again.
        const again = await start()
        expect(again.inspect('/notes').state).toEqual({ kept: kept.length })
        expect(await stop(again)).toBeUndefined()
      })

      it('is refused by its code when a system is started on it', () => {
        disk.fill(4_096)
        expect(() => openJournal({ dir, authorities })).toThrow(
          expect.objectContaining({ code: 'HF_STORE_FULL' }),
        )
        disk.makeRoom()
      })

      it('that is read-only is refused to writers by its code, and can be read, also without a lock file', async () => {
        const system = await start()
        expect(await stop(system)).toBeUndefined()
        rmSync(join(dir, `${LOG_FILE}-lock`))
        disk.makeReadOnly()
        expect(() => openJournal({ dir, authorities })).toThrow(
          expect.objectContaining({ code: 'HF_STORE_UNWRITABLE' }),
        )
        const reader = new LmdbStore({ dir, readOnly: true })
        expect(verifyStore(reader).ok).toBe(true)
        await reader.close()
      })
    },
  )
})
