import { withBackups } from '../backups.js'
import { contendDurable } from '../durable-tells.js'

await contendDurable({}, withBackups)
