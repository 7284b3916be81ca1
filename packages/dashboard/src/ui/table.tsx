import type { ReactElement, ReactNode } from 'react'

export interface Column<Row> {
  readonly id: string
  readonly head: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand at the end, below each other. */
  readonly number?: boolean
}

interface DataTableProps<Row> {
  /** What the table holds; heard, not seen. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
}

/** A table from 768 px, a card for each row below. For some hundred rows; the stock has a list of its own. */
export const DataTable = <Row,>({
  label,
  columns,
  rows,
  keyOf,
}: DataTableProps<Row>): ReactElement => (
  <table className="table table-cards" aria-label={label}>
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column.id} scope="col" className={column.number === true ? 'number' : undefined}>
            {column.head}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr key={keyOf(row)}>
          {columns.map((column) => (
            <td
              key={column.id}
              data-head={column.head}
              className={column.number === true ? 'number' : undefined}
            >
              <div>{column.cell(row)}</div>
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)
