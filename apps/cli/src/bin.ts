#!/usr/bin/env node

import { main } from './cli.js'
import { processTerminal } from './terminal.js'

const terminal = processTerminal()
const code = await main(process.argv.slice(2), terminal)
terminal.exit(code)
