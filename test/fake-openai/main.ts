/**
 * Fake servers as a process of their own, which prints their URLs: `main.ts <port> [latencyMs]`, or `main.ts <JSON>` with the
 * settings of a fleet; with `"withParent": true` it ends with its standard input.
 */
import { type FleetOptions, fakeFleet } from './fleet.ts'

const [first = '0', latencyMs = '0'] = process.argv.slice(2)
const { withParent, ...settings } = (
  first.startsWith('{') ? JSON.parse(first) : { port: Number(first), latencyMs: Number(latencyMs) }
) as FleetOptions & { withParent?: boolean }
const { url } = await fakeFleet(settings)
process.stdout.write(`${url}\n`)
if (withParent) process.stdin.resume().once('end', () => process.exit())
