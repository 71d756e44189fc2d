/** Claims a folder at a given time and says how it went: `claimer.ts <folder> <milliseconds since 1970>`. */
import { claimOwner } from '../../../dataflow/embedded/owner.ts'
import { KalamError } from '../../../dataflow/error.ts'

const [folder = '', start = '0'] = process.argv.slice(2)
while (Date.now() < Number(start));
try {
  claimOwner(folder)
  process.stdout.write('owner\n')
} catch (thrown) {
  process.stdout.write(`${thrown instanceof KalamError ? thrown.code : thrown}\n`)
}
// Lives on until it is killed, so that its mark stays a living one.
process.stdin.resume()
