import type { RowText } from '../../../services/land/row-text.ts'

/** The rows that a text holds, by column name; without those that a row lacked. */
export const rowsIn = ({ columns, pieces }: RowText): Record<string, unknown>[] =>
  Buffer.concat(pieces)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      Object.fromEntries(
        (JSON.parse(line) as unknown[])
          .map((value, i) => [columns[i]!, value] as const)
          .filter(([, value]) => value !== null),
      ),
    )
