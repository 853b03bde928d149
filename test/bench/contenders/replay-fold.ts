import { contend } from '../contender.js'
import { folded } from '../folds.js'
import { packageVersion } from '../package-version.js'

await contend(() => Promise.resolve({ value: folded(), version: packageVersion('msgpackr') }))
