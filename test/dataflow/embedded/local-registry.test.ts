import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { localRegistry } from '../../../dataflow/embedded/local-registry.ts'
import { workFolder } from '../work-folder.ts'

describe('the local registry', () => {
  it('gives one id per subject and text, the same for ever', async () => {
    const file = join(workFolder(), 'below', 'schemas.json')
    const registry = localRegistry({ file })
    const ids = [
      await registry.register('kalam.A', '"int"'),
      await registry.register('kalam.A', '"long"'),
      await registry.register('kalam.B', '"int"'),
      await registry.register('kalam.A', '"int"'),
    ]
    expect(ids).toEqual([1, 2, 3, 1])
    const again = localRegistry({ file })
    expect(await again.register('kalam.B', '"int"')).toBe(3)
    expect(await again.register('kalam.C', '"int"')).toBe(4)
    expect(await again.schemaText(2)).toBe('"long"')
    expect(await localRegistry({ file }).schemaText(4)).toBe('"int"')
    expect(readdirSync(join(file, '..'))).toEqual(['schemas.json'])
  })

  it('calls an id that it does not have undecodable', async () => {
    const file = join(workFolder(), 'schemas.json')
    await expect(localRegistry({ file }).schemaText(5)).rejects.toMatchObject({
      code: 'undecodable',
      message: expect.stringMatching(/schema 5 .*schemas\.json/),
    })
  })

  it('keeps an id only when it is on disk', async () => {
    const folder = workFolder()
    const registry = localRegistry({ file: join(folder, 'schemas.json') })
    const inTheWay = localRegistry({ file: join(folder, 'missing', 'schemas.json') })
    writeFileSync(join(folder, 'missing'), '')
    await expect(inTheWay.register('kalam.A', '"int"')).rejects.toThrow()
    await expect(inTheWay.schemaText(1)).rejects.toMatchObject({ code: 'undecodable' })
    expect(await registry.register('kalam.A', '"int"')).toBe(1)
  })

  it('says which file is damaged', () => {
    const file = join(workFolder(), 'schemas.json')
    writeFileSync(file, '[{"id":1,')
    expect(() => localRegistry({ file })).toThrow(
      expect.objectContaining({ code: 'log_broken', message: expect.stringContaining(file) }),
    )
  })
})
