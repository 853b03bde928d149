import { contendWithDigests } from '../digests.js'

await contendWithDigests(0)
