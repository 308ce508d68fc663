import type { ByteWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';
import type { Output } from './output-file.js';

/** What a column holds; each may also hold nothing. `json` is any value, written as its JSON. */
export type ParquetType = 'text' | 'json' | 'boolean' | 'integer' | 'number';

export interface ParquetColumn {
  name: string;
  type: ParquetType;
}

export interface ParquetOutput {
  /** Takes the cells of a row in the order of the columns; gives a promise only when the caller should wait. */
  add(cells: readonly unknown[]): Promise<void> | undefined;
  /** Writes what is left and the end of the file. To commit the output is the caller's. */
  finish(): Promise<void>;
}

/** A row group is written when it has so many rows, or so many bytes. Encoding it takes ten times its bytes. */
const GROUP_ROWS = 10_000;
const GROUP_BYTES = 4 * 1024 * 1024;

const PHYSICAL: Record<ParquetType, Omit<SchemaElement, 'name'>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
};

/** Writes rows as Parquet, packed with Snappy. */
export async function openParquet(output: Output, columns: readonly ParquetColumn[]): Promise<ParquetOutput> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: schemaOf(columns),
    codec: 'SNAPPY',
    createdBy: 'instructor',
  });
  let group = new RowGroup(columns);

  const writeGroup = (): Promise<void> | undefined => {
    void file.write({ columnData: group.columnData, rowGroupSize: GROUP_ROWS });
    group = new RowGroup(columns);
    return drain(writer, output);
  };
  return {
    add: (cells) => {
      group.add(cells);
      return group.full ? writeGroup() : undefined;
    },
    finish: async () => {
      if (group.rows > 0) await writeGroup();
      void file.finish();
      await drain(writer, output);
    },
  };
}

/** Hands over what was encoded, as a copy: the writer uses its memory again. */
function drain(writer: ByteWriter, output: Output): Promise<void> | undefined {
  const bytes = Buffer.from(writer.getBytes());
  writer.index = 0;
  return output.writeBytes(bytes);
}

function schemaOf(columns: readonly ParquetColumn[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }) => ({ name, ...PHYSICAL[type], repetition_type: 'OPTIONAL' as const })),
  ];
}

/** Rows that wait to be written, column by column. */
class RowGroup {
  readonly columnData: { name: string; data: unknown[] }[];
  rows = 0;
  private bytes = 0;

  constructor(private readonly columns: readonly ParquetColumn[]) {
    this.columnData = columns.map(({ name }) => ({ name, data: [] }));
  }

  get full(): boolean {
    return this.rows >= GROUP_ROWS || this.bytes >= GROUP_BYTES;
  }

  add(cells: readonly unknown[]): void {
    this.columns.forEach(({ name, type }, index) => {
      const cell = cellOf(cells[index], type, name);
      this.columnData[index]?.data.push(cell);
      this.bytes += sizeOf(cell);
    });
    this.rows += 1;
  }
}

/** About the size it will have; that of an object is the size of its JSON. */
function sizeOf(cell: unknown): number {
  if (typeof cell === 'string') return cell.length;
  return typeof cell === 'object' ? JSON.stringify(cell).length : 8;
}

/** A cell as the writer takes it for a type; what does not fit is an error, never a gap in the data. */
function cellOf(value: unknown, type: ParquetType, name: string): unknown {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'json':
      return value;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'integer': {
      const integer = integerOf(value);
      if (integer !== undefined) return integer;
      break;
    }
    case 'number':
      if (typeof value === 'number') return value;
  }
  throw new TypeError(
    `the column ${name} takes a value of type ${type}, not ${typeof value === 'bigint' ? value : JSON.stringify(value)}`,
  );
}

/** A number without a fraction that 64 bits can hold. */
function integerOf(value: unknown): bigint | undefined {
  const whole =
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isInteger(value)) ||
    (typeof value === 'string' && /^-?\d+$/.test(value));
  if (!whole) return undefined;
  const integer = BigInt(value);
  return BigInt.asIntN(64, integer) === integer ? integer : undefined;
}
