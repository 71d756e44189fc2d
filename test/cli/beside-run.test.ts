import { afterAll, expect, it } from 'vitest'
import { askBeside, serveBeside } from '../../cli/beside-run.ts'
import { workFolder } from '../system/kalam.ts'

const folder = workFolder()
afterAll(() => folder.remove())
const request = { argv: ['status'], cwd: '/', columns: 80, isTty: false }
const saying = (out: string) => async () => ({ out, err: '', code: 0 })

it('answers for one run: a second is refused and does not put the first out', async () => {
  const end = await serveBeside(folder.path, saying('first'))
  await expect(serveBeside(folder.path, saying('second'))).rejects.toMatchObject({ code: 'state_in_use' })
  expect(await askBeside(folder.path, request)).toMatchObject({ out: 'first' })
  end()
  expect(await askBeside(folder.path, request)).toBeUndefined()
  const endNext = await serveBeside(folder.path, saying('next'))
  expect(await askBeside(folder.path, request)).toMatchObject({ out: 'next' })
  endNext()
})
