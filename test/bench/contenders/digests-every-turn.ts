import { contendWithDigests } from '../digests.js'

await contendWithDigests(1)
