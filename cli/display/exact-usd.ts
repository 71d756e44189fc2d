import { nanoOf } from '../../services/translate/ledger.ts'

/** Dollars to the nano-dollar that the ledger counts in, with at least cents: single calls cost far less than a cent. */
export const exactUsd = (usd: number): string => exactNano(nanoOf(usd))

/** Nano-dollars as dollars with all digits. */
export const exactNano = (nano: number): string => {
  const whole = Math.floor(nano / 1e9).toString()
  const digits = Math.abs(nano % 1e9)
    .toString()
    .padStart(9, '0')
    .replace(/0{1,7}$/, '')
  return `$${whole.replace(/\B(?=(?:\d{3})+$)/g, ',')}.${digits}`
}
