#!/usr/bin/env -S node --min-semi-space-size=32 --max-semi-space-size=32
import { register } from 'tsx/esm/api'

register()
await import('../cli/main.ts')
