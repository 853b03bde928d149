// The network: whoever opens something, and whoever writes to what was opened before. A connection that a module made
// when it was loaded is as far outside of the log as a new one.

import { builtin } from './builtin.js'
import type { Patches } from './patches.js'
import { guarded, type Call, type Guard } from './trap.js'

const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  'node:net': ['connect', 'createConnection'],
  'node:tls': ['connect'],
  'node:http': ['request', 'get', 'ClientRequest'],
  'node:https': ['request', 'get'],
  'node:http2': ['connect'],
}

const LOOKUPS = ['lookup', 'lookupService', 'reverse', 'resolve'].concat(
  ['4', '6', 'Any', 'Caa', 'Cname', 'Mx', 'Naptr', 'Ns', 'Ptr', 'Soa', 'Srv', 'Tlsa', 'Txt'].map(
    (kind) => `resolve${kind}`,
  ),
)

/** Sets traps on the network. */
export function trapNetwork(patches: Patches): void {
  for (const name of ['fetch', 'WebSocket', 'EventSource']) trap(patches, globalThis, name, name)
  for (const [name, keys] of Object.entries(FUNCTIONS)) {
    const module = builtin(name)
    for (const key of keys) trap(patches, module, key, `${name.slice(5)}.${key}`)
  }
  const { Socket, Server } = builtin('node:net') as Record<string, { readonly prototype: unknown }>
  trap(patches, Socket?.prototype, 'connect', 'net.Socket.connect')
  for (const key of ['write', 'end']) trap(patches, Socket?.prototype, key, `net.Socket.${key}`, isConnection)
  trap(patches, Server?.prototype, 'listen', 'net.Server.listen')
  const { Socket: Datagrams } = builtin('node:dgram') as Record<string, { readonly prototype: unknown }>
  for (const key of ['bind', 'connect', 'send'])
    trap(patches, Datagrams?.prototype, key, `dgram.Socket.${key}`)
  trapLookups(patches)
}

function trapLookups(patches: Patches): void {
  const dns = builtin('node:dns')
  const promises = builtin('node:dns/promises')
  const resolvers = [dns, promises].map((module) => module.Resolver as { readonly prototype: unknown })
  for (const key of LOOKUPS) {
    trap(patches, dns, key, `dns.${key}`)
    trap(patches, promises, key, `dns/promises.${key}`)
    for (const { prototype } of resolvers) trap(patches, prototype, key, `dns.Resolver.${key}`)
  }
}

function trap(patches: Patches, holder: unknown, key: string, what: string, isLeak?: Guard['isLeak']): void {
  patches.wrap(holder, key, (original) => guarded(original, { what, kind: 'network', isLeak }))
}

// What the process says on its own standard streams stays in the house.
function isConnection({ self }: Call): boolean {
  const { fd } = self as { readonly fd?: unknown }
  return !(typeof fd === 'number' && fd >= 0 && fd <= 2)
}
