#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=131072 node --min-semi-space-size=64 --max-semi-space-size=64
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compiled } from './compiled.js'

// What the first line sets and why: docs/decisions.md.
// Errors name lines of the TypeScript.
process.setSourceMapsEnabled(true)
await import(pathToFileURL(join(await compiled(), 'main.js')).href)
