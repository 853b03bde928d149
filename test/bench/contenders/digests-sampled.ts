import { contendWithDigests } from '../digests.js'

await contendWithDigests(64)
