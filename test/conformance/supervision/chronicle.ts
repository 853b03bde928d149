// Actors that make the order of things visible: one that notes what it is told, members of a group that say when they
// start and stop, and an owner that stops a whole group while the system goes on.

import { actor, child, supervisor } from 'holdfast'
import type { ChildSpec, Definition, SupervisorDefinition, TerminatedNotice } from 'holdfast'
import type { World } from '../semantics/world.js'

/** Notes what it is told, in the order in which it comes. It lives at `/root/chronicle`. */
export const chronicle = actor({
  name: 'chronicle',
  state: () => ({ lines: [] as string[] }),
  on: {
    note(ctx, line: string) {
      ctx.state.lines.push(line)
    },
    clear(ctx) {
      ctx.state.lines = []
    },
  },
})

/** A member of a group, which says when it starts and stops. */
export function member(name: string) {
  return actor({
    name,
    state: () => ({ n: 0 }),
    onStart(ctx) {
      ctx.tell(ctx.ref('/root/chronicle'), 'note', `start ${name}`)
    },
    onStop(ctx) {
      ctx.tell(ctx.ref('/root/chronicle'), 'note', `stop ${name}`)
    },
    on: {
      add: (ctx) => ++ctx.state.n,
      fail(_ctx, message?: string) {
        throw new RangeError(message ?? `${name} failed`)
      },
      end(ctx) {
        ctx.stop(ctx.self)
      },
      hold: (ctx) => ctx.effect('hold', () => new Promise<number>(() => undefined), { timeoutMs: 600_000 }),
    },
  })
}

/** A root whose first child is the chronicle. */
export function rootOf(...children: readonly ChildSpec[]): SupervisorDefinition {
  return supervisor({ name: 'root', children: [child(chronicle), ...children] })
}

/** An actor that spawns another as it starts, hears of its end, and stops it when it is told to. */
export function ownerOf(owned: Definition) {
  return actor({
    name: 'owner',
    spawns: [owned],
    state: () => ({ notices: [] as TerminatedNotice[] }),
    onStart(ctx) {
      ctx.watch(ctx.spawn(owned, { name: owned.name }))
    },
    on: {
      stop(ctx) {
        ctx.stop(ctx.ref(`${ctx.self.path}/${owned.name}`))
      },
      terminated(ctx, notice: TerminatedNotice) {
        ctx.state.notices.push(notice)
      },
    },
  })
}

/** What the chronicle has noted. */
export const lines = (world: World): string[] => world.state<{ lines: string[] }>('/root/chronicle').lines

/** Who has ended, in the order of the records, and why. */
export function ends(world: World): string[] {
  const names = new Map(world.recordsOf('spawned').map((record) => [record.actor, record.data().name]))
  return world
    .recordsOf('stopped')
    .map((record) => `${names.get(record.actor) ?? 'nobody'} ${record.data().reason}`)
}

/** The incarnations of some actors, by path. */
export function incarnations(world: World, ...paths: readonly string[]): number[] {
  return paths.map((path) => world.system.inspect(path).incarnation)
}

/** Tells actors to fail, and waits after each until nothing more happens. */
export async function failEach(world: World, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    world.tell(path, 'fail')
    await world.settle()
  }
}
