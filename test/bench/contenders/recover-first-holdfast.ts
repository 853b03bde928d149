import { contendRecovery } from '../recoveries.js'

await contendRecovery(import.meta.url, 'first answer')
