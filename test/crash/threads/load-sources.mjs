// Worker threads of tests load this first, so that they read the sources as they are.

import { register } from 'tsx/esm/api'

register()
