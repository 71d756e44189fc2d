import { expect, it } from 'vitest'
import {
  formatCount,
  formatDuration,
  formatMillions,
  formatNumber,
  formatPercent,
  formatRatio,
  formatTokens,
  formatUsd,
} from '../../../core/report/format.ts'

it('groups thousands and writes a real minus', () => {
  expect([0, 12, 999, 1000, 1777275, -20688.306].map((value) => formatNumber(value))).toEqual([
    ...['0', '12', '999', '1,000', '1,777,275', '−20,688'],
  ])
  expect([1234.5678, -0.004, -0.006].map((value) => formatNumber(value, 2))).toEqual(['1,234.57', '0.00', '−0.01'])
})

it('writes ratios with four digits, or three, and says when they do not apply', () => {
  expect([formatRatio(0.79612), formatRatio(1, 3), formatRatio(null)]).toEqual(['0.7961', '1.000', 'not applicable'])
})

it('writes tokens in M and G', () => {
  expect([378, 999_999, 1_000_000, 999_990_000, 999_999_999, 3_261_630_000].map(formatTokens)).toEqual([
    ...['378', '999,999', '1.00 M', '999.99 M', '1.00 G', '3.26 G'],
  ])
  expect(formatMillions(3_261_630_000)).toBe('3,261.63 M')
})

it('writes shares in percent', () => {
  expect([formatPercent(0.6184), formatPercent(1, 0)]).toEqual(['61.8 %', '100 %'])
})

it('writes durations', () => {
  const seconds = [0.34, 0.9996, 32, 59.4, 59.6, 420, 3599, 3600, 103_680, 5_400_000]
  expect(seconds.map(formatDuration)).toEqual([
    ...['340 ms', '1 s', '32 s', '59 s', '1 min', '7 min', '1 h', '1 h', '28 h 48 min', '1,500 h'],
  ])
})

it('writes dollars, and never shows what was paid as nothing', () => {
  expect([0, 0.004, 0.005, 657.364, 1234.5, -2].map(formatUsd)).toEqual([
    ...['$0.00', '< $0.01', '$0.01', '$657.36', '$1,234.50', '−$2.00'],
  ])
})

it('writes counts with their noun', () => {
  expect([formatCount(1, 'row'), formatCount(1118, 'chunk'), formatCount(0, 'memory', 'memories')]).toEqual([
    ...['1 row', '1,118 chunks', '0 memories'],
  ])
})
