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

/** The folder with the keys of subjects that a command was given, if it was: `--subject-keys`, then HOLDFAST_SUBJECT_KEYS. */
export function subjectKeys({ cwd, env }: Pick<Terminal, 'cwd' | 'env'>): string | undefined {
  const dir = env[SUBJECTS] ?? ''
  return dir === '' ? undefined : resolve(cwd, dir)
}

/** A terminal in which options for keys stand in the place of their variables, where they were given. */
export function withDataKey(terminal: Terminal, words: readonly string[]): Terminal {
  const given = { ...optionIn(words, '--data-key', FILE), ...optionIn(words, '--subject-keys', SUBJECTS) }
  return { ...terminal, env: { ...terminal.env, ...given } }
}

function optionIn(
  words: readonly string[],
  option: string,
  variable: string,
): Record<string, string | undefined> {
  const at = words.findIndex((word) => word === option || word.startsWith(`${option}=`))
  if (at === -1) return {}
  return { [variable]: words[at] === option ? words[at + 1] : words[at]!.slice(option.length + 1) }
}

const SUBJECTS = 'HOLDFAST_SUBJECT_KEYS'
