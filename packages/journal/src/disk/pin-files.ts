// Pins as files: one a pin, in a folder beside the log. A power cut leaves the whole pin or none; and each ends with a checksum, so that one that was changed is none that can be
// read, which keeps everything, and not one that keeps less than it should.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import type { Seal } from '../seal.js'
import { pinOf, type Pin } from '../pins.js'
import { notWritten } from '../store-failure.js'
import { checksumOf } from './checksum.js'
import { OWN_DIRECTORY, PINS_FOLDER } from './data-directory.js'
import { flushNames } from './flush-names.js'
import { putWhole } from './whole-file.js'

/** Names of the files of pins. */
export const PIN_FILE = /^\d{1,16}\.json$/

/** Stands in a pin in the place of its checksum while that is made. */
const NO_CHECKSUM = '00000000'

/** The pins of a data directory; `undefined` in the place of one that cannot be read. */
export function readPins(dir: string, seal: Seal): (Pin | undefined)[] {
  let names: string[]
  try {
    names = readdirSync(join(dir, PINS_FOLDER))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? [] : [undefined]
  }
  return names
    .filter((name) => PIN_FILE.test(name))
    .map((name) => readPin(join(dir, PINS_FOLDER, name), seal))
}

/** The pin of an id, if there is one. @throws {HoldfastError} `HF_STORE_DAMAGED` when it cannot be read */
export function readPinAt(dir: string, id: number, seal: Seal): Pin | undefined {
  const file = join(dir, PINS_FOLDER, `${id}.json`)
  const pin = readPin(file, seal)
  if (pin?.id === id || !existsSync(file)) return pin
  throw new HoldfastError('HF_STORE_DAMAGED', `${file} is not the pin that was written there.`, {
    field: 'data',
    hint: 'As long as it is there it keeps the whole log. Put it back from a backup, or take it away knowingly.',
  })
}

function readPin(file: string, seal: Seal): Pin | undefined {
  try {
    const bytes = readFileSync(file)
    return pinIn(Buffer.from(seal.openBeside(basename(file), bytes)).toString())
  } catch {
    return undefined
  }
}

// One that has a checksum is what is written for it, to the byte. Before there was one, a pin had these fields and no others:
// what has another one is none of those, but one whose checksum cannot be found any more.
function pinIn(text: string): Pin | undefined {
  const value = JSON.parse(text) as unknown
  const pin = pinOf(value)
  if (pin === undefined) return undefined
  const isAsBefore = Object.keys(value as object).every((field) => Object.hasOwn(pin, field))
  return isAsBefore || textOf(pin) === text ? pin : undefined
}

function textOf({ id, correlation, from, to, actors }: Pin): string {
  const text = (checksum: string): string =>
    `${JSON.stringify({ id, correlation, from, to, actors, checksum }, null, 2)}\n`
  const sum = checksumOf([Buffer.from(text(NO_CHECKSUM))])
  return text(sum.toString(16).padStart(NO_CHECKSUM.length, '0'))
}

/** Writes a pin, in the place of an earlier one of the same incident. @throws {HoldfastError} `HF_STORE_UNWRITABLE` */
export function writePin(dir: string, pin: Pin, seal: Seal): void {
  const folder = join(dir, PINS_FOLDER)
  const name = `${pin.id}.json`
  try {
    mkdirSync(folder, { recursive: true, mode: OWN_DIRECTORY })
  } catch (error) {
    throw notWritten(folder, error, 'pin')
  }
  const bytes = seal.sealBeside(name, Buffer.from(textOf(pin)))
  // Also when the folder is there: who has made it may have been killed before it was flushed.
  putWhole(join(folder, name), bytes, { field: 'pin', made: folder })
}

/** Takes a pin away. @returns whether it was there */
export function removePin(dir: string, id: number): boolean {
  const folder = join(dir, PINS_FOLDER)
  try {
    rmSync(join(folder, `${id}.json`))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw notWritten(folder, error, 'pin')
  }
  flushNames(folder, undefined)
  return true
}
