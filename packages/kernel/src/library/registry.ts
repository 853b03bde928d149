// Registry
// ========
// Finds actors by names that they choose, and by groups that they join. It is an actor like any other: durable, put
// under any supervisor, as many in a system as there are things to name. What it knows of actors it knows by watching
// them.
//
// Invariants
//   R1  A name has one holder. Who else wants it is refused, and told who has it; a refusal is an answer, not a failure.
//   R2  Nobody is taken in who does not live, and what an actor held is free once it has ended, and not before: a
//       restart is no end.
//   R3  What belongs to a path belongs to who lives there: one who registers again under the same path keeps what was
//       held, however late the news of the end before comes.
//   R4  Names and memberships are bounded.

import type { Context } from '../context.js'
import { actor, type ActorDefinition } from '../definition.js'
import { HoldfastError, refuse } from '../errors.js'
import {
  NAME_LENGTH_MAX,
  REGISTRY_ENTRIES_MAX,
  REGISTRY_MEMBERS,
  REGISTRY_NAMES,
  REGISTRY_PAGE,
} from '../limits.js'
import { splitPath } from '../path.js'
import type { ActorRef, AnyRef } from '../ref.js'
import type { StandardSchema } from '../standard-schema.js'
import type { TerminatedNotice } from '../watching.js'

/** What `registry` takes. */
export interface RegistryOptions {
  /** Name of the definition. */
  readonly name: string
  /** Names that it holds. @default 16,384 */
  readonly maxNames?: number
  /** Memberships that it holds, of all groups together. @default 16,384 */
  readonly maxMembers?: number
}

/** What a registry answers to those who want to be in it or out of it. */
export type RegistryAnswer =
  | { readonly ok: true }
  /** Somebody else has the name. */
  | { readonly ok: false; readonly reason: 'held'; readonly holder: ActorRef }
  /** `no-actor`: nobody was named, or lives there. `full`: it holds as many as it may. `invalid`: no such name. */
  | { readonly ok: false; readonly reason: 'no-actor' | 'full' | 'invalid' }

/** Whom a message is about: the sender, unless it names another one. */
interface About {
  readonly ref?: AnyRef
}

/** What a registry understands. */
export interface RegistryHandlers {
  /** Gives a name to the sender, or to `ref`. */
  readonly register: (
    ctx: RegistryContext,
    about: About & { readonly name: string },
  ) => Promise<RegistryAnswer>
  /** Takes a name back. From outside anybody's, otherwise only the sender's, or that of `ref`. */
  readonly unregister: (ctx: RegistryContext, about: About & { readonly name: string }) => RegistryAnswer
  /** Who has a name. */
  readonly whereis: (ctx: RegistryContext, about: { readonly name: string }) => ActorRef | undefined
  /** The names in alphabetical order, those after a name, up to a number. `next` is there when there are more. */
  readonly names: (
    ctx: RegistryContext,
    page?: { readonly after?: string; readonly limit?: number },
  ) => RegistryPage
  /** Takes the sender, or `ref`, into a group. */
  readonly join: (ctx: RegistryContext, about: About & { readonly group: string }) => Promise<RegistryAnswer>
  /** Takes it out again. */
  readonly leave: (ctx: RegistryContext, about: About & { readonly group: string }) => RegistryAnswer
  /** Who is in a group, in the order in which they joined. */
  readonly members: (ctx: RegistryContext, about: { readonly group: string }) => readonly ActorRef[]
  /** Tells all members of a group, in one turn. Those that have no handler for the type are `refused`. */
  readonly publish: (
    ctx: RegistryContext,
    what: { readonly group: string; readonly type: string; readonly payload?: unknown },
  ) => { readonly told: number; readonly refused: readonly ActorRef[] }
}

/** Some of the names of a registry. */
export interface RegistryPage {
  readonly names: readonly { readonly name: string; readonly ref: ActorRef }[]
  readonly next?: string
}

/** What a registry remembers, by paths. */
export interface RegistryState {
  readonly names: Map<string, string>
  readonly groups: Map<string, Set<string>>
  /** What each of them holds, so that it is found when it ends. */
  readonly holders: Map<string, Holdings>
  members: number
}

interface Holdings {
  readonly names: Set<string>
  readonly groups: Set<string>
}

type RegistryContext = Context<RegistryState>

/** A registry of names and groups. */
export type RegistryDefinition = ActorDefinition<RegistryState, undefined, RegistryHandlers>

/**
 * Defines a registry of names and groups, to be a child of a supervisor. Use it when actors have to find each other by
 * what they are and not by where they live.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 *
 * @example
 * const names = registry({ name: 'names' })
 * const root = supervisor({ name: 'root', children: [child(names), child(printer)] })
 * // in a handler of printer:
 * ctx.tell(ctx.ref(names, '/root/names'), 'register', { name: 'printer' })
 * // and elsewhere:
 * const printer = await ctx.ask(ctx.ref(names, '/root/names'), 'whereis', { name: 'printer' })
 */
export function registry(options: RegistryOptions): RegistryDefinition {
  const maxNames = bound('maxNames', options.maxNames, REGISTRY_NAMES)
  const maxMembers = bound('maxMembers', options.maxMembers, REGISTRY_MEMBERS)
  return actor({
    name: options.name,
    state: (): RegistryState => ({ names: new Map(), groups: new Map(), holders: new Map(), members: 0 }),
    onFailure: { default: 'resume' },
    messages: { terminated: NOBODY },
    on: {
      register: (ctx: RegistryContext, about: unknown) => register(ctx, asked(about), maxNames),
      unregister: (ctx: RegistryContext, about: unknown) => unregister(ctx, asked(about)),
      whereis: (ctx: RegistryContext, about: unknown) => whereis(ctx, asked(about)),
      names: (ctx: RegistryContext, page?: unknown) => listNames(ctx, asked(page)),
      join: (ctx: RegistryContext, about: unknown) => join(ctx, asked(about), maxMembers),
      leave: (ctx: RegistryContext, about: unknown) => leave(ctx, asked(about)),
      members: (ctx: RegistryContext, about: unknown) => listMembers(ctx, asked(about)),
      publish: (ctx: RegistryContext, what: unknown) => publish(ctx, asked(what)),
      terminated(ctx: RegistryContext, { path }: TerminatedNotice) {
        // Nobody sends a notice, and from outside none is let in: so this is one of the runtime.
        if (ctx.sender === undefined) forget(ctx.state, path)
      },
    },
  })
}

/** A message as it comes. */
type Asked = Readonly<Record<string, unknown>>

// R1: whatever is sent, the registry does not fail for it.
function asked(payload: unknown): Asked {
  return typeof payload === 'object' && payload !== null ? (payload as Asked) : {}
}

const OK: RegistryAnswer = { ok: true }

async function register(ctx: RegistryContext, about: Asked, maxNames: number): Promise<RegistryAnswer> {
  const { name } = about
  if (!isName(name)) return refused('invalid')
  const path = await livingOf(ctx, about)
  if (path === undefined) return refused('no-actor')
  const { names } = ctx.state
  let holder = names.get(name)
  if (holder !== undefined && holder !== path) {
    if (await ctx.lives(ctx.ref(holder))) return { ok: false, reason: 'held', holder: ctx.ref(holder) }
    // The news of its end is on the way; it is not waited for.
    ctx.unwatch(ctx.ref(holder))
    forget(ctx.state, holder)
    holder = undefined
  }
  if (holder === undefined && names.size >= maxNames) return refused('full')
  names.set(name, path)
  holdingsOf(ctx, path).names.add(name)
  return OK
}

function unregister(ctx: RegistryContext, about: Asked): RegistryAnswer {
  const { name } = about
  if (!isName(name)) return refused('invalid')
  const holder = ctx.state.names.get(name)
  if (holder === undefined) return OK
  const path =
    pathOf(ctx, about) ?? (ctx.sender === undefined && about.ref === undefined ? holder : undefined)
  if (path !== holder) return { ok: false, reason: 'held', holder: ctx.ref(holder) }
  ctx.state.names.delete(name)
  ctx.state.holders.get(holder)?.names.delete(name)
  letGo(ctx, holder)
  return OK
}

function whereis(ctx: RegistryContext, about: Asked): ActorRef | undefined {
  const path = ctx.state.names.get(about.name as string)
  return path === undefined ? undefined : ctx.ref(path)
}

function listNames(ctx: RegistryContext, { after, limit }: Asked): RegistryPage {
  const most = Number.isSafeInteger(limit)
    ? Math.max(1, Math.min(limit as number, REGISTRY_PAGE))
    : REGISTRY_PAGE
  const { names } = ctx.state
  const left = [...names.keys()].filter((name) => typeof after !== 'string' || name > after).sort()
  const shown = left.slice(0, most).map((name) => ({ name, ref: ctx.ref(names.get(name)!) }))
  return left.length > shown.length ? { names: shown, next: shown.at(-1)!.name } : { names: shown }
}

async function join(ctx: RegistryContext, about: Asked, maxMembers: number): Promise<RegistryAnswer> {
  const { group } = about
  if (!isName(group)) return refused('invalid')
  const path = await livingOf(ctx, about)
  if (path === undefined) return refused('no-actor')
  const { groups } = ctx.state
  const isNew = groups.get(group)?.has(path) !== true
  if (isNew && ctx.state.members >= maxMembers) return refused('full')
  const members = groups.get(group) ?? new Set<string>()
  groups.set(group, members.add(path))
  if (isNew) ctx.state.members++
  holdingsOf(ctx, path).groups.add(group)
  return OK
}

function leave(ctx: RegistryContext, about: Asked): RegistryAnswer {
  const { group } = about
  if (!isName(group)) return refused('invalid')
  const path = pathOf(ctx, about)
  if (path === undefined) return refused('no-actor')
  part(ctx.state, group, path)
  ctx.state.holders.get(path)?.groups.delete(group)
  letGo(ctx, path)
  return OK
}

function listMembers(ctx: RegistryContext, about: Asked): readonly ActorRef[] {
  return [...(ctx.state.groups.get(about.group as string) ?? [])].map((path) => ctx.ref(path))
}

function publish(ctx: RegistryContext, what: Asked): ReturnType<RegistryHandlers['publish']> {
  const { type, payload } = what
  const members = listMembers(ctx, what)
  const deaf = members.filter((member) => typeof type !== 'string' || !isTold(ctx, member, type, payload))
  return { told: members.length - deaf.length, refused: deaf }
}

// One member that does not know the type does not keep the others from hearing it.
function isTold(ctx: RegistryContext, member: ActorRef, type: string, payload: unknown): boolean {
  try {
    ctx.tell(member, type, payload)
    return true
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HF_UNKNOWN_MESSAGE') return false
    throw error
  }
}

// R2: the answer is asked for when the message is handled, because whoever sent it may have ended since.
async function livingOf(ctx: RegistryContext, about: Asked): Promise<string | undefined> {
  const path = pathOf(ctx, about)
  return path !== undefined && (await ctx.lives(ctx.ref(path))) ? path : undefined
}

function pathOf(ctx: RegistryContext, { ref }: Asked): string | undefined {
  if (ref === undefined) return ctx.sender?.path
  const { path } = asked(ref)
  try {
    splitPath(path)
    return path as string
  } catch {
    return undefined
  }
}

// R3: news of an end that lies before this is taken back.
function holdingsOf(ctx: RegistryContext, path: string): Holdings {
  const { holders } = ctx.state
  let holdings = holders.get(path)
  if (holdings === undefined) holders.set(path, (holdings = { names: new Set(), groups: new Set() }))
  else ctx.unwatch(ctx.ref(path))
  ctx.watch(ctx.ref(path))
  return holdings
}

function letGo(ctx: RegistryContext, path: string): void {
  const holdings = ctx.state.holders.get(path)
  if (holdings === undefined || holdings.names.size + holdings.groups.size > 0) return
  ctx.state.holders.delete(path)
  ctx.unwatch(ctx.ref(path))
}

function forget(state: RegistryState, path: string): void {
  const holdings = state.holders.get(path)
  if (holdings === undefined) return
  for (const name of holdings.names) state.names.delete(name)
  for (const group of holdings.groups) part(state, group, path)
  state.holders.delete(path)
}

function part(state: RegistryState, group: string, path: string): void {
  const members = state.groups.get(group)
  if (members?.delete(path) !== true) return
  state.members--
  if (members.size === 0) state.groups.delete(group)
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= NAME_LENGTH_MAX
}

function refused(reason: 'no-actor' | 'full' | 'invalid'): RegistryAnswer {
  return { ok: false, reason }
}

function bound(field: string, given: unknown, unless: number): number {
  const value = given ?? unless
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= REGISTRY_ENTRIES_MAX)
    return value as number
  return refuse(field, value, `a whole number from 1 to ${REGISTRY_ENTRIES_MAX}`)
}

/** What is checked against this is let in by nobody. */
const NOBODY: StandardSchema<TerminatedNotice> = {
  '~standard': {
    version: 1,
    vendor: 'holdfast',
    validate: () => ({ issues: [{ message: 'only the runtime says who has ended' }] }),
  },
}
