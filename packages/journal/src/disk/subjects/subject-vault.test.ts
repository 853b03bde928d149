import type * as crypto from 'node:crypto'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
  mkdirSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SealedValue } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Codec } from '../../codec.js'
import { KeyFolder } from './key-folder.js'
import { KeyRing } from '../sealing/key-ring.js'
import { SUBJECT_KEYS_CACHED } from '../../limits.js'
import { mayHoldSealed, subjectIn } from '../../subjects/sealed-form.js'
import { SubjectVault } from './subject-vault.js'

/** Every key and nonce that something was sealed with, and every key that was derived. */
const used = vi.hoisted(() => ({ pairs: [] as string[], derived: [] as Uint8Array[] }))

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>()
  return {
    ...real,
    createCipheriv: (cipher: 'aes-256-gcm', key: Uint8Array, nonce: Uint8Array) => {
      used.derived.push(key)
      used.pairs.push(`${Buffer.from(key).toString('hex')} ${Buffer.from(nonce).toString('hex')}`)
      return real.createCipheriv(cipher, key, nonce)
    },
  }
})

let home: string
let dir: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-keys-'))
  dir = join(home, 'subjects')
  used.pairs = []
  used.derived = []
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

function opened(keys?: KeyRing): SubjectVault {
  return new SubjectVault(new KeyFolder({ dir, keys }))
}

function withSubject(vault: SubjectVault, name = 'ana'): string {
  const subject = vault.idOf(name)
  vault.open(subject)
  return subject
}

const text = new TextEncoder().encode('a secret')

describe('the vault of subjects', () => {
  it('S-32 opens a value at its place and for its subject, and nowhere else', () => {
    const vault = opened()
    const ana = withSubject(vault)
    const { bytes } = vault.seal(ana, 17, text, false)
    expect(Buffer.from(vault.unseal(bytes, 17, false) as Uint8Array)).toEqual(Buffer.from(text))
    for (const [place, isText] of [
      [18, false],
      [-17, false],
      [17, true],
    ] as const)
      expect(() => vault.unseal(bytes, place, isText)).toThrow(/not what was sealed there/)
    const moved = Buffer.from(bytes)
    moved.write(withSubject(vault, 'bob'), 1, 'hex')
    // The mark says that it is another key than the one of this subject.
    expect(vault.unseal(moved, 17, false)).toBe('no-key')
    const changed = Buffer.from(bytes)
    changed[changed.byteLength - 1]! ^= 1
    expect(() => vault.unseal(changed, 17, false)).toThrow(/not what was sealed there/)
  })

  it('S-32 uses no nonce twice with a key, over openings and beside a copy of its folder', () => {
    const first = opened()
    const ana = withSubject(first)
    const copy = opened()
    for (let i = 0; i < 50; i++) for (const vault of [first, copy, opened()]) vault.seal(ana, i, text, false)
    expect(new Set(used.pairs).size).toBe(used.pairs.length)
    expect(used.pairs).toHaveLength(150)
  })

  it('S-32 opens nothing of a subject whose key was destroyed, and makes no other one', () => {
    const vault = opened()
    const ana = withSubject(vault)
    const { bytes } = vault.seal(ana, 1, text, false)
    vault.destroy(ana)
    expect(vault.unseal(bytes, 1, false)).toBe('shredded')
    expect(() => vault.seal(ana, 2, text, false)).toThrow(/was shredded/)
    expect(() => {
      vault.open(ana)
    }).toThrow(/was shredded/)
    expect([vault.has(ana), vault.isShredded(ana)]).toEqual([true, true])
    expect(opened().isShredded(ana)).toBe(true)
  })

  it('S-30 overwrites keys that it keeps when one is destroyed, and all of them when it is closed', () => {
    const vault = opened()
    const [ana, bob] = [withSubject(vault), withSubject(vault, 'bob')]
    vault.seal(ana, 1, text, false)
    vault.seal(bob, 1, text, false)
    const [ofAna, ofBob] = used.derived
    vault.destroy(ana)
    expect([ofAna, ofBob].map((key) => key!.every((byte) => byte === 0))).toEqual([true, false])
    vault.close()
    expect(ofBob!.every((byte) => byte === 0)).toBe(true)
  })

  it('S-30 keeps so many keys and no more, and overwrites the one that was not used for longest', () => {
    const key = Buffer.alloc(32, 3)
    const keys = {
      ...{
        id: 'k',
        begin: () => undefined,
        destroy: () => undefined,
        list: () => [],
        close: () => undefined,
      },
      idOf: (name: string) => name.padStart(24, '0'),
      get: () => Uint8Array.from(key),
      create: () => Uint8Array.from(key),
    }
    const vault = new SubjectVault(keys)
    for (let i = 0; i <= SUBJECT_KEYS_CACHED; i++) vault.seal(keys.idOf(i.toString(16)), 1, text, false)
    const isZero = (at: number): boolean => used.derived[at]!.every((byte) => byte === 0)
    expect([isZero(0), isZero(1), isZero(SUBJECT_KEYS_CACHED)]).toEqual([true, false, false])
    expect(vault.seal(keys.idOf('0'), 1, text, false)).toBeInstanceOf(SealedValue)
  })
})

describe('a sealed value in a codec', () => {
  it('S-32 says whose it is where it lies, and is read, kept or shown as what cannot be read', () => {
    const vault = opened()
    const ana = withSubject(vault)
    const codec = new Codec()
    const sealed = vault.seal(ana, 5, codec.bytes({ card: 4711 }), false)
    const [whole, within] = [codec.bytes(sealed), codec.bytes({ value: sealed })]
    expect([subjectIn(whole), subjectIn(within)]).toEqual([ana, undefined])
    expect([mayHoldSealed(within), mayHoldSealed(codec.bytes({ value: 1 }))]).toEqual([true, false])
    codec.place = 5
    expect(codec.unpack(whole, 0, whole.byteLength)).toMatchObject({ subject: ana, reason: 'no-key' })
    codec.subjects = vault
    expect(codec.unpack(within, 0, within.byteLength)).toEqual({ value: { card: 4711 } })
    codec.keepsSealed = true
    const kept = codec.unpack(whole, 0, whole.byteLength)
    expect(codec.bytes(kept).equals(whole)).toBe(true)
    codec.keepsSealed = false
    vault.destroy(ana)
    expect(codec.unpack(whole, 0, whole.byteLength)).toMatchObject({ subject: ana, reason: 'shredded' })
    expect(JSON.stringify(codec.unpack(whole, 0, whole.byteLength))).toBe(JSON.stringify({ shredded: ana }))
    // Of what is gone, no more is copied than whose it was.
    const gone = codec.bytes(codec.unpack(whole, 0, whole.byteLength))
    expect(gone.byteLength).toBeLessThan(40)
    expect(subjectIn(gone)).toBe(ana)
    codec.subjects = null
    expect(codec.unpack(gone, 0, gone.byteLength)).toMatchObject({ subject: ana, reason: 'shredded' })
  })

  it('S-32 that is a text is shown as one', () => {
    const vault = opened()
    const ana = withSubject(vault)
    const codec = new Codec()
    const packed = codec.bytes({ message: vault.seal(ana, 5, codec.bytes('no way'), true) })
    codec.place = 5
    expect(codec.unpack(packed, 0, packed.byteLength)).toEqual({ message: '[sealed]' })
    codec.subjects = vault
    expect(codec.unpack(packed, 0, packed.byteLength)).toEqual({ message: 'no way' })
    vault.destroy(ana)
    expect(codec.unpack(packed, 0, packed.byteLength)).toEqual({ message: '[shredded]' })
  })
})

describe('a folder of keys', () => {
  it('S-32 is made with its first key, keeps it, and lists what was destroyed', () => {
    const folder = new KeyFolder({ dir })
    expect(readdirSync(home)).toEqual([])
    const [ana, bob] = [folder.idOf('ana'), folder.idOf('bob')]
    const key = folder.create(ana)
    folder.create(bob)
    const again = new KeyFolder({ dir, readOnly: true })
    expect([again.id, again.idOf('ana')]).toEqual([folder.id, ana])
    expect(again.get(ana)).toEqual(Buffer.from(key))
    folder.destroy(bob)
    expect(again.get(bob)).toBe('destroyed')
    expect([...again.list()]).toEqual(
      [
        { subject: ana, isShredded: false },
        { subject: bob, isShredded: true },
      ].sort((a, b) => (a.subject < b.subject ? -1 : 1)),
    )
    expect(readdirSync(dir).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('S-32 gives both of two that make a key at once the same one', () => {
    const [one, other] = [new KeyFolder({ dir }), new KeyFolder({ dir })]
    one.begin()
    const later = new KeyFolder({ dir })
    const subject = one.idOf('ana')
    expect(Buffer.from(later.create(subject))).toEqual(Buffer.from(one.create(subject)))
    expect(() => other.create(subject)).toThrow(/made meanwhile/)
  })

  it('S-29 with the keys of a store holds none in the open, and is read with none but these', () => {
    const ring = new KeyRing([Buffer.alloc(32, 1)])
    const folder = new KeyFolder({ dir, keys: ring })
    const key = Buffer.from(folder.create(folder.idOf('ana')))
    for (const name of readdirSync(dir)) {
      const file = readFileSync(join(dir, name), 'utf8')
      expect(file).not.toContain(key.toString('base64'))
      expect(JSON.parse(file)).toMatchObject({ isSealed: true })
    }
    expect(() => new KeyFolder({ dir })).toThrow(/was not given/)
    expect(() => new KeyFolder({ dir, keys: new KeyRing([Buffer.alloc(32, 2)]) })).toThrow(/was not given/)
    const both = new KeyFolder({ dir, keys: new KeyRing([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]) })
    expect(both.rekey()).toBe(2)
    const fresh = new KeyFolder({ dir, keys: new KeyRing([Buffer.alloc(32, 2)]) })
    expect(fresh.get(fresh.idOf('ana'))).toEqual(key)
  })

  it('S-31 that others may read, that is a link, or that was changed is refused', () => {
    const folder = new KeyFolder({ dir })
    const subject = folder.idOf('ana')
    folder.create(subject)
    symlinkSync(dir, join(home, 'link'))
    expect(() => new KeyFolder({ dir: join(home, 'link') })).toThrow(/no folder of its own/)
    chmodSync(dir, 0o755)
    expect(() => new KeyFolder({ dir })).toThrow(/can be read by others/)
    chmodSync(dir, 0o700)
    writeFileSync(join(dir, `${subject}.json`), '{"subject":"another"}')
    expect(() => folder.get(subject)).toThrow(/not what was written/)
    writeFileSync(join(dir, 'subjects.json'), 'x')
    expect(() => new KeyFolder({ dir })).toThrow(/cannot be read/)
    mkdirSync(join(home, 'empty'), { mode: 0o700 })
    expect(() => new KeyFolder({ dir: join(home, 'empty'), readOnly: true })).toThrow(/holds no keys/)
  })

  it('S-32 writes over the bytes of a key that is destroyed', () => {
    const folder = new KeyFolder({ dir })
    const subject = folder.idOf('ana')
    const key = Buffer.from(folder.create(subject))
    folder.destroy(subject)
    const file = readFileSync(join(dir, `${subject}.json`), 'utf8')
    expect(file).not.toContain(key.toString('base64'))
    expect(Object.keys(JSON.parse(file) as object)).toEqual(['subject', 'destroyed'])
  })
})

describe('a ring of keys', () => {
  it('S-30 that is zeroed opens nothing, and a copy of it still does', () => {
    const ring = new KeyRing([Buffer.alloc(32, 1), Buffer.alloc(32, 2)])
    const copy = ring.copy()
    const key = ring.find(ring.current)!
    ring.zero()
    expect(key.every((byte) => byte === 0)).toBe(true)
    expect(ring.find(ring.current)).toBeUndefined()
    expect(copy.current).toBe(ring.current)
    expect(Buffer.from(copy.find(copy.current)!)).toEqual(Buffer.alloc(32, 1))
  })
})
