// Threads of a swarm file in TypeScript load this first: Node does not hand its loaders on to them.

import { register as registerCommonJs } from 'tsx/cjs/api'
import { register } from 'tsx/esm/api'

register()
registerCommonJs()
