#!/usr/bin/env node

// This file is there before anything is built, so that npm can link the command when it installs a fresh clone.
import '../dist/bin.js'
