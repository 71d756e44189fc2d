import { readFileSync } from 'node:fs'
import type { RootDatabase } from 'lmdb'
import { type Account, type Bill, isWithin, type Ledger, nothing, plus, type Spending } from './ledger.ts'

/** Keys of the ledger come behind those of answers, which are hexadecimal digits. */
export const ledgerKeys = '~'
const accountKey = (name: string) => `${ledgerKeys}account/${name}`
const dayKey = (name: string) => `${ledgerKeys}day/${name}`
const reservationKeys = `${ledgerKeys}reservation/`

interface Totals {
  spent: Spending
  inDoubt: Spending
}

/** Only the last day is kept. */
interface CallsOfDay {
  day: number
  calls: number
}

interface Reservation {
  account: string
  most: Spending
  /** The process that made the call. */
  by: string
}

/** The ledger in the memory's own file, and `settle`, which books a bill inside a transaction of that file. */
export const lmdbLedger = (db: RootDatabase): { ledger: Ledger; settle(bill: Bill): void } => {
  const own = processName(process.pid)
  let count = 0
  const totalsOf = (name: string): Totals =>
    (db.get(accountKey(name)) as Totals | undefined) ?? { spent: nothing, inDoubt: nothing }
  const reservations = (): [string, Reservation][] =>
    [...db.getRange({ start: reservationKeys, end: `${reservationKeys}~` })].map(({ key, value }) => [
      String(key),
      value as Reservation,
    ])
  const reservedOf = (name: string): Spending =>
    reservations().reduce((sum, [, { account, most }]) => (account === name ? plus(sum, most) : sum), nothing)
  const accountOf = (name: string): Account => ({ ...totalsOf(name), reserved: reservedOf(name) })

  /** Inside a transaction: a reservation becomes a doubt. */
  const doubtNow = (key: string, { account, most }: Reservation) => {
    const totals = totalsOf(account)
    void db.put(accountKey(account), { ...totals, inDoubt: plus(totals.inDoubt, most) })
    void db.remove(key)
  }
  /** Calls of processes that are no more may have been answered. */
  const doubtOfDead = () => {
    const alive = new Map<string, boolean>()
    for (const [key, reservation] of reservations()) {
      const { by } = reservation
      if (!alive.has(by)) alive.set(by, by === own || isAlive(by))
      if (!alive.get(by)) doubtNow(key, reservation)
    }
  }
  void db.transaction(doubtOfDead)

  const settle = ({ account, spending, reservation }: Bill) => {
    const totals = totalsOf(account)
    void db.put(accountKey(account), { ...totals, spent: plus(totals.spent, spending) })
    if (reservation !== undefined) void db.remove(reservation)
  }
  const ledger: Ledger = {
    reserve: (account, most, budget) =>
      db.transaction(() => {
        if (Object.keys(budget).length > 0) {
          const { spent, inDoubt, reserved } = accountOf(account)
          if (!isWithin(plus(plus(plus(spent, inDoubt), reserved), most), budget)) {
            doubtOfDead()
            return undefined
          }
        }
        const key = `${reservationKeys}${own}/${++count}`
        void db.put(key, { account, most, by: own } satisfies Reservation)
        return key
      }),
    free: async (reservation) => void (await db.remove(reservation)),
    doubt: (reservation) =>
      db.transaction(() => {
        const known = db.get(reservation) as Reservation | undefined
        if (known) doubtNow(reservation, known)
      }),
    takeOfDay: (account, day, most) =>
      db.transaction(() => {
        const counted = db.get(dayKey(account)) as CallsOfDay | undefined
        const calls = counted?.day === day ? counted.calls : 0
        if (calls >= most) return false
        void db.put(dayKey(account), { day, calls: calls + 1 } satisfies CallsOfDay)
        return true
      }),
    account: accountOf,
    accounts: () => {
      const prefix = accountKey('')
      return [...db.getKeys({ start: prefix, end: `${prefix}~` })].map((key) => String(key).slice(prefix.length))
    },
  }
  return { ledger, settle }
}

/** A process by its id and, where the system tells, the time it started at: ids come again. */
const processName = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${pid}.${stat.slice(stat.lastIndexOf(')')).split(' ')[20]}`
  } catch {
    return String(pid)
  }
}

const isAlive = (name: string): boolean => {
  const pid = Number.parseInt(name, 10)
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
  return processName(pid) === name || !name.includes('.')
}
