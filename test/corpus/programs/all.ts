import type { Program } from '../program.js'
import { bonds } from './bonds.js'
import { crashes } from './crashes.js'
import { files } from './files.js'
import { homesAndMachines } from './homes.js'
import { mail } from './mail.js'
import { refusals } from './refusals.js'
import { subjects } from './subjects.js'
import { supervision } from './supervision.js'
import { turns } from './turns.js'
import { values } from './values.js'
import { versions } from './versions.js'

/** All programs of the corpus, by the name of their file. */
export const programs: ReadonlyMap<string, Program> = new Map(
  [
    turns,
    mail,
    refusals,
    bonds,
    supervision,
    homesAndMachines,
    versions,
    values,
    crashes,
    files,
    subjects,
  ].flatMap((some) => Object.entries(some)),
)
