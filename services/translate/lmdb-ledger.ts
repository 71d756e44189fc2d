import { randomUUID } from 'node:crypto'
import type { RootDatabase } from 'lmdb'
import { isNamedAlive, ownProcessName } from '../../dataflow/living-process.ts'
import {
  type Account,
  atLeast,
  type Bill,
  isWithin,
  type Ledger,
  nothing,
  plus,
  type RecordPlace,
  type Spending,
} from './ledger.ts'

/** Keys of the ledger come behind those of answers, which are hexadecimal digits. */
export const ledgerKeys = '~'
const accountKey = (name: string) => `${ledgerKeys}account/${name}`
const dayKey = (name: string) => `${ledgerKeys}day/${name}`
const countedKeys = (name: string) => `${ledgerKeys}counted/${name}/`
const reservationKeys = `${ledgerKeys}reservation/`

interface Totals {
  spent: Spending
  inDoubt: Spending
}

/** What the records of a partition before an offset tell. */
interface Counted {
  offset: number
  spending: Spending
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

/** How the memory books, inside a transaction, answers that are not in its file yet. */
interface Unbooked {
  /** Those of processes that are no more; the rest of their calls is in doubt. */
  bookLeft(): void
  /** Those of this process. */
  bookKept(): void
}

/** The ledger in the memory's own file. */
export const lmdbLedger = (db: RootDatabase, { bookLeft, bookKept }: Unbooked): Ledger => {
  const own = ownProcessName()
  // Several may be open in one process.
  const handle = randomUUID().slice(0, 8)
  let count = 0
  const totalsOf = (name: string) => totalsIn(db, name)
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
    bookLeft()
    const alive = new Map<string, boolean>()
    for (const [key, reservation] of reservations()) {
      const { by } = reservation
      if (!alive.has(by)) alive.set(by, by === own || isNamedAlive(by))
      if (!alive.get(by)) doubtNow(key, reservation)
    }
  }
  const bookAll = () => {
    bookLeft()
    bookKept()
  }
  void db.transaction(doubtOfDead)

  return {
    reserve: (account, most, budget) =>
      db.transaction(() => {
        if (Object.keys(budget).length > 0) {
          // The reservation of an answer may be of less than it took.
          bookKept()
          const { spent, inDoubt, reserved } = accountOf(account)
          if (!isWithin(plus(plus(plus(spent, inDoubt), reserved), most), budget)) {
            doubtOfDead()
            return undefined
          }
        }
        const key = `${reservationKeys}${own}/${handle}-${++count}`
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
        // A clock that goes back over midnight begins no day anew.
        const isCounted = counted?.day === day || counted?.day === day + 1
        const calls = isCounted ? counted.calls : 0
        if (calls >= most) return false
        void db.put(dayKey(account), { day: isCounted ? counted.day : day, calls: calls + 1 } satisfies CallsOfDay)
        return true
      }),
    ...counting(db, bookAll),
    account: accountOf,
    accounts: () => {
      const prefix = accountKey('')
      return [...db.getKeys({ start: prefix, end: `${prefix}~` })].map((key) => String(key).slice(prefix.length))
    },
  }
}

/** What records tell, by partition, and the account that is at least their sum. */
const counting = (db: RootDatabase, bookAll: () => void): Pick<Ledger, 'counted' | 'count'> => {
  const keyOf = (account: string, { topic, partition }: RecordPlace) => `${countedKeys(account)}${topic}/${partition}`
  const countedAt = (key: string): Counted => (db.get(key) as Counted | undefined) ?? { offset: 0, spending: nothing }
  return {
    counted: (account, place) => countedAt(keyOf(account, place)).offset,
    count: (account, { from, to, ...place }, spending) =>
      db.transaction(() => {
        bookAll()
        const key = keyOf(account, place)
        const before = countedAt(key)
        if (before.offset !== from) return
        void db.put(key, { offset: to, spending: plus(before.spending, spending) } satisfies Counted)
        const prefix = countedKeys(account)
        const told = [...db.getRange({ start: prefix, end: `${prefix}~` })].reduce(
          (sum, { value }) => plus(sum, (value as Counted).spending),
          nothing,
        )
        const totals = totalsIn(db, account)
        void db.put(accountKey(account), { ...totals, spent: atLeast(totals.spent, told) })
      }),
  }
}

const totalsIn = (db: RootDatabase, name: string): Totals =>
  (db.get(accountKey(name)) as Totals | undefined) ?? { spent: nothing, inDoubt: nothing }

/** Books a bill inside a transaction of the memory's file. */
export const settling =
  (db: RootDatabase) =>
  ({ account, spending, reservation }: Bill): void => {
    const totals = totalsIn(db, account)
    void db.put(accountKey(account), { ...totals, spent: plus(totals.spent, spending) })
    if (reservation !== undefined) void db.remove(reservation)
  }
