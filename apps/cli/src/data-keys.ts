// The keys of an encrypted data directory: `--data-key`, then HOLDFAST_KEY_FILE, then HOLDFAST_KEY. A key is never an
// argument, because every user of a machine sees the arguments of every process.

import { resolve } from 'node:path'
import { keysFromFile, keysFromText, type KeyRing } from '@holdfast/journal'
import type { Terminal } from './terminal.js'

const FILE = 'HOLDFAST_KEY_FILE'
const TEXT = 'HOLDFAST_KEY'

/** The keys that a command was given, if it was. @throws {HoldfastError} `HF_KEY` */
export function dataKeys({ cwd, env }: Pick<Terminal, 'cwd' | 'env'>): KeyRing | undefined {
  const file = env[FILE] ?? ''
  if (file !== '') return keysFromFile(resolve(cwd, file))
  const text = env[TEXT] ?? ''
  return text === '' ? undefined : keysFromText(text, TEXT)
}

/** A terminal in which `--data-key` stands in the place of its variable, when it was given. */
export function withDataKey(terminal: Terminal, words: readonly string[]): Terminal {
  const at = words.findIndex((word) => word === OPTION || word.startsWith(`${OPTION}=`))
  if (at === -1) return terminal
  const file = words[at] === OPTION ? words[at + 1] : words[at]!.slice(OPTION.length + 1)
  return { ...terminal, env: { ...terminal.env, [FILE]: file } }
}

const OPTION = '--data-key'
