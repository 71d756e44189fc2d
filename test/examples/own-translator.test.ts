import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { filesBelow, kalam, root, workFolder } from '../system/kalam.ts'

const example = join(root, 'examples/own-translator')
const folder = workFolder()
cpSync(example, folder.path, { recursive: true, filter: (path) => !/[\\/](\.kalam|out)$/.test(path) })
afterAll(folder.remove)
const hasPython = spawnSync('python3', ['-c', 'import concurrent.futures']).status === 0

describe('the translators of examples/own-translator', () => {
  it('are a program of thirty lines and a module of fewer', () => {
    for (const name of ['translate.py', 'mine.mjs'])
      expect(readFileSync(join(example, name), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(30)
  })

  it.skipIf(!hasPython)('pass the suite (skipped without python3)', async () => {
    const { code, out } = await kalam(folder.path, 'config', 'check', '--suite')
    expect(out).not.toContain('FAILED')
    expect(code).toBe(0)
  })

  it.skipIf(!hasPython)(
    'translate their conversations and are asked nothing twice (skipped without python3)',
    async () => {
      const first = await kalam(folder.path, 'run')
      expect(first.code, first.err).toBe(0)
      const rows = [...filesBelow(join(folder.path, 'out/best'))].flatMap(([name, bytes]) =>
        name.endsWith('.jsonl') ? bytes.toString().trim().split('\n') : [],
      )
      expect(rows).toHaveLength(3)
      const text = rows.join('\n')
      expect(text).toMatch(/[\u0627-\u064a]{3}/)
      // Code and emoji come through the pipe as they are.
      expect(text).toContain('print(book.title)')
      expect(text).toContain('😀')
      const states = await kalam(
        folder.path,
        'sql',
        '--format',
        'json',
        'SELECT line, status, count() AS n FROM v_chunks GROUP BY line, status',
      )
      expect(states.out).toMatch(/"words"/)
      expect(states.out).not.toMatch(/failed/)
      expect((await kalam(folder.path, 'verify')).code).toBe(0)
    },
  )
})
