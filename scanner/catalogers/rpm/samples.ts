import { tags } from './tags.ts';

/** What a package's header says, as tests write it. */
export interface SampleHeader {
  readonly name?: string;
  readonly version?: string;
  readonly release?: string;
  readonly epoch?: number;
  readonly arch?: string;
  readonly sourceRpm?: string;
  readonly license?: string;
  readonly modularityLabel?: string;
  /** Absolute paths. */
  readonly files?: readonly string[];
  /** One for each file. */
  readonly fileStates?: readonly number[];
  /** As old packages list their files. */
  readonly oldFileNames?: readonly string[];
  /** Bytes to make it large. */
  readonly padding?: number;
  /** Entries as they are, added after the region. */
  readonly extra?: readonly SampleEntry[];
}

export interface SampleEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Buffer;
}

const regionTag = 63;
const text = (tag: number, value: string | undefined): readonly SampleEntry[] =>
  value === undefined ? [] : [{ tag, type: 6, count: 1, bytes: Buffer.from(`${value}\0`) }];
export const texts = (tag: number, values: readonly string[]): SampleEntry => ({
  tag,
  type: 8,
  count: values.length,
  bytes: Buffer.from(values.map((value) => `${value}\0`).join('')),
});
export const numbers = (tag: number, values: readonly number[]): SampleEntry => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return { tag, type: 4, count: values.length, bytes };
};

/** A header as an rpm database holds it, with its region around everything but `extra`. */
export function headerOf(sample: SampleHeader): Buffer {
  const { name = 'a', version = '1', release = '2', arch = 'x86_64', padding, extra = [] } = sample;
  const inside = [
    ...text(tags.name, name),
    ...text(tags.version, version),
    ...text(tags.release, release),
    ...(sample.epoch === undefined ? [] : [numbers(tags.epoch, [sample.epoch])]),
    ...text(tags.arch, arch),
    ...text(tags.sourceRpm, sample.sourceRpm),
    ...text(tags.license, sample.license),
    ...text(tags.modularityLabel, sample.modularityLabel),
    ...filesOf(sample),
    ...(padding === undefined
      ? []
      : [{ tag: 5000, type: 7, count: padding, bytes: Buffer.alloc(padding, 0x5a) }]),
  ];
  const trailer = Buffer.alloc(16);
  trailer.writeUInt32BE(regionTag, 0);
  trailer.writeUInt32BE(7, 4);
  trailer.writeInt32BE(-16 * (inside.length + 1), 8);
  trailer.writeUInt32BE(16, 12);
  return packed([{ tag: regionTag, type: 7, count: 16, bytes: trailer }, ...inside, ...extra]);
}

function filesOf({ files, fileStates, oldFileNames }: SampleHeader): readonly SampleEntry[] {
  if (oldFileNames !== undefined) return [texts(tags.oldFileNames, oldFileNames)];
  if (files === undefined) return [];
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
  const folders = [...new Set(files.map(folderOf))];
  return [
    ...(fileStates === undefined
      ? []
      : [{ tag: tags.fileStates, type: 1, count: fileStates.length, bytes: Buffer.from(fileStates) }]),
    numbers(
      tags.dirIndexes,
      files.map((path) => folders.indexOf(folderOf(path))),
    ),
    texts(
      tags.baseNames,
      files.map((path) => path.slice(folderOf(path).length)),
    ),
    texts(tags.dirNames, folders),
  ];
}

function packed(entries: readonly SampleEntry[]): Buffer {
  const index = Buffer.alloc(8 + 16 * entries.length);
  const data: Buffer[] = [];
  let size = 0;
  for (const [i, { tag, type, count, bytes }] of entries.entries()) {
    // Numbers stand at multiples of their size.
    const gap = type === 4 ? (4 - (size % 4)) % 4 : 0;
    data.push(Buffer.alloc(gap), bytes);
    for (const [field, value] of [tag, type, size + gap, count].entries()) {
      index.writeUInt32BE(value, 8 + 16 * i + 4 * field);
    }
    size += gap + bytes.length;
  }
  index.writeUInt32BE(entries.length, 0);
  index.writeUInt32BE(size, 4);
  return Buffer.concat([index, ...data]);
}
