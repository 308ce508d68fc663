import { writeFile } from 'node:fs/promises';
import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';

type WriterOptions = ConstructorParameters<typeof ParquetWriter>[0];
type WriteOptions = Parameters<ParquetWriter['write']>[0];

/** Writes a file of Parquet as other programs might. */
export async function writeParquet(
  path: string,
  columns: SchemaElement[],
  columnData: ColumnSource[],
  options: Partial<WriterOptions & WriteOptions> = {},
): Promise<void> {
  const roots = columnData.length;
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [{ name: 'root', num_children: roots }, ...columns],
    ...options,
  });
  void file.write({ columnData, ...options });
  void file.finish();
  await writeFile(path, writer.getBytes());
}

/** A column of text. */
export function textColumn(name: string): SchemaElement {
  return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' };
}

/** Zstandard without packing anything: a frame of raw blocks. */
export function zstdFrame(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(0xfd2fb528, 0);
  // One segment, whose size takes four bytes.
  header.writeUInt8(0xa0, 4);
  header.writeUInt32LE(bytes.byteLength, 5);
  const parts: Uint8Array[] = [header];
  const largest = 100_000;
  for (let at = 0; at === 0 || at < bytes.byteLength; at += largest) {
    const block = bytes.subarray(at, at + largest);
    const last = at + largest >= bytes.byteLength ? 1 : 0;
    const size = Buffer.alloc(3);
    size.writeUIntLE((block.byteLength << 3) | last, 0, 3);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}

/** LZ4 without packing anything: one sequence of literals. */
export function lz4Block(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes;
  if (byteLength < 15) return Buffer.concat([Buffer.from([byteLength << 4]), bytes]);
  const more = byteLength - 15;
  const lengths = [...new Array<number>(Math.floor(more / 255)).fill(255), more % 255];
  return Buffer.concat([Buffer.from([0xf0, ...lengths]), bytes]);
}

/** The same in the frame of Hadoop, which old files have. */
export function lz4HadoopFrame(bytes: Uint8Array): Uint8Array {
  const block = lz4Block(bytes);
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(bytes.byteLength, 0);
  sizes.writeUInt32BE(block.byteLength, 4);
  return Buffer.concat([sizes, block]);
}
